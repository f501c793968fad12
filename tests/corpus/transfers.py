"""Business of transfers: each of their ends by itself, as the other one's commands may be late.

What one end causes at the other goes to a warehouse that no other case has; here the engine's own
commands come from the producer, who may send them too.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.corpus.business import LEVEL_MAX, LINES_MAX, QUANTITY_MAX, RESERVED, Story, Tell, short
from tests.corpus.case import Verdict, done, rejected

DISPATCHED, EXPECTED = done("TransferDispatched"), done("TransferExpected")
ARRIVED, CLOSED, SETTLED = (
    done("TransferReceived"),
    done("TransferClosed"),
    done("TransferSettled"),
)
DISPATCH, EXPECT, RECEIVE = "DispatchTransfer", "ExpectTransfer", "ReceiveTransfer"
CLOSE, SETTLE = "CloseTransfer", "SettleTransfer"
AT_THE_SENDER = (DISPATCH, SETTLE)
Reach = Callable[[Story], None]


def of(code: str, transfer: str = "t") -> Verdict:
    """A transfer is not as the command needs it."""
    return rejected(code, transfer=transfer)


def told(story: Story, kind: str, verdict: Verdict, *lines: tuple[str, int], **more: Any) -> None:
    """A command at one of the ends, with what it must have."""
    end = "to_warehouse" if kind in AT_THE_SENDER else "from_warehouse"
    named = {"transfer": "t", end: f"{story.seat.id}.far"} | more
    if kind == CLOSE:
        story.tell(kind, verdict, **named)
    else:
        story.move(kind, verdict, *lines, **named)


def _sent(story: Story) -> None:
    told(story, DISPATCH, DISPATCHED, ("A", 5))


def _sent_and_settled(story: Story) -> None:
    _sent(story)
    told(story, SETTLE, SETTLED, ("A", 5), is_final=True)


def _sent_and_lost(story: Story) -> None:
    _sent(story)
    told(story, SETTLE, SETTLED, is_final=True)


def _announced(story: Story) -> None:
    told(story, EXPECT, EXPECTED, ("A", 5))


def _arrived(story: Story) -> None:
    _announced(story)
    told(story, RECEIVE, ARRIVED, ("A", 5))


def _given_up(story: Story) -> None:
    _announced(story)
    told(story, CLOSE, CLOSED)


STATES: dict[str, tuple[Reach, int]] = {  # and what that has done to the shelf
    "sent": (_sent, -5),
    "sent and settled": (_sent_and_settled, -5),
    "sent and lost": (_sent_and_lost, -5),
    "announced": (_announced, 0),
    "arrived": (_arrived, 5),
    "given up": (_given_up, 0),
}
ENDED_HERE = {DISPATCH: "TRANSFER_EXISTS", SETTLE: "TRANSFER_CLOSED"}
ENDED_THERE = {RECEIVE: "TRANSFER_CLOSED", CLOSE: "TRANSFER_CLOSED"}
REFUSALS: dict[str, dict[str, str]] = {
    "sent": {
        DISPATCH: "TRANSFER_EXISTS",
        RECEIVE: "TRANSFER_NOT_FOUND",
        CLOSE: "TRANSFER_NOT_FOUND",
    },
    "sent and settled": ENDED_HERE,
    "sent and lost": ENDED_HERE,
    "announced": {EXPECT: "TRANSFER_EXISTS", SETTLE: "TRANSFER_NOT_FOUND"},
    "arrived": ENDED_THERE,
    "given up": ENDED_THERE,
}


def _refused(story: Story, state: str, kind: str) -> Story:
    reach, moved = STATES[state]
    have = story.rng.randint(5, 50)
    story.receive(have)
    reach(story)
    told(story, kind, of(REFUSALS[state][kind]), ("A", story.rng.choice((1, QUANTITY_MAX))))
    return story.stands(("A", have + moved, 0))


def _unknown(story: Story, kind: str) -> Story:
    story.receive(9)
    (_sent if kind in AT_THE_SENDER else _announced)(story)
    name = story.rng.choice(("T", "t ", "t2", "\u0442", "t\u200b"))
    told(story, kind, of("TRANSFER_NOT_FOUND", name), ("A", 1), transfer=name)
    return story.stands(("A", 4 if kind in AT_THE_SENDER else 9, 0))


def _by_a_third(story: Story, kind: str) -> Story:
    """Another warehouse than the one at the other end."""
    story.receive(9)
    end = "to_warehouse" if kind in AT_THE_SENDER else "from_warehouse"
    (_sent if kind in AT_THE_SENDER else _announced)(story)
    other = story.rng.choice((story.seat.warehouse, f"{story.seat.id}.FAR", "far"))
    told(story, kind, of("TRANSFER_NOT_FOUND"), ("A", 1), **{end: other})
    return story.stands(("A", 4 if kind in AT_THE_SENDER else 9, 0))


def _to_itself(story: Story) -> Story:
    """Whatever there is, and whether the id is free or not."""
    story.receive(9)
    here = {"to_warehouse": story.seat.warehouse}
    told(story, DISPATCH, of("TRANSFER_TO_ITSELF"), ("A", story.rng.choice((1, 99))), **here)
    _sent(story)
    told(story, DISPATCH, of("TRANSFER_TO_ITSELF"), ("A", 1), **here)
    return story.stands(("A", 4, 0))


def _too_much(story: Story) -> Story:
    have, held = story.rng.randint(10, 50), story.rng.randint(1, 9)
    story.receive(have)
    story.reserve(RESERVED, ("A", held))
    free = have - held
    told(story, DISPATCH, short("A", free + 1, free), ("A", free + 1))
    told(story, DISPATCH, short("A", free + 1, free), ("A", free), ("A", 1))
    told(story, DISPATCH, DISPATCHED, ("A", free))
    story.move("ShipStock", short("A", 1, 0), ("A", 1))
    return story.stands(("A", held, held))


def _one_line_short(story: Story) -> Story:
    story.move("ReceiveStock", done("StockReceived"), ("A", 5), ("B", 5))
    told(story, DISPATCH, short("B", 6, 5, ("C", 1, 0)), ("A", 1), ("B", 6), ("C", 1))
    told(story, DISPATCH, DISPATCHED, ("A", 1), ("B", 5))
    return story.stands(("A", 4, 0), ("B", 0, 0))


def _beyond_the_limit(story: Story) -> Story:
    """It does not go onto the shelf: so it has not arrived, and no line of it."""
    story.move("ReceiveStock", done("StockReceived"), *[("A", QUANTITY_MAX)] * LINES_MAX)
    _announced(story)
    over = {"sku": "A", "field": "on_hand", "value": LEVEL_MAX + 5, "limit": LEVEL_MAX}
    told(story, RECEIVE, rejected("QUANTITY_LIMIT", **over), ("B", 1), ("A", 5))
    told(story, CLOSE, CLOSED)
    return story.stands(("A", LEVEL_MAX, 0))


def _in_parts(story: Story) -> Story:
    """In parts, with a SKU that nobody sent, and in the end more than was sent."""
    part, over = story.rng.randint(1, 4), story.rng.randint(0, 3)
    _announced(story)
    told(story, RECEIVE, ARRIVED, ("A", part))
    told(story, RECEIVE, ARRIVED, ("B", 2), ("B", 1))
    told(story, RECEIVE, ARRIVED, ("A", 5 - part + over))
    told(story, RECEIVE, of("TRANSFER_CLOSED"), ("A", 1))
    return story.stands(("A", 5 + over, 0), ("B", 3, 0))


def _settled_in_parts(story: Story) -> Story:
    """What is in transit is not for sale; what was over or short is gain or loss at the end."""
    part = story.rng.randint(1, 4)
    story.receive(9)
    _sent(story)
    told(story, SETTLE, SETTLED, ("A", part))
    told(story, SETTLE, SETTLED, ("B", 2))
    story.move("ShipStock", short("A", 5, 4), ("A", 5))
    told(story, SETTLE, SETTLED, ("A", story.rng.randint(1, 9)), is_final=True)
    told(story, SETTLE, of("TRANSFER_CLOSED"), ("A", 1))
    return story.stands(("A", 4, 0), ("B", 0, 0))


STORIES: dict[str, Tell] = {
    **{
        f"a transfer that is {state}: {kind}": partial(_refused, state=state, kind=kind)
        for state, kinds in REFUSALS.items()
        for kind in kinds
    },
    **{f"a transfer of no such name: {kind}": partial(_unknown, kind=kind)
       for kind in (RECEIVE, CLOSE, SETTLE)},
    **{f"a transfer and a third warehouse: {kind}": partial(_by_a_third, kind=kind)
       for kind in (RECEIVE, CLOSE, SETTLE)},
    "a transfer to the same warehouse": _to_itself,
    "a transfer of more than is available": _too_much,
    "a transfer, one line of several is short": _one_line_short,
    "a transfer beyond the most a row holds": _beyond_the_limit,
    "a transfer arrives in parts": _in_parts,
    "a transfer is settled in parts": _settled_in_parts,
}  # fmt: skip
