"""What stock's events ask of locations: what passed the gate, and nothing else."""

import json
from typing import Any

import msgspec
import pytest

from agents.locations.policy import told
from tests.locations.yard import Yard
from tests.stock.bytes_of import Shop
from tests.stock.two_warehouses import AWAY, HOME, TwoWarehouses, arrive

LINES = [{"sku": "A", "quantity": 3}]
RESERVED: list[tuple[str, dict[str, Any]]] = [
    ("ReserveStock", {"reservation": "r", "lines": LINES, "ttl_seconds": 60}),
    ("ConfirmReservation", {"reservation": "r"}),
]
PICKED = [*RESERVED, ("PickStock", {"reservation": "r", "lines": LINES})]
PACKED = [*PICKED, ("PackStock", {"reservation": "r", "lines": LINES})]
COUNTED: list[tuple[str, dict[str, Any]]] = [
    ("OpenCount", {"count": "n", "lines": [{"sku": "A"}], "actor": "ann"}),
    ("RecordCount", {"count": "n", "lines": [{"sku": "A", "counted": 8}], "actor": "ann"}),
    ("RecordCount", {"count": "n", "lines": [{"sku": "A", "counted": 8}], "actor": "ann"}),
    ("ApproveCount", {"count": "n", "actor": "bob"}),
]


def moved(source: str, target: str, reason: str) -> tuple[str, dict[str, Any]]:
    return "MoveStock", {
        "from_account": source,
        "to_account": target,
        "reason": reason,
        "lines": LINES,
    }


def asked(event: bytes | None) -> dict[str, int]:
    """By how much each SKU's units on site have changed, as the policy says."""
    assert event is not None
    deltas = {}
    for _, _, command in told(event):
        deltas = {line["sku"]: line["delta"] for line in json.loads(command)["lines"]}
    return deltas


@pytest.mark.parametrize(
    ("before", "step", "delta"),
    [
        ([], ("ReceiveStock", {"lines": LINES}), 3),
        ([], ("ShipStock", {"lines": LINES}), -3),
        ([], ("AdjustStock", {"lines": [{"sku": "A", "delta": -4}], "reason": "rot"}), -4),
        (COUNTED[:-1], COUNTED[-1], -2),
        (RESERVED[:1], ("ShipReservation", {"reservation": "r"}), -3),
        (PACKED, ("ShipPacked", {"reservation": "r", "lines": LINES}), -3),
        ([], ("DispatchTransfer", {"transfer": "t", "to_warehouse": "P", "lines": LINES}), -3),
        ([], moved("supplier", "quality_hold", "RECEIVED"), 3),
        ([], moved("sellable", "scrap", "SCRAP"), -3),
        ([], moved("sellable", "production", "KIT"), -3),
        ([], moved("sellable", "supplier", "VENDOR_RETURN"), -3),
    ],
)
def test_what_passes_the_gate_is_told(before: Any, step: Any, delta: int) -> None:
    shop = Shop()
    for kind, fields in [("ReceiveStock", {"lines": [{"sku": "A", "quantity": 10}]}), *before]:
        assert shop.send(kind, **fields).code == ""

    event = shop.send(step[0], **step[1]).event

    assert asked(event) == {"A": delta}


def test_from_as_many_owed_as_may_be_to_as_many_on_hand_is_told_and_recorded() -> None:
    shop, most = Shop(), 10**15
    shop.owe_the_most("A")

    lines = [{"sku": "A", "on_hand": most, "expected_version": 2}]
    event = shop.send("SetStock", lines=lines, reason="sync").event

    assert asked(event) == {"A": 2 * most}
    assert event is not None
    assert [Yard().put(command).code for _, _, command in told(event)] == [""]


@pytest.mark.parametrize(
    ("before", "step"),
    [
        (RESERVED[:0], RESERVED[0]),
        (RESERVED[:1], RESERVED[1]),
        (RESERVED, PICKED[-1]),
        (PICKED, PACKED[-1]),
        (PICKED, ("UnpickStock", {"reservation": "r", "lines": LINES})),
        (RESERVED, ("ReleaseReservation", {"reservation": "r"})),
        (COUNTED[:0], COUNTED[0]),
        (COUNTED[:1], COUNTED[1]),
        ([], moved("sellable", "damaged", "DAMAGED")),
        ([], moved("supplier", "on_order", "ORDERED")),
        ([], ("SetReorderPoint", {"lines": [{"sku": "A", "reorder_point": 4}]})),
        ([], ("ShipStock", {"lines": [{"sku": "A", "quantity": 11}]})),
    ],
)
def test_what_does_not_is_not(before: Any, step: Any) -> None:
    shop = Shop()
    for kind, fields in [("ReceiveStock", {"lines": [{"sku": "A", "quantity": 10}]}), *before]:
        assert shop.send(kind, **fields).code == ""

    event = shop.send(step[0], **step[1]).event

    assert asked(event) == {}


def test_a_transfer_leaves_one_site_and_comes_to_the_other() -> None:
    both = TwoWarehouses()
    both.send(HOME, "ReceiveStock", lines=[{"sku": "A", "quantity": 10}])
    lines = [{"sku": "A", "quantity": 10}]
    both.send(HOME, "DispatchTransfer", transfer="t", to_warehouse=AWAY, lines=lines)
    both.deliver()
    arrive(both, 7)
    both.send(AWAY, "CloseTransfer", transfer="t", from_warehouse=HOME)
    both.deliver()

    here, there = ([asked(event) for event in both.shops[at].events] for at in (HOME, AWAY))

    assert here == [{"A": 10}, {"A": -10}, {}, {}]
    assert there == [{}, {"A": 7}, {}]


def test_the_command_is_named_by_its_event_and_says_when_and_by_whom() -> None:
    shop = Shop()
    event = shop.send(
        "ReceiveStock",
        lines=[{"sku": "A", "quantity": 3}, {"sku": "B", "quantity": 10**12}] * 2,
        time="2026-11-17T08:00:00Z",
        actor="ann",
        correlation_id="asn-7",
    ).event

    ((warehouse, cause, command),) = told(event or b"")

    assert (warehouse, cause) == ("LON-1", "3-1")
    assert json.loads(command) == {
        "type": "RecordSiteChange",
        "id": "3-1",
        "warehouse": "LON-1",
        "cause": "3-1",
        "lines": [{"sku": "A", "delta": 6}, {"sku": "B", "delta": 2 * 10**12}],
        "time": "2026-11-17T08:00:00Z",
        "actor": "ann",
        "correlation_id": "asn-7",
    }


def test_the_largest_event_becomes_one_command() -> None:
    lines = [{"sku": f"{number:05}" + "\u00c4" * 59, "quantity": 10**12} for number in range(1_000)]
    event = Shop().send("ReceiveStock", lines=lines).event

    ((_, _, command),) = told(event or b"")

    assert len(json.loads(command)["lines"]) == 1_000
    assert len(command) < 1 << 20


@pytest.mark.parametrize("value", [b'{"type":"StockTeleported"}', b"[]", b"{"])
def test_an_event_that_is_not_known_is_an_error(value: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        told(value)
