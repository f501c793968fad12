"""Pains that users of other systems have of lots, expiry and serials, told on ours."""

from itertools import permutations
from typing import Any

import pytest

from tests.lots.both import Both
from tests.lots.depot import DAY_MS, after
from tests.lots.histories import LENGTH_MAX, run

HERE, THERE = "LON-1", "PAR-1"
ENDS: dict[str, float | None] = {"soon": 5, "later": 9, "alike": 9, "never": None}


def came(both: Both, lot: str, quantity: int, warehouse: str = HERE) -> None:
    """Units of a lot are there, as stock says too."""
    both.lots(type="ReceiveLot", lot=lot, warehouse=warehouse, quantity=quantity)
    both.deliver_all()
    assert both.depot.books().on_site(warehouse)["sellable"] >= quantity


def known(both: Both, lot: str, days: float | None) -> None:
    """There is such a lot."""
    ends = {} if days is None else {"expires_at": after(days)}
    told = both.lots(type="RegisterLot", lot=lot, **ends)
    assert told["type"] == "LotRegistered", told


def promised(both: Both, name: str, quantity: int, warehouse: str = HERE) -> str:
    """Units are promised for good, or why they are not."""
    lines = [{"sku": "A", "quantity": quantity}]
    wish = {"reservation": name, "lines": lines, "ttl_seconds": 900}
    told = both.stock(warehouse, "ReserveStock", **wish)
    if told["type"] == "StockReserved":
        told = both.stock(warehouse, "ConfirmReservation", reservation=name)
    both.deliver_all()
    return str(told.get("code", ""))


def bound(both: Both, name: str, warehouse: str = HERE) -> dict[str, int]:
    """Of which lots its units are."""
    claim: dict[str, Any] = both.depot.books().claims.get((warehouse, name), {"bound": {}})
    return dict(claim["bound"])


@pytest.mark.parametrize("order", list(permutations(ENDS)))
def test_what_ends_first_leaves_first_however_it_came(order: tuple[str, ...]) -> None:
    """Pain 11, first expired first out is wrong: odoo#22850, odoo#77261. The order is total: by the
    end, then as they came, then by the name; a lot without an end is last."""
    both = Both()
    for lot in order:
        known(both, lot, ENDS[lot])
    for lot in order:
        came(both, lot, 5)
    first, second = sorted(("later", "alike"), key=order.index)

    for name in ("r1", "r2", "r3"):
        assert promised(both, name, 6) == ""

    assert bound(both, "r1") == {"soon": 5, first: 1}
    assert bound(both, "r2") == {first: 4, second: 2}
    assert bound(both, "r3") == {second: 3, "never": 3}


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1, 1), (2, 2, 2), (3, 1, 2), (6,)])
def test_no_unit_of_a_lot_is_promised_to_two(sizes: tuple[int, ...]) -> None:
    """Pain 11, serials and lots are reserved twice: odoo#272560. Five lots of one piece, as serials
    are, are five pieces: the sixth who wants one gets none, and each piece has one owner."""
    both, there = Both(), 5
    for number in range(there):
        known(both, f"n{number}", 30)
        came(both, f"n{number}", 1)
    left, owners = there, list[str]()
    for number, size in enumerate(sizes):
        code = promised(both, f"r{number}", size)
        assert code == ("" if size <= left else "INSUFFICIENT_STOCK")
        left -= 0 if code else size
        pieces = bound(both, f"r{number}")
        assert pieces.keys() == {lot for lot, units in pieces.items() if units == 1}
        owners += pieces

    assert len(owners) == len(set(owners)) == there - left
    both.check()


@pytest.mark.parametrize("first", ["ann", "bob"])
@pytest.mark.parametrize("is_shipped", [False, True])
def test_no_serial_is_promised_to_two_or_sold_twice(first: str, is_shipped: bool) -> None:
    """Pain 11, serials are reserved twice: odoo#272560. Who names a serial first has it; the other
    is told whose it is and gets another unit, also where each looked before the other acted."""
    both, second = Both(), "bob" if first == "ann" else "ann"
    known(both, "any", None)
    came(both, "any", 3)
    serials = [{"serial": "N1"}, {"serial": "N2"}]
    both.lots(type="RegisterSerials", warehouse=HERE, lot="any", serials=serials)
    assert (promised(both, first, 1), promised(both, second, 1)) == ("", "")
    wanted = {"type": "BindSerials", "warehouse": HERE, "serials": serials[:1]}
    assert both.lots(**wanted, reservation=first)["type"] == "SerialsBound"
    if is_shipped:
        both.stock(HERE, "ShipReservation", reservation=first)
        both.deliver_all()

    told = both.lots(**wanted, reservation=second)

    account = "customer" if is_shipped else "sellable"
    assert told["code"] == ("SERIAL_GONE" if is_shipped else "SERIAL_BOUND")
    whose = {"serial": "N1", "warehouse": HERE, "account": account, "reservation": first}
    assert told["details"] == whose
    other = both.lots(**(wanted | {"serials": serials[1:]}), reservation=second)
    assert other["type"] == "SerialsBound"
    both.check()


@pytest.mark.parametrize("seed", range(20))
def test_what_lots_say_is_there_is_what_stock_says_after_any_history(seed: int) -> None:
    """Pain 11, the lots of a document and its ledger disagree: erpnext#50442, erpnext#51359. There
    is no bundle beside a document that can be edited or left behind: lots are told each event of
    stock, once, and have account by account what it has."""
    both = run(seed, LENGTH_MAX)

    both.deliver_all()

    both.check()


def test_what_has_expired_is_promised_to_nobody_and_by_no_clock_of_a_worker() -> None:
    """Pain 11 again: a lot's time is over by log time, wherever it lies and whoever had it."""
    both = Both()
    for lot, days in (("old", 2.0), ("new", 30.0)):
        known(both, lot, days)
        came(both, lot, 5)
    assert promised(both, "r1", 4) == ""
    assert bound(both, "r1") == {"old": 4}

    both.pass_time(3 * DAY_MS)
    both.deliver_all()

    assert bound(both, "r1") == {"new": 4}
    assert promised(both, "r2", 2) == "INSUFFICIENT_STOCK"
    assert both.depot.books().on_site(HERE)["expired"] == 5


@pytest.mark.parametrize("ways", [(HERE, THERE), (THERE, HERE)])
def test_a_recall_finds_all_of_a_lot_in_every_warehouse(ways: tuple[str, str]) -> None:
    """Pain 11 again: what is bad is for sale nowhere, also where nobody looked."""
    both = Both()
    known(both, "bad", 30)
    known(both, "good", 60)
    for warehouse in ways:
        came(both, "bad", 5, warehouse)
        came(both, "good", 2, warehouse)

    both.lots(type="RecallLot", lot="bad", reason="glass")
    both.deliver_all()

    for warehouse in ways:
        there = both.depot.books().on_site(warehouse)
        assert (there["recalled"], there["sellable"]) == (5, 2)
        assert promised(both, "r", 3, warehouse) == "INSUFFICIENT_STOCK"
        assert promised(both, "q", 2, warehouse) == ""
        assert bound(both, "q", warehouse) == {"good": 2}
