"""The rejections of orders' commands, in words and details."""

from typing import Final

from schemas.orders_lines import OrderState
from streams.answers import Rejection

_OVER: Final[dict[OrderState, str]] = {
    "refusing": "ORDER_REFUSED",
    "refused": "ORDER_REFUSED",
    "cancelling": "ORDER_CANCELLED",
    "cancelled": "ORDER_CANCELLED",
    "shipped": "ORDER_SHIPPED",
}


def order_exists(order: str, state: OrderState) -> Rejection:
    """The id is in use, or was so lately."""
    text = f"order {order} exists and is {state}"
    return Rejection("ORDER_EXISTS", text, {"order": order, "state": state})


def no_order(order: str) -> Rejection:
    """No such order, or it was over long ago."""
    return Rejection("ORDER_NOT_FOUND", f"order {order} is not known", {"order": order})


def over(order: str, state: OrderState) -> Rejection:
    """The order has come to its end, or is about to."""
    return Rejection(_OVER[state], f"order {order} is {state}", {"order": order, "state": state})


def no_leg(order: str, attempt: int, warehouse: str) -> Rejection:
    """The order has no such leg, or has it no more."""
    text = f"order {order} has no leg {attempt} in warehouse {warehouse}"
    details = {"order": order, "attempt": attempt, "warehouse": warehouse}
    return Rejection("LEG_NOT_FOUND", text, details)


def leg_closed(order: str, attempt: int, warehouse: str, state: str) -> Rejection:
    """What is told does not become a leg that is as this one."""
    text = f"leg {attempt} of order {order} in warehouse {warehouse} is {state}"
    details = {"order": order, "attempt": attempt, "warehouse": warehouse, "state": state}
    return Rejection("LEG_CLOSED", text, details)
