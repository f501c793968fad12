"""What stock's events ask of lots, and what lots' events ask of stock."""

import json
from typing import Any

import msgspec
import pytest

from agents.lots import policy, wishes
from tests.lots.depot import Depot, come, hold, receive, register
from tests.stock.bytes_of import Shop
from tests.stock.two_warehouses import AWAY, HOME, arrive, dispatched

LINES = [{"sku": "A", "quantity": 3}]
HEAD = ("type", "id", "sku", "cause", "warehouse", "time")
RESERVED: list[tuple[str, dict[str, Any]]] = [
    ("ReserveStock", {"reservation": "r", "lines": LINES, "ttl_seconds": 60}),
]
CONFIRMED = [*RESERVED, ("ConfirmReservation", {"reservation": "r"})]
PICKED = [*CONFIRMED, ("PickStock", {"reservation": "r", "lines": LINES})]
PACKED = [*PICKED, ("PackStock", {"reservation": "r", "lines": LINES})]


def moved(source: str, target: str, reason: str, **more: Any) -> tuple[str, dict[str, Any]]:
    ends = {"from_account": source, "to_account": target, "reason": reason}
    return "MoveStock", ends | {"lines": LINES} | more


def between(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {"quantity": 3, "from_account": source, "to_account": target} | more


def asked(event: bytes | None) -> list[dict[str, Any]]:
    """What an event asks for, without the head of each command."""
    assert event is not None
    told = [json.loads(command) for _, _, command in policy.told(event)]
    return [{name: it for name, it in one.items() if name not in HEAD} for one in told]


PROMISED = {"promised": [{"reservation": "r", "quantity": 3}]}
BACKORDER = ("BackorderStock", {"reservation": "r", "lines": [{"sku": "A", "quantity": 13}]})


@pytest.mark.parametrize(
    ("before", "step", "meant"),
    [
        ([], ("ReceiveStock", {"lines": LINES}), between("supplier", "sellable")),
        ([], ("ShipStock", {"lines": LINES}), between("sellable", "customer")),
        (
            [],
            ("AdjustStock", {"lines": [{"sku": "A", "delta": -3}], "reason": "rot"}),
            between("sellable", "gain_loss"),
        ),
        (
            [],
            ("AdjustStock", {"lines": [{"sku": "A", "delta": 3}], "reason": "found"}),
            between("gain_loss", "sellable"),
        ),
        (RESERVED, CONFIRMED[-1], PROMISED),
        (
            RESERVED,
            ("ShipReservation", {"reservation": "r"}),
            between("sellable", "customer", reservation="r"),
        ),
        (
            CONFIRMED,
            ("ReleaseReservation", {"reservation": "r"}),
            {"reservation": "r", "released": True},
        ),
        (CONFIRMED, PICKED[-1], between("sellable", "staged", reservation="r")),
        (
            PICKED,
            ("UnpickStock", {"reservation": "r", "lines": LINES}),
            between("staged", "sellable", reservation="r"),
        ),
        (
            PACKED,
            ("ShipPacked", {"reservation": "r", "lines": LINES}),
            between("staged", "customer", reservation="r"),
        ),
        ([], BACKORDER, {"promised": [{"reservation": "r", "quantity": 10}]}),
        (
            [BACKORDER],
            ("ReceiveStock", {"lines": LINES}),
            between("supplier", "sellable") | PROMISED,
        ),
        (
            [],
            ("DispatchTransfer", {"transfer": "t", "to_warehouse": "P", "lines": LINES}),
            between("sellable", "in_transit", transfer="t", counterpart="P"),
        ),
        ([], moved("supplier", "quality_hold", "RECEIVED"), between("supplier", "quality_hold")),
        (
            [],
            moved("sellable", "damaged", "DAMAGED", reference="L1"),
            between("sellable", "damaged", reference="L1"),
        ),
    ],
)
def test_what_moves_on_site_or_is_promised_for_good_is_told(
    before: Any, step: Any, meant: dict[str, Any]
) -> None:
    shop = Shop()
    for kind, fields in [("ReceiveStock", {"lines": [{"sku": "A", "quantity": 10}]}), *before]:
        assert shop.send(kind, **fields).code == ""

    assert asked(shop.send(step[0], **step[1]).event) == [meant]


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ([], RESERVED[0]),
        (RESERVED, ("ReleaseReservation", {"reservation": "r"})),
        (RESERVED, ("ExtendReservation", {"reservation": "r", "ttl_seconds": 9})),
        (PICKED, PACKED[-1]),
        ([], moved("supplier", "on_order", "ORDERED")),
        ([], ("SetReorderPoint", {"lines": [{"sku": "A", "reorder_point": 4}]})),
        ([], ("ShipStock", {"lines": [{"sku": "A", "quantity": 11}]})),
        ([], ("OpenCount", {"count": "n", "lines": [{"sku": "A"}], "actor": "ann"})),
    ],
)
def test_what_does_not_is_not(before: Any, step: Any) -> None:
    shop = Shop()
    for kind, fields in [("ReceiveStock", {"lines": [{"sku": "A", "quantity": 10}]}), *before]:
        assert shop.send(kind, **fields).code == ""

    assert asked(shop.send(step[0], **step[1]).event) == []


def test_a_transfer_is_told_from_both_ends() -> None:
    both = dispatched(10)
    arrive(both, 7)
    arrive(both, 2, "B")
    both.deliver()
    both.send(AWAY, "CloseTransfer", transfer="t", from_warehouse=HOME)
    both.deliver()

    here, there = ([asked(event) for event in both.shops[at].events] for at in (HOME, AWAY))

    assert [one for told in here for one in told][1:] == [
        between("sellable", "in_transit", transfer="t", counterpart=AWAY) | {"quantity": 10},
        {"transfer": "t", "over": 2},
        {"transfer": "t", "short": 3},
    ]
    came = between("transfers", "sellable", transfer="t", counterpart=HOME)
    assert [one for told in there for one in told] == [
        came | {"quantity": 7},
        came | {"quantity": 2},
    ]


def test_from_as_many_owed_as_may_be_to_as_many_on_hand_is_told_and_recorded() -> None:
    shop, depot = Shop(), Depot()
    shop.owe_the_most("A")

    lines = [{"sku": "A", "on_hand": 10**15, "expected_version": 2}]
    event = shop.send("SetStock", lines=lines, reason="sync").event

    assert event is not None
    ((_, _, command),) = policy.told(event)
    assert depot.put(command).code == ""


def test_each_sku_is_told_by_itself_with_when_and_by_whom() -> None:
    event = (
        Shop()
        .send(
            "ReceiveStock",
            lines=[
                {"sku": "A", "quantity": 3},
                {"sku": "B", "quantity": 1},
                {"sku": "A", "quantity": 2},
            ],
            time="2026-11-17T08:00:00Z",
            actor="ann",
            correlation_id="asn-7",
        )
        .event
    )

    told = policy.told(event or b"")

    assert [(sku, cause) for sku, cause, _ in told] == [("A", "3-1"), ("B", "3-1")]
    assert json.loads(told[0][2]) == {
        "type": "RecordStockChange",
        "id": "3-1",
        "sku": "A",
        "cause": "3-1",
        "warehouse": "LON-1",
        "quantity": 5,
        "from_account": "supplier",
        "to_account": "sellable",
        "time": "2026-11-17T08:00:00Z",
        "actor": "ann",
        "correlation_id": "asn-7",
    }


def test_what_lots_ask_for_is_told_back_as_the_answer() -> None:
    depot, shop = Depot().given(register("L1")), Shop()
    depot.when(receive("L1", 3) | {"actor": "ann"})

    ((warehouse, cause, command),) = wishes.told(depot.events[-1])

    assert (warehouse, cause) == ("LON-1", depot.told["id"])
    assert json.loads(command) == {
        "type": "MoveStock",
        "id": f"lots/{cause}/0",
        "warehouse": "LON-1",
        "from_account": "supplier",
        "to_account": "sellable",
        "reason": "RECEIVED",
        "reference": "L1",
        "lines": LINES,
        "time": depot.told["time"],
        "actor": "ann",
    }
    answer = between("supplier", "sellable", reference="L1", ask=f"{cause}/0")
    assert asked(shop.put(command).event) == [answer | {"actor": "ann"}]


def test_a_refusal_is_told_back_as_well() -> None:
    depot = Depot().given(register("L1"), come("L1", 3), hold("L1"))
    ((_, cause, command),) = wishes.told(depot.events[-1])

    assert asked(Shop().put(command).event) == [
        {"ask": f"{cause}/0", "refusal": "INSUFFICIENT_STOCK", "available": 0}
    ]


def test_what_others_are_refused_is_not_told() -> None:
    event = Shop().send("ShipStock", lines=LINES).event

    assert policy.told(event or b"") == []


def test_most_events_of_lots_ask_for_nothing() -> None:
    depot = Depot().given(register("L1"), come("L1", 3))

    assert [wishes.told(event) for event in depot.events] == [[], []]


@pytest.mark.parametrize("value", [b'{"type":"StockTeleported"}', b"[]", b"{"])
def test_an_event_that_is_not_known_is_an_error(value: bytes) -> None:
    for told in (policy.told, wishes.told):
        with pytest.raises(msgspec.DecodeError):
            told(value)
