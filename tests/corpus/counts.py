"""Business of counts: who may count and approve, what is left, and what may not be corrected."""

from functools import partial
from typing import Any

from tests.corpus.business import LEVEL_MAX, LINES_MAX, QUANTITY_MAX, RESERVED, Story, Tell, short
from tests.corpus.case import Verdict, done, rejected

OPENED, RECORDED = done("CountOpened"), done("CountRecorded")
APPROVED, CANCELLED = done("CountApproved"), done("CountCancelled")
RECORD, APPROVE, CANCEL = "RecordCount", "ApproveCount", "CancelCount"
COUNTER, APPROVER = "user:ann", "user:bob"


def of(code: str, count: str = "k", **details: Any) -> Verdict:
    """A count is not as the command needs it."""
    return rejected(code, count=count, **details)


def opened(story: Story, verdict: Verdict, *skus: str, **more: Any) -> None:
    """An OpenCount."""
    story.tell("OpenCount", verdict, **{"count": "k"} | more, lines=[{"sku": sku} for sku in skus])


def recorded(story: Story, verdict: Verdict, *found: tuple[str, int], **more: Any) -> None:
    """A RecordCount, by the counter."""
    lines = [{"sku": sku, "counted": counted} for sku, counted in found]
    story.tell(RECORD, verdict, **{"count": "k", "actor": COUNTER} | more, lines=lines)


def ended(story: Story, kind: str, verdict: Verdict, **more: Any) -> None:
    """An ApproveCount or CancelCount, by somebody else."""
    story.tell(kind, verdict, **{"count": "k", "actor": APPROVER} | more)


def told(story: Story, kind: str, verdict: Verdict, **more: Any) -> None:
    """Whatever may be done to a count."""
    if kind == RECORD:
        recorded(story, verdict, ("A", story.rng.randint(0, 20)), **more)
    else:
        ended(story, kind, verdict, **more)


def _begun(story: Story, have: int) -> None:
    story.receive(have)
    opened(story, OPENED, "A")


def _exists(story: Story, end: str) -> Story:
    _begun(story, 9)
    if end == APPROVE:
        recorded(story, RECORDED, ("A", 9))
    if end:
        ended(story, end, APPROVED if end == APPROVE else CANCELLED)
    opened(story, of("COUNT_EXISTS"), "A", "B")
    return story.stands(("A", 9, 0))


def _unknown(story: Story, kind: str) -> Story:
    _begun(story, 9)
    name = story.rng.choice(("K", "k ", "k2", "\u043a", "k\u200b"))
    actor = story.rng.choice((COUNTER, None))
    told(story, kind, of("COUNT_NOT_FOUND", name), count=name, actor=actor)
    return story.stands(("A", 9, 0))


def _closed(story: Story, end: str, kind: str) -> Story:
    _begun(story, 9)
    recorded(story, RECORDED, ("A", 9))
    ended(story, end, APPROVED if end == APPROVE else CANCELLED)
    told(story, kind, of("COUNT_CLOSED"), actor=story.rng.choice((COUNTER, APPROVER, None)))
    return story.stands(("A", 9, 0))


def _by_nobody(story: Story, kind: str) -> Story:
    _begun(story, 9)
    if kind == APPROVE:
        recorded(story, RECORDED, ("A", 9))
    told(story, kind, of("ACTOR_REQUIRED"), actor=story.rng.choice((None, "")))
    return story.stands(("A", 9, 0))


def _by_who_counted(story: Story) -> Story:
    """Who counted only once, or only one SKU, may not approve; nor before all is counted."""
    story.move("ReceiveStock", done("StockReceived"), ("A", 9), ("B", 4))
    opened(story, OPENED, "A", "B")
    recorded(story, RECORDED, ("A", 9))
    ended(story, APPROVE, of("COUNT_SELF_APPROVED"), actor=COUNTER)
    recorded(story, RECORDED, ("B", 4), actor="user:eve")
    for actor in (COUNTER, "user:eve"):
        ended(story, APPROVE, of("COUNT_SELF_APPROVED"), actor=actor)
    ended(story, APPROVE, APPROVED)
    return story.stands(("A", 9, 0), ("B", 4, 0))


def _incomplete(story: Story) -> Story:
    story.move("ReceiveStock", done("StockReceived"), ("A", 9), ("B", 4), ("C", 1))
    opened(story, OPENED, "A", "B", "C")
    ended(story, APPROVE, of("COUNT_INCOMPLETE", skus=["A", "B", "C"]))
    recorded(story, RECORDED, ("C", 7), ("A", 9))
    ended(story, APPROVE, of("COUNT_INCOMPLETE", skus=["B", "C"]))
    recorded(story, RECORDED, ("C", 6), ("B", 4))
    ended(story, APPROVE, APPROVED)
    return story.stands(("A", 9, 0), ("B", 4, 0), ("C", 6, 0))


def _a_sku_of_none(story: Story) -> Story:
    """No line is taken where one is of another SKU."""
    _begun(story, 9)
    name = story.rng.choice(("B", "a", "\u0410"))
    recorded(story, of("COUNT_LINE_UNKNOWN", sku=name), ("A", 9), (name, 1))
    ended(story, APPROVE, of("COUNT_INCOMPLETE", skus=["A"]))
    return story.stands(("A", 9, 0))


def _counted_already(story: Story) -> Story:
    """Within tolerance at once, or for the second time: then it is final."""
    book, tolerance = story.rng.randint(10, 50), story.rng.randint(0, 5)
    story.receive(book)
    opened(story, OPENED, "A", tolerance=tolerance)
    counted = book + story.rng.choice((-tolerance, tolerance))
    if story.rng.random() < 0.5:
        recorded(story, RECORDED, ("A", book + tolerance + 1))
    recorded(story, RECORDED, ("A", counted))
    recorded(story, of("COUNT_LINE_FINAL", sku="A"), ("A", book))
    ended(story, APPROVE, APPROVED)
    return story.stands(("A", counted, 0))


def _first_problem_first(story: Story) -> Story:
    """Line by line: the first that is wrong is told."""
    story.move("ReceiveStock", done("StockReceived"), ("A", 9), ("B", 4))
    opened(story, OPENED, "A", "B")
    recorded(story, RECORDED, ("A", 9))
    recorded(story, of("COUNT_LINE_FINAL", sku="A"), ("B", 4), ("A", 9), ("Z", 1))
    recorded(story, of("COUNT_LINE_UNKNOWN", sku="Z"), ("Z", 1), ("A", 9))
    return story.stands(("A", 9, 0), ("B", 4, 0))


def _below_the_reserved(story: Story) -> Story:
    """A correction takes nobody's promise: the count stays open, and may be cancelled."""
    have, held = story.rng.randint(10, 50), story.rng.randint(2, 9)
    _begun(story, have)
    story.reserve(RESERVED, ("A", held))
    recorded(story, RECORDED, ("A", held - 1))
    recorded(story, RECORDED, ("A", held - 1))
    ended(story, APPROVE, short("A", have - held + 1, have - held))
    ended(story, CANCEL, CANCELLED)
    return story.stands(("A", have, held))


def _moved_meanwhile(story: Story) -> Story:
    """What moves between the count and its approval has moved the books and the shelf alike."""
    have, more = story.rng.randint(10, 50), story.rng.randint(1, 9)
    counted = have + story.rng.choice((-3, 4))
    _begun(story, have)
    story.receive(more)
    recorded(story, RECORDED, ("A", counted))
    story.move("ShipStock", done("StockShipped"), ("A", 2))
    recorded(story, RECORDED, ("A", counted))
    ended(story, APPROVE, APPROVED)
    return story.stands(("A", counted + more - 2, 0))


def _beyond_the_limit(story: Story) -> Story:
    opened(story, OPENED, "A")
    recorded(story, RECORDED, ("A", 7))
    recorded(story, RECORDED, ("A", 7))
    story.move("ReceiveStock", done("StockReceived"), *[("A", QUANTITY_MAX)] * LINES_MAX)
    over = {"sku": "A", "field": "on_hand", "value": LEVEL_MAX + 7, "limit": LEVEL_MAX}
    ended(story, APPROVE, rejected("QUANTITY_LIMIT", **over))
    return story.stands(("A", LEVEL_MAX, 0))


def _of_a_sku_never_seen(story: Story) -> Story:
    opened(story, OPENED, "A")
    recorded(story, RECORDED, ("A", 0))
    ended(story, APPROVE, APPROVED)
    return story


STORIES: dict[str, Tell] = {
    **{f"open a count under a name that is {state}": partial(_exists, end=end)
       for state, end in (("open", ""), ("approved", APPROVE), ("cancelled", CANCEL))},
    **{f"never opened: {kind}": partial(_unknown, kind=kind)
       for kind in (RECORD, APPROVE, CANCEL)},
    **{f"{state} count: {kind}": partial(_closed, end=end, kind=kind)
       for state, end in (("approved", APPROVE), ("cancelled", CANCEL))
       for kind in (RECORD, APPROVE, CANCEL)},
    **{f"by nobody: {kind}": partial(_by_nobody, kind=kind) for kind in (RECORD, APPROVE, CANCEL)},
    "a count approved by who counted": _by_who_counted,
    "a count approved before all is counted": _incomplete,
    "a SKU that the count has not": _a_sku_of_none,
    "a SKU that is counted already": _counted_already,
    "the first line that is wrong": _first_problem_first,
    "a count below what is reserved": _below_the_reserved,
    "stock that moves during its count": _moved_meanwhile,
    "a count beyond the most a row holds": _beyond_the_limit,
    "a count of a SKU that was never seen": _of_a_sku_never_seen,
}  # fmt: skip
