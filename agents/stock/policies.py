"""Decides how stock is kept: what is held back, when it is ok again, how much may be owed."""

from typing import Any

from agents.stock.levels import NEVER_SEEN
from agents.stock.outcomes import outcome
from agents.stock.rejections import Rejection, conflict, owed
from agents.stock.state import NO_POLICY, Stock
from schemas.row import HAS_POLICY, IS_LOW
from schemas.rows import Policy, Row
from schemas.stock_structs import PolicyMoved, SetStockPolicy, StockPolicySet
from streams.actor import Moment


def set_policy(stock: Stock, command: SetStockPolicy, moment: Moment) -> StockPolicySet | Rejection:
    """The whole policy of each SKU is replaced."""
    lines = []
    for line in command.lines:
        row = stock.rows.get(line.sku, NEVER_SEEN)
        if line.recover_point is not None and line.recover_point < row.reorder_point:
            return conflict(line.sku, row.reorder_point, line.recover_point)
        if line.negative_limit < -row.on_hand:
            return owed(line.sku, -row.on_hand, line.negative_limit)
        lines.append(
            PolicyMoved(
                sku=line.sku,
                safety_stock=line.safety_stock,
                recover_point=line.recover_point,
                negative_limit=line.negative_limit,
                on_hand=row.on_hand,
                reserved=row.reserved,
                available=row.available,
                version=row.version + 1,
            )
        )
    return outcome(StockPolicySet, command, moment, lines=lines)


def evolve_policy(policy: Policy, event: Any, line: Any) -> Policy:
    """A SKU's policy after a line of an event."""
    if type(event) is not StockPolicySet:
        return policy
    return Policy(line.safety_stock, line.recover_point, line.negative_limit)


def mark_policy(before: Row | None, row: Row, policy: Policy) -> None:
    """Mark a row that has just evolved: whether it has a policy, and whether it is low by that."""
    row.marks &= ~(HAS_POLICY | IS_LOW)
    if policy == NO_POLICY:
        return
    row.marks |= HAS_POLICY
    if policy.recover_point is None:
        return
    was_low = before is not None and _is_low(before)
    if row.available <= row.reorder_point or (was_low and row.available <= policy.recover_point):
        row.marks |= IS_LOW


def marked_level(row: Row) -> Row:
    """A row as alerts see it: one that has not recovered is at its reorder point, or below."""
    if not row.marks & IS_LOW:
        return row
    return Row(row.on_hand, row.reserved, max(row.reorder_point, row.available))


def _is_low(row: Row) -> bool:
    return row.available <= row.reorder_point or bool(row.marks & IS_LOW)
