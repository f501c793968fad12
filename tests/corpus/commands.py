"""Commands as text: good ones that succeed in an empty warehouse, and ways to spoil them."""

import json
from typing import Any

from tests.corpus.case import Seat, Verdict, done, rejected

LINE_VALUE = {"AdjustStock": "delta", "SetReorderPoint": "reorder_point"}
OUTCOMES = {
    "ReceiveStock": "StockReceived",
    "AdjustStock": "StockAdjusted",
    "SetReorderPoint": "ReorderPointSet",
}
SIMPLE = ("ShipStock", "ReserveStock", "ReleaseReservation", "ShipReservation")
Command = dict[str, Any]

QUANTITIES = [{"sku": "A1", "quantity": 1}]
MOVE: Command = {
    "from_account": "supplier",
    "to_account": "sellable",
    "reason": "RECEIVED",
    "lines": QUANTITIES,
}
NO_RESERVATION, NO_COUNT = rejected("RESERVATION_NOT_FOUND"), rejected("COUNT_NOT_FOUND", count="k")
NO_TRANSFER = rejected("TRANSFER_NOT_FOUND", transfer="t")
SENT: Command = {"transfer": "t", "to_warehouse": "far", "lines": QUANTITIES}
COMES: Command = {"transfer": "t", "from_warehouse": "far", "lines": QUANTITIES}
ON_ITS_WAY = ("PickStock", "UnpickStock", "PackStock", "ShipPacked")
RARER: dict[str, tuple[Command, Verdict]] = {  # the fields each must have, and what comes of them
    "ExtendReservation": ({"reservation": "r", "ttl_seconds": 60}, NO_RESERVATION),
    "SupersedeReservation": (
        {"reservation": "r2", "replaces": "r", "lines": QUANTITIES, "ttl_seconds": 60},
        NO_RESERVATION,
    ),
    "ConfirmReservation": ({"reservation": "r"}, NO_RESERVATION),
    **{kind: ({"reservation": "r", "lines": QUANTITIES}, NO_RESERVATION) for kind in ON_ITS_WAY},
    "MoveStock": (MOVE, done("StockMoved")),
    "OpenCount": ({"count": "k", "lines": [{"sku": "A1"}]}, done("CountOpened")),
    "RecordCount": ({"count": "k", "lines": [{"sku": "A1", "counted": 1}]}, NO_COUNT),
    "ApproveCount": ({"count": "k"}, NO_COUNT),
    "CancelCount": ({"count": "k"}, NO_COUNT),
    "DispatchTransfer": (SENT, rejected("INSUFFICIENT_STOCK")),
    "ExpectTransfer": (COMES, done("TransferExpected")),
    "ReceiveTransfer": (COMES, NO_TRANSFER),
    "CloseTransfer": ({"transfer": "t", "from_warehouse": "far"}, NO_TRANSFER),
    "SettleTransfer": (SENT, NO_TRANSFER),
}


def head(seat: Seat, kind: str = "ReceiveStock", **fields: Any) -> Command:
    """A command's envelope, and these fields."""
    return {"type": kind, "id": seat.id, "warehouse": seat.warehouse, **fields}


def receive(seat: Seat, sku: str = "A1", quantity: int = 1, **fields: Any) -> Command:
    """A ReceiveStock of one line."""
    return head(seat, lines=[{"sku": sku, "quantity": quantity}], **fields)


def good(seat: Seat) -> tuple[Command, Verdict]:
    """A command that succeeds where nothing ever happened, and its outcome."""
    kind = seat.rng.choice(list(OUTCOMES))
    name = LINE_VALUE.get(kind, "quantity")
    lines = [
        {"sku": f"{seat.rng.randrange(10_000):05}{letter}", name: seat.rng.randint(1, 99)}
        for letter in "ABC"[: seat.rng.randint(1, 3)]
    ]
    command = head(seat, kind, lines=lines)
    if kind == "AdjustStock":
        command["reason"] = "count"
    return command, done(OUTCOMES[kind])


def any_kind(seat: Seat) -> tuple[Command, Verdict]:
    """A valid command of any type, and what becomes of it in an empty warehouse."""
    kind = seat.rng.choice((*OUTCOMES, *SIMPLE, *RARER))
    if kind in OUTCOMES:
        return good(seat)
    if kind in RARER:
        fields, verdict = RARER[kind]
        return head(seat, kind, **fields), verdict
    if kind in ("ReleaseReservation", "ShipReservation"):
        return head(seat, kind, reservation="order-1"), rejected("RESERVATION_NOT_FOUND")
    command = receive(seat) | {"type": kind}
    if kind == "ReserveStock":
        command |= {"reservation": "order-1", "ttl_seconds": 900}
    return command, rejected("INSUFFICIENT_STOCK")


def text(command: Command, **changed: Any) -> bytes:
    """The command as JSON in UTF-8, some fields replaced."""
    return json.dumps(command | changed, ensure_ascii=False).encode("utf-8", "surrogatepass")


def spliced(command: Command, raw: str) -> bytes:
    """The command with one more member, written as it stands."""
    return text(command)[:-1] + b"," + raw.encode() + b"}"


def without(command: Command, name: str) -> bytes:
    """The command without a field."""
    return text({field: value for field, value in command.items() if field != name})


def numbered(seat: Seat, field: str, raw: str) -> bytes:
    """A command with one number of it written as it stands: quantity, delta, ..."""
    if field == "ttl_seconds":
        reserve = receive(seat) | {"type": "ReserveStock", "reservation": "r"}
        return spliced(reserve, f'"ttl_seconds":{raw}')
    kind = {"quantity": "ReceiveStock", "delta": "AdjustStock", "reorder_point": "SetReorderPoint"}
    command = head(seat, kind[field])
    if field == "delta":
        command["reason"] = "count"
    return spliced(command, f'"lines":[{{"sku":"A1","{field}":{raw}}}]')


TEXT_FIELDS = ("sku", "reservation", "reason", "actor", "correlation_id")


def labelled(seat: Seat, field: str, value: Any) -> Command:
    """A command with this value where a text belongs; it succeeds where the text is good.

    A reservation is released that was never made: nothing else tells its text with no stock.
    """
    if field == "sku":
        return receive(seat, value, 5)
    if field == "reservation":
        return head(seat, "ReleaseReservation", reservation=value)
    if field == "reason":
        lines = [{"sku": "A1", "delta": 5}]
        return head(seat, "AdjustStock", lines=lines, reason=value)
    return receive(seat, quantity=5) | {field: value}


def outcome_of(field: str) -> Verdict:
    """What becomes of `labelled` in an empty warehouse, where its text is good."""
    if field == "reservation":
        return rejected("RESERVATION_NOT_FOUND")
    return done("StockAdjusted" if field == "reason" else "StockReceived")
