"""Decides commands of orders: pure, from the rows as they are to an event or a rejection."""

from typing import Any

from agents.orders.draft import ENDING, Draft
from agents.orders.legs import RETURNED, record, refuse_step
from agents.orders.rejections import no_order, order_exists, over
from agents.orders.settling import end, give_back, plan, settle
from schemas.orders_lines import OVER
from schemas.orders_rows import Order, Wish
from schemas.orders_structs import (
    CancelOrder,
    LegRecorded,
    LegReturned,
    OrderCancelling,
    OrderChanged,
    OrderCommand,
    OrderPlaced,
    PlaceOrder,
    RecordLeg,
    RecordLegRefusal,
)
from streams.actor import Moment
from streams.answers import Rejection, outcome


class Book:
    """What a decision is made on: an order as it stands, where there is one."""

    def __init__(self, order: Order | None = None, wish: Wish | None = None) -> None:
        self.order = order
        self.wish = wish  # none once the order is over


def decide(book: Book, command: OrderCommand, moment: Moment) -> OrderChanged | Rejection:
    """What a valid command brings about, or why it does not. Changes nothing."""
    order = book.order
    if isinstance(command, PlaceOrder):
        if order is not None:
            return order_exists(command.order, order.state)
        return _place(command, moment)
    if order is None:
        return no_order(command.order)
    draft = Draft(book.wish or NOTHING, order)
    if isinstance(command, CancelOrder):
        return _cancel(draft, command, moment)
    assert isinstance(command, RecordLeg | RecordLegRefusal), "there is no other"
    return _record(draft, command, moment)


NOTHING = Wish([], [], "priority", False, 1, 1)
"""What is wanted by an order that is over."""


def _place(command: PlaceOrder, moment: Moment) -> OrderChanged:
    wish = wish_of(command)
    draft = Draft(wish, Order("reserving", 0, []))
    plan(draft)
    return _told(
        OrderPlaced,
        draft,
        command,
        moment,
        lines=wish.lines,
        sources=wish.sources,
        strategy=wish.strategy,
        backorder=wish.backorder,
        attempts_max=wish.attempts_max,
        hold_s=wish.hold_s,
        channel=wish.channel,
        priority=wish.priority,
        promised=wish.promised,
        shelf_life_days=wish.shelf_life_days,
    )


def wish_of(told: Any) -> Wish:
    """What a command or the event of it says is wanted."""
    return Wish(
        told.lines,
        told.sources,
        told.strategy,
        told.backorder,
        told.attempts_max,
        told.hold_s,
        told.channel,
        told.priority,
        told.promised,
        told.shelf_life_days,
    )


def _cancel(draft: Draft, command: CancelOrder, moment: Moment) -> OrderChanged | Rejection:
    """Give back what has not left; again, what a warehouse has kept."""
    kept = [leg for leg in draft.legs if leg.state == "kept"]
    if draft.state in OVER or (draft.state in ENDING and not kept):
        return over(command.order, draft.state)
    if draft.state not in ENDING:
        draft.state = "cancelling"
        give_back(draft)
    for leg in kept:
        draft.release(leg)
    kind = end(draft)
    if kind is LegRecorded:
        kind = OrderCancelling
    return _told(kind, draft, command, moment, reason=command.reason)


def _record(
    draft: Draft, command: RecordLeg | RecordLegRefusal, moment: Moment
) -> OrderChanged | Rejection:
    """Take what a warehouse has done, and let follow what must."""
    told: Rejection | str | None
    if isinstance(command, RecordLegRefusal):
        told = refuse_step(draft, command)
    else:
        told = record(draft, command)
    if isinstance(told, Rejection):
        return told
    kind = LegReturned if told == RETURNED else settle(draft)
    return _told(kind, draft, command, moment, cause=command.cause)


def _told(kind: Any, draft: Draft, command: Any, moment: Moment, **fields: Any) -> OrderChanged:
    event: OrderChanged = outcome(
        kind,
        command,
        moment,
        state=draft.state,
        attempt=draft.attempt,
        legs=draft.legs,
        learned=draft.learned,
        asks=draft.asks,
        requires=draft.requires,
        **fields,
    )
    return event
