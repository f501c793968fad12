"""The language of the catalogue as the actor holds it: structs and codecs of the definition."""

from typing import TYPE_CHECKING

import msgspec

from schemas import catalog_lines, envelope, stock_lines
from schemas.catalog_commands import COMMANDS, CatalogCommand
from schemas.catalog_events import EVENTS, CatalogOutcome
from schemas.codec import CommandCodec, Invalid
from schemas.derive import reader_of, struct_of

if TYPE_CHECKING:
    from schemas.catalog_commands import AssignGtin as AssignGtin
    from schemas.catalog_commands import ChangeItem as ChangeItem
    from schemas.catalog_commands import ChangeProduct as ChangeProduct
    from schemas.catalog_commands import DefineItem as DefineItem
    from schemas.catalog_commands import DefineKit as DefineKit
    from schemas.catalog_commands import DefineProduct as DefineProduct
    from schemas.catalog_commands import DissolveKit as DissolveKit
    from schemas.catalog_commands import RetireItem as RetireItem
    from schemas.catalog_commands import RetireProduct as RetireProduct
    from schemas.catalog_commands import SetUnits as SetUnits
    from schemas.catalog_commands import UnassignGtin as UnassignGtin
    from schemas.catalog_events import CatalogRejected as CatalogRejected
    from schemas.catalog_events import GtinAssigned as GtinAssigned
    from schemas.catalog_events import GtinUnassigned as GtinUnassigned
    from schemas.catalog_events import ItemChanged as ItemChanged
    from schemas.catalog_events import ItemDefined as ItemDefined
    from schemas.catalog_events import ItemRetired as ItemRetired
    from schemas.catalog_events import KitDefined as KitDefined
    from schemas.catalog_events import KitDissolved as KitDissolved
    from schemas.catalog_events import ProductChanged as ProductChanged
    from schemas.catalog_events import ProductDefined as ProductDefined
    from schemas.catalog_events import ProductRetired as ProductRetired
    from schemas.catalog_events import UnitsSet as UnitsSet
    from schemas.catalog_lines import ComponentLine as ComponentLine
    from schemas.catalog_lines import ComponentTold as ComponentTold
    from schemas.catalog_lines import GtinGone as GtinGone
    from schemas.catalog_lines import GtinLine as GtinLine
    from schemas.catalog_lines import GtinTold as GtinTold
    from schemas.catalog_lines import ItemChange as ItemChange
    from schemas.catalog_lines import ItemEnded as ItemEnded
    from schemas.catalog_lines import ItemLine as ItemLine
    from schemas.catalog_lines import ItemTold as ItemTold
    from schemas.catalog_lines import KitLine as KitLine
    from schemas.catalog_lines import KitTold as KitTold
    from schemas.catalog_lines import ProductEnded as ProductEnded
    from schemas.catalog_lines import ProductGone as ProductGone
    from schemas.catalog_lines import ProductLine as ProductLine
    from schemas.catalog_lines import ProductTold as ProductTold
    from schemas.catalog_lines import UnitRatio as UnitRatio
    from schemas.catalog_lines import UnitsLine as UnitsLine
    from schemas.catalog_lines import UnitsTold as UnitsTold
    from schemas.catalog_lines import UnitTold as UnitTold
    from schemas.stock_lines import SkuLine as SkuLine
else:
    for _model in (
        CatalogCommand,
        CatalogOutcome,
        envelope.Source,
        catalog_lines.ComponentLine,
        catalog_lines.ComponentTold,
        catalog_lines.GtinGone,
        catalog_lines.GtinLine,
        catalog_lines.GtinTold,
        catalog_lines.ItemChange,
        catalog_lines.ItemEnded,
        catalog_lines.ItemLine,
        catalog_lines.ItemTold,
        catalog_lines.KitLine,
        catalog_lines.KitTold,
        catalog_lines.ProductEnded,
        catalog_lines.ProductGone,
        catalog_lines.ProductLine,
        catalog_lines.ProductTold,
        catalog_lines.UnitRatio,
        catalog_lines.UnitsLine,
        catalog_lines.UnitsTold,
        catalog_lines.UnitTold,
        stock_lines.SkuLine,
        *COMMANDS,
        *EVENTS,
    ):
        globals()[_model.__name__] = struct_of(_model)

CODEC = CommandCodec(COMMANDS)
COMMAND_STRUCTS = tuple(map(struct_of, COMMANDS))

decode_event = reader_of(EVENTS)
encode = msgspec.json.Encoder().encode

__all__ = [
    "CODEC",
    "COMMAND_STRUCTS",
    "CatalogCommand",
    "CatalogOutcome",
    "Invalid",
    "decode_event",
    "encode",
]
