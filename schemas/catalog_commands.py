"""What may be asked of the catalogue: the definition of its commands."""

from typing import Literal

from schemas.catalog_lines import (
    CatalogName,
    GtinLines,
    GtinsGone,
    ItemChanges,
    ItemLines,
    ItemsGone,
    KitLines,
    KitsGone,
    ProductLines,
    ProductsGone,
    UnitsLines,
)
from schemas.envelope import Command


class CatalogCommand(Command):
    """A wish to a catalogue."""

    KEY = "catalog"

    catalog: CatalogName


class DefineProduct(CatalogCommand):
    """There are products."""

    type: Literal["DefineProduct"]
    lines: ProductLines


class ChangeProduct(CatalogCommand):
    """Products have other titles."""

    type: Literal["ChangeProduct"]
    lines: ProductLines


class RetireProduct(CatalogCommand):
    """Products get no items any more. For good."""

    type: Literal["RetireProduct"]
    lines: ProductsGone


class DefineItem(CatalogCommand):
    """There are items; their SKUs and base units stay for ever."""

    type: Literal["DefineItem"]
    lines: ItemLines


class ChangeItem(CatalogCommand):
    """Say of items what is known of them from now on, instead of all that was."""

    type: Literal["ChangeItem"]
    lines: ItemChanges


class RetireItem(CatalogCommand):
    """Items change no more and come into no kit; they are still found and converted. For good."""

    type: Literal["RetireItem"]
    lines: ItemsGone


class AssignGtin(CatalogCommand):
    """Numbers are on items; one number is on one item."""

    type: Literal["AssignGtin"]
    lines: GtinLines


class UnassignGtin(CatalogCommand):
    """Numbers were on items by mistake."""

    type: Literal["UnassignGtin"]
    lines: GtinsGone


class SetUnits(CatalogCommand):
    """Set what else items are counted in, instead of the units before."""

    type: Literal["SetUnits"]
    lines: UnitsLines


class DefineKit(CatalogCommand):
    """Items are put together of others, of these instead of those before."""

    type: Literal["DefineKit"]
    lines: KitLines


class DissolveKit(CatalogCommand):
    """Kits are items like others."""

    type: Literal["DissolveKit"]
    lines: KitsGone


CAUSED: tuple[type[CatalogCommand], ...] = ()
"""What events bring about: nothing here."""

COMMANDS: tuple[type[CatalogCommand], ...] = (
    DefineProduct,
    ChangeProduct,
    RetireProduct,
    DefineItem,
    ChangeItem,
    RetireItem,
    AssignGtin,
    UnassignGtin,
    SetUnits,
    DefineKit,
    DissolveKit,
)
