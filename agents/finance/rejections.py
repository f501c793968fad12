"""The rejections of finance commands, in words and details."""

from schemas.fields import AMOUNT_MAX
from streams.answers import Rejection


def period_closed(period: str) -> Rejection:
    """Nothing is booked in that month any more."""
    return Rejection("PERIOD_CLOSED", f"{period} is closed", {"period": period})


def period_not_over(period: str) -> Rejection:
    """The month goes on, by log time."""
    return Rejection("PERIOD_NOT_OVER", f"{period} is not over", {"period": period})


def receipt_not_found(receipt: str) -> Rejection:
    """No such receipt to be told a cost of, or it came in long ago."""
    text = f"receipt {receipt} is not known in this warehouse"
    return Rejection("RECEIPT_NOT_FOUND", text, {"receipt": receipt})


def line_unknown(receipt: str, sku: str) -> Rejection:
    """The receipt brought nothing of this SKU."""
    text = f"receipt {receipt} has no {sku}"
    return Rejection("RECEIPT_LINE_UNKNOWN", text, {"receipt": receipt, "sku": sku})


def currency_mismatch(sku: str, currency: str, expected: str) -> Rejection:
    """The SKU's cost is in another currency here."""
    details = {"sku": sku, "currency": currency, "expected": expected}
    return Rejection("CURRENCY_MISMATCH", f"{sku} is in {expected}, not in {currency}", details)


def costing_in_use(sku: str, quantity: int) -> Rejection:
    """The method changes only while nothing is there."""
    text = f"{sku}: {quantity} units are there by another method"
    return Rejection("COSTING_IN_USE", text, {"sku": sku, "quantity": quantity})


def standard_required(sku: str) -> Rejection:
    """The method is `standard`, and no standard is told."""
    return Rejection("STANDARD_REQUIRED", f"{sku}: send standard_amount", {"sku": sku})


def standard_forbidden(sku: str) -> Rejection:
    """A standard is told, and the method is another."""
    text = f"{sku}: only the method standard has a standard"
    return Rejection("STANDARD_FORBIDDEN", text, {"sku": sku})


def quantity_mismatch(sku: str, requested: int, quantity: int) -> Rejection:
    """More is to leave than ever came in: a movement before this one is missing."""
    details = {"sku": sku, "requested": requested, "quantity": quantity}
    text = f"{sku}: {requested} are to leave, {quantity} are there"
    return Rejection("QUANTITY_MISMATCH", text, details)


def above_limit(sku: str, value: int) -> Rejection:
    """An amount would pass the most that there may be."""
    text = f"{sku}: the amount would be {value}, beyond {AMOUNT_MAX}"
    return Rejection("AMOUNT_LIMIT", text, {"sku": sku, "value": value, "limit": AMOUNT_MAX})
