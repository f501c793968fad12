"""What lots' events ask of stock: moves of units of a lot, which it may refuse.

The id of such a command says what it answers: `lots/<event of lots>/<number>`. Its reference is the
lot, so that finance and the audit log know it as well.
"""

from typing import Any

from agents.lots.policy import ASKED, passed_on
from schemas.lots_structs import MoveAsked, decode_event
from schemas.stock_structs import MoveStock, QuantityLine, encode


def told(value: bytes) -> list[tuple[str, str, bytes]]:
    """What an event of lots asks of stock: (warehouse, event's id, command) for each move.

    Raises msgspec.DecodeError where the event is of a type that this version does not know.
    """
    event = decode_event(value)
    return [
        (one.warehouse, event.id, encode(_command(event, one)))
        for one in getattr(event, "asked", ())
    ]


def _command(event: Any, one: MoveAsked) -> MoveStock:
    return MoveStock(
        id=f"{ASKED}{event.id}/{one.number}",
        warehouse=one.warehouse,
        from_account=one.from_account,
        to_account=one.to_account,
        reason=one.reason,
        reference=one.lot,
        lines=[QuantityLine(sku=event.sku, quantity=one.quantity)],
        **passed_on(event),
    )
