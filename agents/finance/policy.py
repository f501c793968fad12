"""What one actor's events ask of finance: what stock moved, and what a transfer's units cost.

What a settlement lets go is, to the sender's finance, what the receiver's receipt brought: the
command of a settlement is named by that receipt, so each arrival is told its cost by name.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from schemas.accounts import REASONS, Account, is_allowed
from schemas.finance_accounts import OWNED
from schemas.finance_structs import (
    MovementLine,
    ReceiveTransferCost,
    RecordMovement,
    TransferCostLine,
    ValueMoved,
    encode,
)
from schemas.stock_structs import (
    CountApproved,
    PackedShipped,
    StockAdjusted,
    StockMoved,
    StockReceived,
    StockShipped,
    TransferReceived,
    TransferSettled,
    decode_event,
)

SETTLES = "/settle"  # behind a receipt's id: the command that settles it


def told(value: bytes) -> list[tuple[str, str, bytes]]:
    """What an event of stock asks of finance: (warehouse, event's id, command); nothing of most.

    Raises msgspec.DecodeError where the event is of a type that this version does not know.
    """
    movement = movement_of(decode_event(value))
    return [] if movement is None else [(movement.warehouse, movement.id, encode(movement))]


def movement_of(event: Any) -> RecordMovement | None:
    """The units that an event of stock moved into what is owned or out of it."""
    moves = _MOVES.get(type(event))
    lines = [] if moves is None else moves(event)
    if not lines:
        return None
    return RecordMovement(
        id=event.id,
        warehouse=event.warehouse,
        cause=event.id,
        lines=lines,
        **_passed_on(event),
        **_papers(event),
    )


def _passed_on(event: Any) -> dict[str, Any]:
    return {"time": event.time, "actor": event.actor, "correlation_id": event.correlation_id}


def _papers(event: Any) -> dict[str, Any]:
    """Why units moved, what that is booked on, and what the papers of stock call it."""
    kind = type(event)
    if kind is StockMoved:
        gl_account, reference = REASONS[event.reason].gl_account, event.reference
        return {"movement": event.reason, "gl_account": gl_account, "reference": reference}
    papers: dict[str, Any] = {"movement": kind.__name__}
    if kind is StockAdjusted and _has_code(event):
        gl_account = REASONS[event.reason].gl_account
        papers = {"movement": event.reason, "gl_account": gl_account}
    elif kind is StockShipped or kind is PackedShipped:
        papers["reference"] = event.reservation
    elif kind is CountApproved:
        papers["reference"] = event.count
    elif kind is TransferReceived:
        papers |= {"reference": event.transfer, "counterpart": event.from_warehouse}
    elif kind is TransferSettled:
        papers |= {"reference": event.transfer, "counterpart": event.to_warehouse}
        papers["receipt"] = event.command_id.removesuffix(SETTLES) or event.command_id
    return papers


def _has_code(event: Any) -> bool:
    """Whether the reason of a correction, free text, is a code that lets all its lines move so."""
    return event.reason in REASONS and all(
        is_allowed(line.from_account, line.to_account, event.reason) for line in _corrected(event)
    )


def _between(source: Account, target: Account) -> Callable[[Any], list[MovementLine]]:
    def lines(event: Any) -> list[MovementLine]:
        return [_line(line, line.quantity, source, target) for line in event.lines]

    return lines


def _corrected(event: StockAdjusted | CountApproved) -> list[MovementLine]:
    return [
        _line(line, line.delta, "gain_loss", "sellable")
        if line.delta > 0
        else _line(line, -line.delta, "sellable", "gain_loss")
        for line in event.lines
    ]


def _moved(event: StockMoved) -> list[MovementLine]:
    if (event.from_account in OWNED) == (event.to_account in OWNED):
        return []
    return _between(event.from_account, event.to_account)(event)


def _settled(event: TransferSettled) -> list[MovementLine]:
    """What is over was never ours: it is found in transit, and received with the rest."""
    lines = []
    for line in event.lines:
        if line.over:
            lines.append(_line(line, line.over, "gain_loss", "in_transit"))
        if line.quantity:
            lines.append(_line(line, line.quantity, "in_transit", "transfers"))
        if line.short:
            lines.append(_line(line, line.short, "in_transit", "gain_loss"))
    return lines


def _line(line: Any, quantity: int, source: Account, target: Account) -> MovementLine:
    """Units of a line of an event, which tells how far its SKU is below zero after it."""
    return MovementLine(
        sku=line.sku,
        quantity=quantity,
        from_account=source,
        to_account=target,
        owed=max(0, -line.on_hand),
    )


_MOVES: Final[dict[Any, Callable[[Any], list[MovementLine]]]] = {
    StockReceived: _between("supplier", "sellable"),
    StockShipped: _between("sellable", "customer"),
    StockAdjusted: _corrected,
    CountApproved: _corrected,
    StockMoved: _moved,
    PackedShipped: _between("staged", "customer"),
    TransferReceived: _between("transfers", "sellable"),
    TransferSettled: _settled,
}


def costs_of(event: Any) -> list[tuple[str, bytes]]:
    """What an event of finance brings about at the other end of a transfer."""
    if type(event) is not ValueMoved or event.counterpart is None or event.receipt is None:
        return []
    lines = _summed([line for line in event.lines if line.to_account == "transfers"])
    if not lines:
        return []
    command = ReceiveTransferCost(
        id=f"{event.id}/cost",
        warehouse=event.counterpart,
        transfer=event.reference or "",
        from_warehouse=event.warehouse,
        receipt=event.receipt,
        lines=lines,
        **_passed_on(event),
    )
    return [(command.warehouse, encode(command))]


def _summed(lines: Sequence[Any]) -> list[TransferCostLine]:
    """What left of each SKU, and what it took with it."""
    costs: dict[str, TransferCostLine] = {}
    for line in lines:
        before = costs.get(line.sku)
        costs[line.sku] = TransferCostLine(
            sku=line.sku,
            quantity=line.quantity + (before.quantity if before else 0),
            amount=line.amount + (before.amount if before else 0),
            currency=line.currency,
        )
    return list(costs.values())
