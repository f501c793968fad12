"""Business of accounts: what may not move, for no reason, or is not there to be moved."""

from functools import partial
from typing import Any

from tests.corpus.business import LEVEL_MAX, LINES_MAX, QUANTITY_MAX, RESERVED, Story, Tell, short
from tests.corpus.case import Verdict, done, rejected

MOVED = done("StockMoved")
SITE = ("sellable", "quality_hold", "damaged", "expired", "recalled")
ACCOUNTS = (
    *SITE, "staged", "on_order", "in_transit",
    "supplier", "customer", "gain_loss", "scrap", "production", "transfers",
)  # fmt: skip
ALLOWED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # as docs/stock.md has them
    "RECEIVED": (("supplier", "on_order"), SITE),
    "ORDERED": (("supplier",), ("on_order",)),
    "ORDER_CANCELLED": (("on_order",), ("supplier",)),
    "VENDOR_RETURN": (SITE, ("supplier",)),
    "RETURN": (("customer",), SITE),
    "QC_HOLD": (SITE, ("quality_hold",)),
    "QC_RELEASE": (SITE[1:], ("sellable",)),
    "DAMAGED": (SITE, ("damaged",)),
    "EXPIRED": (SITE, ("expired",)),
    "RECALL": (SITE, ("recalled",)),
    "CORRECTION": ((*SITE, "gain_loss"), (*SITE, "gain_loss")),
    "OPENING": (("gain_loss",), SITE),
    "FOUND": (("gain_loss",), SITE),
    "LOST": (SITE, ("gain_loss",)),
    "THEFT": (SITE, ("gain_loss",)),
    "SCRAP": (SITE, ("scrap",)),
    "SAMPLE": (SITE, ("scrap",)),
    "PROMO": (SITE, ("scrap",)),
    "INTERNAL": (SITE, ("scrap",)),
    "KIT": ((*SITE, "production"), (*SITE, "production")),
}
COMES_IN = {  # what brings units into an account that may not be below 0
    **dict.fromkeys(SITE, ("supplier", "RECEIVED")),
    "on_order": ("supplier", "ORDERED"),
}


def move(
    story: Story, verdict: Verdict, source: str, target: str, reason: str, *lines: tuple[str, int]
) -> None:
    """A MoveStock."""
    fields: dict[str, Any] = {"from_account": source, "to_account": target, "reason": reason}
    story.move("MoveStock", verdict, *lines, **fields)


def _forbidden(story: Story, source: str, target: str, reason: str) -> Story:
    """Whatever there is and whatever is asked for: the pair is looked at first."""
    story.receive(9)
    told = rejected("MOVE_FORBIDDEN", from_account=source, to_account=target, reason=reason)
    quantity = story.rng.choice((1, 9, 10, QUANTITY_MAX))
    move(story, told, source, target, reason, ("A", quantity))
    return story.stands(("A", 9, 0))


def _for_another_reason(story: Story, reason: str) -> Story:
    sources, targets = ALLOWED[reason]
    wrong = [
        (source, target)
        for source in ACCOUNTS
        for target in ACCOUNTS
        if source == target or source not in sources or target not in targets
    ]
    return _forbidden(story, *story.rng.choice(wrong), reason)


def _to_itself(story: Story) -> Story:
    account = story.rng.choice(SITE)
    return _forbidden(story, account, account, story.rng.choice(("CORRECTION", "KIT")))


def _on_its_way(story: Story, account: str) -> Story:
    """What is picked moves by its reservation alone, what is sent by its transfer."""
    pair = [story.rng.choice(SITE), account]
    story.rng.shuffle(pair)
    return _forbidden(story, pair[0], pair[1], story.rng.choice(list(ALLOWED)))


def _allowed(story: Story, reason: str) -> Story:
    """Every reason as it is allowed; a unit more than there is, where that counts."""
    sources, targets = ALLOWED[reason]
    pairs = [(one, other) for one in sources for other in targets if one != other]
    source, target = story.rng.choice(pairs)
    have, part = story.rng.randint(2, 50), story.rng.randint(1, 2)
    if source in COMES_IN:
        origin, why = COMES_IN[source]
        move(story, MOVED, origin, source, why, ("A", have))
        move(story, _lacks(source, have + 1, have), source, target, reason, ("A", have + 1))
    move(story, MOVED, source, target, reason, ("A", part))
    on_hand = have if source == "sellable" else 0
    return story.stands(
        ("A", on_hand + part * ((target == "sellable") - (source == "sellable")), 0)
    )


def _lacks(account: str, requested: int, available: int, sku: str = "A") -> Verdict:
    if account == "sellable":
        return short(sku, requested, available)
    return rejected(
        "INSUFFICIENT_STOCK", sku=sku, requested=requested, available=available, account=account
    )


def _from_nothing(story: Story, source: str) -> Story:
    ways = [
        (target, reason)
        for reason, (sources, targets) in ALLOWED.items()
        for target in targets
        if source in sources and source != target
    ]
    story.receive(9, "B")
    target, reason = story.rng.choice(ways)
    move(story, _lacks(source, 1, 0), source, target, reason, ("A", 1))
    return story.stands(("B", 9, 0))


def _of_the_reserved(story: Story) -> Story:
    have, held = story.rng.randint(10, 50), story.rng.randint(1, 9)
    story.receive(have)
    story.reserve(RESERVED, ("A", held))
    over = have - held + 1
    move(story, short("A", over, have - held), "sellable", "damaged", "DAMAGED", ("A", over))
    return story.stands(("A", have, held))


def _elsewhere_too(story: Story) -> Story:
    """What else becomes of a SKU is the same when some units of it are in other accounts."""
    have, aside = story.rng.randint(20, 50), story.rng.randint(1, 5)
    story.receive(have)
    move(story, MOVED, "sellable", "damaged", "DAMAGED", ("A", aside))
    story.reserve(RESERVED, ("A", 4))
    more = {"reservation": "r2", "replaces": "r", "ttl_seconds": 86_400}
    story.move("SupersedeReservation", done("ReservationSuperseded"), ("A", 5), **more)
    story.end("ConfirmReservation", done("ReservationConfirmed"), "r2")
    story.move("PickStock", done("StockPicked"), ("A", 2), reservation="r2")
    story.tell("OpenCount", done("CountOpened"), count="k", lines=[{"sku": "A"}])
    for _ in range(2):
        lines = [{"sku": "A", "counted": 9}]
        story.tell("RecordCount", done("CountRecorded"), count="k", lines=lines, actor="user:1")
    story.tell("ApproveCount", done("CountApproved"), count="k", actor="user:2")
    return story.stands(("A", 9, 3))


def _one_line_short(story: Story) -> Story:
    story.move("ReceiveStock", done("StockReceived"), ("A", 5), ("B", 5))
    lines = (("A", 1), ("B", 6), ("A", 1))
    move(story, short("B", 6, 5), "sellable", "quality_hold", "QC_HOLD", *lines)
    move(story, _lacks("quality_hold", 1, 0), "quality_hold", "sellable", "QC_RELEASE", ("A", 1))
    return story.stands(("A", 5, 0), ("B", 5, 0))


def _summed(story: Story) -> Story:
    story.receive(5)
    move(story, short("A", 6, 5), "sellable", "scrap", "SCRAP", ("A", 3), ("A", 3))
    move(story, MOVED, "sellable", "scrap", "SCRAP", ("A", 3), ("A", 2))
    return story.stands(("A", 0, 0))


def _at_the_limit(story: Story, target: str) -> Story:
    """No account holds more than 10^15; what loses is looked at first."""
    source, reason = COMES_IN[target]
    full = [("A", QUANTITY_MAX)] * LINES_MAX
    move(story, MOVED, source, target, reason, *full)
    beyond = {"sku": "A", "field": source, "value": -LEVEL_MAX - 1, "limit": LEVEL_MAX}
    move(story, rejected("QUANTITY_LIMIT", **beyond), source, target, reason, ("A", 1))
    if target in SITE:
        beyond |= {"field": target, "value": LEVEL_MAX + 1}
        told = rejected("QUANTITY_LIMIT", **beyond)
        move(story, told, "gain_loss", target, "FOUND", ("B", 1), ("A", 1))
    return story.stands(("A", LEVEL_MAX if target == "sellable" else 0, 0))


STORIES: dict[str, Tell] = {
    **{f"move for another reason: {reason}": partial(_for_another_reason, reason=reason)
       for reason in ALLOWED},
    **{f"move: {reason}": partial(_allowed, reason=reason) for reason in ALLOWED},
    **{f"move what is not there: {source}": partial(_from_nothing, source=source)
       for source in COMES_IN},
    **{f"move what is on its way: {account}": partial(_on_its_way, account=account)
       for account in ("staged", "in_transit", "transfers")},
    **{f"the most an account holds: {target}": partial(_at_the_limit, target=target)
       for target in ("sellable", "damaged", "on_order")},
    "move to the same account": _to_itself,
    "move what is reserved": _of_the_reserved,
    "units in other accounts too": _elsewhere_too,
    "move, one line of several is short": _one_line_short,
    "sum over lines: move": _summed,
}  # fmt: skip
