"""Decides what is to come of SKUs: how many by which supply and when, and what has arrived of it.

What is to come is on order, and with a day; what is on order by MoveStock alone has none.
"""

from typing import Any

from agents.stock.accounts import between
from agents.stock.incoming import to_come
from agents.stock.levels import distinct
from agents.stock.outcomes import outcome
from agents.stock.promising import with_late
from agents.stock.rejections import (
    Rejection,
    forbidden,
    over_receipt,
    supplies_full,
    supply_conflict,
    supply_not_found,
)
from agents.stock.state import Stock
from schemas.accounts import Account, is_allowed
from schemas.fields import SUPPLIES_MAX
from schemas.stock_structs import (
    AccountMoved,
    ExpectSupply,
    ReceiveSupply,
    StockMoved,
    SupplyExpected,
    SupplyMoved,
)
from streams.actor import Moment


def expect(stock: Stock, command: ExpectSupply, moment: Moment) -> SupplyExpected | Rejection:
    """So many are still to come of each SKU, where it is known how many it were."""
    lines = []
    for line in command.lines:
        told = _expected(stock, command.supply, line)
        if isinstance(told, Rejection):
            return told
        lines.append(told)
    event = outcome(SupplyExpected, command, moment, supply=command.supply, lines=lines)
    return with_late(stock, event, moment)


def _expected(stock: Stock, name: str, line: Any) -> SupplyMoved | Rejection:
    supplies = stock.supplies.get(line.sku, [])
    before = to_come(supplies, name)
    if line.expected != before:
        return supply_conflict(name, line.sku, line.expected, before)
    if line.quantity and not before and len(supplies) >= SUPPLIES_MAX:
        return supplies_full(line.sku)
    delta = line.quantity - before
    ends: tuple[Account, Account] = ("supplier", "on_order")
    source, target = ends if delta >= 0 else ends[::-1]
    moved = between(stock, line.sku, abs(delta), source, target)
    if isinstance(moved, Rejection):
        return moved
    return SupplyMoved(
        sku=line.sku,
        delta=delta,
        expected=line.quantity,
        due=line.due if line.quantity else None,
        on_hand=moved.on_hand,
        reserved=moved.reserved,
        available=moved.available,
        version=moved.version,
    )


def receive(stock: Stock, command: ReceiveSupply, moment: Moment) -> StockMoved | Rejection:
    """What has arrived is on order no more; no more of it than was to come."""
    if not is_allowed("on_order", command.to_account, "RECEIVED"):
        return forbidden("on_order", command.to_account, "RECEIVED")
    lines = []
    for line in distinct(command.lines, "quantity"):
        told = _arrived(stock, command, line)
        if isinstance(told, Rejection):
            return told
        lines.append(told)
    event = outcome(
        StockMoved,
        command,
        moment,
        from_account="on_order",
        to_account=command.to_account,
        reason="RECEIVED",
        lines=lines,
        reference=command.supply,
        supply=command.supply,
    )
    return with_late(stock, event, moment)


def _arrived(stock: Stock, command: ReceiveSupply, line: Any) -> AccountMoved | Rejection:
    left = to_come(stock.supplies.get(line.sku, []), command.supply)
    if not left:
        return supply_not_found(command.supply, line.sku)
    if line.quantity > left:
        return over_receipt(command.supply, line.sku, line.quantity, left)
    return between(stock, line.sku, line.quantity, "on_order", command.to_account)
