"""Decides transfers between two warehouses, each of them at its own end.

    the sender                                     the receiver
    DispatchTransfer -> TransferDispatched ------> ExpectTransfer -> TransferExpected
    SettleTransfer  -> TransferSettled    <------- ReceiveTransfer -> TransferReceived
    SettleTransfer  -> TransferSettled    <------- CloseTransfer   -> TransferClosed

What one end decides and what it tells the other is one transaction: units are in transit, on the
sender's books, until the receiver has them on its own.
"""

from collections.abc import Sequence
from typing import Any

from agents.stock.levels import NEVER_SEEN, distinct, moved
from agents.stock.outcomes import outcome
from agents.stock.rejections import Rejection, of_transfer
from agents.stock.state import Stock
from schemas.fields import QUANTITY_MAX
from schemas.rows import Transfer, TransferLine, TransferState
from schemas.stock_structs import (
    Announced,
    CloseTransfer,
    DispatchTransfer,
    ExpectTransfer,
    QuantityLine,
    ReceiveTransfer,
    SettleTransfer,
    TransferClosed,
    TransferDispatched,
    TransferExpected,
    TransferReceived,
    TransferSettled,
    TransitMoved,
    encode,
)
from streams.actor import Moment


def dispatch(
    stock: Stock, command: DispatchTransfer, moment: Moment
) -> TransferDispatched | Rejection:
    """Available units leave for another warehouse."""
    if command.to_warehouse == command.warehouse:
        return of_transfer("TRANSFER_TO_ITSELF", command.transfer, "has one warehouse")
    if stock.transfer is not None:
        return of_transfer("TRANSFER_EXISTS", command.transfer, f"is {stock.transfer.state}")
    lines = moved(stock.rows, command.lines, -1, 0, stock.beside)
    if isinstance(lines, Rejection):
        return lines
    return outcome(
        TransferDispatched,
        command,
        moment,
        transfer=command.transfer,
        to_warehouse=command.to_warehouse,
        lines=lines,
    )


def expect(stock: Stock, command: ExpectTransfer, moment: Moment) -> TransferExpected | Rejection:
    """The receiver knows of it. The sender says when an id is free again, by its own time."""
    if stock.transfer is not None and stock.transfer.state == "open":
        return of_transfer("TRANSFER_EXISTS", command.transfer, "is open")
    wanted = distinct(command.lines, "quantity")
    lines = [Announced(sku=line.sku, quantity=line.quantity) for line in wanted]
    return outcome(
        TransferExpected,
        command,
        moment,
        transfer=command.transfer,
        from_warehouse=command.from_warehouse,
        lines=lines,
    )


def receive(stock: Stock, command: ReceiveTransfer, moment: Moment) -> TransferReceived | Rejection:
    """What has arrived is for sale here, whatever was announced."""
    transfer = _open(stock, command.transfer)
    if isinstance(transfer, Rejection):
        return transfer
    lines = moved(stock.rows, command.lines, 1, 0)
    if isinstance(lines, Rejection):
        return lines
    return outcome(
        TransferReceived,
        command,
        moment,
        transfer=command.transfer,
        from_warehouse=command.from_warehouse,
        lines=lines,
        is_closed=not any(line.missing for line in arrived(transfer.lines, lines)),
    )


def close(stock: Stock, command: CloseTransfer, moment: Moment) -> TransferClosed | Rejection:
    """What is missing by now stays so."""
    transfer = _open(stock, command.transfer)
    if isinstance(transfer, Rejection):
        return transfer
    missing = [
        Announced(sku=line.sku, quantity=line.missing) for line in transfer.lines if line.missing
    ]
    return outcome(
        TransferClosed,
        command,
        moment,
        transfer=command.transfer,
        from_warehouse=command.from_warehouse,
        lines=missing,
    )


def settle(stock: Stock, command: SettleTransfer, moment: Moment) -> TransferSettled | Rejection:
    """What has arrived there is in transit no more; at the end nothing is."""
    found = stock.transfer
    if found is not None and found.other != command.to_warehouse:
        return of_transfer("TRANSFER_NOT_FOUND", command.transfer, f"goes to {found.other}")
    transfer = _open(stock, command.transfer)
    if isinstance(transfer, Rejection):
        return transfer
    return outcome(
        TransferSettled,
        command,
        moment,
        transfer=command.transfer,
        to_warehouse=command.to_warehouse,
        lines=_settled(stock, transfer, command),
        is_final=command.is_final,
    )


def _settled(stock: Stock, transfer: Transfer, command: SettleTransfer) -> list[TransitMoved]:
    received = {line.sku: line.quantity for line in distinct(command.lines, "quantity")}
    known = {line.sku: line for line in transfer.lines}
    told = []
    for sku in dict.fromkeys((*received, *known)):
        line, quantity = known.get(sku, TransferLine(sku, 0)), received.get(sku, 0)
        over = max(0, quantity - line.missing)
        short = line.missing - (quantity - over) if command.is_final else 0
        if not quantity and not short:
            continue
        row = stock.rows.get(sku, NEVER_SEEN)
        told.append(
            TransitMoved(
                sku=sku,
                quantity=quantity,
                short=short,
                over=over,
                on_hand=row.on_hand,
                reserved=row.reserved,
                available=row.available,
                version=row.version + 1,
            )
        )
    return told


def _open(stock: Stock, transfer: str) -> Transfer | Rejection:
    found = stock.transfer
    if found is None:
        return of_transfer("TRANSFER_NOT_FOUND", transfer, "is not known in this warehouse")
    return found if found.state == "open" else of_transfer("TRANSFER_CLOSED", transfer, "is closed")


def arrived(lines: Sequence[TransferLine], came: Sequence[Any]) -> list[TransferLine]:
    """A transfer's lines after a receipt. What nobody sent is none: they would be without end."""
    received = {line.sku: line.quantity for line in came}
    return [
        TransferLine(line.sku, line.quantity, line.received + received.get(line.sku, 0))
        for line in lines
    ]


def evolve_transfer(transfer: Transfer | None, event: Any) -> Transfer | None:
    """The transfer that an event names, after it. Cannot fail."""
    kind = type(event)
    if kind is TransferDispatched or kind is TransferExpected:
        other = event.to_warehouse if kind is TransferDispatched else event.from_warehouse
        return Transfer("open", other, [TransferLine(e.sku, e.quantity) for e in event.lines])
    if transfer is None:
        return None
    if kind is TransferReceived:
        state: TransferState = "closed" if event.is_closed else "open"
        return Transfer(state, transfer.other, arrived(transfer.lines, event.lines))
    if kind is TransferSettled:
        state = "closed" if event.is_final else "open"
        return Transfer(state, transfer.other, arrived(transfer.lines, event.lines))
    if kind is TransferClosed:
        return Transfer("closed", transfer.other, transfer.lines)
    return transfer


def commands_of(event: Any) -> list[tuple[str, bytes]]:
    """What an event brings about at the other end: (warehouse, command)."""
    kind = type(event)
    told = {"actor": event.actor, "correlation_id": event.correlation_id}
    if kind is TransferDispatched:
        expect = ExpectTransfer(
            id=f"{event.id}/expect",
            warehouse=event.to_warehouse,
            transfer=event.transfer,
            from_warehouse=event.warehouse,
            lines=_quantities(event.lines),
            **told,
        )
        return [(expect.warehouse, encode(expect))]
    if kind is TransferReceived or kind is TransferClosed:
        is_receipt = kind is TransferReceived
        settle = SettleTransfer(
            id=f"{event.id}/settle",
            warehouse=event.from_warehouse,
            transfer=event.transfer,
            to_warehouse=event.warehouse,
            lines=_quantities(event.lines) if is_receipt else [],
            is_final=event.is_closed if is_receipt else True,
            **told,
        )
        return [(settle.warehouse, encode(settle))]
    return []


def _quantities(lines: Sequence[Any]) -> list[QuantityLine]:
    """Lines within a command's limits: no more of them than the first command had."""
    return [
        QuantityLine(sku=line.sku, quantity=min(QUANTITY_MAX, line.quantity - first))
        for line in lines
        for first in range(0, line.quantity, QUANTITY_MAX)
    ]
