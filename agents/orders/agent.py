"""The orders actor: bytes in from the runtime, decided by the decider, bytes out."""

from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from agents.orders.decider import Book, decide
from agents.orders.evolve import REVIEW_MS, evolve
from schemas.orders_lines import OVER
from schemas.orders_structs import (
    CODEC,
    COMMAND_STRUCTS,
    Invalid,
    OrdersRejected,
    PlaceOrder,
    RecordLegRefusal,
    encode,
)
from streams.actor import Decision, Moment, Rows
from streams.answers import Answers, Rejection, invalid
from tables.orders import ORDERS, WHOLE, WISHES

# what makes two tellings of a refusal the same: what else was short is told only since later
_REFUSAL: Final = ("warehouse", "cause", "attempt", "step", "code", "sku", "available")
# an order that says none of these is known by what it was known by before there were any
_ORDER: Final = ("lines", "sources", "strategy", "backorder", "attempts_max", "hold_s")
_LATER: Final = attrgetter("channel", "priority", "promised", "shelf_life_days")
_UNSAID: Final = (None, 0, None, 0)
_pack: Final = msgspec.msgpack.Encoder().encode


class OrdersActor(Answers):
    """Decides a partition's commands of orders; keeps no state of its own."""

    def __init__(self) -> None:
        super().__init__(CODEC, COMMAND_STRUCTS, OrdersRejected)
        for struct, names in ((RecordLegRefusal, _REFUSAL), (PlaceOrder, _ORDER)):
            _, kind = self._payloads[struct]
            self._payloads[struct] = attrgetter(*names), kind

    def fingerprint(self, command: Any) -> bytes:
        """As any; what somebody believes of stock is not what he asks for."""
        if not isinstance(command, PlaceOrder):
            return super().fingerprint(command)
        known = super().fingerprint(_without_hints(command))
        later = _LATER(command)
        return known if later == _UNSAID else blake2b(known + _pack(later), digest_size=8).digest()

    def decide(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        """Decide one command on the rows as they are."""
        if isinstance(command, Invalid):
            return self.refuse(command, invalid(command.path, command.problem), moment)
        event = decide(_book(command.order, rows), command, moment)
        if isinstance(event, Rejection):
            return self.refuse(command, event, moment)
        found = evolve(event, moment.log_time_ms)
        changes = {key: value for key, value in found.items() if value != rows(key)}
        return Decision(encode(event), changes, [], type(event).__name__)

    def expire(self, key: bytes, value: bytes, _rows: Rows, moment: Moment, /) -> Decision:
        """Forget an order that was over long ago; keep any other."""
        order = ORDERS.decode(value)
        if order.state in OVER:
            return Decision(None, {key: None}, [], "OrderForgotten")
        kept = ORDERS.encode(order, moment.log_time_ms + REVIEW_MS)
        return Decision(None, {key: kept}, [], "OrderKept")


def _without_hints(place: Any) -> Any:
    """The command, of which no source says what is believed to be there."""
    sources = [replace(source, stock=None) for source in place.sources]
    return replace(place, sources=sources)


def _book(order: str, rows: Rows) -> Book:
    return Book(ORDERS.read(rows, order, WHOLE), WISHES.read(rows, order, WHOLE))
