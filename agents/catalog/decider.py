"""Decides commands of the catalogue: pure, from the rows as they are to an event or a rejection.

The lines of a command are looked at in their order, each in the catalogue as those before it would
leave it: a kit can be defined of items that the same command defined. All of them, or none.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from agents.catalog import items, kits, products
from agents.catalog.evolve import apply
from agents.catalog.state import Catalog
from schemas.catalog_structs import (
    AssignGtin,
    CatalogOutcome,
    ChangeItem,
    ChangeProduct,
    DefineItem,
    DefineKit,
    DefineProduct,
    DissolveKit,
    GtinAssigned,
    GtinUnassigned,
    ItemChanged,
    ItemDefined,
    ItemRetired,
    KitDefined,
    KitDissolved,
    ProductChanged,
    ProductDefined,
    ProductRetired,
    RetireItem,
    RetireProduct,
    SetUnits,
    UnassignGtin,
    UnitsSet,
)
from streams.actor import Moment
from streams.answers import Rejection, outcome


class _Decision(NamedTuple):
    line: Callable[[Catalog, Any], Any]  # what one comes to, or a Rejection
    event: Any


def decide(catalog: Catalog, command: Any, moment: Moment) -> CatalogOutcome | Rejection:
    """What a valid command brings about, or why it does not. Changes nothing."""
    decision = _DECISIONS[type(command)]
    after, told = catalog.fork(), []
    for line in command.lines:
        found = decision.line(after, line)
        if isinstance(found, Rejection):
            return found
        apply(after, decision.event, found)
        told.append(found)
    made: CatalogOutcome = outcome(decision.event, command, moment, lines=told)
    return made


_DECISIONS: Final[dict[Any, _Decision]] = {
    DefineProduct: _Decision(products.define, ProductDefined),
    ChangeProduct: _Decision(products.change, ProductChanged),
    RetireProduct: _Decision(products.retire, ProductRetired),
    DefineItem: _Decision(items.define, ItemDefined),
    ChangeItem: _Decision(items.change, ItemChanged),
    RetireItem: _Decision(items.retire, ItemRetired),
    AssignGtin: _Decision(items.assign, GtinAssigned),
    UnassignGtin: _Decision(items.unassign, GtinUnassigned),
    SetUnits: _Decision(items.set_units, UnitsSet),
    DefineKit: _Decision(kits.define, KitDefined),
    DissolveKit: _Decision(kits.dissolve, KitDissolved),
}
