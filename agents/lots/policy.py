"""What stock's events mean to lots: what moved of each SKU, and what was promised for good.

One command for each SKU of an event, as each has an actor of its own.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from schemas.accounts import ON_SITE
from schemas.lots_structs import PromisedLine, RecordRefusal, RecordStockChange, encode
from schemas.stock_structs import (
    CommandRejected,
    CountApproved,
    PackedShipped,
    ReservationConfirmed,
    ReservationReleased,
    StockAdjusted,
    StockBackordered,
    StockMoved,
    StockPicked,
    StockReceived,
    StockShipped,
    StockUnpicked,
    TransferDispatched,
    TransferReceived,
    TransferSettled,
    decode_event,
)

ASKED: Final = "lots/"  # what the ids of stock's commands begin with that lots asked for

Told = dict[str, dict[str, Any]]
"""Fields of the command, by SKU."""


def told(value: bytes) -> list[tuple[str, str, bytes]]:
    """What an event of stock asks of lots: (SKU, event's id, command) for each SKU of it.

    Raises msgspec.DecodeError where the event is of a type that this version does not know.
    """
    event = decode_event(value)
    if type(event) is CommandRejected:
        refusal = _refusal(event)
        return [] if refusal is None else [(refusal.sku, event.id, encode(refusal))]
    return [(change.sku, event.id, encode(change)) for change in changes_of(event)]


def changes_of(event: Any) -> list[RecordStockChange]:
    """What an event of stock moved and promised, a command for each SKU."""
    reading = _READINGS.get(type(event))
    found: Told = {} if reading is None else reading(event)
    for line in getattr(event, "filled", ()):
        promised = found.setdefault(line.sku, {}).setdefault("promised", [])
        promised.append(PromisedLine(reservation=line.reservation, quantity=line.quantity))
    return [
        RecordStockChange(
            id=event.id,
            sku=sku,
            cause=event.id,
            warehouse=event.warehouse,
            **passed_on(event),
            **_asked(event, fields),
        )
        for sku, fields in found.items()
    ]


def passed_on(event: Any) -> dict[str, Any]:
    """When it happened, by whom and why: the same of what it brings about."""
    return {
        "time": event.time,
        "actor": getattr(event, "actor", None),
        "correlation_id": getattr(event, "correlation_id", None),
    }


def _asked(event: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """With what lots had asked for, where that is it."""
    command_id = getattr(event, "command_id", "")
    if not command_id.startswith(ASKED):
        return fields
    return fields | {"ask": command_id.removeprefix(ASKED)}


def _refusal(event: CommandRejected) -> RecordRefusal | None:
    sku = event.details.get("sku")
    if not event.command_id.startswith(ASKED) or not isinstance(sku, str):
        return None
    return RecordRefusal(
        id=event.id,
        sku=sku,
        cause=event.id,
        warehouse=event.warehouse,
        ask=event.command_id.removeprefix(ASKED),
        refusal=event.code,
        available=event.details.get("available"),
        **passed_on(event),
    )


def _sums(lines: Iterable[Any]) -> dict[str, int]:
    """By SKU: events name each once."""
    return {line.sku: line.quantity for line in lines if line.quantity}


def _between(source: str, target: str, *names: str) -> Callable[[Any], Told]:
    """Units of each line go from one account to another; these fields go along."""

    def reading(event: Any) -> Told:
        more = {name: getattr(event, name) for name in names}
        return {
            sku: {"quantity": quantity, "from_account": source, "to_account": target} | more
            for sku, quantity in _sums(event.lines).items()
        }

    return reading


def _corrected(event: StockAdjusted | CountApproved) -> Told:
    found: Told = {}
    for line in event.lines:
        ends = ("gain_loss", "sellable") if line.delta > 0 else ("sellable", "gain_loss")
        source, target = ends
        found[line.sku] = {
            "quantity": abs(line.delta),
            "from_account": source,
            "to_account": target,
        }
    return found


def _moved(event: StockMoved) -> Told:
    if event.from_account not in ON_SITE and event.to_account not in ON_SITE:
        return {}
    return _between(event.from_account, event.to_account, "reference")(event)


def _dispatched(event: TransferDispatched) -> Told:
    found = _between("sellable", "in_transit", "transfer")(event)
    return {sku: fields | {"counterpart": event.to_warehouse} for sku, fields in found.items()}


def _received(event: TransferReceived) -> Told:
    found = _between("transfers", "sellable", "transfer")(event)
    return {sku: fields | {"counterpart": event.from_warehouse} for sku, fields in found.items()}


def _settled(event: TransferSettled) -> Told:
    """What is known only now: that something will never come, or was never sent."""
    return {
        line.sku: {"transfer": event.transfer, "short": line.short, "over": line.over}
        for line in event.lines
        if line.short or line.over
    }


def _promised(event: ReservationConfirmed | StockBackordered) -> Told:
    found: Told = {}
    for line in event.lines:
        quantity = line.quantity - getattr(line, "missing", 0)
        if quantity:
            promised = PromisedLine(reservation=event.reservation, quantity=quantity)
            found[line.sku] = {"promised": [promised]}
    return found


def _released(event: ReservationReleased) -> Told:
    if not event.confirmed:
        return {}
    by = {"reservation": event.reservation, "released": True}
    return {line.sku: dict(by) for line in event.lines}


_READINGS: Final[dict[Any, Callable[[Any], Told]]] = {
    StockReceived: _between("supplier", "sellable"),
    StockShipped: _between("sellable", "customer", "reservation"),
    StockAdjusted: _corrected,
    CountApproved: _corrected,
    StockMoved: _moved,
    ReservationConfirmed: _promised,
    StockBackordered: _promised,
    ReservationReleased: _released,
    StockPicked: _between("sellable", "staged", "reservation"),
    StockUnpicked: _between("staged", "sellable", "reservation"),
    PackedShipped: _between("staged", "customer", "reservation"),
    TransferDispatched: _dispatched,
    TransferReceived: _received,
    TransferSettled: _settled,
}
