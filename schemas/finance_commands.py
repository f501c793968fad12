"""What may be asked of finance: the definition of its commands."""

from typing import Literal

from schemas.envelope import Command
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


class RecordMovement(Command):
    """Units came in or left. Caused by an event of stock; producers have no need of it."""

    type: Literal["RecordMovement"]
    cause: Label
    movement: Label
    lines: MovementLines
    gl_account: ContraAccount | None = None
    reference: Label | None = None
    counterpart: Warehouse | None = None
    receipt: Label | None = None


class SetCosting(Command):
    """Set how the cost of SKUs is found, and in which currency."""

    type: Literal["SetCosting"]
    lines: CostingLines


class PostCost(Command):
    """Tell what units of a receipt cost, once that is known."""

    type: Literal["PostCost"]
    receipt: Label
    currency: Currency
    lines: CostLines
    period: Period | None = None


class PostLandedCost(Command):
    """Spread freight or duty over a receipt; below zero, take some back."""

    type: Literal["PostLandedCost"]
    receipt: Label
    currency: Currency
    amount: SignedAmount
    basis: Basis
    note: Note | None = None
    period: Period | None = None


class ClosePeriod(Command):
    """Book nothing more in a month, nor in any before it."""

    type: Literal["ClosePeriod"]
    period: Period


class ReceiveTransferCost(Command):
    """What the sender's units were worth. Caused by its `ValueMoved`; nobody else's to send."""

    type: Literal["ReceiveTransferCost"]
    transfer: Label
    from_warehouse: Warehouse
    receipt: Label
    lines: TransferCostLines


CAUSED: tuple[type[Command], ...] = (RecordMovement, ReceiveTransferCost)
"""What events bring about; nobody else has a reason to send it."""

COMMANDS: tuple[type[Command], ...] = (
    RecordMovement,
    SetCosting,
    PostCost,
    PostLandedCost,
    ClosePeriod,
    ReceiveTransferCost,
)
