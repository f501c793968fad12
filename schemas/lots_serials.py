"""What may be asked of serials, and what happens to them: a part of the language of lots."""

from typing import Literal

from pydantic import Field

from schemas.fields import Label, Warehouse
from schemas.lots_lines import (
    LotBinding,
    LotMoved,
    LotName,
    MoveAsked,
    SerialLines,
    SerialMoved,
    SerialName,
    SerialSource,
    SerialTarget,
    SiteAccount,
    SkuCommand,
    SkuEvent,
    SkuOutcome,
)


class RegisterSerials(SkuCommand):
    """Units that are there have these serials, which nobody has seen before."""

    type: Literal["RegisterSerials"]
    serials: SerialLines
    warehouse: Warehouse
    account: SiteAccount = "sellable"
    lot: LotName | None = None


class MoveSerials(SkuCommand):
    """The units that stock has moved so, or is about to let go, were these."""

    type: Literal["MoveSerials"]
    serials: SerialLines
    warehouse: Warehouse
    from_account: SerialSource
    to_account: SerialTarget
    reservation: Label | None = None
    reference: Label | None = None


class BindSerials(SkuCommand):
    """A reservation gets these units, and nobody else does."""

    type: Literal["BindSerials"]
    serials: SerialLines
    warehouse: Warehouse
    reservation: Label


class UnbindSerials(SkuCommand):
    """A reservation gets others instead of these."""

    type: Literal["UnbindSerials"]
    serials: SerialLines
    warehouse: Warehouse


class SwapSerials(SkuCommand):
    """Two units were taken for each other: each is where the other was said to be."""

    type: Literal["SwapSerials"]
    serial: SerialName
    other: SerialName


class SerialsRegistered(SkuOutcome):
    """Units that are there have serials."""

    type: Literal["SerialsRegistered"] = "SerialsRegistered"
    warehouse: Warehouse
    lot: str | None = None
    serials: list[SerialMoved]


class SerialsMoved(SkuOutcome):
    """Units of these serials are elsewhere."""

    type: Literal["SerialsMoved"] = "SerialsMoved"
    warehouse: Warehouse
    reference: Label | None = None
    serials: list[SerialMoved]


class SerialsBound(SkuOutcome):
    """A reservation gets these units; units of their lots follow them, as far as they are free."""

    type: Literal["SerialsBound"] = "SerialsBound"
    warehouse: Warehouse
    reservation: Label
    units: list[LotMoved] = Field(default=[])
    bound: list[LotBinding] = Field(default=[])
    asked: list[MoveAsked] = Field(default=[])
    serials: list[SerialMoved]


class SerialsUnbound(SkuOutcome):
    """Nobody is to get these units for now."""

    type: Literal["SerialsUnbound"] = "SerialsUnbound"
    warehouse: Warehouse
    serials: list[SerialMoved]


class SerialsSwapped(SkuOutcome):
    """Each of two units is where the other was said to be; units of their lots follow them."""

    type: Literal["SerialsSwapped"] = "SerialsSwapped"
    units: list[LotMoved] = Field(default=[])
    bound: list[LotBinding] = Field(default=[])
    asked: list[MoveAsked] = Field(default=[])
    serials: list[SerialMoved]


SERIAL_COMMANDS: tuple[type[SkuCommand], ...] = (
    RegisterSerials,
    MoveSerials,
    BindSerials,
    UnbindSerials,
    SwapSerials,
)
SERIAL_EVENTS: tuple[type[SkuEvent], ...] = (
    SerialsRegistered,
    SerialsMoved,
    SerialsBound,
    SerialsUnbound,
    SerialsSwapped,
)
