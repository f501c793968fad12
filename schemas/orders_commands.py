"""What may be asked of orders: the definition of their commands."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Command
from schemas.fields import Channel, Instant, Label, Priority, Sku, StockLevel, Warehouse
from schemas.lots_lines import Days
from schemas.orders_lines import (
    ATTEMPTS,
    HOLD_S,
    Attempt,
    AttemptsMax,
    HoldSeconds,
    OrderId,
    OrderLines,
    OrderSources,
    ShortLines,
    Step,
    Strategy,
    Told,
    ToldLines,
)

EVENT_ID_LENGTH_MAX = 64


class OrderCommand(Command):
    """A wish to an order."""

    KEY = "order"

    order: OrderId


class PlaceOrder(OrderCommand):
    """Somebody wants these units, from whichever of these warehouses.

    Each leg is asked for with what `channel`, `priority` and `promised` are to stock, and with what
    `shelf_life_days` is to lots.
    """

    type: Literal["PlaceOrder"]
    lines: OrderLines
    sources: OrderSources
    strategy: Strategy = "priority"
    backorder: bool = False
    attempts_max: AttemptsMax = ATTEMPTS
    hold_s: HoldSeconds = HOLD_S
    channel: Channel | None = None
    priority: Priority = 0
    promised: Instant | None = None
    shelf_life_days: Days = 0


class CancelOrder(OrderCommand):
    """Nobody wants it any more: what has not left is given back."""

    type: Literal["CancelOrder"]
    reason: Label | None = None


class RecordLeg(OrderCommand):
    """What became of a leg. Caused by an event of stock; nobody else sends it."""

    type: Literal["RecordLeg"]
    cause: Annotated[str, Field(min_length=1, max_length=EVENT_ID_LENGTH_MAX)]
    warehouse: Warehouse
    attempt: Attempt
    told: Told
    lines: ToldLines


class RecordLegRefusal(OrderCommand):
    """A warehouse refused a step of a leg. Caused by an event of stock; nobody else sends it."""

    type: Literal["RecordLegRefusal"]
    cause: Annotated[str, Field(min_length=1, max_length=EVENT_ID_LENGTH_MAX)]
    warehouse: Warehouse
    attempt: Attempt
    step: Step
    code: Label
    sku: Sku | None = None
    available: StockLevel | None = None
    short: ShortLines = Field(default=[])


CAUSED: tuple[type[OrderCommand], ...] = (RecordLeg, RecordLegRefusal)
"""What events bring about; nobody else has a reason to send it."""

COMMANDS: tuple[type[OrderCommand], ...] = (PlaceOrder, CancelOrder, RecordLeg, RecordLegRefusal)
