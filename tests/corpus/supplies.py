"""Business of supplies and pre-orders: who may change what is to come, and what no day is for."""

from functools import partial
from typing import Any

from tests.corpus.business import EXISTS, LEVEL_MAX, LINES_MAX, QUANTITY_MAX, Story, Tell, short
from tests.corpus.case import Verdict, done, invalid, rejected
from tests.corpus.keeping import BACKORDERED, wait

EXPECTED, ARRIVED = done("SupplyExpected"), done("StockMoved")
OVER = "2001-01-01T00:00:00Z"  # before any run
DAYS = ("2101-01-01T00:00:00Z", "2101-01-02T00:00:00Z", "2101-01-03T00:00:00Z")
SOONER = ("2101-01-01T23:59:59.999Z", "2101-01-01t00:00:00.5z", "2100-12-31T00:00:00-00:00")
SUPPLIES_MAX, QUEUE_MAX, LATE_MAX = 100, 1_000, 1_000
MANY = [f"S{number:03}" for number in range(LATE_MAX // 2 + 1)]


def conflict(expected: int, to_come: int, supply: str = "PO-1", sku: str = "A") -> Verdict:
    """Somebody changes what he does not know."""
    told = {"supply": supply, "sku": sku, "expected": expected, "to_come": to_come}
    return rejected("SUPPLY_CONFLICT", **told)


def no_supply(supply: str = "PO-1", sku: str = "A") -> Verdict:
    """Nothing of it is to come."""
    return rejected("SUPPLY_NOT_FOUND", supply=supply, sku=sku)


def over(requested: int, to_come: int) -> Verdict:
    """More arrives than was to come."""
    told = {"supply": "PO-1", "sku": "A", "requested": requested, "to_come": to_come}
    return rejected("OVER_RECEIPT", **told)


def no_day(requested: int, by: str, earliest: str | None = None) -> Verdict:
    """Nobody can say that so many are there by then."""
    told = {"sku": "A", "requested": requested, "by": by}
    return rejected("NOT_PROMISABLE", **told, **({"earliest": earliest} if earliest else {}))


def expect(story: Story, units: int, expected: int = 0, due: str = DAYS[1], **how: Any) -> None:
    """An ExpectSupply of one SKU; of PO-1, and done, where nothing else is said."""
    line = {"sku": how.get("sku", "A"), "quantity": units, "due": due}
    line |= {"expected": expected} if expected else {}
    verdict = how.get("verdict", EXPECTED)
    story.tell("ExpectSupply", verdict, supply=how.get("supply", "PO-1"), lines=[line])


def arrive(story: Story, verdict: Verdict, *amounts: tuple[str, int], **how: Any) -> None:
    """A ReceiveSupply."""
    story.move("ReceiveSupply", verdict, *amounts, **{"supply": "PO-1"} | how)


def want(story: Story, verdict: Verdict, units: int, by: str = DAYS[2], **how: Any) -> None:
    """A PreorderStock."""
    story.move("PreorderStock", verdict, ("A", units), **{"reservation": "p", "by": by} | how)


def _unknown(story: Story) -> Story:
    """Nothing is to come of it: never, not of this SKU, not under this name, or not any more."""
    story.receive(9)
    arrive(story, no_supply(), ("A", 1))
    expect(story, 5)
    name = story.rng.choice(("po-1", "PO-1 ", "PO-\u0661", "PO-1\u200b"))
    arrive(story, no_supply(name), ("A", 1), supply=name)
    arrive(story, no_supply(sku="B"), ("A", 1), ("B", 1))
    expect(story, 0, 5)
    arrive(story, no_supply(), ("A", 1))
    return story.stands(("A", 9, 0))


def _arrived_whole(story: Story) -> Story:
    """What has arrived is forgotten: its name is as if it had never been."""
    units = story.rng.randint(2, 50)
    expect(story, units)
    arrive(story, ARRIVED, ("A", 1), ("A", units - 1))
    arrive(story, no_supply(), ("A", 1))
    expect(story, 3, units, verdict=conflict(units, 0))
    expect(story, 3)
    return story.stands(("A", units, 0))


def _beyond(story: Story) -> Story:
    """One more than was to come, on one line or by the sum of several; in parts no less."""
    units, part = story.rng.randint(10, 50), story.rng.randint(1, 9)
    expect(story, units)
    expect(story, 9, supply="PO-2")
    arrive(story, over(units + 1, units), ("A", units + 1))
    arrive(story, over(units + 1, units), ("A", units), ("A", 1))
    arrive(story, ARRIVED, ("A", part))
    left = units - part
    too_many = story.rng.choice((left + 1, units + 1, QUANTITY_MAX))
    arrive(story, over(too_many, left), ("A", too_many))
    return story.stands(("A", part, 0))


def _all_or_none(story: Story) -> Story:
    lines = [{"sku": sku, "quantity": 5, "due": DAYS[0]} for sku in "BA"]
    story.tell("ExpectSupply", EXPECTED, supply="PO-1", lines=lines)
    arrive(story, over(6, 5), ("B", 5), ("A", 6))
    changed = [line | {"expected": 5, "quantity": 7} for line in lines]
    story.tell(
        "ExpectSupply",
        conflict(4, 5),
        supply="PO-1",
        lines=[changed[0], changed[1] | {"expected": 4}],
    )
    arrive(story, ARRIVED, ("B", 5), ("A", 5))
    return story.stands(("A", 5, 0), ("B", 5, 0))


def _not_known(story: Story, by: int) -> Story:
    """So many were to come as the sender knows, and it is another number."""
    units = story.rng.randint(3, 50)
    expect(story, units)
    known = {0: 0, 1: units + 1, -1: units - 1}[by]
    for quantity in (0, known, units):
        expect(story, quantity, known, verdict=conflict(known, units))
    expect(story, 4, 1, supply="PO-2", verdict=conflict(1, 0, "PO-2"))
    expect(story, 0, units)
    return story.stands(("A", 0, 0))


def _arrived_meanwhile(story: Story) -> Story:
    units = story.rng.randint(3, 50)
    expect(story, units)
    arrive(story, ARRIVED, ("A", 1), to_account="quality_hold")
    expect(story, 0, units, verdict=conflict(units, units - 1))
    expect(story, units, units - 1)
    return story.stands(("A", 0, 0))


def _full(story: Story) -> Story:
    """One supply too many of a SKU; another SKU, and those that are there, have room."""
    for number in range(SUPPLIES_MAX):
        expect(story, 1, supply=f"PO-{number}")
    full = rejected("SUPPLIES_FULL", sku="A", limit=SUPPLIES_MAX)
    expect(story, 1, supply="one more", verdict=full)
    expect(story, 0, supply="one more")
    expect(story, 7, 1, supply="PO-7")
    expect(story, 1, supply="one more", sku="B")
    expect(story, 0, 7, supply="PO-7")
    expect(story, 1, supply="one more")
    return story.stands(("A", 0, 0), ("B", 0, 0))


def _elsewhere(story: Story, target: str) -> Story:
    """It arrives at an account of the site; whether it is to come is not looked at first."""
    story.receive(9)
    told = {"from_account": "on_order", "to_account": target, "reason": "RECEIVED"}
    arrive(story, rejected("MOVE_FORBIDDEN", **told), ("A", 1), to_account=target)
    expect(story, 5)
    arrive(story, rejected("MOVE_FORBIDDEN", **told), ("A", 9), to_account=target)
    return story.stands(("A", 9, 0))


def _by_hand(story: Story) -> Story:
    """What a supply brings is taken off the order by that alone."""
    by_hand, units = story.rng.randint(1, 9), story.rng.randint(1, 9)
    ends = {"from_account": "supplier", "to_account": "on_order", "reason": "ORDERED"}
    story.move("MoveStock", ARRIVED, ("A", by_hand), **ends)
    expect(story, units)
    told = {"requested": by_hand + 1, "available": by_hand, "account": "on_order"}
    lacks = rejected("INSUFFICIENT_STOCK", sku="A", **told, expected=units)
    ends = {"from_account": "on_order", "to_account": "supplier", "reason": "ORDER_CANCELLED"}
    story.move("MoveStock", lacks, ("A", by_hand + 1), **ends)
    ends = {"from_account": "on_order", "to_account": "sellable", "reason": "RECEIVED"}
    story.move("MoveStock", ARRIVED, ("A", by_hand), **ends)
    return story.stands(("A", by_hand, 0))


def _at_the_limit(story: Story) -> Story:
    """No account holds more than 10^15: neither what is on order, nor where it arrives."""
    expect(story, 5)
    story.move("ReceiveStock", done("StockReceived"), *[("A", QUANTITY_MAX)] * LINES_MAX)
    full = {"sku": "A", "field": "sellable", "value": LEVEL_MAX + 5, "limit": LEVEL_MAX}
    arrive(story, rejected("QUANTITY_LIMIT", **full), ("A", 5))
    owed = full | {"field": "supplier", "value": -LEVEL_MAX - 6}
    expect(story, 6, 5, verdict=rejected("QUANTITY_LIMIT", **owed))
    return story.stands(("A", LEVEL_MAX, 0))


def _never(story: Story) -> Story:
    """Nothing comes, or its day is over: no day is known. What is there is promised at once."""
    have = story.rng.randint(1, 9)
    story.receive(have)
    want(story, no_day(have + 1, DAYS[2]), have + 1)
    expect(story, 50, due=OVER)
    want(story, no_day(have + 1, DAYS[2]), have + 1)
    want(story, BACKORDERED, have)
    return story.stands(("A", have, have))


def _too_late(story: Story) -> Story:
    """It comes, but not by that day; a moment decides, however it is written."""
    units = story.rng.randint(1, 50)
    expect(story, units)
    by = story.rng.choice(SOONER)
    want(story, no_day(units, by, DAYS[1]), units, by)
    want(story, no_day(units + 1, DAYS[2]), units + 1)
    want(story, BACKORDERED, units, story.rng.choice((DAYS[1], "2101-01-02t00:00:00.000z")))
    return story.stands(("A", 0, 0))


def _promised_to_others(story: Story) -> Story:
    """Nothing is promised twice, nor to an urgent one what makes another late."""
    units = story.rng.randint(2, 50)
    expect(story, units)
    want(story, BACKORDERED, units - 1, reservation="first")
    want(story, no_day(2, DAYS[2]), 2)
    want(story, no_day(2, DAYS[2]), 2, priority=9)
    want(story, BACKORDERED, 1, priority=9)
    return story.stands(("A", 0, 0))


def _kept_back(story: Story) -> Story:
    """What must be kept is there first, before a day is promised of the rest."""
    kept, units = story.rng.randint(1, 9), story.rng.randint(10, 50)
    story.tell("SetStockPolicy", done("StockPolicySet"), lines=[{"sku": "A", "safety_stock": kept}])
    expect(story, units)
    want(story, no_day(units - kept + 1, DAYS[2]), units - kept + 1)
    want(story, BACKORDERED, units - kept)
    return story.stands(("A", 0, 0))


def _of_channels(story: Story) -> Story:
    """What comes in is in no pool: of such a SKU no day is promised, not even of what is there."""
    story.receive(9)
    pools = [{"channel": "web", "quantity": story.rng.choice((0, 5))}]
    story.tell("SetChannelPools", done("ChannelPoolsSet"), lines=[{"sku": "A", "pools": pools}])
    expect(story, 5)
    want(story, no_day(1, DAYS[2]), 1)
    return story.stands(("A", 9, 0))


def _taken(story: Story) -> Story:
    """The name is looked at first."""
    story.receive(3)
    wait(story, BACKORDERED, 5, "p")
    want(story, EXISTS, 1)
    expect(story, 5)
    want(story, EXISTS, 1)
    return story.stands(("A", 3, 3))


def _many_late(story: Story) -> Story:
    """An event tells of so many who are late: whoever makes more of them names fewer SKUs."""
    lines = [{"sku": sku, "quantity": 2, "due": DAYS[0]} for sku in MANY]
    story.tell("ExpectSupply", EXPECTED, supply="PO-1", lines=lines)
    amounts = [(sku, 1) for sku in MANY]
    for name in ("p", "q"):
        named = {"reservation": name, "by": DAYS[2]}
        story.move("PreorderStock", BACKORDERED, *amounts, **named)
    told = rejected("TOO_MANY_LATE", limit=LATE_MAX)
    later = [line | {"expected": 2, "due": DAYS[2]} for line in lines]
    story.tell("ExpectSupply", told, supply="PO-1", lines=later)
    urgent = [(sku, 2) for sku in MANY]
    story.move("BackorderStock", told, *urgent, reservation="urgent", priority=9)
    arrive(story, told, *urgent, to_account="damaged")
    story.tell("ExpectSupply", EXPECTED, supply="PO-1", lines=later[1:])
    return story.stands(*((sku, 0, 0) for sku in MANY))


def _queue_full(story: Story) -> Story:
    """One too many waits; who waits for another SKU, or for nothing, does not."""
    for number in range(QUEUE_MAX):
        wait(story, BACKORDERED, 1, f"w{number}")
    wait(story, rejected("QUEUE_FULL", sku="A", limit=QUEUE_MAX), 1, "one more")
    expect(story, QUEUE_MAX + 9)
    want(story, rejected("QUEUE_FULL", sku="A", limit=QUEUE_MAX), 1)
    story.receive(1)
    wait(story, BACKORDERED, 1, "one more")
    return story.stands(("A", 1, 1))


def _outside(story: Story) -> Story:
    """Fields that are not as they must be: nothing is to come by any of them."""
    line = {"sku": "A", "quantity": 1, "due": DAYS[0]}
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("lines.0.quantity", {"quantity": story.rng.choice((-1, QUANTITY_MAX + 1, True, "1"))}),
        ("lines.0.expected", {"expected": story.rng.choice((-1, QUANTITY_MAX + 1, None))}),
        ("lines.0.due", {"due": story.rng.choice(("2101-01-01", "soon", None, 4_133_980_800))}),
        ("lines.0.delta", {"delta": 1}),
    ]
    for path, fields in wrong:
        story.tell("ExpectSupply", invalid(path), supply="PO-1", lines=[line | fields])
    story.tell("ExpectSupply", invalid("lines"), supply="PO-1", lines=[line, line])
    story.tell("ExpectSupply", invalid("supply"), supply="", lines=[line])
    arrive(story, invalid("to_account"), ("A", 1), to_account="shelf")
    arrive(story, invalid("lines.0.quantity"), ("A", 0))
    arrive(story, invalid("reference"), ("A", 1), reference="note")
    want(story, invalid("by"), 1, "tomorrow")
    want(story, invalid("promised"), 1, promised=DAYS[0])
    want(story, invalid("channel"), 1, channel="web")
    arrive(story, no_supply(), ("A", 1))
    return story


def _taken_otherwise(story: Story) -> Story:
    """What is to come is not there: nobody ships, reserves or moves it."""
    expect(story, 9)
    story.move("ShipStock", short("A", 1, 0), ("A", 1))
    story.reserve(short("A", 1, 0), ("A", 1))
    arrive(story, ARRIVED, ("A", 4), to_account="damaged")
    story.move("ShipStock", short("A", 1, 0), ("A", 1))
    return story.stands(("A", 0, 0))


LARGE: dict[str, Tell] = {
    "one supply too many of a SKU": _full,
    "an event that makes too many late": _many_late,
    "one too many in a queue": _queue_full,
}
"""Of a hundred commands and more, or of as many lines."""
STORIES: dict[str, Tell] = {
    **LARGE,
    **{f"a supply changed by who knows {what}": partial(_not_known, by=by)
       for what, by in (("nothing of it", 0), ("too many", 1), ("too few", -1))},
    **{f"a supply that arrives at {target}": partial(_elsewhere, target=target)
       for target in ("staged", "on_order", "customer", "in_transit", "scrap")},
    "a supply of which nothing is to come": _unknown,
    "a supply that has arrived whole": _arrived_whole,
    "a supply that has arrived meanwhile": _arrived_meanwhile,
    "more of a supply than was to come": _beyond,
    "a supply, one line of two": _all_or_none,
    "a supply taken off the order by hand": _by_hand,
    "a supply beyond the most an account holds": _at_the_limit,
    "a supply that is not there yet": _taken_otherwise,
    "a pre-order of what never comes": _never,
    "a pre-order of what comes too late": _too_late,
    "a pre-order of what others were promised": _promised_to_others,
    "a pre-order of what is kept back": _kept_back,
    "a pre-order of a SKU with channels": _of_channels,
    "a pre-order by a name in use": _taken,
    "supplies and pre-orders outside their rules": _outside,
}  # fmt: skip
