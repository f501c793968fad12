"""What may be asked of finance: the definition of its commands."""

from typing import Literal

from schemas.envelope import WarehouseCommand
from schemas.fields import Currency, Label, Note, Period, Warehouse
from schemas.finance_accounts import ContraAccount
from schemas.finance_lines import (
    Basis,
    CostingLines,
    CostLines,
    MovementLines,
    SignedAmount,
    TransferCostLines,
)


class RecordMovement(WarehouseCommand):
    """Units came in or left. Caused by an event of stock; producers have no need of it."""

    type: Literal["RecordMovement"]
    cause: Label
    movement: Label
    lines: MovementLines
    gl_account: ContraAccount | None = None
    reference: Label | None = None
    counterpart: Warehouse | None = None
    receipt: Label | None = None


class SetCosting(WarehouseCommand):
    """Set how the cost of SKUs is found, and in which currency."""

    type: Literal["SetCosting"]
    lines: CostingLines


class PostCost(WarehouseCommand):
    """Tell what units of a receipt cost, once that is known."""

    type: Literal["PostCost"]
    receipt: Label
    currency: Currency
    lines: CostLines
    period: Period | None = None


class PostLandedCost(WarehouseCommand):
    """Spread freight or duty over a receipt; below zero, take some back."""

    type: Literal["PostLandedCost"]
    receipt: Label
    currency: Currency
    amount: SignedAmount
    basis: Basis
    note: Note | None = None
    period: Period | None = None


class ClosePeriod(WarehouseCommand):
    """Book nothing more in a month, nor in any before it."""

    type: Literal["ClosePeriod"]
    period: Period


class ReceiveTransferCost(WarehouseCommand):
    """What the sender's units were worth. Caused by its `ValueMoved`; nobody else's to send."""

    type: Literal["ReceiveTransferCost"]
    transfer: Label
    from_warehouse: Warehouse
    receipt: Label
    lines: TransferCostLines


CAUSED: tuple[type[WarehouseCommand], ...] = (RecordMovement, ReceiveTransferCost)
"""What events bring about; nobody else has a reason to send it."""

COMMANDS: tuple[type[WarehouseCommand], ...] = (
    RecordMovement,
    SetCosting,
    PostCost,
    PostLandedCost,
    ClosePeriod,
    ReceiveTransferCost,
)
