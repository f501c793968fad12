"""The catalogue's actor: bytes in from the runtime, decided by the decider, bytes out."""

from typing import Any

from agents.catalog.decider import decide
from agents.catalog.evolve import evolve
from agents.catalog.state import Catalog
from schemas.catalog_structs import CODEC, COMMAND_STRUCTS, CatalogRejected, Invalid, encode
from streams.actor import Decision, Moment, Rows
from streams.answers import Answers, Rejection, invalid


class CatalogActor(Answers):
    """Decides a partition's commands of catalogues; keeps no state of its own."""

    def __init__(self) -> None:
        super().__init__(CODEC, COMMAND_STRUCTS, CatalogRejected)

    def decide(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        """Decide one command on the rows as they are."""
        if isinstance(command, Invalid):
            return self.refuse(command, invalid(command.path, command.problem), moment)
        catalog = Catalog(command.catalog, rows)
        event = decide(catalog, command, moment)
        if isinstance(event, Rejection):
            return self.refuse(command, event, moment)
        evolve(catalog, event)
        return Decision(encode(event), catalog.changes(), [], type(event).__name__)

    def expire(self, key: bytes, _value: bytes, _rows: Rows, _moment: Moment, /) -> Decision:
        """Nothing here falls due."""
        raise AssertionError(f"no row of the catalogue is timed, and so not {key!r}")
