"""The oracle against docs/stock.md: the accounts, and what moves between them."""

import re
from typing import Any

import pytest

from tests.chaos.accounts import ACCOUNTS, BESIDE, MOVES, SITE
from tests.chaos.command_log import Log, counted, details, kinds, lines, opened, stocked
from tests.chaos.messagepack import unpack
from tests.chaos.processes import ROOT
from tests.chaos.synthetic import packed

TEN = lines(A=10)
DOCUMENT = (ROOT / "docs" / "stock.md").read_text()


def _move(log: Log, source: str, target: str, reason: str, **quantities: int) -> Log:
    moved = {"from_account": source, "to_account": target, "reason": reason}
    return log.command("MoveStock", lines=lines(**quantities), **moved)


def test_the_reasons_are_those_of_the_document() -> None:
    def accounts(cell: str) -> set[str]:
        groups = {"site": set(SITE), "site without sellable": set(SITE) - {"sellable"}}
        parts = [groups.get(part, {part}) for part in cell.split(", ")]
        return set().union(*parts)

    told: dict[str, set[tuple[str, str]]] = {}
    rows = re.findall(r"^\| (`[A-Z].*) \| (.*) \| (.*) \| \w+ \|$", DOCUMENT, re.MULTILINE)
    for names, sources, targets in rows:
        each = [targets] if targets.count(",") != 2 else targets.split(", ")
        reasons = re.findall(r"`(\w+)`", names)
        if len(each) != len(reasons):
            each = [targets] * len(reasons)
        for reason, target in zip(reasons, each, strict=True):
            pairs = {(one, two) for one in accounts(sources) for two in accounts(target)}
            told[reason] = {pair for pair in pairs if pair[0] != pair[1]}
    assert told == {reason: set(pairs) for reason, pairs in MOVES.items()}
    assert len(told) == 20


def test_every_plain_movement_is_double_entry() -> None:
    log = stocked(A=10).command("ShipStock", lines=lines(A=3))
    log.command("AdjustStock", lines=[{"sku": "A", "delta": -2}], reason="lost")
    log.command("ReserveStock", reservation="r", lines=lines(A=1), ttl_seconds=9)
    row = log.command("ShipReservation", reservation="r").told().rows["LON-1", "A"]
    there = {name: units for name, units in row.accounts.items() if units}
    assert there == {"sellable": 4, "supplier": -10, "customer": 4, "gain_loss": 2}
    assert not row.is_beside


def test_a_move_tells_both_accounts_after_it() -> None:
    log = _move(stocked(A=10), "sellable", "damaged", "DAMAGED", A=3)
    told = log.told()
    line = {"sku": "A", "quantity": 3, "from_balance": 7, "to_balance": 3}
    line |= {"on_hand": 7, "reserved": 0, "available": 7, "version": 2}
    assert told.events[1].fields["lines"] == [line]
    assert (told.events[1].fields["type"], told.events[1].fields["reason"]) == (
        "StockMoved",
        "DAMAGED",
    )
    assert told.rows["LON-1", "A"].is_beside


def test_a_move_that_no_reason_allows() -> None:
    log = stocked(A=1)
    for source, target, reason in (
        ("sellable", "scrap", "DAMAGED"),
        ("damaged", "damaged", "DAMAGED"),
        ("staged", "sellable", "CORRECTION"),
        ("sellable", "sellable", "QC_RELEASE"),
    ):
        _move(log, source, target, reason, A=1)
    assert kinds(log.told())[1:] == ["MOVE_FORBIDDEN"] * 4
    forbidden = {"from_account": "sellable", "to_account": "sellable", "reason": "QC_RELEASE"}
    assert details(log) == forbidden


def test_what_is_reserved_does_not_move_and_other_accounts_say_which_they_are() -> None:
    log = stocked(A=5).command("ReserveStock", reservation="r", lines=lines(A=3), ttl_seconds=9)
    _move(log, "sellable", "scrap", "SCRAP", A=3)
    assert details(log) == {"sku": "A", "requested": 3, "available": 2}
    _move(log, "damaged", "scrap", "SCRAP", A=1)
    assert details(log) == {"sku": "A", "requested": 1, "available": 0, "account": "damaged"}


def test_no_account_goes_beyond_its_limit_by_a_move() -> None:
    full = [{"sku": "A", "quantity": 10**12}] * 1_000
    ordered = {"from_account": "supplier", "to_account": "on_order", "reason": "ORDERED"}
    log = Log().command("MoveStock", lines=full, **ordered)
    _move(log, "supplier", "on_order", "ORDERED", A=1)
    limit = {"sku": "A", "field": "supplier", "value": -(10**15) - 1, "limit": 10**15}
    assert details(log) == limit
    assert kinds(log.told()) == ["StockMoved", "QUANTITY_LIMIT"]


def _keep(log: Log, **policy: int | None) -> Log:
    return log.command("SetStockPolicy", lines=[{"sku": "A"} | policy])


def test_what_is_kept_back_is_nobodys() -> None:
    log = _keep(stocked(A=10), safety_stock=4).command("ShipStock", lines=lines(A=7))
    short = {"sku": "A", "requested": 7, "available": 6, "safety_stock": 4}
    assert details(log) == short
    log.command("ReserveStock", reservation="r", lines=lines(A=7), ttl_seconds=9)
    assert details(log) == short
    log.command("DispatchTransfer", transfer="t", to_warehouse="P", lines=lines(A=7))
    assert details(log) == short
    log.command("ReserveStock", reservation="r", lines=lines(A=6), ttl_seconds=1)
    new = {"reservation": "s", "replaces": "r", "ttl_seconds": 9}
    log.command("SupersedeReservation", lines=lines(A=7), **new)
    assert details(log) == short
    log.after(1).command("AdjustStock", lines=[{"sku": "A", "delta": -1}], reason="lost")
    log.command("ConfirmReservation", reservation="r")
    assert details(log) == short | {"requested": 6, "available": 5}


def test_what_fell_low_is_ok_above_its_recover_point() -> None:
    log = stocked(A=20).command("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 5}])
    _keep(log, recover_point=9)
    for delta in (-15, 2, -2, 4, 1, -1):  # 5, 7, 5, 9, 10, 9
        log.command("AdjustStock", lines=[{"sku": "A", "delta": delta}], reason="flaps")
    told = log.told()
    assert [alert.fields["id"] for alert in told.alerts] == ["0-4/A", "0-8/A"]
    assert [alert.fields["type"] for alert in told.alerts] == ["LowStock", "StockRecovered"]


def test_levels_that_contradict_each_other() -> None:
    log = stocked(A=1).command("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 5}])
    _keep(log, recover_point=4)
    assert details(log) == {"sku": "A", "reorder_point": 5, "recover_point": 4}
    _keep(log, recover_point=5)
    log.command("SetReorderPoint", lines=[{"sku": "A", "reorder_point": 6}])
    assert details(log) == {"sku": "A", "reorder_point": 6, "recover_point": 5}
    assert kinds(log.told())[2:] == ["POLICY_CONFLICT", "StockPolicySet", "POLICY_CONFLICT"]


def test_a_policy_in_other_words_is_a_repeat() -> None:
    log = Log().command("SetStockPolicy", id="p", lines=[{"sku": "A"}])
    told = {"sku": "A", "safety_stock": 0, "recover_point": None}
    log.command("SetStockPolicy", id="p", lines=[told])
    assert (log.told().duplicates, kinds(log.told())) == (1, ["StockPolicySet"])


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"sku": "A", "quantity": 1},
        {"sku": " A"},
        {"sku": "A", "safety_stock": -1},
        {"sku": "A", "safety_stock": None},
        {"sku": "A", "recover_point": True},
        {"sku": "A", "recover_point": 10**15 + 1},
        {"sku": "A", "negative_limit": -1},
        {"sku": "A", "negative_limit": None},
    ],
)
def test_a_policy_outside_its_rules(line: dict[str, Any]) -> None:
    log = Log().command("SetStockPolicy", lines=[line])
    assert kinds(log.told()) == ["INVALID_COMMAND"]


def test_a_till_sells_what_is_not_there_and_what_comes_in_is_for_that_first() -> None:
    log = _keep(stocked(A=2), negative_limit=5, safety_stock=9)
    log.command("BackorderStock", reservation="w", lines=lines(A=4), partial=False)
    log.command("ShipStock", lines=lines(A=8))
    assert details(log) == {"sku": "A", "requested": 8, "available": 7, "negative_limit": 5}
    told = log.command("ShipStock", lines=lines(A=7)).told()
    assert told.alerts[-1].fields["type"] == "OutOfStock"
    assert told.alerts[-1].fields["available"] == -5
    log.command("ReserveStock", reservation="r", lines=lines(A=1), ttl_seconds=9)
    assert details(log)["available"] == 0
    _move(log, "sellable", "damaged", "DAMAGED", A=1)
    assert details(log) == {"sku": "A", "requested": 1, "available": 0}
    _keep(log, negative_limit=4)
    assert details(log) == {"sku": "A", "owed": 5, "negative_limit": 4}
    _keep(log, negative_limit=5)
    log.command("ReceiveStock", lines=lines(A=3))
    log.command("AdjustStock", lines=[{"sku": "A", "delta": 8}], reason="found")
    received, found = log.told().events[-2:]
    assert received.fields["trued_up"] == [{"sku": "A", "quantity": 3}]
    assert "filled" not in received.fields
    assert found.fields["trued_up"] == [{"sku": "A", "quantity": 2}]
    assert found.fields["filled"] == [{"reservation": "w", "sku": "A", "quantity": 4}]
    row = log.told().rows["LON-1", "A"]
    assert (row.on_hand, row.reserved, row.may_owe) == (6, 4, 5)


def test_a_till_does_not_sell_what_is_promised_nor_does_what_is_put_back_fill_a_debt() -> None:
    log = _keep(stocked(A=3), negative_limit=5)
    log.command("BackorderStock", reservation="r", lines=lines(A=2))
    log.command("ShipStock", lines=lines(A=2))
    assert details(log) == {"sku": "A", "requested": 2, "available": 1, "negative_limit": 5}
    log.command("PickStock", reservation="r", lines=lines(A=2))
    log.command("ShipStock", lines=lines(A=2))
    log.command("UnpickStock", reservation="r", lines=lines(A=2))
    assert details(log) == {"sku": "A", "requested": 2, "available": 0}
    assert log.told().rows["LON-1", "A"].on_hand == -1


def test_a_till_empties_its_pool_and_no_other() -> None:
    pools = [{"channel": "till", "quantity": 2}, {"channel": "web", "quantity": 3}]
    log = _keep(stocked(A=6), negative_limit=5)
    log.command("SetChannelPools", lines=[{"sku": "A", "pools": pools}])
    row = log.command("ShipStock", lines=lines(A=7), channel="till").told().rows["LON-1", "A"]
    assert (row.on_hand, row.pools["till"].quantity, row.pools["web"].quantity) == (-1, 0, 3)


def test_every_kind_of_change_may_cross_a_level() -> None:
    log = stocked(A=9)
    _move(log, "sellable", "quality_hold", "QC_HOLD", A=9)
    _move(log, "quality_hold", "sellable", "QC_RELEASE", A=9)
    log.command("ReserveStock", reservation="r", lines=lines(A=9), ttl_seconds=1)
    log.after(1).command("ConfirmReservation", reservation="r")
    log.command("ReleaseReservation", reservation="r")
    counted(opened(log, "A", tolerance=9), "ann", A=0)
    told = log.command("ApproveCount", count="c", actor="bob").told()
    assert [alert.fields["type"] for alert in told.alerts] == [
        "OutOfStock",
        "StockRecovered",
        "OutOfStock",
        "StockRecovered",
        "OutOfStock",
        "StockRecovered",
        "OutOfStock",
    ]


def test_the_same_move_in_other_words_is_a_repeat() -> None:
    moved = {"from_account": "supplier", "to_account": "on_order", "reason": "ORDERED"}
    log = Log().command("MoveStock", id="m", lines=TEN, **moved)
    log.command("MoveStock", id="m", lines=TEN, **moved, reference=None)
    opened(log, "A", id="o")
    told = opened(log, "A", id="o", tolerance=0).told()
    assert (told.duplicates, kinds(told)) == (2, ["StockMoved", "CountOpened"])


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (b"\xff", -1),
        (b"\xe0", -32),
        (b"\xd0\x80", -128),
        (b"\xd1\xff\x00", -256),
        (b"\xd2\x80\x00\x00\x00", -(2**31)),
        (b"\xd3\xff\xfc\x72\x81\x5b\x39\x80\x00", -(10**15)),
        (b"\x93\xc0\xc2\xc3", [None, False, True]),
        (b"\xcc\xff", 255),
        (b"\xa1a", "a"),
    ],
)
def test_messagepack_by_its_description(value: bytes, read: Any) -> None:
    assert unpack(value) == read
    assert unpack(packed(read)) == read


def test_all_accounts_are_there_once() -> None:
    assert len(set(ACCOUNTS)) == 14
    assert set(BESIDE) | {"sellable", "supplier", "customer", "gain_loss"} == set(ACCOUNTS)
    order = DOCUMENT.partition("of `B` SKU: `[")[2].partition("]")[0]
    assert tuple(order.split(", ")) == BESIDE


def test_whatever_takes_of_several_skus_tells_all_that_are_short() -> None:
    log = stocked(A=5, B=5, C=5)
    log.command("ReserveStock", reservation="r", lines=lines(A=5, B=5), ttl_seconds=1)
    log.after(1).command("ShipStock", lines=lines(A=1, B=2))
    log.command("ReserveStock", reservation="s", lines=lines(C=1), ttl_seconds=9)
    a = {"sku": "A", "requested": 5, "available": 4}
    b = {"sku": "B", "requested": 5, "available": 3}
    told = a | {"short": [a, b]}
    log.command("ConfirmReservation", reservation="r")
    assert details(log) == told
    new = {"reservation": "t", "replaces": "s", "ttl_seconds": 9}
    log.command("SupersedeReservation", lines=lines(A=5, C=5, B=5), **new)
    assert details(log) == told
    log.command("DispatchTransfer", transfer="t", to_warehouse="P", lines=lines(C=4, A=5, B=5))
    assert details(log) == told
    _move(log, "sellable", "scrap", "SCRAP", C=4, A=5, B=5)
    assert details(log) == told
    _move(log, "damaged", "scrap", "SCRAP", A=5, B=5)
    none = [one | {"available": 0} for one in (a, b)]
    assert details(log) == none[0] | {"account": "damaged", "short": none}
    gone = [{"sku": sku, "delta": -5} for sku in "AB"]
    log.command("AdjustStock", lines=gone, reason="lost")
    assert details(log) == told


def test_a_level_below_what_is_reserved_is_told_of_each_sku() -> None:
    log = stocked(A=5, B=5)
    log.command("ReserveStock", reservation="r", lines=lines(A=5, B=4), ttl_seconds=9)
    levels = [{"sku": sku, "on_hand": 1, "expected_version": 2} for sku in "AB"]
    log.command("SetStock", lines=levels, reason="sync")
    a = {"sku": "A", "requested": 4, "available": 0}
    b = {"sku": "B", "requested": 4, "available": 1}
    assert details(log) == a | {"short": [a, b]}
