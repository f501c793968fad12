"""What stands beside marked rows: loaded for a decision, and changed by its event.

A row without marks has nothing beside it, so most commands never come here.
"""

from typing import Any, Final

from agents.stock.evolve import evolve
from agents.stock.policies import evolve_policy, mark_policy
from agents.stock.state import NO_POLICY, NOTHING_BESIDE, Beside
from schemas.row import HAS_POLICY
from schemas.rows import Row
from schemas.stock_structs import SetStockPolicy
from streams.actor import Rows
from tables.stock import decode_policy, encode_policy, policy_key

MARKS: Final = frozenset((SetStockPolicy,))
"""The commands that may mark a row which has no mark yet."""


def load(kind: Any, warehouse: str, found: dict[str, Row], rows: Rows) -> Beside:
    """What stands beside these rows, for a command of this kind."""
    marked = {sku: row.marks for sku, row in found.items() if row.marks}
    if not marked and kind not in MARKS:
        return NOTHING_BESIDE
    policies = {}
    for sku, marks in marked.items():
        value = rows(policy_key(warehouse, sku)) if marks & HAS_POLICY else None
        if value is not None:
            policies[sku] = decode_policy(value)
    return Beside(policies)


def evolve_beside(beside: Beside, event: Any) -> Beside:
    """What stands beside the rows after an event."""
    policies = dict(beside.policies)
    for line in event.lines:
        policy = evolve_policy(beside.policy(line.sku), event, line)
        if policy == NO_POLICY:
            policies.pop(line.sku, None)
        else:
            policies[line.sku] = policy
    return Beside(policies)


def evolve_marked(before: Row | None, event: Any, line: Any, after: Beside) -> Row:
    """A row after a line of an event, with its marks: `after` is what stands beside it then."""
    row = evolve(before, event, line)
    mark_policy(before, row, after.policy(line.sku))
    return row


def changed_beside(warehouse: str, before: Beside, after: Beside) -> dict[bytes, bytes | None]:
    """What has become of what stands beside the rows, by its keys."""
    changes: dict[bytes, bytes | None] = {}
    for sku in before.policies.keys() | after.policies.keys():
        policy = after.policies.get(sku)
        if policy != before.policies.get(sku):
            changes[policy_key(warehouse, sku)] = None if policy is None else encode_policy(policy)
    return changes
