"""What happens to the cost of stock: the definition of finance's events."""

from typing import Any, Literal

from schemas.envelope import WarehouseEvent, WarehouseOutcome
from schemas.fields import Label, Note, Period, Warehouse
from schemas.finance_accounts import ContraAccount
from schemas.finance_lines import Basis, CostBooked, CostingMoved, JournalLine, WorthMoved

RejectionCode = Literal[
    "PERIOD_CLOSED",
    "PERIOD_NOT_OVER",
    "RECEIPT_NOT_FOUND",
    "RECEIPT_LINE_UNKNOWN",
    "CURRENCY_MISMATCH",
    "COSTING_IN_USE",
    "STANDARD_REQUIRED",
    "STANDARD_FORBIDDEN",
    "QUANTITY_MISMATCH",
    "AMOUNT_LIMIT",
    "INVALID_COMMAND",
    "IDEMPOTENCY_KEY_REUSED",
    "INTERNAL",
]


class ValueMoved(WarehouseOutcome):
    """Units came in or left, and their value with them."""

    type: Literal["ValueMoved"] = "ValueMoved"
    cause: Label
    movement: Label
    lines: list[WorthMoved]
    gl_account: ContraAccount | None = None
    reference: Label | None = None
    counterpart: Warehouse | None = None
    receipt: Label | None = None
    period: Period
    journal: list[JournalLine]


class CostingSet(WarehouseOutcome):
    """Cost is found in another way; what is there was revalued where its standard changed."""

    type: Literal["CostingSet"] = "CostingSet"
    lines: list[CostingMoved]
    period: Period
    journal: list[JournalLine]


class CostAdjusted(WarehouseOutcome):
    """A receipt cost more or less than was thought.

    With `basis` by freight, with `from_warehouse` by what its sender told; `is_pending` where that
    came first, and waits for the receipt.
    """

    type: Literal["CostAdjusted"] = "CostAdjusted"
    receipt: Label
    lines: list[CostBooked]
    basis: Basis | None = None
    note: Note | None = None
    transfer: Label | None = None
    from_warehouse: Warehouse | None = None
    is_pending: bool = False
    period: Period
    journal: list[JournalLine]


class PeriodClosed(WarehouseOutcome):
    """Nothing is booked in this month any more, nor in any before."""

    type: Literal["PeriodClosed"] = "PeriodClosed"
    period: Period


class FinanceRejected(WarehouseOutcome):
    """Nothing changed, and why."""

    type: Literal["CommandRejected"] = "CommandRejected"
    code: RejectionCode
    message: str
    details: dict[str, Any]


EVENTS: tuple[type[WarehouseEvent], ...] = (
    ValueMoved,
    CostingSet,
    CostAdjusted,
    PeriodClosed,
    FinanceRejected,
)
