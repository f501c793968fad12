"""What happens to orders: the definition of their events."""

from typing import Any, Literal

from pydantic import Field

from schemas.envelope import Event, Outcome
from schemas.fields import Label
from schemas.orders_lines import (
    Ask,
    Learned,
    Leg,
    OrderId,
    OrderSource,
    OrderState,
    Requirement,
    Strategy,
)
from schemas.stock_lines import QuantityLine

RejectionCode = Literal[
    "ORDER_EXISTS",
    "ORDER_NOT_FOUND",
    "ORDER_REFUSED",
    "ORDER_CANCELLED",
    "ORDER_SHIPPED",
    "LEG_NOT_FOUND",
    "LEG_CLOSED",
    "INVALID_COMMAND",
    "IDEMPOTENCY_KEY_REUSED",
    "INTERNAL",
]


class OrderEvent(Event):
    """What happened to an order."""

    KEY = "order"

    order: OrderId


class OrderOutcome(Outcome, OrderEvent):
    """What one command brought about in an order."""


class OrderChanged(OrderOutcome):
    """An order as it is after the event, and what its warehouses and lots are asked for by it."""

    cause: str | None = None
    state: OrderState
    attempt: int
    legs: list[Leg]
    learned: list[Learned] = Field(default=[])
    asks: list[Ask] = Field(default=[])
    requires: list[Requirement] = Field(default=[])


class OrderPlaced(OrderChanged):
    """An order has a first plan; its legs are asked for."""

    type: Literal["OrderPlaced"] = "OrderPlaced"
    lines: list[QuantityLine]
    sources: list[OrderSource]
    strategy: Strategy
    backorder: bool
    attempts_max: int
    hold_s: int
    channel: str | None = None
    priority: int = 0
    promised: str | None = None
    shelf_life_days: int = 0


class OrderPlanned(OrderChanged):
    """A leg was refused or lost: the order has another plan, by what was learned."""

    type: Literal["OrderPlanned"] = "OrderPlanned"


class LegRecorded(OrderChanged):
    """Something became of a leg, and nothing else follows yet."""

    type: Literal["LegRecorded"] = "LegRecorded"


class LegReturned(OrderChanged):
    """A warehouse holds what the order no longer counts on: it is asked to release that."""

    type: Literal["LegReturned"] = "LegReturned"


class OrderConfirming(OrderChanged):
    """All legs are held: each is asked to be for good, and what is missing to be waited for."""

    type: Literal["OrderConfirming"] = "OrderConfirming"


class OrderAllocated(OrderChanged):
    """All that was wanted is promised for good."""

    type: Literal["OrderAllocated"] = "OrderAllocated"


class OrderBackordered(OrderChanged):
    """What there is is promised for good, and the rest is waited for."""

    type: Literal["OrderBackordered"] = "OrderBackordered"


class OrderRefusing(OrderChanged):
    """Not all that was wanted can be had: what is held is given back."""

    type: Literal["OrderRefusing"] = "OrderRefusing"


class OrderRefused(OrderChanged):
    """Not all that was wanted could be had, and no warehouse holds anything for it."""

    type: Literal["OrderRefused"] = "OrderRefused"


class OrderCancelling(OrderChanged):
    """Nobody wants it any more: what has not left is given back."""

    type: Literal["OrderCancelling"] = "OrderCancelling"
    reason: Label | None = None


class OrderCancelled(OrderChanged):
    """Nobody wanted it any more, and no warehouse holds anything for it."""

    type: Literal["OrderCancelled"] = "OrderCancelled"
    reason: Label | None = None


class OrderShipped(OrderChanged):
    """All that was wanted has left."""

    type: Literal["OrderShipped"] = "OrderShipped"


class OrdersRejected(OrderOutcome):
    """Nothing changed, and why."""

    type: Literal["CommandRejected"] = "CommandRejected"
    code: RejectionCode
    message: str
    details: dict[str, Any]


EVENTS: tuple[type[OrderEvent], ...] = (
    OrderPlaced,
    OrderPlanned,
    LegRecorded,
    LegReturned,
    OrderConfirming,
    OrderAllocated,
    OrderBackordered,
    OrderRefusing,
    OrderRefused,
    OrderCancelling,
    OrderCancelled,
    OrderShipped,
    OrdersRejected,
)
