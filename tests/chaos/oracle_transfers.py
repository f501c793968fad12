"""The oracle's part for transfers: each end decides for itself, and tells the other."""

from collections.abc import Callable

from tests.chaos.oracle_books import Books, Change, Decision, Granted, Move, Refused, Wish, lacking
from tests.chaos.records import Prediction, Transfer, TransferLine
from tests.chaos.rules import LEVEL_MAX, Command

Handler = Callable[[Books, Command], Decision]


def decide(books: Books, command: Command) -> Decision:
    """All commands that name a transfer."""
    return _HANDLERS[command.type](books, command)


def match(told: Prediction, command: Command, is_caused: bool, is_done: bool) -> None:
    """Note what has no other end: settled and never received, or received and never settled.

    Only a command that somebody forged does so. Else the accounts `transfers` of a SKU sum to zero.
    """
    if is_caused != is_done:
        for sku, quantity in command.lines.items():
            told.unmatched[sku] += quantity if is_done else -quantity


def _dispatched(books: Books, command: Command) -> Decision:
    there = command.fields["to_warehouse"]
    if there == command.warehouse:
        return _refused("TRANSFER_TO_ITSELF", command)
    key = command.warehouse, command.fields["transfer"]
    if key in books.transfers:
        return _refused("TRANSFER_EXISTS", command)
    changes = {}
    short = lacking(books, command.warehouse, command.lines)
    if short is not None:
        return Refused(("INSUFFICIENT_STOCK",), among=short)
    for sku, quantity in command.lines.items():
        move = Move("sellable", "in_transit", quantity)
        changes[sku] = Change({"quantity": quantity}, (move,))
    books.transfers[key] = _sent(books, command, there)
    told = {"transfer": key[1], "to_warehouse": there}
    announced = {"transfer": key[1], "from_warehouse": command.warehouse}
    wish = Wish("ExpectTransfer", there, "expect", announced, dict(command.lines))
    return Granted("TransferDispatched", told, changes, causes=wish)


def _expected(books: Books, command: Command) -> Decision:
    key = _arrival(command)
    known = books.arrivals.get(key)
    if known is not None and known.state == "open":
        return _refused("TRANSFER_EXISTS", command)
    books.arrivals[key] = _sent(books, command, command.fields["from_warehouse"])
    return Granted("TransferExpected", _named(command) | {"lines": _quantities(command.lines)})


def _received(books: Books, command: Command) -> Decision:
    found = _open_arrival(books, command)
    if isinstance(found, Refused):
        return found
    changes = {}
    for sku, quantity in command.lines.items():
        if books.row(command.warehouse, sku).on_hand + quantity > LEVEL_MAX:
            return Refused(("QUANTITY_LIMIT",), among={"sku": sku})
        changes[sku] = Change({"quantity": quantity}, (Move("transfers", "sellable", quantity),))
    _arrive(books, found, command.lines)
    is_whole = not any(line.missing for line in found.lines.values())
    told = Granted("TransferReceived", _named(command), changes)
    if is_whole:
        books.close("arrival", _arrival(command), found, "closed")
        told.fields["is_closed"] = True
    else:
        told.may["is_closed"] = False
    told.causes = _settlement(command, command.lines, is_whole)
    return told


def _closed(books: Books, command: Command) -> Decision:
    found = _open_arrival(books, command)
    if isinstance(found, Refused):
        return found
    found.changed_at_ms = books.now_ms
    books.close("arrival", _arrival(command), found, "closed")
    missing = {sku: line.missing for sku, line in found.lines.items() if line.missing}
    fields = _named(command) | {"lines": _quantities(missing)}
    return Granted("TransferClosed", fields, causes=_settlement(command, {}, True))


def _settled(books: Books, command: Command) -> Decision:
    key = command.warehouse, command.fields["transfer"]
    found = books.transfers.get(key)
    if found is None or found.other != command.fields["to_warehouse"]:
        return _refused("TRANSFER_NOT_FOUND", command)
    if found.state != "open":
        return _refused("TRANSFER_CLOSED", command)
    is_final = command.fields.get("is_final", False)
    changes = {}
    for sku in dict.fromkeys((*command.lines, *found.lines)):
        line, quantity = found.lines.get(sku) or TransferLine(0), command.lines.get(sku, 0)
        over = max(0, quantity - line.missing)
        short = line.missing + over - quantity if is_final else 0
        if quantity or short:
            changes[sku] = _change(quantity, over, short)
    _arrive(books, found, command.lines)
    told = Granted("TransferSettled", {"transfer": key[1], "to_warehouse": found.other}, changes)
    if is_final:
        books.close("transfer", key, found, "closed")
        told.fields["is_final"] = True
    else:
        told.may["is_final"] = False
    return told


def _change(quantity: int, over: int, short: int) -> Change:
    """Of a SKU: received there, of it beyond what was sent, and missing for good."""
    said = {"quantity": quantity, "over": over, "short": short}
    moves = (
        Move("in_transit", "transfers", quantity - over),
        Move("gain_loss", "transfers", over),
        Move("in_transit", "gain_loss", short),
    )
    told = {name: units for name, units in said.items() if units or name == "quantity"}
    return Change(told, tuple(move for move in moves if move.quantity))


def _sent(books: Books, command: Command, other: str) -> Transfer:
    lines = {sku: TransferLine(quantity) for sku, quantity in command.lines.items()}
    return Transfer(other, lines, books.now_ms)


def _arrive(books: Books, found: Transfer, lines: dict[str, int]) -> None:
    found.changed_at_ms = books.now_ms
    for sku, line in found.lines.items():
        line.received += lines.get(sku, 0)


def _settlement(command: Command, lines: dict[str, int], is_final: bool) -> Wish:
    told = {
        "transfer": command.fields["transfer"],
        "to_warehouse": command.warehouse,
        "is_final": is_final,
    }
    sender = command.fields["from_warehouse"]
    return Wish("SettleTransfer", sender, "settle", told, dict(lines))


def _arrival(command: Command) -> tuple[str, str]:
    return command.warehouse, f"{command.fields['from_warehouse']}/{command.fields['transfer']}"


def _open_arrival(books: Books, command: Command) -> Transfer | Refused:
    found = books.arrivals.get(_arrival(command))
    if found is None:
        return _refused("TRANSFER_NOT_FOUND", command)
    return found if found.state == "open" else _refused("TRANSFER_CLOSED", command)


def _named(command: Command) -> dict[str, object]:
    return {name: command.fields[name] for name in ("transfer", "from_warehouse")}


def _quantities(lines: dict[str, int]) -> list[dict[str, object]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]


def _refused(code: str, command: Command) -> Refused:
    return Refused((code,), among={"transfer": command.fields["transfer"]})


_HANDLERS: dict[str, Handler] = {
    "DispatchTransfer": _dispatched,
    "ExpectTransfer": _expected,
    "ReceiveTransfer": _received,
    "CloseTransfer": _closed,
    "SettleTransfer": _settled,
}
