"""What passes between orders and warehouses: every step asked, every answer told, nothing else."""

import json
from typing import Any

import msgspec
import pytest

from agents.orders.policy import asked, required, told
from tests.orders.desk import CANCEL, Desk, place, record, refusal, source
from tests.stock.bytes_of import Shop

LINES = [{"sku": "A", "quantity": 3}]
NAME = "order/o-1/1"
RESERVE: dict[str, Any] = {"id": f"{NAME}/reserve", "reservation": NAME, "lines": LINES}
RESERVED = ("ReserveStock", RESERVE | {"ttl_seconds": 60})
CONFIRM = ("ConfirmReservation", {"id": f"{NAME}/confirm", "reservation": NAME})
PICK, PACK, UNPICK, SHIP = (
    (kind, {"reservation": NAME, "lines": LINES})
    for kind in ("PickStock", "PackStock", "UnpickStock", "ShipPacked")
)
BACKORDER = ("BackorderStock", {"id": f"{NAME}/backorder", "reservation": NAME, "lines": LINES})


def wishes(desk: Desk) -> list[dict[str, Any]]:
    """What the last event asks of warehouses, but for when it was."""
    found = [json.loads(value) for _, _, value in asked(desk.events[-1])]
    return [{name: it for name, it in one.items() if name != "time"} for one in found]


def answers(event: bytes | None) -> list[dict[str, Any]]:
    """What an event of stock tells orders, but for when it was."""
    assert event is not None
    found = [json.loads(value) for _, _, value in told(event)]
    return [{name: it for name, it in one.items() if name != "time"} for one in found]


def test_a_plan_asks_each_warehouse_for_its_leg() -> None:
    desk = Desk().when(place({"A": 5}, source("L", A=3), source("M", A=9)))

    assert wishes(desk) == [
        {
            "type": "ReserveStock",
            "id": "order/o-1/1/reserve",
            "warehouse": warehouse,
            "reservation": "order/o-1/1",
            "lines": [{"sku": "A", "quantity": quantity}],
            "ttl_seconds": 900,
        }
        for warehouse, quantity in (("L", 3), ("M", 2))
    ]
    assert [(key, cause) for key, cause, _ in asked(desk.events[-1])] == [
        ("L", "7-1"),
        ("M", "7-1"),
    ]


def test_what_is_held_is_asked_to_be_for_good_and_the_rest_waited_for() -> None:
    desk = Desk().given(place({"A": 5}, source("L", A=3), backorder=True))

    desk.when(record("L1", "reserved", A=3))

    assert wishes(desk) == [
        {
            "type": "BackorderStock",
            "id": "order/o-1/2/backorder",
            "warehouse": "L",
            "reservation": "order/o-1/2",
            "lines": [{"sku": "A", "quantity": 2}],
        },
        {
            "type": "ConfirmReservation",
            "id": "order/o-1/1/confirm",
            "warehouse": "L",
            "reservation": "order/o-1/1",
        },
    ]


def test_each_event_that_gives_a_leg_back_does_so_under_an_id_of_its_own() -> None:
    desk = Desk().given(place({"A": 3}, source("L")), CANCEL)
    first = wishes(desk)
    desk.given(refusal("L1", "release", "RESERVATION_PICKED"), record("L1", "unpicked"))

    second = wishes(desk)

    assert [one["id"] for one in (*first, *second)] == [
        "order/o-1/1/release/7-2",
        "order/o-1/1/release/7-4",
    ]


def test_what_asks_for_nothing_and_what_was_rejected_ask_for_nothing() -> None:
    desk = Desk().given(place({"A": 5}, source("L", A=3), source("M", A=9)))
    assert wishes(desk.when(record("L1", "reserved", A=3))) == []
    assert wishes(desk.when(place({"A": 1}, source("L")))) == []


def test_an_order_of_any_size_is_asked_for() -> None:
    order, lines = "x" * 64, [{"sku": f"S{n}", "quantity": 10**12} for n in range(200)]
    desk = Desk().when(place({}, source("W" * 64)) | {"order": order, "lines": lines})

    (wish,) = wishes(desk)
    shop = Shop()
    told_of = shop.put(json.dumps(wish).encode())

    assert told_of.code == "INSUFFICIENT_STOCK"
    (answer,) = answers(told_of.event)
    assert [one["sku"] for one in answer["short"]] == [line["sku"] for line in lines]


@pytest.mark.parametrize(
    ("before", "step", "expected"),
    [
        ([], RESERVED, {"told": "reserved", "lines": LINES}),
        ([RESERVED], CONFIRM, {"told": "confirmed", "lines": []}),
        ([RESERVED], ("ConfirmReservation", {"reservation": NAME}), {"told": "confirmed"}),
        ([RESERVED], ("ReleaseReservation", {"reservation": NAME}), {"told": "released"}),
        (
            [RESERVED],
            (
                "SupersedeReservation",
                {"reservation": "s", "replaces": NAME, "lines": LINES, "ttl_seconds": 9},
            ),
            {"told": "released"},
        ),
        ([RESERVED], ("ShipReservation", {"reservation": NAME}), {"told": "shipped"}),
        ([RESERVED, CONFIRM, PICK, PACK], SHIP, {"told": "shipped", "lines": LINES}),
        ([RESERVED, CONFIRM, PICK], UNPICK, {"told": "unpicked", "lines": []}),
        ([], BACKORDER, {"told": "waiting", "lines": []}),
    ],
)
def test_what_becomes_of_a_leg_is_told(before: Any, step: Any, expected: dict[str, Any]) -> None:
    shop = Shop()
    for kind, fields in [("ReceiveStock", {"lines": [{"sku": "A", "quantity": 10}]}), *before]:
        assert shop.send(kind, **fields).code == ""

    (answer,) = answers(shop.send(step[0], **step[1]).event)

    seq = 2 + len(before)
    head: dict[str, Any] = {
        "type": "RecordLeg",
        "id": f"3-{seq}/1",
        "order": "o-1",
        "cause": f"3-{seq}",
    }
    head |= {"warehouse": "LON-1", "attempt": 1}
    assert answer == answer | head | expected


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ([], ("ReserveStock", RESERVE | {"ttl_seconds": 60, "id": "mine"})),
        ([], ("ReserveStock", RESERVE | {"ttl_seconds": 60, "reservation": "order/o-1/2"})),
        ([], ("BackorderStock", {"reservation": NAME, "lines": LINES})),
        ([RESERVED, CONFIRM], PICK),
        ([RESERVED, CONFIRM, PICK], PACK),
        ([RESERVED], ("ExtendReservation", {"reservation": NAME, "ttl_seconds": 9})),
        ([], ("ReleaseReservation", {"reservation": NAME})),
        ([], ("ReserveStock", RESERVE | {"id": "order/o-1/x/reserve", "ttl_seconds": 60})),
        ([], ("ReserveStock", RESERVE | {"reservation": "order/o 1/1", "ttl_seconds": 60})),
        ([], ("ReserveStock", RESERVE | {"reservation": "order/o-1/01", "ttl_seconds": 60})),
        ([], ("AdjustStock", {"lines": [{"sku": "A", "delta": 1}], "reason": "order/o-1/1"})),
        ([], ("ReceiveStock", {"lines": [{"sku": "order/o-1/1", "quantity": 1}]})),
    ],
)
def test_what_is_not_of_a_leg_is_not_told(before: Any, step: Any) -> None:
    shop = Shop()
    for kind, fields in [("ReceiveStock", {"lines": [{"sku": "A", "quantity": 10}]}), *before]:
        assert shop.send(kind, **fields).code == ""

    assert answers(shop.send(step[0], **step[1]).event) == []


def test_a_leg_that_runs_out_is_told() -> None:
    shop = Shop()
    shop.send("ReceiveStock", lines=LINES)
    shop.send(*RESERVED[:1], **RESERVED[1])

    (expired,) = shop.pass_time(61_000)

    (answer,) = answers(expired.event)
    assert (answer["told"], answer["order"], answer["attempt"]) == ("expired", "o-1", 1)


@pytest.mark.parametrize("step", ["reserve", "confirm", "backorder", "release", "release/7-12"])
def test_a_refused_step_is_told_with_its_reason(step: str) -> None:
    told_of = Shop().send("ConfirmReservation", id=f"order/o-1/12/{step}", reservation="x")

    (answer,) = answers(told_of.event)

    assert (answer["type"], answer["step"], answer["code"], answer["attempt"]) == (
        "RecordLegRefusal",
        step.partition("/")[0],
        "RESERVATION_NOT_FOUND",
        12,
    )


def test_what_is_lacking_is_told_with_how_much_there_is() -> None:
    (answer,) = answers(Shop().send(RESERVED[0], **RESERVED[1]).event)

    assert (answer["sku"], answer["available"]) == ("A", 0)
    assert "short" not in answer


def test_all_that_is_lacking_is_told_with_how_much_there_is() -> None:
    shop = Shop()
    shop.send("ReceiveStock", lines=[{"sku": sku, "quantity": 4} for sku in "AB"])
    lines = [{"sku": sku, "quantity": units} for sku, units in (("C", 1), ("A", 4), ("B", 5))]

    (answer,) = answers(shop.send(RESERVED[0], **RESERVED[1] | {"lines": lines}).event)

    assert (answer["sku"], answer["available"]) == ("C", 0)
    assert answer["short"] == [{"sku": "C", "available": 0}, {"sku": "B", "available": 4}]


def test_one_event_may_give_to_several_legs_each_told_once() -> None:
    shop = Shop()
    for order, attempt in (("o-1", 1), ("o-1", 2), ("o-2", 1)):
        name = f"order/{order}/{attempt}"
        lines = [{"sku": sku, "quantity": 2} for sku in "AB"]
        shop.send("BackorderStock", id=f"{name}/backorder", reservation=name, lines=lines)

    event = shop.send(
        "ReceiveStock", lines=[{"sku": "A", "quantity": 9}, {"sku": "B", "quantity": 2}]
    ).event

    found = {(one["order"], one["id"]): one["lines"] for one in answers(event)}
    both = [{"sku": sku, "quantity": 2} for sku in "AB"]
    assert found == {
        ("o-1", "3-4/1"): both,
        ("o-1", "3-4/2"): both[:1],
        ("o-2", "3-4/1"): both[:1],
    }


@pytest.mark.parametrize("policy", [asked, required, told])
def test_an_event_that_is_not_known_is_an_error(policy: Any) -> None:
    with pytest.raises(msgspec.DecodeError):
        policy(b'{"type":"Teleported","reservation":"order/o-1/1"}')
