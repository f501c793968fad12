"""The stock actor: bytes in from the runtime, decided by the decider, bytes out."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final, cast

import msgspec

from agents.stock import decider, marked, rarer
from agents.stock.changes import changed
from agents.stock.decider import expire
from agents.stock.evolve import evolve_reservation
from agents.stock.outcomes import rejected
from agents.stock.rejections import Rejection, invalid
from agents.stock.state import REVIEW_MS, Stock
from agents.stock.transfers import commands_of
from schemas import exceptions
from schemas.rows import Reservation, Row
from schemas.stock_events import RejectionCode
from schemas.stock_structs import (
    COMMAND_STRUCTS,
    AdjustStock,
    Command,
    Invalid,
    ReceiveStock,
    ReleaseReservation,
    ReserveStock,
    SetReorderPoint,
    ShipReservation,
    ShipStock,
    decode_command,
    encode,
)
from streams.actor import Decision, Moment, Rows, Unreadable
from tables.stock import (
    COUNT_KIND,
    RESERVATION_KIND,
    decode_count,
    decode_reservation,
    decode_row,
    decode_transfer,
    encode_count,
    encode_reservation,
    encode_transfer,
    reservation_key,
    split_key,
    stock_key,
)

_NOT_PAYLOAD = ("id", "warehouse", "time", "actor", "correlation_id")
_LATER = ("channel",)  # fields of a later release: a command without is known by what it was before
_INVALID = b"invalid"  # no command is called so: its fingerprints are of another domain
_NAMES_RESERVATION: Final = frozenset((ReserveStock, ReleaseReservation, ShipReservation))
_HAS_LINES: Final = frozenset((ReceiveStock, ShipStock, AdjustStock, ReserveStock, SetReorderPoint))
_USUAL: Final = _NAMES_RESERVATION | _HAS_LINES
_Invalid: Final = Invalid
_ReserveStock: Final = ReserveStock
_ShipStock: Final = ShipStock
_encode: Final = encode
_decode: Final = decode_command
_pack: Final = msgspec.msgpack.Encoder().encode


def _payload(struct: Any) -> tuple[Callable[[Any], Any], blake2b, bool]:
    """What reads a command's payload, the hash to go on from, and whether there may be more."""
    fields = struct.__struct_fields__
    names = (name for name in fields if name not in _NOT_PAYLOAD + _LATER)
    digest = blake2b(struct.__name__.encode(), digest_size=8)
    return attrgetter(*names), digest, not set(_LATER).isdisjoint(fields)


_PAYLOADS: Final = {struct: _payload(struct) for struct in COMMAND_STRUCTS}


class StockActor:
    """Decides a partition's stock commands, and what falls due; keeps no state of its own."""

    def __init__(self, idempotency_window_ms: int) -> None:
        self._window_ms = idempotency_window_ms

    def decode(self, value: bytes) -> tuple[str, str, Any]:
        """(warehouse, command id, command), where a command may be Invalid; raises Unreadable."""
        try:
            command = _decode(value)
        except exceptions.Unreadable as error:
            raise Unreadable(str(error)) from None
        return command.warehouse, command.id, command

    def fingerprint(self, command: Any) -> bytes:
        """8 bytes of what a command asks for, apart from when it happened, by whom and why."""
        if type(command) is _Invalid:
            return blake2b(_INVALID + command.digest, digest_size=8).digest()
        payload, kind, may_have_more = _PAYLOADS[type(command)]
        digest = kind.copy()
        digest.update(_pack(payload(command)))
        if may_have_more and command.channel is not None:
            digest.update(_pack(command.channel))
        return digest.digest()

    def decide(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        """Decide one command on the rows as they are."""
        kind = type(command)
        if kind is _Invalid:
            return _rejected(command, invalid(command.path, command.problem), moment)
        if kind not in _USUAL:
            return self._decide_rarer(command, rows, moment)
        held, reservation = None, b""
        if kind in _NAMES_RESERVATION:
            reservation = reservation_key(command.warehouse, command.reservation)
            value = rows(reservation)
            held = None if value is None else decode_reservation(value)
        lines = command.lines if kind in _HAS_LINES else held.lines if held else []
        stock, keys = _load(command.warehouse, lines, held, rows, command)
        outcome = decider.decide(stock, command, moment)
        if isinstance(outcome, Rejection):
            return _rejected(command, outcome, moment)
        due_ms = moment.log_time_ms + (
            command.ttl_seconds * 1_000 if kind is _ReserveStock else self._window_ms
        )
        return _decided(stock, outcome, keys, reservation, moment.log_time_ms, due_ms)

    def _decide_rarer(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        stock = rarer.load(command, rows)
        outcome = decider.decide(stock, command, moment)
        if isinstance(outcome, Rejection):
            return _rejected(command, outcome, moment)
        changes, alerts = rarer.changes(stock, command, outcome, moment, self._window_ms)
        name = type(outcome).__name__
        return Decision(_encode(outcome), changes, alerts, name, "", commands_of(outcome))

    def expire(self, key: bytes, value: bytes, rows: Rows, moment: Moment) -> Decision:
        """Close an open reservation, forget what has been closed for the window, keep the rest."""
        kind, warehouse, name = split_key(key)
        if kind != RESERVATION_KIND:
            return _paper_due(kind, key, value, moment)
        held = decode_reservation(value)
        if held.state in ("confirmed", "waiting"):
            kept = encode_reservation(held, moment.log_time_ms + REVIEW_MS)
            return Decision(None, {key: kept}, [], "ReservationKept")
        if held.state != "open":
            return Decision(None, {key: None}, [], "ReservationForgotten")
        stock, keys = _load(warehouse, held.lines, held, rows, None)
        event = expire(stock, warehouse, name, moment)
        now_ms = moment.log_time_ms
        return _decided(stock, event, keys, key, now_ms, now_ms + self._window_ms)

    def reject(
        self, command: Any, code: str, message: str, details: dict[str, Any], moment: Moment
    ) -> Decision:
        """Refuse a command for a reason of the runtime's."""
        return _rejected(command, Rejection(cast("RejectionCode", code), message, details), moment)


def _paper_due(kind: bytes, key: bytes, value: bytes, moment: Moment) -> Decision:
    """A count or a transfer: kept while it is open, forgotten once its id is free."""
    paper: Any = decode_count(value) if kind == COUNT_KIND else decode_transfer(value)
    if paper.state != "open":
        return Decision(None, {key: None}, [], "PaperForgotten")
    due_ms = moment.log_time_ms + REVIEW_MS
    encode_paper: Any = encode_count if kind == COUNT_KIND else encode_transfer
    return Decision(None, {key: encode_paper(paper, due_ms)}, [], "PaperKept")


def _load(
    warehouse: str, lines: Sequence[Any], held: Reservation | None, rows: Rows, command: Any
) -> tuple[Stock, dict[str, bytes]]:
    """What the decider needs to see, and the keys of the rows by SKU."""
    found: dict[str, Row] = {}
    keys: dict[str, bytes] = {}
    is_marked = False
    for line in lines:
        sku = line.sku
        keys[sku] = key = stock_key(warehouse, sku)
        value = rows(key)
        if value is not None:
            found[sku] = row = decode_row(value)
            if row.marks:
                is_marked = True
    stock = Stock(found, held)
    if is_marked:
        channel = getattr(command, "channel", None)
        stock.beside = marked.load(type(command), warehouse, found, rows, channel)
        if type(command) is _ShipStock and stock.beside.queues:  # a till's may make others late
            stock.supplies = marked.supplies_of(warehouse, stock.beside.queues, rows)
    return stock, keys


def _decided(
    stock: Stock, event: Any, keys: dict[str, bytes], reservation: bytes, now_ms: int, due_ms: int
) -> Decision:
    changes, alerts = changed(stock, event, keys, now_ms)
    held = evolve_reservation(stock.reservation, event)
    if held is not None and held is not stock.reservation:
        changes[reservation] = encode_reservation(held, due_ms)
    return Decision(_encode(event), changes, alerts, type(event).__name__)


def _rejected(command: Command | Invalid, rejection: Rejection, moment: Moment) -> Decision:
    event = rejected(command, rejection, moment)
    return Decision(_encode(event), {}, [], "CommandRejected", rejection.code)
