"""What may be asked of lots: the definition of their commands."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.accounts import Account
from schemas.fields import CHANGE_MAX, Instant, Label, Quantity, Warehouse
from schemas.lots_lines import (
    ArrivalAccount,
    Days,
    LotName,
    PromisedLine,
    SiteAccount,
    SkuCommand,
    Units,
)
from schemas.lots_serials import SERIAL_COMMANDS
from schemas.stock_events import RejectionCode

PROMISES_MAX = 1_001  # an event fills 1,000 times at most, and confirms one


class RegisterLot(SkuCommand):
    """There is a lot, and what is known of its time."""

    type: Literal["RegisterLot"]
    lot: LotName
    expires_at: Instant | None = None
    best_before: Instant | None = None
    manufactured_at: Instant | None = None


class ReceiveLot(SkuCommand):
    """Units of a lot came in: stock is asked to receive them."""

    type: Literal["ReceiveLot"]
    lot: LotName
    warehouse: Warehouse
    quantity: Quantity
    to_account: ArrivalAccount = "sellable"


class AssignLot(SkuCommand):
    """Units that are there are of this lot; of no known one before, or of `from_lot`."""

    type: Literal["AssignLot"]
    lot: LotName
    warehouse: Warehouse
    quantity: Quantity
    account: SiteAccount = "sellable"
    from_lot: LotName | None = None


class RequireShelfLife(SkuCommand):
    """What a reservation gets is good for so many days at least, when it is bound."""

    type: Literal["RequireShelfLife"]
    warehouse: Warehouse
    reservation: Label
    days: Days


class RebindLot(SkuCommand):
    """A reservation gets units of this lot instead of `from_lot`, or of none that was bound."""

    type: Literal["RebindLot"]
    warehouse: Warehouse
    reservation: Label
    lot: LotName
    from_lot: LotName | None = None
    quantity: Quantity
    picked: bool = False


class HoldLot(SkuCommand):
    """Nothing of a lot is for sale until it is released."""

    type: Literal["HoldLot"]
    lot: LotName
    reason: Label


class ReleaseLot(SkuCommand):
    """A lot that was held is good."""

    type: Literal["ReleaseLot"]
    lot: LotName


class RecallLot(SkuCommand):
    """A lot is bad, wherever it is: for good."""

    type: Literal["RecallLot"]
    lot: LotName
    reason: Label


class RecordStockChange(SkuCommand):
    """What an event of stock moved and promised of the SKU. Caused by it; nobody else sends it."""

    type: Literal["RecordStockChange"]
    cause: Label
    warehouse: Warehouse
    quantity: Annotated[int, Field(default=0, ge=0, le=CHANGE_MAX)]
    from_account: Account | None = None
    to_account: Account | None = None
    reference: Label | None = None
    ask: Label | None = None
    reservation: Label | None = None
    released: bool = False
    promised: Annotated[list[PromisedLine], Field(default=[], max_length=PROMISES_MAX)]
    transfer: Label | None = None
    counterpart: Warehouse | None = None
    short: Units = 0
    over: Units = 0


class RecordRefusal(SkuCommand):
    """Stock refused what lots had asked it for. Caused by that; nobody else sends it."""

    type: Literal["RecordRefusal"]
    cause: Label
    warehouse: Warehouse
    ask: Label
    refusal: RejectionCode
    available: int | None = None


CAUSED: tuple[type[SkuCommand], ...] = (RecordStockChange, RecordRefusal)
"""What events bring about; nobody else has a reason to send it."""

COMMANDS: tuple[type[SkuCommand], ...] = (
    RegisterLot,
    ReceiveLot,
    AssignLot,
    RequireShelfLife,
    RebindLot,
    HoldLot,
    ReleaseLot,
    RecallLot,
    *SERIAL_COMMANDS,
    RecordStockChange,
    RecordRefusal,
)
