"""What an event makes of what stands beside marked rows, and of their marks. Cannot fail."""

from collections.abc import Mapping
from typing import Any, Final

from agents.stock.channels import evolve_channels
from agents.stock.evolve import evolve
from agents.stock.owed import told_owed
from agents.stock.policies import evolve_policy, mark_policy
from agents.stock.queues import GIVES, evolve_queues, evolve_waiting, fill, given_to
from agents.stock.state import NO_POLICY, Beside
from schemas.row import HAS_CHANNELS, IS_AWAITED
from schemas.rows import Reservation, Row
from schemas.stock_structs import ChannelPoolsSet, StockBackordered, StockPolicySet

_CHANGES: Final = frozenset((ChannelPoolsSet, StockBackordered, StockPolicySet))
"""The events that change what stands beside rows that nobody waits for and that have no channel."""


def evolve_beside(rows: Mapping[str, Row], beside: Beside, event: Any) -> Beside:
    """What stands beside the rows after an event; they are as they were before it.

    It is the same where nothing of it changes: where there are policies alone, mostly.
    """
    kind = type(event)
    if not beside.queues and not beside.channels and kind not in _CHANGES:
        return beside
    policies = beside.policies
    if kind is StockPolicySet:
        policies = dict(policies)
        for line in event.lines:
            policy = evolve_policy(beside.policy(line.sku), event, line)
            if policy == NO_POLICY:
                policies.pop(line.sku, None)
            else:
                policies[line.sku] = policy
    after = Beside(policies, evolve_queues(beside.queues, event), beside.waiting)
    if beside.channels or kind is ChannelPoolsSet:
        after.channels = evolve_channels(rows, beside, after, event)
    return after


def filled(rows: Mapping[str, Row], beside: Beside, event: Any) -> Any:
    """The event with all that it fills: what is owed first, then those who wait."""
    if type(event) not in GIVES:
        return event
    told = told_owed(rows, event)
    return fill(told, evolve_beside(rows, beside, event)) if beside.queues else told


def evolve_filled(beside: Beside, event: Any) -> dict[str, Reservation]:
    """The reservations that waited and are given something by an event, after it."""
    return {
        name: evolve_waiting(beside.waiting(name), given) for name, given in given_to(event).items()
    }


def evolve_marked(
    before: Row | None, event: Any, line: Any, after: Beside, given: Mapping[str, Mapping[str, int]]
) -> Row:
    """A row after a line of an event, with its marks.

    `after` is what stands beside it then; `given` is what the event gives, as `given_by` has it.
    """
    row = evolve(before, event, line)
    row.allocated += sum(given[line.sku].values()) if line.sku in given else 0
    assert row.allocated <= row.reserved, "who waits is given what is promised for good"
    limit = after.policy(line.sku).negative_limit
    assert row.on_hand >= -limit, "no more is owed than the policy lets be"
    row.marks &= ~(IS_AWAITED | HAS_CHANNELS)
    row.marks |= IS_AWAITED if line.sku in after.queues else 0
    row.marks |= HAS_CHANNELS if line.sku in after.channels else 0
    mark_policy(before, row, after.policy(line.sku))
    return row
