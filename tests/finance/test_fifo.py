"""First in, first out against a list of single units, each with a cost of its own, in fractions."""

from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.examples import EXAMPLES
from tests.finance.bytes_of import Office
from tests.finance.tables_of import Tables

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["receive", "receive", "ship", "ship", "return", "find", "post", "land"]),
        st.integers(1, 9),
        st.sampled_from([0, 1, 7, 100, 1_001]),
    ),
    max_size=14,
)


class Unit:
    """One unit, of one receipt, and what it cost: a fraction of a cent if need be."""

    def __init__(self, receipt: int, cost: Fraction) -> None:
        self.receipt = receipt
        self.cost = cost


class Shelf:
    """All units in the order in which they came, and what whoever came first cost."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.sizes: list[int] = []  # of the receipts
        self.costs: list[int] = []
        self.last: Fraction | None = None  # of a unit of what left last

    def come(self, count: int, is_return: bool) -> int:
        each = self.last or Fraction(0)
        if self.units and not (is_return and self.last is not None):
            each = sum((unit.cost for unit in self.units), Fraction(0)) / len(self.units)
        worth = floor(each * count)
        self.units += [Unit(len(self.sizes), Fraction(worth, count)) for _ in range(count)]
        self.sizes.append(count)
        self.costs.append(worth)
        return worth

    def leave(self, count: int) -> int:
        total = 0
        gone, self.units = self.units[:count], self.units[count:]
        for receipt in sorted({unit.receipt for unit in gone}):
            exact = sum((unit.cost for unit in gone if unit.receipt == receipt), Fraction(0))
            total += floor(exact)
            self._add(receipt, exact - floor(exact))
        self.last = Fraction(total, count)
        return total

    def correct(self, receipt: int, difference: int) -> int:
        """The part of a difference that the units still there have got."""
        left = sum(unit.receipt == receipt for unit in self.units)
        size = self.sizes[receipt]
        gone = floor(abs(difference) * Fraction(size - left, size))
        part = difference - gone if difference > 0 else difference + gone
        part = max(part, -floor(self._held(receipt)))
        self._add(receipt, Fraction(part))
        return part

    def _held(self, receipt: int) -> Fraction:
        return sum((unit.cost for unit in self.units if unit.receipt == receipt), Fraction(0))

    def _add(self, receipt: int, amount: Fraction) -> None:
        """Whatever is left over is spread over the units of the same receipt that stay."""
        here = [unit for unit in self.units if unit.receipt == receipt]
        assert here or amount == 0, "the last unit takes all"
        for unit in here:
            unit.cost += amount / len(here)

    def layers(self) -> list[tuple[int, Fraction]]:
        found: dict[int, Fraction] = {}
        for unit in self.units:
            found[unit.receipt] = found.get(unit.receipt, Fraction(0)) + unit.cost
        return list(found.items())


@EXAMPLES
@given(STEPS)
def test_fifo_is_what_units_one_by_one_have_cost(steps: list[Any]) -> None:
    office, shelf, receipts = Office(), Shelf(), list[str]()
    office.cost("A", "fifo")
    for kind, number, amount in steps:
        if kind in ("receive", "return", "find"):
            what = {"receive": "received", "return": "returned", "find": "found"}[kind]
            event = office.move(what, ("A", number))
            receipts.append(event["cause"])
            assert event["lines"][0]["amount"] == shelf.come(number, kind == "return")
        elif kind == "ship" and shelf.units:
            count = min(number, len(shelf.units))
            event = office.move("shipped", ("A", count))
            assert event["lines"][0]["amount"] == shelf.leave(count)
        elif kind == "post" and receipts:
            place = number % len(receipts)
            event = office.post(receipts[place], ("A", amount))
            part = shelf.correct(place, amount - shelf.costs[place])
            shelf.costs[place] = amount
            assert event["lines"][0]["to_inventory"] == part
        elif kind == "land" and receipts and amount:
            place, signed = number % len(receipts), amount * (-1 if number > 6 else 1)
            event = office.land(receipts[place], signed)
            assert event["lines"][0]["to_inventory"] == shelf.correct(place, signed)
        layers = Tables(office.rows).layers["A"]
        assert [(one[0], Fraction(one[2])) for one in layers] == [
            (receipts[place], worth) for place, worth in shelf.layers()
        ]
