"""The oracle against docs/stock.md: what is to come, what is promised of it, and who is late."""

from typing import Any

import pytest

from tests.chaos.command_log import Log, details, kinds, lines, stocked
from tests.chaos.records import Prediction
from tests.chaos.routing import rfc3339

DAY_S = 86_400
SUPPLY = {"supply": "PO-1", "sku": "A"}


def day(number: float) -> str:
    """So many days after a log begins."""
    return rfc3339(Log().now_ms + int(number * DAY_S * 1000))


def expect(log: Log, supply: str, units: int, due: int, expected: int = 0) -> Log:
    line: dict[str, Any] = {"sku": "A", "quantity": units, "due": day(due)}
    return log.command("ExpectSupply", supply=supply, lines=[line | {"expected": expected}])


def receive(log: Log, units: int, **how: Any) -> Log:
    return log.command("ReceiveSupply", supply="PO-1", lines=lines(A=units), **how)


def preorder(log: Log, name: str, units: int, by: int = 30, **how: Any) -> Log:
    told = {"reservation": name, "lines": lines(A=units), "by": day(by)}
    return log.command("PreorderStock", **told, **how)


def coming() -> Log:
    """10 are there, 20 come in five days and 30 in nine."""
    return expect(expect(stocked(A=10), "PO-1", 20, 5), "PO-2", 30, 9)


def told_of(log: Log) -> dict[str, Any]:
    fields: dict[str, Any] = log.told().events[-1].fields
    return fields


def late(log: Log) -> dict[str, str | None]:
    return {one["reservation"]: one.get("expected") for one in told_of(log).get("late", ())}


def states(told: Prediction) -> dict[str, str]:
    return {name: one.state for (_, name), one in told.reservations.items()}


def test_what_is_to_come_is_on_order_and_arrives_in_parts() -> None:
    log = coming()
    assert told_of(log)["lines"][0] == {
        "sku": "A",
        "delta": 30,
        "expected": 30,
        "due": day(9),
        "on_hand": 10,
        "reserved": 0,
        "available": 10,
        "version": 3,
    }
    row = receive(log, 15).told().rows["LON-1", "A"]
    assert (row.on_hand, row.accounts["on_order"]) == (25, 35)
    assert row.coming == {"PO-1": (day(5), 5), "PO-2": (day(9), 30)}
    row = receive(log, 5, to_account="damaged").told().rows["LON-1", "A"]
    assert (row.accounts["damaged"], row.dated) == (5, 30)


@pytest.mark.parametrize(("units", "expected"), [(25, 20), (7, 20), (0, 20)])
def test_who_knows_a_supply_changes_it(units: int, expected: int) -> None:
    row = expect(coming(), "PO-1", units, 7, expected).told().rows["LON-1", "A"]
    assert row.coming.get("PO-1") == ((day(7), units) if units else None)
    assert row.accounts["on_order"] == 30 + units


def test_a_supply_of_nothing_touches_no_account() -> None:
    row = expect(Log(), "PO-1", 0, 5).told().rows["LON-1", "A"]
    assert (row.version, row.is_beside, row.coming) == (1, False, {})


def test_what_is_refused_of_a_supply() -> None:
    log = expect(coming(), "PO-1", 5, 7)
    assert details(log) == SUPPLY | {"expected": 0, "to_come": 20}
    receive(log, 21)
    assert details(log) == SUPPLY | {"requested": 21, "to_come": 20}
    log.command("ReceiveSupply", supply="PO-9", lines=lines(A=1))
    receive(log, 1, to_account="staged")
    ends = {"from_account": "on_order", "to_account": "supplier", "reason": "ORDER_CANCELLED"}
    log.command("MoveStock", lines=lines(A=1), **ends)
    assert details(log) == {
        "sku": "A",
        "requested": 1,
        "available": 0,
        "account": "on_order",
        "expected": 50,
    }
    assert kinds(log.told())[-5:] == [
        "SUPPLY_CONFLICT",
        "OVER_RECEIPT",
        "SUPPLY_NOT_FOUND",
        "MOVE_FORBIDDEN",
        "INSUFFICIENT_STOCK",
    ]


def test_a_sku_has_so_many_supplies() -> None:
    log = Log()
    for number in range(101):
        expect(log, f"PO-{number}", 1, 5)
    assert (kinds(log.told())[-1], details(log)) == ("SUPPLIES_FULL", {"sku": "A", "limit": 100})


@pytest.mark.parametrize(("units", "when"), [(10, None), (11, 5), (30, 5), (31, 9), (60, 9)])
def test_the_first_day_by_which_all_is_there(units: int, when: int | None) -> None:
    line = told_of(preorder(coming(), "r", units))["lines"][0]
    assert line.get("promised") == (None if when is None else day(when))


def test_no_unit_is_promised_twice() -> None:
    log = preorder(preorder(preorder(coming(), "r1", 25), "r2", 6), "r3", 5)
    days = [event.fields["lines"][0]["promised"] for event in log.told().events[-3:]]
    assert days == [day(5), day(9), day(5)]
    preorder(log, "r4", 24, by=8)
    wanted = {"sku": "A", "requested": 24, "by": day(8)}
    assert details(log) == wanted | {"earliest": day(9)}
    assert details(preorder(log, "r5", 25)) == wanted | {"requested": 25, "by": day(30)}


def test_an_overdue_supply_promises_nothing_and_a_pool_neither() -> None:
    log = preorder(coming().after(6 * DAY_S), "r", 11)
    assert told_of(log)["lines"][0]["promised"] == day(9)
    pools = [{"channel": "web", "quantity": 1}]
    log.command("SetChannelPools", lines=[{"sku": "A", "pools": pools}])
    assert details(preorder(log, "s", 1)) == {"sku": "A", "requested": 1, "by": day(30)}


def test_those_are_late_who_could_be_kept_before_and_cannot_be_now() -> None:
    log = preorder(preorder(coming(), "r1", 30), "r2", 25)
    log.command("BackorderStock", reservation="urgent", lines=lines(A=10), priority=5)
    assert late(log) == {"r1": day(9), "r2": None}
    assert late(expect(log, "PO-1", 20, 12, expected=20)) == {}
    log = preorder(coming(), "r1", 30)
    assert late(expect(log, "PO-1", 20, 12, expected=20)) == {"r1": day(9)}
    assert late(receive(preorder(coming(), "r", 30), 1, to_account="damaged")) == {"r": day(9)}


def test_a_till_sells_what_others_were_promised() -> None:
    log = coming().command("SetStockPolicy", lines=[{"sku": "A", "negative_limit": 99}])
    preorder(preorder(log, "r1", 25, partial=False), "r2", 35)
    assert late(log.command("ShipStock", lines=lines(A=6))) == {"r1": day(9), "r2": None}
    assert late(log.command("ShipStock", lines=lines(A=40))) == {}
    assert kinds(log.told())[-2:] == ["StockShipped", "StockShipped"]


def test_what_comes_goes_to_who_was_promised_it() -> None:
    log = receive(preorder(preorder(coming(), "later", 31), "sooner", 5), 20)
    assert states(log.told()) == {"later": "waiting", "sooner": "confirmed"}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("PreorderStock", {"reservation": "r", "lines": lines(A=1)}),
        ("PreorderStock", {"reservation": "r", "lines": lines(A=1), "by": "soon"}),
        ("ExpectSupply", {"supply": "s", "lines": lines(A=1)}),
        ("ExpectSupply", {"supply": "", "lines": [{"sku": "A", "quantity": 1, "due": day(1)}]}),
        ("ExpectSupply", {"supply": "s", "lines": [{"sku": "A", "quantity": 1, "due": "1"}]}),
        ("ReceiveSupply", {"supply": "s", "lines": lines(A=1), "to_account": None}),
    ],
)
def test_what_is_outside_its_rules(kind: str, fields: dict[str, Any]) -> None:
    assert kinds(Log().command(kind, **fields).told()) == ["INVALID_COMMAND"]


def test_a_supply_in_other_words_is_a_repeat() -> None:
    line = {"sku": "A", "quantity": 1, "due": day(1)}
    log = Log().command("ExpectSupply", id="e", supply="PO-1", lines=[line])
    log.command("ExpectSupply", id="e", supply="PO-1", lines=[line | {"expected": 0}])
    receive(log, 1, id="r")
    receive(log, 1, id="r", to_account="sellable")
    assert (log.told().duplicates, len(log.told().events)) == (2, 2)
