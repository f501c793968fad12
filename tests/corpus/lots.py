"""Business of lots and serials: what may not become of them, each story of a SKU of its own.

It is decided by a whole engine of lots alone (`test_lots.py`): what stock would tell it is among
the steps. In the run through the whole system there is stock alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.corpus.case import NOTHING, Step, Verdict, done, invalid, rejected
from tests.corpus.commands import text
from tests.hosted import Wish
from tests.lots.depot import (
    after,
    assign,
    change,
    come,
    confirm,
    give,
    hold,
    name,
    pick,
    rebind,
    recall,
    receive,
    register,
    release,
    require,
    swap,
    take_back,
    went,
)

REGISTERED, RECEIVED, HELD = done("LotRegistered"), done("LotReceived"), done("LotHeld")
RECALLED, RECORDED = done("LotRecalled"), done("StockChangeRecorded")
NAMED, MOVED = done("SerialsRegistered"), done("SerialsMoved")
BOUND, UNBOUND, SWAPPED = done("SerialsBound"), done("SerialsUnbound"), done("SerialsSwapped")
REUSED = rejected("IDEMPOTENCY_KEY_REUSED")
LOTS_MAX = 200  # of a SKU in a warehouse
THERE = {"warehouse": "LON-1", "account": "sellable"}


class LotStory:
    """Commands in their order, each with its label."""

    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.steps: list[Step] = []
        self._last: Wish = {}

    def tell(self, verdict: Verdict, wish: Wish) -> None:
        """The next command, with an id of its own."""
        self._last = {"id": f"l{len(self.steps)}", "sku": self.sku} | wish
        self.steps.append(Step(text(self._last), verdict))

    def again(self, verdict: Verdict, **changed: Any) -> None:
        """The last one once more, changed or not."""
        self.steps.append(Step(text(self._last | changed), verdict))

    def three(self) -> None:
        """Three units, each with a serial."""
        self.tell(RECORDED, come("-", 3))
        self.tell(NAMED, name("N1", "N2", "N3"))


Tell = Callable[[LotStory], None]


def insufficient(requested: int, there: int, **where: Any) -> Verdict:
    """More units are asked for than are there."""
    return rejected("INSUFFICIENT_UNITS", requested=requested, there=there, **where)


def at(code: str, serial: str = "N1", **where: Any) -> Verdict:
    """A serial is not where it would have to be."""
    return rejected(code, serial=serial, **{"warehouse": "LON-1"} | where)


def _unknown(story: LotStory) -> None:
    no_lot = rejected("LOT_NOT_FOUND", lot="no")
    story.tell(REGISTERED, register("No"))
    story.tell(RECORDED, come("-", 5))
    for wish in (receive("no", 1), assign("no", 1), hold("no"), release("no"), recall("no")):
        story.tell(no_lot, wish)
    story.tell(no_lot, name("N1", lot="no"))


def _registered(story: LotStory) -> None:
    story.tell(REGISTERED, register("L1", 9))
    for days in (9, 8, None):
        story.tell(rejected("LOT_EXISTS", lot="L1"), register("L1", days))
    conflict = rejected("LOT_DATES_CONFLICT", field="best_before", other="expires_at")
    story.tell(conflict, register("L2", 2, best_before=after(3)))
    story.tell(REGISTERED, register("L2", 3, best_before=after(3)))


def _recalled(story: LotStory) -> None:
    story.tell(REGISTERED, register("L1"))
    story.tell(RECALLED, recall("L1"))
    told = rejected("LOT_RECALLED", lot="L1", reason="glass")
    for wish in (recall("L1"), receive("L1", 1), receive("L1", 1, to_account="quality_hold")):
        story.tell(told, wish)
    story.tell(told, hold("L1"))


def _expired(story: LotStory) -> None:
    story.tell(REGISTERED, register("L1", -1))
    story.tell(rejected("LOT_EXPIRED", lot="L1", expires_at=after(-1)), receive("L1", 1))


def _held(story: LotStory) -> None:
    """One on hold comes to quality hold, and nowhere else; what is good is not released."""
    story.tell(REGISTERED, register("L1"))
    story.tell(rejected("LOT_NOT_HELD", lot="L1"), release("L1"))
    story.tell(HELD, hold("L1"))
    told = rejected("LOT_HELD", lot="L1", reason="smell")
    story.tell(told, hold("L1"))
    story.tell(told, receive("L1", 1))
    story.tell(RECEIVED, receive("L1", 1, to_account="quality_hold"))
    story.tell(done("LotReleased"), release("L1"))
    story.tell(rejected("LOT_NOT_HELD", lot="L1"), release("L1"))


def _assigned(story: LotStory) -> None:
    story.tell(REGISTERED, register("L1"))
    story.tell(RECORDED, come("-", 3))
    story.tell(insufficient(4, 3, **THERE), assign("L1", 4))
    story.tell(rejected("LOT_TO_ITSELF", lot="L1"), assign("L1", 1, from_lot="L1"))
    story.tell(done("LotAssigned"), assign("L1", 3))
    story.tell(insufficient(1, 0, **THERE), assign("L1", 1))


def _short_lived(story: LotStory) -> None:
    story.tell(REGISTERED, register("soon", 5))
    story.tell(RECORDED, come("soon", 5))
    story.tell(done("ShelfLifeRequired"), require("r", 10))
    story.tell(RECORDED, confirm("r", 2))
    story.tell(rejected("SHELF_LIFE_SHORT", lot="soon", days=10), rebind("r", "soon", 1))
    nobody = rejected("RESERVATION_NOT_FOUND", warehouse="LON-1", reservation="no")
    story.tell(nobody, rebind("no", "soon", 1))


def _too_many_lots(story: LotStory) -> None:
    for number in range(LOTS_MAX):
        story.tell(REGISTERED, register(f"L{number}"))
        story.tell(RECORDED, come(f"L{number}", 1))
    story.tell(REGISTERED, register("more"))
    limit = {"warehouse": "LON-1", "field": "lots", "value": LOTS_MAX + 1, "limit": LOTS_MAX}
    story.tell(rejected("QUANTITY_LIMIT", **limit), receive("more", 1))


def _seen_twice(story: LotStory) -> None:
    story.three()
    twice = at("SERIAL_SEEN_TWICE", account="sellable")
    story.tell(RECORDED, come("-", 2, "PAR-1"))
    story.tell(twice, name("N1"))
    story.tell(twice, name("N4", "N1", warehouse="PAR-1"))
    story.tell(twice, went("customer", "sellable", "N1"))
    story.tell(invalid("serials"), name("N4", "N4", warehouse="PAR-1"))
    story.tell(NAMED, name("N4", warehouse="PAR-1"))


def _without_units(story: LotStory) -> None:
    story.three()
    story.tell(insufficient(1, 0, **THERE), name("N4"))
    ends = ("sellable", "damaged")
    lacks = insufficient(1, 0, warehouse="LON-1", account="damaged")
    story.tell(lacks, went(*ends, "N1"))
    story.tell(RECORDED, change(*ends, 1))
    story.tell(MOVED, went(*ends, "N1"))


def _nobody_knows(story: LotStory) -> None:
    story.three()
    story.tell(RECORDED, confirm("r", 2))
    no_serial = rejected("SERIAL_NOT_FOUND", serial="no")
    for wish in (
        went("sellable", "customer", "N1", "no"),
        give("r", "N1", "no"),
        take_back("no"),
        swap("N1", "no"),
        swap("no", "N1"),
    ):
        story.tell(no_serial, wish)
    story.tell(rejected("SERIAL_TO_ITSELF", serial="N1"), swap("N1", "N1"))


def _forbidden(story: LotStory, source: str, target: str) -> None:
    story.three()
    told = rejected("MOVE_FORBIDDEN", from_account=source, to_account=target)
    story.tell(told, went(source, target, "N1"))


def _elsewhere(story: LotStory) -> None:
    story.three()
    here = at("SERIAL_ELSEWHERE", account="sellable")
    story.tell(here, went("damaged", "customer", "N1"))
    story.tell(here, went("sellable", "customer", "N1", warehouse="PAR-1"))
    story.tell(RECORDED, confirm("r", 1, "PAR-1"))
    story.tell(here, give("r", "N1", warehouse="PAR-1"))
    story.tell(here, take_back("N1", warehouse="PAR-1"))


def _under_way(story: LotStory) -> None:
    story.three()
    story.tell(MOVED, went("sellable", "in_transit", "N1", reference="t1"))
    away = at("SERIAL_IN_TRANSIT", account="in_transit")
    story.tell(away, went("sellable", "customer", "N1"))
    story.tell(away, went("customer", "sellable", "N1"))
    story.tell(away, take_back("N1"))


def _gone(story: LotStory, account: str) -> None:
    story.three()
    story.tell(MOVED, went("sellable", account, "N1"))
    gone = at("SERIAL_GONE", account=account)
    story.tell(gone, went("sellable", "damaged", "N1"))
    story.tell(gone, take_back("N1"))
    story.tell(at("SERIAL_SEEN_TWICE", account=account), name("N1"))


def _bound(story: LotStory) -> None:
    story.three()
    free = at("SERIAL_NOT_BOUND", account="sellable")
    nobody = rejected("RESERVATION_NOT_FOUND", warehouse="LON-1", reservation="r")
    story.tell(free, take_back("N1"))
    story.tell(nobody, give("r", "N1"))
    story.tell(RECORDED, confirm("r", 1))
    lacks = insufficient(2, 1, warehouse="LON-1", reservation="r")
    story.tell(lacks, give("r", "N1", "N2"))
    story.tell(BOUND, give("r", "N1"))
    mine = at("SERIAL_BOUND", account="sellable", reservation="r")
    story.tell(mine, went("sellable", "customer", "N1"))
    story.tell(RECORDED, confirm("q", 1))
    story.tell(mine, give("q", "N1"))
    story.tell(SWAPPED, swap("N1", "N3"))
    story.tell(UNBOUND, take_back("N3"))
    story.tell(BOUND, give("r", "N2"))
    story.tell(RECORDED, pick("r", 1))
    picked = at("SERIAL_ELSEWHERE", "N2", account="staged", reservation="r")
    story.tell(picked, take_back("N2"))


def _of_a_bad_lot(story: LotStory) -> None:
    story.tell(REGISTERED, register("L1"))
    story.tell(RECORDED, come("L1", 2))
    story.tell(NAMED, name("N1", lot="L1"))
    story.tell(HELD, hold("L1"))
    story.tell(RECORDED, confirm("r", 1))
    story.tell(rejected("LOT_HELD", lot="L1", reason="smell"), give("r", "N1"))
    story.tell(RECALLED, recall("L1"))
    story.tell(rejected("LOT_RECALLED", lot="L1", reason="glass"), give("r", "N1"))


def _outside(story: LotStory) -> None:
    story.tell(invalid("lot"), register(""))
    story.tell(invalid("quantity"), receive("L1", 0))
    story.tell(invalid("to_account"), receive("L1", 1, to_account="staged"))
    story.tell(invalid("serials"), name())
    story.tell(invalid("colour"), register("L1", colour="green"))
    story.tell(invalid("expires_at"), register("L1", expires_at="tomorrow"))
    story.tell(rejected("LOT_NOT_FOUND", lot="L1"), receive("L1", 1))


def _again(story: LotStory) -> None:
    story.tell(REGISTERED, register("L1"))
    story.again(NOTHING)
    story.again(NOTHING, actor="retry")
    story.again(REUSED, lot="L2")
    story.tell(rejected("LOT_NOT_FOUND", lot="L2"), hold("L2"))
    story.again(NOTHING)


STORIES: dict[str, Tell] = {
    **{f"a serial from {source} to {target}": partial(_forbidden, source=source, target=target)
       for source, target in (("sellable", "sellable"), ("customer", "supplier"),
                              ("customer", "in_transit"))},
    **{f"a serial that is gone to {account}": partial(_gone, account=account)
       for account in ("supplier", "gain_loss", "scrap")},
    "a lot that nobody registered": _unknown,
    "a lot registered twice, or to end before it is best": _registered,
    "a lot that was recalled": _recalled,
    "a lot that has expired": _expired,
    "a lot on hold": _held,
    "units assigned that are not there": _assigned,
    "a lot that ends too soon": _short_lived,
    "one lot too many": _too_many_lots,
    "a serial that is seen twice": _seen_twice,
    "a serial for no unit": _without_units,
    "a serial that nobody registered": _nobody_knows,
    "a serial that is elsewhere": _elsewhere,
    "a serial that is under way": _under_way,
    "a serial that is somebody's": _bound,
    "a serial of a bad lot": _of_a_bad_lot,
    "lots and serials outside their rules": _outside,
    "a lot's command again, and its id for another": _again,
}  # fmt: skip
