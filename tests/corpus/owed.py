"""Business of what is owed: how far a sale may go below zero, and what nobody else may then."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.corpus.business import LEVEL_MAX, RESERVED, SHIPPED, Story, Tell, short
from tests.corpus.case import Verdict, done, invalid, rejected
from tests.corpus.keeping import BACKORDERED, SET, keep, wait

LIMIT = 20


def owing(owed: int, negative_limit: int) -> Verdict:
    """A policy would let be less than is owed."""
    return rejected("STOCK_OWED", sku="A", owed=owed, negative_limit=negative_limit)


def beyond(requested: int, available: int, negative_limit: int = LIMIT) -> Verdict:
    """A sale goes further than it may."""
    told = {"sku": "A", "requested": requested, "available": available}
    return rejected("INSUFFICIENT_STOCK", **told, negative_limit=negative_limit)


def sell(story: Story, quantity: int, verdict: Verdict = SHIPPED) -> None:
    """A sale."""
    story.move("ShipStock", verdict, ("A", quantity))


def _owed(story: Story) -> tuple[int, int]:
    """(what there was, what is owed now)."""
    have, owed = story.rng.randint(1, 9), story.rng.randint(1, LIMIT - 1)
    story.receive(have)
    keep(story, negative_limit=LIMIT)
    sell(story, have + owed)
    return have, owed


def _to_the_limit(story: Story) -> Story:
    _, owed = _owed(story)
    left = LIMIT - owed
    sell(story, left + 1, beyond(left + 1, left))
    sell(story, left)
    sell(story, 1, beyond(1, 0))
    return story.stands(("A", -LIMIT, 0))


def _of_the_promised(story: Story) -> Story:
    """While something is promised, no more is sold than is available: not one unit is owed."""
    have, held = story.rng.randint(10, 50), story.rng.randint(1, 9)
    keep(story, negative_limit=LIMIT)
    story.receive(have)
    story.reserve(RESERVED, ("A", held))
    sell(story, have - held + 1, beyond(have - held + 1, have - held))
    sell(story, have - held)
    sell(story, 1, beyond(1, 0))
    story.end("ReleaseReservation", done("ReservationReleased"))
    sell(story, held + LIMIT)
    return story.stands(("A", -LIMIT, 0))


def _without(story: Story) -> Story:
    """Only the SKU whose policy says so; and no more once it does not."""
    keep(story, negative_limit=LIMIT)
    story.move("ShipStock", short("B", 1, 0), ("A", 1), ("B", 1))
    keep(story, safety_stock=1)
    told = {"sku": "A", "requested": 1, "available": 0}
    sell(story, 1, rejected("INSUFFICIENT_STOCK", **told, safety_stock=1))
    return story.stands(("A", 0, 0))


def _policy_below(story: Story) -> Story:
    """What is owed has to come in first; it may be forbidden to grow."""
    _, owed = _owed(story)
    keep(story, owing(owed, owed - 1), negative_limit=owed - 1)
    keep(story, owing(owed, 0), safety_stock=3)
    keep(story, owing(owed, 0))
    keep(story, negative_limit=owed)
    sell(story, 1, beyond(1, 0, owed))
    story.receive(owed)
    keep(story)
    return story.stands(("A", 0, 0))


def _reserve(story: Story) -> None:
    story.reserve(short("A", 1, 0), ("A", 1))


def _adjust(story: Story) -> None:
    story.move("AdjustStock", short("A", 1, 0), ("A", -1))


def _move(story: Story) -> None:
    ends = {"from_account": "sellable", "to_account": "damaged", "reason": "DAMAGED"}
    story.move("MoveStock", short("A", 1, 0), ("A", 1), **ends)


def _dispatch(story: Story) -> None:
    ends = {"transfer": "t", "to_warehouse": f"{story.seat.warehouse}-b"}
    story.move("DispatchTransfer", short("A", 1, 0), ("A", 1), **ends)


def _set(story: Story) -> None:
    level: dict[str, Any] = {"sku": "A", "on_hand": -1, "expected_version": 3}
    story.tell("SetStock", invalid("lines.0.on_hand"), lines=[level], reason="sync")


OTHERS: dict[str, Callable[[Story], None]] = {
    "ReserveStock": _reserve,
    "AdjustStock": _adjust,
    "MoveStock": _move,
    "DispatchTransfer": _dispatch,
    "SetStock": _set,
}


def _otherwise(story: Story, kind: str) -> Story:
    """Nothing else makes more owed, nor promises what is not there."""
    _, owed = _owed(story)
    OTHERS[kind](story)
    return story.stands(("A", -owed, 0))


def _put_back(story: Story) -> Story:
    """What was picked is somebody's: while units are owed it stays picked."""
    story.receive(5)
    keep(story, negative_limit=LIMIT)
    story.reserve(RESERVED, ("A", 5))
    story.end("ConfirmReservation", done("ReservationConfirmed"))
    story.move("PickStock", done("StockPicked"), ("A", 5), reservation="r")
    sell(story, 3)
    story.move("UnpickStock", short("A", 2, 0), ("A", 2), reservation="r")
    story.receive(3)
    story.move("UnpickStock", done("StockUnpicked"), ("A", 2), reservation="r")
    return story.stands(("A", 2, 2))


def _late_confirmed(story: Story) -> Story:
    """Who waits gets nothing while units are owed: what comes in is for those first."""
    _, owed = _owed(story)
    wait(story, BACKORDERED, 3)
    story.receive(owed)
    story.end("ConfirmReservation", rejected("RESERVATION_WAITING", reservation="w"), "w")
    story.receive(3)
    story.move("PickStock", done("StockPicked"), ("A", 3), reservation="w")
    return story.stands(("A", 0, 0))


def _outside(story: Story) -> Story:
    story.receive(5)
    for limit in (-1, LEVEL_MAX + 1, None, "5", 1.5):
        keep(story, invalid("lines.0.negative_limit"), negative_limit=limit)
    keep(story, SET, negative_limit=LEVEL_MAX)
    sell(story, 6)
    return story.stands(("A", -1, 0))


def _outdated(story: Story) -> Story:
    """A level is set by who has read the row as it is; of several lines the first is told."""
    story.receive(5)
    story.receive(5, "B")
    version = story.rng.choice((0, 2, 10**6))
    told = rejected("VERSION_CONFLICT", sku="A", expected_version=version, version=1)
    wrong = {"sku": "A", "on_hand": 7, "expected_version": version}
    right = {"sku": "B", "on_hand": 7, "expected_version": 1}
    story.tell("SetStock", told, lines=[right, wrong], reason="sync")
    story.reserve(RESERVED, ("B", 1))
    told = rejected("VERSION_CONFLICT", sku="B", expected_version=1, version=2)
    story.tell("SetStock", told, lines=[right, wrong], reason="sync")
    return story.stands(("A", 5, 0), ("B", 5, 1))


STORIES: dict[str, Tell] = {
    **{f"owed: {kind}": partial(_otherwise, kind=kind) for kind in OTHERS},
    "sold to the limit": _to_the_limit,
    "sold what is promised, where it may be owed": _of_the_promised,
    "sold what may not be owed": _without,
    "a policy below what is owed": _policy_below,
    "put back while units are owed": _put_back,
    "who waits while units are owed": _late_confirmed,
    "how much may be owed, outside its range": _outside,
    "a level by who has not read the row": _outdated,
}
