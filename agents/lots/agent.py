"""The lots actor: bytes in from the runtime, decided by the decider, bytes out."""

from typing import Any

from agents.lots.decider import ask_again, decide
from agents.lots.evolve import evolve
from agents.lots.registry import expire
from agents.lots.state import Lots
from schemas.lots_structs import CODEC, COMMAND_STRUCTS, Invalid, LotsRejected, encode
from streams.actor import Decision, Moment, Rows
from streams.answers import Answers, Rejection, invalid
from streams.keys import row_id
from tables.lots import AGAIN_KIND, EXPIRY_KIND


class LotsActor(Answers):
    """Decides a partition's commands of lots; keeps no state of its own."""

    def __init__(self) -> None:
        super().__init__(CODEC, COMMAND_STRUCTS, LotsRejected)

    def decide(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        """Decide one command on the rows as they are."""
        if isinstance(command, Invalid):
            return self.refuse(command, invalid(command.path, command.problem), moment)
        lots = Lots(command.sku, rows)
        event = decide(lots, command, moment)
        if isinstance(event, Rejection):
            return self.refuse(command, event, moment)
        return _told(lots, event)

    def expire(self, key: bytes, _value: bytes, rows: Rows, moment: Moment, /) -> Decision:
        """A lot's time is over, or stock is asked again, or what was required is forgotten."""
        kind, sku, _ = key.split(b"\0", 2)
        lots, name = Lots(sku.decode(), rows), row_id(key).decode()
        if kind == EXPIRY_KIND:
            return _told(lots, expire(lots, name, moment))
        event = ask_again(lots, name, moment) if kind == AGAIN_KIND else None
        if event is None:
            return Decision(None, {key: None}, [], "Forgotten")
        return _told(lots, event)


def _told(lots: Lots, event: Any) -> Decision:
    evolve(lots, event)
    return Decision(encode(event), lots.changes(), [], type(event).__name__)
