"""Decides commands of locations: pure, from the rows as they are to an event or a rejection.

What is asked for is looked at first by what it names, then by what is there, then by what would be
there after it: constraints and limits are of the warehouse as the command would leave it.
"""

from collections.abc import Callable
from typing import Any, Final

from agents.locations import containers, contents, places
from agents.locations.state import Site
from schemas.locations_structs import (
    ChangeConstraints,
    ClassifyItem,
    CloseContainer,
    Command,
    CreateLocation,
    DeleteLocation,
    MoveContainer,
    MoveLocation,
    MoveUnits,
    NestContainer,
    OpenContainer,
    Outcome,
    PackContainer,
    PutAway,
    RecordSiteChange,
    TakeOut,
    UnpackContainer,
)
from streams.actor import Moment
from streams.answers import Rejection


def decide(site: Site, command: Command, moment: Moment) -> Outcome | Rejection:
    """What a valid command brings about, or why it does not. Changes nothing."""
    return _DECISIONS[type(command)](site, command, moment)


_DECISIONS: Final[dict[Any, Callable[[Site, Any, Moment], Outcome | Rejection]]] = {
    CreateLocation: places.create,
    ChangeConstraints: places.change_constraints,
    MoveLocation: places.move,
    DeleteLocation: places.delete,
    ClassifyItem: contents.classify_item,
    RecordSiteChange: contents.record_movement,
    PutAway: contents.put_away,
    TakeOut: contents.take_out,
    MoveUnits: contents.move_units,
    OpenContainer: containers.open_container,
    PackContainer: containers.pack,
    UnpackContainer: containers.unpack,
    MoveContainer: containers.move,
    NestContainer: containers.nest,
    CloseContainer: containers.close,
}
