"""What an event makes of the rows. Cannot fail: history is not refused."""

from typing import Final

from agents.orders.decider import wish_of
from agents.orders.draft import OVER
from schemas.orders_rows import Order
from schemas.orders_structs import OrderChanged, OrderPlaced
from tables.orders import encode_order, encode_wish, order_key, wish_key

DAY_MS: Final = 86_400_000
KEPT_MS: Final = 400 * DAY_MS  # after an order is over, before its id is free
REVIEW_MS: Final = 365 * DAY_MS  # what has no end of its own is due again after so long


def evolve(event: OrderChanged, log_time_ms: int) -> dict[bytes, bytes | None]:
    """The rows of an order after an event of its own, by key."""
    is_over = event.state in OVER
    order = Order(event.state, event.attempt, event.legs, event.learned)
    due_ms = log_time_ms + (KEPT_MS if is_over else REVIEW_MS)
    rows: dict[bytes, bytes | None] = {order_key(event.order): encode_order(order, due_ms)}
    if is_over:
        rows[wish_key(event.order)] = None
    elif isinstance(event, OrderPlaced):
        rows[wish_key(event.order)] = encode_wish(wish_of(event))
    return rows
