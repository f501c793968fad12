"""Decides commands of lots: pure, from the rows as they are to an event or a rejection."""

from collections.abc import Callable
from typing import Any, Final

from agents.lots import changes, promises, receiving, registry, serials
from agents.lots.draft import Draft
from agents.lots.quarantine import put_lot_aside
from agents.lots.state import Lots
from schemas.instants import rfc3339
from schemas.lots_structs import (
    AssignLot,
    BindSerials,
    Command,
    HoldLot,
    MoveSerials,
    Outcome,
    QuarantineAsked,
    RebindLot,
    RecallLot,
    ReceiveLot,
    RecordRefusal,
    RecordStockChange,
    RegisterLot,
    RegisterSerials,
    ReleaseLot,
    RequireShelfLife,
    Source,
    SwapSerials,
    UnbindSerials,
)
from streams.actor import Moment
from streams.answers import Rejection
from tables.lots import AGAIN


def decide(lots: Lots, command: Command, moment: Moment) -> Outcome | Rejection:
    """What a valid command brings about, or why it does not. Changes nothing."""
    return _DECISIONS[type(command)](lots, command, moment)


def ask_again(lots: Lots, name: str, moment: Moment) -> QuarantineAsked | None:
    """What is for sale of a bad lot is asked for again; None where nothing of it is."""
    warehouse, _, lot = name.partition("/")
    again = lots.timed(AGAIN, name)
    assert again is not None, "it is due"
    draft = Draft(lots, moment)
    put_lot_aside(draft, warehouse, lot, attempt=again.attempt)
    told = draft.told()
    if not told:
        return None
    recorded_at = rfc3339(moment.log_time_ms)
    return QuarantineAsked(
        id=draft.event_id,
        partition=moment.partition,
        seq=moment.seq,
        sku=lots.sku,
        time=recorded_at,
        recorded_at=recorded_at,
        source=Source(partition=moment.partition, offset=moment.offset),
        lot=lot,
        warehouse=warehouse,
        **told,
    )


_DECISIONS: Final[dict[Any, Callable[[Lots, Any, Moment], Outcome | Rejection]]] = {
    RegisterLot: registry.register,
    ReceiveLot: receiving.receive,
    AssignLot: receiving.assign,
    RequireShelfLife: promises.require_shelf_life,
    RebindLot: promises.rebind,
    HoldLot: registry.hold,
    ReleaseLot: registry.release,
    RecallLot: registry.recall,
    RegisterSerials: serials.register,
    MoveSerials: serials.move,
    BindSerials: serials.bind,
    UnbindSerials: serials.unbind,
    SwapSerials: serials.swap,
    RecordStockChange: changes.record_change,
    RecordRefusal: changes.record_refusal,
}
