"""Stock and lots in any order of delivery: lots say what stock has, and first ended is bound."""

import json
from collections import Counter

from hypothesis import given

from tests.lots.both import Both
from tests.lots.histories import EXAMPLES, LENGTH_MAX, numbers, run
from tests.lots.ledger import Ledger
from tests.stock.tables_of import Tables

Numbers = tuple[int, int]


class Watch:
    """Looks at every event of lots by the oracle, and at the rows after it."""

    def __init__(self) -> None:
        self.ledgers: dict[str, Ledger] = {}
        self._seen = 0

    def __call__(self, both: Both) -> None:
        for event in map(json.loads, both.depot.events[self._seen :]):
            ledger = self.ledgers.setdefault(event["sku"], Ledger())
            if event["type"] != "CommandRejected":
                ledger.take(event)
        self._seen = len(both.depot.events)
        both.check()
        for sku, ledger in self.ledgers.items():
            self._compare(both, sku, ledger)

    def _compare(self, both: Both, sku: str, ledger: Ledger) -> None:
        books = both.depot.books(sku)
        for (place, lot), counts in books.lying.items():
            for account in ("sellable", "quality_hold", "damaged", "expired", "recalled", "staged"):
                assert counts[account] == ledger.units[place, lot, account]
        bound = {
            (place, name, lot): units
            for (place, name), claim in books.claims.items()
            for lot, units in claim["bound"].items()
        }
        assert bound == {key: units for key, units in ledger.bound.items() if units}
        assert {lot for lot in books.lots if not books.is_good(lot)} == ledger.bad_lots()


@EXAMPLES
@given(numbers)
def test_lots_have_what_stock_has_and_bind_what_ends_first_in_any_order(of: Numbers) -> None:
    run(*of, check=Watch())


@EXAMPLES
@given(numbers)
def test_when_all_is_told_nothing_bad_is_for_sale_but_what_stock_has_promised(
    of: Numbers,
) -> None:
    both = run(*of)

    both.deliver_all()

    both.check()
    for sku in ("A", "B"):
        books = both.depot.books(sku)
        assert not books.asks
        for (place, lot), counts in books.lying.items():
            assert counts["asked"] == counts["arriving"] == 0
            if not books.is_good(lot) and counts["sellable"]:
                assert ("q", f"{place}/{lot}") in books.timed, "it is asked for again"
        closed = [name for name, found in books.transits.items() if _is_closed(both, sku, name)]
        assert closed == [], "a transfer that is over leaves nothing"


def _is_closed(both: Both, sku: str, name: tuple[str, str]) -> bool:
    """Whether a transfer has come to its end, of a SKU that has had lots from the first.

    What was under way when the first was registered is known by half.
    """
    first = next(one for one in map(json.loads, both.depot.events) if one["sku"] == sku)
    return first["type"] == "LotRegistered" and all(
        Tables(shop.rows).outgoing.get(name, {"state": "closed"})["state"] != "open"
        for shop in both.shops.values()
    )


def test_the_histories_tell_of_all_that_can_happen() -> None:
    seen: Counter[str] = Counter()
    for seed in range(200):
        for event in map(json.loads, run(seed, LENGTH_MAX).depot.events):
            is_refused = event["type"] == "CommandRejected"
            seen[event["code"] if is_refused else event["type"]] += 1

    rare = {code for code, count in seen.items() if count < 10}
    assert (len(seen), rare) == (12 + 11, set())
