"""What happens in the catalogue: the definition of its events."""

from typing import Any, Literal

from schemas.catalog_lines import (
    CatalogName,
    GtinTold,
    ItemEnded,
    ItemTold,
    KitTold,
    ProductEnded,
    ProductTold,
    UnitsTold,
)
from schemas.envelope import Event, Outcome

RejectionCode = Literal[
    "PRODUCT_EXISTS",
    "PRODUCT_NOT_FOUND",
    "PRODUCT_RETIRED",
    "PRODUCT_IN_USE",
    "ITEM_EXISTS",
    "ITEM_NOT_FOUND",
    "ITEM_RETIRED",
    "GTIN_INVALID",
    "GTIN_TAKEN",
    "GTIN_NOT_FOUND",
    "UNIT_UNKNOWN",
    "UNIT_IS_BASE",
    "UNIT_IN_USE",
    "KIT_NOT_FOUND",
    "KIT_CYCLE",
    "KIT_TOO_LARGE",
    "QUANTITY_LIMIT",
    "INVALID_COMMAND",
    "IDEMPOTENCY_KEY_REUSED",
    "INTERNAL",
]


class CatalogOutcome(Outcome):
    """What one command brought about in a catalogue."""

    KEY = "catalog"

    catalog: CatalogName


class ProductDefined(CatalogOutcome):
    """There are products."""

    type: Literal["ProductDefined"] = "ProductDefined"
    lines: list[ProductTold]


class ProductChanged(CatalogOutcome):
    """Products have other titles."""

    type: Literal["ProductChanged"] = "ProductChanged"
    lines: list[ProductTold]


class ProductRetired(CatalogOutcome):
    """Products get no items any more."""

    type: Literal["ProductRetired"] = "ProductRetired"
    lines: list[ProductEnded]


class ItemDefined(CatalogOutcome):
    """There are items."""

    type: Literal["ItemDefined"] = "ItemDefined"
    lines: list[ItemTold]


class ItemChanged(CatalogOutcome):
    """What is known of items from now on, instead of all that was."""

    type: Literal["ItemChanged"] = "ItemChanged"
    lines: list[ItemTold]


class ItemRetired(CatalogOutcome):
    """Items change no more and come into no kit."""

    type: Literal["ItemRetired"] = "ItemRetired"
    lines: list[ItemEnded]


class GtinAssigned(CatalogOutcome):
    """Numbers are on items."""

    type: Literal["GtinAssigned"] = "GtinAssigned"
    lines: list[GtinTold]


class GtinUnassigned(CatalogOutcome):
    """Numbers are on items no more, and free."""

    type: Literal["GtinUnassigned"] = "GtinUnassigned"
    lines: list[GtinTold]


class UnitsSet(CatalogOutcome):
    """Items are counted in these units too, and in no others."""

    type: Literal["UnitsSet"] = "UnitsSet"
    lines: list[UnitsTold]


class KitDefined(CatalogOutcome):
    """Items are put together of others."""

    type: Literal["KitDefined"] = "KitDefined"
    lines: list[KitTold]


class KitDissolved(CatalogOutcome):
    """Kits are items like others."""

    type: Literal["KitDissolved"] = "KitDissolved"
    lines: list[ItemEnded]


class CatalogRejected(CatalogOutcome):
    """Nothing changed, and why."""

    type: Literal["CommandRejected"] = "CommandRejected"
    code: RejectionCode
    message: str
    details: dict[str, Any]


EVENTS: tuple[type[Event], ...] = (
    ProductDefined,
    ProductChanged,
    ProductRetired,
    ItemDefined,
    ItemChanged,
    ItemRetired,
    GtinAssigned,
    GtinUnassigned,
    UnitsSet,
    KitDefined,
    KitDissolved,
    CatalogRejected,
)
