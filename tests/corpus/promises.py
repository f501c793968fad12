"""Business of reservations: from every state each step that does not lead on from there."""

from collections.abc import Callable
from functools import partial

from tests.corpus.business import (
    CLOSED,
    EXISTS,
    NOT_FOUND,
    RELEASED,
    RESERVED,
    SHIPPED,
    Story,
    Tell,
    short,
)
from tests.corpus.case import Verdict, done, rejected

CONFIRMED, SUPERSEDED = done("ReservationConfirmed"), done("ReservationSuperseded")
EXTENDED = done("ReservationExtended")
PICKED, UNPICKED = done("StockPicked"), done("StockUnpicked")
PACKED, SHIPPED_PACKED = done("StockPacked"), done("PackedShipped")
IS_CONFIRMED, NOT_CONFIRMED = (
    rejected("RESERVATION_CONFIRMED"),
    rejected("RESERVATION_NOT_CONFIRMED"),
)
IS_PICKED = rejected("RESERVATION_PICKED")

HOLDER = ("ExtendReservation", "SupersedeReservation", "ConfirmReservation")
ENDING = ("ReleaseReservation", "ShipReservation")
ON_ITS_WAY = ("PickStock", "UnpickStock", "PackStock", "ShipPacked")
SHORT = {
    "PickStock": "OVER_PICK",
    "UnpickStock": "NOT_PICKED",
    "PackStock": "NOT_PICKED",
    "ShipPacked": "NOT_PACKED",
}

Reach = Callable[[Story, int], None]


def lacks(kind: str, requested: int, left: int, sku: str = "A") -> Verdict:
    """A step asks for more than the one before it has left."""
    return rejected(SHORT[kind], sku=sku, requested=requested, left=left)


def step(story: Story, kind: str, verdict: Verdict, quantity: int, name: str = "r") -> None:
    """Any step of a reservation's life; its lines of this quantity, where it has lines."""
    if kind == "ExtendReservation":
        story.tell(kind, verdict, reservation=name, ttl_seconds=story.rng.choice((1, 60, 86_400)))
    elif kind == "SupersedeReservation":
        more = {"reservation": f"after-{len(story.steps)}", "replaces": name}
        story.move(kind, verdict, ("A", quantity), **more, ttl_seconds=86_400)
    elif kind in ON_ITS_WAY:
        story.move(kind, verdict, ("A", quantity), reservation=name)
    else:
        story.end(kind, verdict, name)


def _open(story: Story, held: int) -> None:
    story.reserve(RESERVED, ("A", held))


def _confirmed(story: Story, held: int) -> None:
    _open(story, held)
    step(story, "ConfirmReservation", CONFIRMED, held)


def _picked(story: Story, held: int) -> None:
    _confirmed(story, held)
    step(story, "PickStock", PICKED, held)


def _packed(story: Story, held: int) -> None:
    _picked(story, held)
    step(story, "PackStock", PACKED, held)


def _shipped_packed(story: Story, held: int) -> None:
    _packed(story, held)
    step(story, "ShipPacked", SHIPPED_PACKED, held)


def _shipped(story: Story, held: int) -> None:
    _open(story, held)
    step(story, "ShipReservation", SHIPPED, held)


def _confirmed_shipped(story: Story, held: int) -> None:
    _confirmed(story, held)
    step(story, "ShipReservation", SHIPPED, held)


def _released(story: Story, held: int) -> None:
    _open(story, held)
    step(story, "ReleaseReservation", RELEASED, held)


def _confirmed_released(story: Story, held: int) -> None:
    _confirmed(story, held)
    step(story, "ReleaseReservation", RELEASED, held)


def _superseded(story: Story, held: int) -> None:
    _open(story, held)
    step(story, "SupersedeReservation", SUPERSEDED, held)


STATES: dict[str, tuple[Reach, int, int]] = {  # of what is held: gone from the shelf, and reserved
    "open": (_open, 0, 1),
    "confirmed": (_confirmed, 0, 1),
    "picked": (_picked, 1, 0),
    "packed": (_packed, 1, 0),
    "shipped packed": (_shipped_packed, 1, 0),
    "shipped": (_shipped, 1, 0),
    "confirmed and shipped": (_confirmed_shipped, 1, 0),
    "released": (_released, 0, 0),
    "confirmed and released": (_confirmed_released, 0, 0),
    "superseded": (_superseded, 0, 1),
}
FINAL = tuple(STATES)[4:]
REFUSALS: dict[str, dict[str, Verdict | None]] = {  # none: too little is left for the step
    "open": dict.fromkeys(ON_ITS_WAY, NOT_CONFIRMED),
    "confirmed": {
        **dict.fromkeys(HOLDER, IS_CONFIRMED),
        **dict.fromkeys(ON_ITS_WAY[1:], None),
    },
    "picked": {
        **dict.fromkeys(HOLDER, IS_CONFIRMED),
        **dict.fromkeys(ENDING, IS_PICKED),
        **dict.fromkeys(("PickStock", "ShipPacked"), None),
    },
    "packed": {
        **dict.fromkeys(HOLDER, IS_CONFIRMED),
        **dict.fromkeys(ENDING, IS_PICKED),
        **dict.fromkeys(ON_ITS_WAY[:3], None),
    },
    **{state: dict.fromkeys((*HOLDER, *ENDING, *ON_ITS_WAY), CLOSED) for state in FINAL},
}


def _refused(story: Story, state: str, kind: str) -> Story:
    reach, gone, kept = STATES[state]
    have, held = story.rng.randint(10, 50), story.rng.randint(2, 9)
    quantity = story.rng.randint(1, held)
    story.receive(have)
    reach(story, held)
    step(story, kind, REFUSALS[state][kind] or lacks(kind, quantity, 0), quantity)
    return story.stands(("A", have - gone * held, kept * held))


def _unknown(story: Story, kind: str) -> Story:
    story.receive(5)
    _confirmed(story, 2)
    step(story, kind, NOT_FOUND, 1, story.rng.choice(("R", "r ", "r3", "\u0433", "r\u200b")))
    return story.stands(("A", 5, 2))


def _one_too_many(story: Story, kind: str) -> Story:
    """Of a part that went as far as the step needs, one unit more is asked for."""
    have, held = story.rng.randint(20, 50), story.rng.randint(5, 9)
    part = story.rng.randint(1, held - 1)
    story.receive(have)
    _confirmed(story, held)
    if kind == "PickStock":
        step(story, kind, lacks(kind, held + 1, held), held + 1)
        return story.stands(("A", have, held))
    step(story, "PickStock", PICKED, part)
    if kind == "ShipPacked":
        step(story, "PackStock", PACKED, part)
    step(story, kind, lacks(kind, part + 1, part), part + 1)
    return story.stands(("A", have - part, held - part))


def _a_sku_it_has_not(story: Story, kind: str) -> Story:
    story.move("ReceiveStock", done("StockReceived"), ("A", 9), ("B", 9))
    _packed(story, 3)
    story.reserve(RESERVED, ("B", 4), name="other")
    lines = (("A", 1), ("B", 1)) if kind == "ShipPacked" else (("B", 1),)
    story.move(kind, lacks(kind, 1, 0, "B"), *lines, reservation="r")
    return story.stands(("A", 6, 0), ("B", 9, 4))


def _summed(story: Story) -> Story:
    """A SKU on several lines counts with their sum, in a step too."""
    story.receive(9)
    _confirmed(story, 5)
    story.move("PickStock", lacks("PickStock", 6, 5), ("A", 3), ("A", 3), reservation="r")
    story.move("PickStock", PICKED, ("A", 3), ("A", 2), reservation="r")
    return story.stands(("A", 4, 0))


def _rest(story: Story, kind: str) -> Story:
    """A part is shipped: the rest may be picked, released or shipped, and no more than that."""
    have, held = story.rng.randint(20, 50), story.rng.randint(5, 9)
    part = story.rng.randint(1, held - 1)
    rest = held - part
    story.receive(have)
    _confirmed(story, held)
    step(story, "PickStock", PICKED, part)
    step(story, "PackStock", PACKED, part)
    step(story, "ShipPacked", SHIPPED_PACKED, part)
    step(story, "ExtendReservation", IS_CONFIRMED, 1)
    step(story, "PickStock", lacks("PickStock", rest + 1, rest), rest + 1)
    if kind == "ReleaseReservation":
        step(story, kind, RELEASED, rest)
        step(story, "PickStock", CLOSED, 1)
        return story.stands(("A", have - part, 0))
    step(story, kind, SHIPPED, rest)
    step(story, kind, CLOSED, rest)
    return story.stands(("A", have - held, 0))


def _put_back(story: Story) -> Story:
    """What is packed stays; what is only picked can go back, and then all of it can be released."""
    story.receive(9)
    _picked(story, 5)
    step(story, "PackStock", PACKED, 2)
    step(story, "UnpickStock", lacks("UnpickStock", 4, 3), 4)
    step(story, "UnpickStock", UNPICKED, 3)
    step(story, "ReleaseReservation", IS_PICKED, 1)
    step(story, "ShipPacked", SHIPPED_PACKED, 2)
    step(story, "ReleaseReservation", RELEASED, 3)
    return story.stands(("A", 7, 0))


def _confirmed_is_kept(story: Story) -> Story:
    """Nobody else gets what is confirmed, nor does a correction."""
    have, held = story.rng.randint(10, 50), story.rng.randint(1, 9)
    story.receive(have)
    _confirmed(story, held)
    over = have - held + 1
    story.move("ShipStock", short("A", over, have - held), ("A", over))
    story.move("AdjustStock", short("A", over, have - held), ("A", -over))
    return story.stands(("A", have, held))


def _name_taken(story: Story, state: str) -> Story:
    """A name in use, or in use lately, is refused before what it would replace is looked at."""
    story.receive(20)
    STATES[state][0](story, 3)
    story.reserve(RESERVED, ("A", 2), name="old")
    more = {"reservation": "r", "replaces": story.rng.choice(("old", "r", "none"))}
    story.move("SupersedeReservation", EXISTS, ("A", 1), **more, ttl_seconds=60)
    _, gone, kept = STATES[state]
    return story.stands(("A", 20 - 3 * gone, 3 * kept + 2))


def _superseded_by_too_much(story: Story) -> Story:
    """What the old one holds counts as available, and no unit beyond; the old one stays."""
    have, held = story.rng.randint(5, 50), story.rng.randint(1, 4)
    story.receive(have)
    _open(story, held)
    story.reserve(RESERVED, ("A", 1), name="other")
    step(story, "SupersedeReservation", short("A", have, have - 1), have)
    step(story, "ExtendReservation", EXTENDED, 1)
    step(story, "SupersedeReservation", SUPERSEDED, have - 1)
    return story.stands(("A", have, have))


def _superseded_by_another_sku(story: Story) -> Story:
    story.move("ReceiveStock", done("StockReceived"), ("A", 9), ("B", 2))
    _open(story, 5)
    more = {"reservation": "r2", "replaces": "r", "ttl_seconds": 86_400}
    story.move("SupersedeReservation", short("B", 3, 2), ("B", 3), **more)
    story.move("SupersedeReservation", SUPERSEDED, ("B", 2), **more)
    story.end("ConfirmReservation", CLOSED)
    return story.stands(("A", 9, 0), ("B", 2, 2))


def _unpicked_beyond_the_limit(story: Story) -> Story:
    """There is no room on the shelf any more for what was picked."""
    story.receive(5)
    _picked(story, 5)
    story.move("ReceiveStock", done("StockReceived"), *[("A", 10**12)] * 1_000)
    full = {"sku": "A", "field": "on_hand", "value": 10**15 + 5, "limit": 10**15}
    step(story, "UnpickStock", rejected("QUANTITY_LIMIT", **full), 5)
    return story.stands(("A", 10**15, 0))


STORIES: dict[str, Tell] = {
    **{
        f"{state}: {kind}": partial(_refused, state=state, kind=kind)
        for state, kinds in REFUSALS.items()
        for kind in kinds
        if state not in ("shipped", "released") or kind not in ENDING  # told among the first
    },
    **{f"never reserved: {kind}": partial(_unknown, kind=kind) for kind in (*HOLDER, *ON_ITS_WAY)},
    **{f"one unit too many: {kind}": partial(_one_too_many, kind=kind) for kind in ON_ITS_WAY},
    **{
        f"a SKU that the reservation has not: {kind}": partial(_a_sku_it_has_not, kind=kind)
        for kind in ON_ITS_WAY
    },
    **{f"the rest of one shipped in part: {kind}": partial(_rest, kind=kind) for kind in ENDING},
    **{
        f"supersede by a name that is {state}": partial(_name_taken, state=state)
        for state in ("open", "confirmed", "released", "superseded")
    },
    "sum over lines: pick": _summed,
    "put back, shipped in part, released": _put_back,
    "what is confirmed is nobody else's": _confirmed_is_kept,
    "supersede by more than there is": _superseded_by_too_much,
    "supersede by another SKU": _superseded_by_another_sku,
    "unpick beyond the most a row holds": _unpicked_beyond_the_limit,
}
