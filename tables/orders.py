"""The rows of orders as bytes, and what is told of them to readers.

Keys are `kind 0x00 order 0x00`, with no name behind:

    o order  >Q due (ms since the epoch), then [state, attempt, legs, learned]
    W order  [lines, sources, strategy, backorder, attempts_max, hold_s, channel, priority,
             promised, shelf_life_days], until the order is over; older rows end with hold_s

An order is due when its id is free again once it is over, and else to be looked at again.
"""

from typing import Any, Final

from schemas.orders_lines import reservation_of
from schemas.orders_rows import Order, Wish
from tables.table import Read, Table, Timed

ORDERS: Final = Timed("o", Order)
WISHES: Final = Table("W", Wish)
WHOLE: Final = ""  # the name of rows of which an order has one


def order_told(read: Read, order: str) -> dict[str, Any] | None:
    """Of an order: how far it is, and its legs."""
    found = ORDERS.read(read, order, WHOLE)
    if found is None:
        return None
    return {
        "order": order,
        "state": found.state,
        "attempt": found.attempt,
        "legs": [
            {
                "attempt": leg.attempt,
                "warehouse": leg.warehouse,
                "reservation": reservation_of(order, leg.attempt),
                "state": leg.state,
                "lines": leg.lines,
            }
            for leg in found.legs
        ],
        "learned": found.learned,
    }
