"""What follows for an order from what has become of its legs: the next plan, or the next state.

    reserving ──all held──► confirming ──all for good──► allocated ──all left──► shipped
        ▲ │ refused, and            │ some waited for     ▲
        └─┘ attempts are left       └─► backordered ──────┘ with the last unit
    what cannot be had ► refusing ► refused;  CancelOrder ► cancelling ► cancelled

An attempt is over when each of its legs is answered. What is held is not given up for a plan that
has the same leg, and what is for good is not planned again.
"""

from typing import Any, Final

from agents.orders.draft import ENDING, FIRM, LIVE, LOOSE, PENDING, RETURNING, Draft
from agents.orders.planning import best, planned
from schemas.orders_lines import OVER, OrderState
from schemas.orders_structs import (
    Leg,
    LegRecorded,
    OrderAllocated,
    OrderBackordered,
    OrderCancelled,
    OrderConfirming,
    OrderPlanned,
    OrderRefused,
    OrderRefusing,
    OrderShipped,
)

GONE: Final = frozenset(("refused", "lost"))
SHIPPED: Final = frozenset(("shipped",))
WAITING: Final = frozenset(("waiting",))


def settle(draft: Draft) -> Any:
    """Let follow what must; the type of the event that tells of it."""
    if draft.state in OVER:
        return LegRecorded
    if draft.state in ENDING:
        return end(draft)
    if draft.any(PENDING):
        return LegRecorded
    if draft.state == "reserving":
        if draft.any(GONE) and draft.attempt < draft.wish.attempts_max:
            return plan(draft)
        return secure(draft)
    if draft.lacking():
        return plan(draft) if draft.attempt < draft.wish.attempts_max else secure(draft)
    return _hold(draft)


def plan(draft: Draft) -> Any:
    """Another plan for what is not for good, by what was learned."""
    lines, rest = planned(draft.wish, draft.lacking(FIRM), draft.learned)
    if rest and not draft.wish.backorder:
        return refuse(draft)
    draft.clear()
    for leg in [leg for leg in draft.legs if leg.state in LOOSE]:
        if leg.state == "reserved" and lines.get(leg.warehouse) == _units(leg):
            del lines[leg.warehouse]
        elif leg.state == "reserved":
            draft.release(leg)
        else:
            draft.legs.remove(leg)
    if not lines:
        return secure(draft)
    draft.attempt += 1
    draft.state = "reserving"
    for warehouse, wanted in lines.items():
        draft.ask("reserve", draft.begin(warehouse, wanted, "reserving"))
    return OrderPlanned


def _units(leg: Leg) -> dict[str, int]:
    return {line.sku: line.quantity for line in leg.lines}


def secure(draft: Draft) -> Any:
    """Ask for all that is held to be for good, and for the rest to be waited for."""
    missing = draft.lacking()
    if missing:
        warehouse = best(draft.wish, draft.learned)
        if not draft.wish.backorder or warehouse is None:
            return refuse(draft)
        draft.attempt += 1
        draft.ask("backorder", draft.begin(warehouse, missing, "backordering"))
    draft.clear()
    for leg in [leg for leg in draft.legs if leg.state in LOOSE]:
        draft.ask("confirm", draft.change(leg, state="confirming"))
    draft.state = "confirming"
    return OrderConfirming if draft.any(PENDING) else _hold(draft)


def _hold(draft: Draft) -> Any:
    """Everything is for good, or waited for, or has left; then what more is held is given back."""
    if not draft.lacking(SHIPPED):
        give_back(draft)
        return _over(draft, "shipped", OrderShipped)
    before = draft.state
    is_waiting = draft.any(WAITING)
    draft.state = "backordered" if is_waiting else "allocated"
    if draft.state == before:
        return LegRecorded
    return OrderBackordered if is_waiting else OrderAllocated


def refuse(draft: Draft) -> Any:
    """Give all back: not all that was wanted can be had."""
    draft.state = "refusing"
    give_back(draft)
    told = end(draft)
    return OrderRefusing if told is LegRecorded else told


def give_back(draft: Draft) -> None:
    """Ask for all to be released that a warehouse holds, or may yet hold."""
    draft.clear()
    for leg in [leg for leg in draft.legs if leg.state in LIVE - SHIPPED]:
        if leg.state == "expired":
            draft.end(leg, "released")
        else:
            draft.release(leg)


def end(draft: Draft) -> Any:
    """Over as soon as no warehouse holds anything; shipped where all has left all the same."""
    if draft.state == "refusing":
        return _over(draft, "refused", OrderRefused)
    return _over(draft, "cancelled", OrderCancelled)


def _over(draft: Draft, state: OrderState, told: Any) -> Any:
    if draft.any(RETURNING):
        return LegRecorded
    if not draft.lacking(SHIPPED):
        state, told = "shipped", OrderShipped
    draft.state = state
    return told
