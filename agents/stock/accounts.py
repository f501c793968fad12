"""Decides moves between a SKU's accounts."""

from collections.abc import Sequence
from typing import Any

from agents.stock.levels import NEVER_SEEN, distinct
from agents.stock.outcomes import outcome
from agents.stock.rejections import (
    NOTHING_KEPT,
    Rejection,
    above_limit,
    forbidden,
    insufficient,
)
from agents.stock.state import Stock
from schemas.accounts import CONTRA, Account, is_allowed
from schemas.fields import STOCK_MAX
from schemas.rows import Balances, Row
from schemas.stock_structs import AccountMoved, MoveStock, StockMoved
from streams.actor import Moment

NONE_ELSEWHERE = Balances()
_IN_ROW = ("supplier", "customer", "gain_loss")


def move(stock: Stock, command: MoveStock, moment: Moment) -> StockMoved | Rejection:
    """Units go from one account to another: all lines or none."""
    source, target, reason = command.from_account, command.to_account, command.reason
    if not is_allowed(source, target, reason):
        return forbidden(source, target, reason)
    lines = []
    wanted = distinct(command.lines, "quantity")
    for line in wanted:
        if source not in CONTRA and line.quantity > _free(stock, line.sku, source):
            return _lacking(stock, wanted, source)
        told = between(stock, line.sku, line.quantity, source, target)
        if isinstance(told, Rejection):
            return told
        lines.append(told)
    return outcome(
        StockMoved,
        command,
        moment,
        from_account=source,
        to_account=target,
        reason=reason,
        lines=lines,
        reference=command.reference,
    )


def between(
    stock: Stock, sku: str, quantity: int, source: Account, target: Account
) -> AccountMoved | Rejection:
    """Units that may go from one account to another, where both can tell their numbers then."""
    row = stock.rows.get(sku, NEVER_SEEN)
    balances = stock.balances.get(sku, NONE_ELSEWHERE)
    left = balance(row, balances, source) - quantity
    come = balance(row, balances, target) + quantity
    for account, value in ((source, left), (target, come)):
        if abs(value) > STOCK_MAX:
            return above_limit(sku, account, value)
    on_hand = row.on_hand + quantity * ((target == "sellable") - (source == "sellable"))
    return AccountMoved(
        sku=sku,
        quantity=quantity,
        from_balance=left,
        to_balance=come,
        on_hand=on_hand,
        reserved=row.reserved,
        available=on_hand - row.reserved,
        version=row.version + 1,
    )


def _free(stock: Stock, sku: str, source: Account) -> int:
    """What of an account may move: not what is reserved, nor what is to come of a supply."""
    row = stock.rows.get(sku, NEVER_SEEN)
    if source == "sellable":
        return max(0, row.available)
    dated = _dated(stock, sku) if source == "on_order" else 0
    return balance(row, stock.balances.get(sku, NONE_ELSEWHERE), source) - dated


def _dated(stock: Stock, sku: str) -> int:
    return sum(one.quantity for one in stock.supplies.get(sku, ()))


def _lacking(stock: Stock, wanted: Sequence[Any], source: Account) -> Rejection:
    found = [(line, _free(stock, line.sku, source)) for line in wanted]
    short = [(one.sku, one.quantity, free) for one, free in found if one.quantity > free]
    dated = _dated(stock, short[0][0]) if source == "on_order" else 0
    return insufficient(short, source, {"expected": dated} if dated else NOTHING_KEPT)


def balance(row: Row, balances: Balances, account: Account) -> int:
    """What an account of a SKU has."""
    if account == "sellable":
        return row.on_hand
    held: int = getattr(row if account in _IN_ROW else balances, account)
    return held
