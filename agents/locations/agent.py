"""The locations actor: bytes in from the runtime, decided by the decider, bytes out."""

from typing import Any

from agents.locations.decider import decide
from agents.locations.evolve import evolve
from agents.locations.state import Site
from schemas.locations_structs import CODEC, COMMAND_STRUCTS, Invalid, LocationsRejected, encode
from streams.actor import Decision, Moment, Rows
from streams.answers import Answers, Rejection, invalid


class LocationsActor(Answers):
    """Decides a partition's commands of locations; keeps no state of its own."""

    def __init__(self) -> None:
        super().__init__(CODEC, COMMAND_STRUCTS, LocationsRejected)

    def decide(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        """Decide one command on the rows as they are."""
        if isinstance(command, Invalid):
            return self.refuse(command, invalid(command.path, command.problem), moment)
        site = Site(command.warehouse, rows)
        event = decide(site, command, moment)
        if isinstance(event, Rejection):
            return self.refuse(command, event, moment)
        evolve(site, event)
        return Decision(encode(event), site.changes(), [], type(event).__name__)

    def expire(self, key: bytes, _value: bytes, _rows: Rows, _moment: Moment, /) -> Decision:
        """Nothing here falls due."""
        raise AssertionError(f"no row of locations is timed, and so not {key!r}")
