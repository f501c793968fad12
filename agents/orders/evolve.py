"""What an event makes of the rows. Cannot fail: history is not refused."""

from typing import Final

from agents.orders.decider import wish_of
from schemas.orders_lines import OVER
from schemas.orders_rows import Order
from schemas.orders_structs import OrderChanged, OrderPlaced
from tables.orders import ORDERS, WHOLE, WISHES

DAY_MS: Final = 86_400_000
KEPT_MS: Final = 400 * DAY_MS  # after an order is over, before its id is free
REVIEW_MS: Final = 365 * DAY_MS  # what has no end of its own is due again after so long


def evolve(event: OrderChanged, log_time_ms: int) -> dict[bytes, bytes | None]:
    """The rows of an order after an event of its own, by key."""
    is_over = event.state in OVER
    order = Order(event.state, event.attempt, event.legs, event.learned)
    due_ms = log_time_ms + (KEPT_MS if is_over else REVIEW_MS)
    place = ORDERS.key(event.order, WHOLE)
    rows: dict[bytes, bytes | None] = {place: ORDERS.encode(order, due_ms)}
    if is_over:
        rows[WISHES.key(event.order, WHOLE)] = None
    elif isinstance(event, OrderPlaced):
        rows[WISHES.key(event.order, WHOLE)] = WISHES.encode(wish_of(event))
    return rows
