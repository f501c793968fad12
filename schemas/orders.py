"""The language of orders: their commands, events and views. The definition."""

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field

from schemas.envelope import Language, Position
from schemas.orders_commands import COMMANDS
from schemas.orders_events import EVENTS
from schemas.orders_lines import Learned, LegView, OrderId, OrderState


class OrderView(Language):
    """An order as it stands at `position`."""

    order: OrderId
    state: OrderState
    attempt: int
    legs: list[LegView]
    learned: list[Learned]
    position: Position


if TYPE_CHECKING:
    OrdersCommand = Any
    OrdersEvent = Any
else:
    _KIND = Field(discriminator="type")
    OrdersCommand = Annotated[Union[COMMANDS], _KIND]  # noqa: UP007 (a tuple)
    OrdersEvent = Annotated[Union[EVENTS], _KIND]  # noqa: UP007 (a tuple)
