"""What events of stock mean to finance: which units came or left, and nothing else."""

import json
from typing import Any

import msgspec
import pytest

from agents.finance.agent import FinanceActor
from agents.finance.policy import costs_of, told
from schemas.finance_structs import Invalid, decode_event
from schemas.finance_structs import decode_command as finance_command
from streams.actor import Moment
from streams.engine import VALUE_BYTES_MAX
from streams.topics import MESSAGE_BYTES_MAX
from tests.finance.bytes_of import START_MS, Office
from tests.stock.bytes_of import Shop
from tests.stock.two_warehouses import AWAY, HOME, TwoWarehouses, arrive, dispatched, one_line


@pytest.fixture
def shop() -> Shop:
    """Fifty of A are there."""
    shop = Shop()
    shop.send("ReceiveStock", **one_line("A", 50))
    return shop


def asked(shop: Shop) -> dict[str, Any] | None:
    """What the last event of a shop asks of finance, as fields."""
    wishes = told(shop.events[-1])
    if not wishes:
        return None
    ((warehouse, cause, command),) = wishes
    fields: dict[str, Any] = json.loads(command)
    event = json.loads(shop.events[-1])
    assert fields["type"] == "RecordMovement"
    assert (warehouse, cause) == (event["warehouse"], event["id"])
    assert (fields["warehouse"], fields["id"], fields["cause"]) == (warehouse, cause, cause)
    assert fields["time"] == event["time"]
    for name in ("actor", "correlation_id"):
        assert fields.get(name) == event.get(name)
    return fields


def moves(fields: dict[str, Any] | None) -> list[tuple[str, int, str, str]]:
    assert fields is not None
    return [
        (line["sku"], line["quantity"], line["from_account"], line["to_account"])
        for line in fields["lines"]
    ]


def test_a_receipt_comes_from_its_supplier(shop: Shop) -> None:
    shop.send("ReceiveStock", actor="ann", correlation_id="x", **one_line("A", 4))

    found = asked(shop)

    assert moves(found) == [("A", 4, "supplier", "sellable")]
    assert found is not None and found["movement"] == "StockReceived"


def test_what_is_shipped_goes_to_a_customer(shop: Shop) -> None:
    shop.send("ShipStock", time="2026-11-01T00:00:00Z", **one_line("A", 4))

    assert moves(asked(shop)) == [("A", 4, "sellable", "customer")]


def test_a_reservation_is_told_of_when_it_is_shipped_and_not_before(shop: Shop) -> None:
    told_first = {"reservation": "r", "ttl_seconds": 60}
    shop.send("ReserveStock", **told_first, **one_line("A", 4))
    assert asked(shop) is None
    shop.send("ShipReservation", reservation="r")

    found = asked(shop)

    assert moves(found) == [("A", 4, "sellable", "customer")]
    assert found is not None and found["reference"] == "r"


def test_what_is_packed_leaves_from_where_it_was_staged(shop: Shop) -> None:
    shop.send("ReserveStock", reservation="r", ttl_seconds=60, **one_line("A", 4))
    for kind in ("ConfirmReservation", "PickStock", "UnpickStock", "PickStock", "PackStock"):
        lines = {} if kind == "ConfirmReservation" else one_line("A", 4)
        shop.send(kind, reservation="r", **lines)
        assert asked(shop) is None, kind
    shop.send("ShipPacked", reservation="r", **one_line("A", 3))

    found = asked(shop)

    assert moves(found) == [("A", 3, "staged", "customer")]
    assert found is not None and (found["movement"], found["reference"]) == ("PackedShipped", "r")


def test_a_correction_is_found_or_lost(shop: Shop) -> None:
    shop.send("ReceiveStock", **one_line("B", 5))
    lines = [{"sku": "A", "delta": 3}, {"sku": "B", "delta": -2}]
    shop.send("AdjustStock", lines=lines, reason="count")

    found = asked(shop)

    assert moves(found) == [("A", 3, "gain_loss", "sellable"), ("B", 2, "sellable", "gain_loss")]
    assert found is not None and "gl_account" not in found, "what the account has by itself"


@pytest.mark.parametrize(
    ("reason", "deltas", "gl_account"),
    [
        ("LOST", (-3, -1), "shrinkage"),
        ("THEFT", (-3,), "shrinkage"),
        ("FOUND", (2, 1), "inventory_adjustments"),
        ("OPENING", (2, 1), "opening_balance"),
        ("CORRECTION", (2, -1), "inventory_adjustments"),
        ("LOST", (-3, 1), None),  # what is lost is not more than before
        ("OPENING", (-3,), None),
        ("SCRAP", (-3,), None),  # nothing went to the account of scrap: MoveStock does that
        ("lost", (-3,), None),
    ],
)
def test_a_correction_for_a_code_is_booked_on_the_codes_account(
    shop: Shop, reason: str, deltas: tuple[int, ...], gl_account: str | None
) -> None:
    shop.send("ReceiveStock", **one_line("B", 5))
    lines = [{"sku": sku, "delta": delta} for sku, delta in zip("AB", deltas, strict=False)]
    shop.send("AdjustStock", lines=lines, reason=reason)

    found = asked(shop)

    assert found is not None
    assert found.get("gl_account") == gl_account
    assert found["movement"] == (reason if gl_account else "StockAdjusted")


@pytest.mark.parametrize(("counted", "moved"), [(48, True), (50, False)])
def test_an_approved_count_is_a_correction_where_something_was_wrong(
    shop: Shop, counted: int, moved: bool
) -> None:
    shop.send("OpenCount", count="n", lines=[{"sku": "A"}], actor="eve", tolerance=5)
    assert asked(shop) is None
    shop.send("RecordCount", count="n", lines=[{"sku": "A", "counted": counted}], actor="ann")
    assert asked(shop) is None
    shop.send("ApproveCount", count="n", actor="bob")

    found = asked(shop)

    assert (found is not None) == moved
    if found is not None:
        assert moves(found) == [("A", 2, "sellable", "gain_loss")]
        assert found["reference"] == "n"


@pytest.mark.parametrize(
    ("source", "target", "reason", "gl_account"),
    [
        ("supplier", "quality_hold", "RECEIVED", "goods_received_not_invoiced"),
        ("sellable", "supplier", "VENDOR_RETURN", "accounts_payable"),
        ("customer", "damaged", "RETURN", "cost_of_goods_sold"),
        ("gain_loss", "sellable", "OPENING", "opening_balance"),
        ("sellable", "gain_loss", "THEFT", "shrinkage"),
        ("sellable", "scrap", "PROMO", "marketing"),
        ("production", "sellable", "KIT", "work_in_process"),
        ("supplier", "on_order", "ORDERED", None),
        ("sellable", "damaged", "DAMAGED", None),
    ],
)
def test_a_move_is_told_where_exactly_one_side_is_owned(
    shop: Shop, source: str, target: str, reason: str, gl_account: str | None
) -> None:
    named = {"from_account": source, "to_account": target, "reason": reason, "reference": "PO-7"}
    assert shop.send("MoveStock", **named, **one_line("A", 2)).outcome == "StockMoved"

    found = asked(shop)

    if gl_account is None:
        assert found is None
        return
    assert moves(found) == [("A", 2, source, target)]
    assert found is not None
    assert (found["movement"], found["gl_account"], found["reference"]) == (
        reason,
        gl_account,
        "PO-7",
    )


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("SetReorderPoint", {"lines": [{"sku": "A", "reorder_point": 4}]}),
        ("ShipStock", one_line("A", 51)),
        ("DispatchTransfer", {"transfer": "t", "to_warehouse": "X", **one_line("A", 1)}),
        ("ExpectTransfer", {"transfer": "t", "from_warehouse": "X", **one_line("A", 1)}),
    ],
)
def test_what_moves_no_owned_unit_asks_for_nothing(
    shop: Shop, kind: str, fields: dict[str, Any]
) -> None:
    shop.send(kind, **fields)

    assert asked(shop) is None


def last(both: TwoWarehouses, warehouse: str) -> dict[str, Any] | None:
    return asked(both.shops[warehouse])


def test_a_transfer_is_told_at_both_ends_by_the_receipt_that_settles_it() -> None:
    both = dispatched(10)
    came = arrive(both, 4)
    both.deliver()

    receiver, sender = last(both, AWAY), last(both, HOME)

    assert moves(receiver) == [("A", 4, "transfers", "sellable")]
    assert moves(sender) == [("A", 4, "in_transit", "transfers")]
    assert receiver is not None and sender is not None
    assert (receiver["reference"], receiver["counterpart"]) == ("t", HOME)
    assert (sender["reference"], sender["counterpart"]) == ("t", AWAY)
    assert sender["receipt"] == came["id"] == receiver["cause"]


@pytest.mark.parametrize("name", ["/settle", "x/settle", "/settle/settle", "x" * 128])
def test_a_settlement_that_somebody_forged_under_any_id_is_valued_as_any(name: str) -> None:
    both = dispatched(10)
    named = {"type": "SettleTransfer", "id": name, "transfer": "t", "to_warehouse": AWAY}
    both.shops[HOME].put(json.dumps(named | {"warehouse": HOME} | one_line("A", 4)).encode())

    ((_, _, value),) = told(both.shops[HOME].events[-1])

    assert moves(asked(both.shops[HOME])) == [("A", 4, "in_transit", "transfers")]
    assert not isinstance(finance_command(value), Invalid)


def test_what_is_over_is_found_in_transit_and_what_is_short_lost_there() -> None:
    both = dispatched(10)
    arrive(both, 3, "B")
    both.deliver()
    assert moves(last(both, HOME)) == [
        ("B", 3, "gain_loss", "in_transit"),
        ("B", 3, "in_transit", "transfers"),
    ]

    both.send(AWAY, "CloseTransfer", transfer="t", from_warehouse=HOME)
    both.deliver()

    assert moves(last(both, HOME)) == [("A", 10, "in_transit", "gain_loss")]
    assert last(both, AWAY) is None


def test_a_settlement_with_nothing_left_asks_for_nothing() -> None:
    both = dispatched(10)
    value = msgspec.json.encode(
        json.loads(both.shops[HOME].events[-1]) | {"type": "TransferSettled", "lines": []}
    )

    assert told(value) == []


def test_an_event_of_a_later_version_is_no_movement_to_guess() -> None:
    with pytest.raises(msgspec.DecodeError):
        told(b'{"type":"StockTeleported"}')


def settlement() -> bytes:
    """The largest there can be: 1,000 SKUs that nobody sent, and 1,000 that were sent and lost."""
    base = {"on_hand": 10**15, "reserved": 0, "available": 10**15, "version": 10**15}
    skus = [f"{number:04d}" + "\U0001f4e6" * 60 for number in range(2_000)]
    most = 10**12
    lines = [
        {"sku": sku, "quantity": most, "short": 0, "over": most} | base for sku in skus[:1_000]
    ] + [{"sku": sku, "quantity": 0, "short": most, "over": 0} | base for sku in skus[1_000:]]
    return msgspec.json.encode(
        {
            "type": "TransferSettled",
            "id": "11-1099511627776",
            "partition": 11,
            "seq": 2**40,
            "command_id": "10-1099511627776/settle",
            "warehouse": "W" * 64,
            "transfer": "\x00" * 128,
            "to_warehouse": "V" * 64,
            "lines": lines,
            "time": "2026-11-18T12:00:00.000Z",
            "recorded_at": "2026-11-18T12:00:00.000Z",
            "actor": "\x00" * 128,
            "correlation_id": "\x00" * 128,
            "source": {"partition": 11, "offset": 2**41},
        }
    )


def test_the_largest_event_of_stock_is_within_the_limits_of_finance() -> None:
    ((_, _, value),) = told(settlement())
    actor, moment = FinanceActor(), Moment(11, 2**40, 2**41, START_MS)
    command = actor.decode(value)[2]
    rows: dict[bytes, bytes] = {}
    for start in (0, 1):  # those that were sent came in before
        lines = [
            {"sku": one.sku, "quantity": 10**12, "from_account": "supplier", "to_account": "staged"}
            for one in command.lines[2_000 + 500 * start : 2_500 + 500 * start]
        ]
        head = {"type": "RecordMovement", "id": "x", "warehouse": "W" * 64, "cause": f"3-{start}"}
        came = actor.decode(msgspec.json.encode(head | {"movement": "x", "lines": lines}))[2]
        changes = actor.decide(came, rows.get, moment).changes
        rows |= {key: told for key, told in changes.items() if told is not None}

    decision = actor.decide(command, rows.get, moment)

    assert len(command.lines) == 3_000
    assert len(value) <= VALUE_BYTES_MAX
    assert decision.outcome == "ValueMoved"
    assert decision.event is not None and len(decision.event) <= MESSAGE_BYTES_MAX
    ((warehouse, cost),) = decision.commands
    assert warehouse == "V" * 64
    assert len(cost) <= VALUE_BYTES_MAX
    assert len(finance_command(cost).lines) == 1_000
    assert max(len(told or b"") for told in decision.changes.values()) <= VALUE_BYTES_MAX


def test_only_what_leaves_for_another_warehouse_is_told_there() -> None:
    both = dispatched(10)
    arrive(both, 4)
    both.deliver()
    actor, rows = FinanceActor(), dict[bytes, bytes]()
    moment = Moment(3, 1, 0, START_MS)
    for event in both.shops[HOME].events:
        for _, _, value in told(event):
            decision = actor.decide(actor.decode(value)[2], rows.get, moment)
            rows |= {key: made for key, made in decision.changes.items() if made is not None}
            found = decode_event(decision.event or b"")
            assert list(decision.commands) == costs_of(found)
            is_sent = any(line.to_account == "transfers" for line in found.lines)
            assert bool(decision.commands) == is_sent


def test_from_as_many_owed_as_may_be_to_as_many_on_hand_is_told_and_recorded() -> None:
    shop, office = Shop(), Office()
    office.cost("A", "standard", standard_amount=1, standard_per=3)
    shop.owe_the_most("A")

    lines = [{"sku": "A", "on_hand": 10**15, "expected_version": 2}]
    shop.send("SetStock", lines=lines, reason="sync")

    assert moves(asked(shop)) == [("A", 2 * 10**15, "gain_loss", "sellable")]
    told_of = [command for event in shop.events for _, _, command in told(event)]
    assert [office.put(command)["type"] for command in told_of] == ["ValueMoved"] * 2
