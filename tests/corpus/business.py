"""Business: what the rules of stock forbid, each story in a warehouse of its own."""

from collections.abc import Callable
from typing import Any

from tests.corpus.case import NOTHING, Seat, Step, Stored, Verdict, done, invalid, rejected
from tests.corpus.commands import text

QUANTITY_MAX, LEVEL_MAX, LINES_MAX = 10**12, 10**15, 1_000
FORBIDDEN = "RESERVATION_EXISTS", "RESERVATION_NOT_FOUND", "RESERVATION_CLOSED"
EXISTS, NOT_FOUND, CLOSED = (rejected(code) for code in FORBIDDEN)
REUSED = rejected("IDEMPOTENCY_KEY_REUSED")
LIMIT = rejected("QUANTITY_LIMIT")
RECEIVED, SHIPPED = done("StockReceived"), done("StockShipped")
RESERVED, RELEASED = done("StockReserved"), done("ReservationReleased")


def short(sku: str, requested: int, available: int, *others: tuple[str, int, int]) -> Verdict:
    """More was asked for than is available, of one SKU or of several."""
    told = [
        {"sku": sku, "requested": requested, "available": available}
        for sku, requested, available in ((sku, requested, available), *others)
    ]
    return rejected("INSUFFICIENT_STOCK", **told[0], **({"short": told} if others else {}))


class Story:
    """Commands in their order, each with its label."""

    def __init__(self, seat: Seat) -> None:
        self.seat, self.rng = seat, seat.rng
        self.steps: list[Step] = []
        self.rows: tuple[Stored, ...] = ()
        self._last: dict[str, Any] = {}

    def tell(self, kind: str, verdict: Verdict, **fields: Any) -> None:
        """The next command, with an id of its own unless one is given."""
        own = {"id": f"{self.seat.id}.{len(self.steps)}", "warehouse": self.seat.warehouse}
        self._last = {"type": kind, **own, **fields}
        self.steps.append(Step(text(self._last), verdict))

    def again(self, verdict: Verdict, **changed: Any) -> None:
        """The last command once more, changed or not."""
        self.steps.append(Step(text(self._last | changed), verdict))

    def receive(self, quantity: int, sku: str = "A") -> None:
        self.tell("ReceiveStock", RECEIVED, lines=[{"sku": sku, "quantity": quantity}])

    def move(self, kind: str, verdict: Verdict, *amounts: tuple[str, int], **more: Any) -> None:
        """A command with these lines."""
        name = {"AdjustStock": "delta", "SetReorderPoint": "reorder_point"}.get(kind, "quantity")
        lines = [{"sku": sku, name: amount} for sku, amount in amounts]
        if kind == "AdjustStock":
            more = {"reason": "count", **more}
        self.tell(kind, verdict, lines=lines, **more)

    def reserve(self, verdict: Verdict, *amounts: tuple[str, int], name: str = "r") -> None:
        self.move("ReserveStock", verdict, *amounts, reservation=name, ttl_seconds=86_400)

    def end(self, kind: str, verdict: Verdict, name: str = "r") -> None:
        """Release or ship a reservation."""
        self.tell(kind, verdict, reservation=name)

    def stands(self, *rows: tuple[str, int, int]) -> "Story":
        """What the warehouse holds in the end."""
        self.rows = tuple(Stored(*row) for row in rows)
        return self


Tell = Callable[[Story], Story]


def _ship_too_much(story: Story) -> Story:
    have, more = story.rng.randint(0, 50), story.rng.choice((1, 1, 7, QUANTITY_MAX - 50))
    if have:
        story.receive(have)
    story.move("ShipStock", short("A", have + more, have), ("A", have + more))
    return story.stands(("A", have, 0)) if have else story


def _ship_all(story: Story) -> Story:
    have = story.rng.randint(1, 50)
    story.receive(have)
    story.move("ShipStock", SHIPPED, ("A", have))
    story.move("ShipStock", short("A", 1, 0), ("A", 1))
    return story.stands(("A", 0, 0))


def _reserve_too_much(story: Story) -> Story:
    have = story.rng.randint(1, 50)
    story.receive(have)
    story.reserve(short("A", have + 1, have), ("A", have + 1))
    return story.stands(("A", have, 0))


def _reserve_what_is_reserved(story: Story) -> Story:
    have, first = story.rng.randint(10, 50), story.rng.randint(1, 9)
    story.receive(have)
    story.reserve(RESERVED, ("A", first))
    story.reserve(short("A", have, have - first), ("A", have), name="r2")
    return story.stands(("A", have, first))


def _ship_what_is_reserved(story: Story) -> Story:
    have = story.rng.randint(2, 50)
    story.receive(have)
    story.reserve(RESERVED, ("A", have))
    story.move("ShipStock", short("A", 1, 0), ("A", 1))
    return story.stands(("A", have, have))


def _adjust_below_reserved(story: Story) -> Story:
    have, held = story.rng.randint(10, 50), story.rng.randint(1, 10)
    story.receive(have)
    story.reserve(RESERVED, ("A", held))
    down = have - held + 1
    story.move("AdjustStock", short("A", down, have - held), ("A", -down))
    return story.stands(("A", have, held))


def _adjust_below_zero(story: Story) -> Story:
    have = story.rng.randint(1, 50)
    story.receive(have)
    story.move("AdjustStock", short("A", have + 1, have), ("A", -have - 1))
    return story.stands(("A", have, 0))


def _adjust_by_nothing(story: Story) -> Story:
    have, delta = story.rng.randint(1, 50), story.rng.randint(1, 50)
    story.receive(have)
    story.move("AdjustStock", invalid("lines"), ("A", delta), ("B", 1), ("A", -delta))
    return story.stands(("A", have, 0))


def _adjust_by_a_sum(story: Story) -> Story:
    have = story.rng.randint(2, 50)
    story.receive(have)
    story.move("AdjustStock", done("StockAdjusted"), ("A", -have - 9), ("A", 10))
    return story.stands(("A", 1, 0))


def _ended(first: str, second: str) -> Tell:
    def tell(story: Story) -> Story:
        have, held = story.rng.randint(10, 50), story.rng.randint(1, 10)
        story.receive(have)
        story.reserve(RESERVED, ("A", held))
        story.end(first, RELEASED if first == "ReleaseReservation" else SHIPPED)
        story.end(second, CLOSED)
        return story.stands(("A", have - (held if first == "ShipReservation" else 0), 0))

    return tell


def _unknown(kind: str) -> Tell:
    def tell(story: Story) -> Story:
        story.receive(5)
        story.reserve(RESERVED, ("A", 2), name="Order-1")
        name = story.rng.choice(("order-1", "Order-1 ", "Order-2", "Order\u20101", "\u041erder-1"))
        story.end(kind, NOT_FOUND, name)
        return story.stands(("A", 5, 2))

    return tell


def _reserved_twice(story: Story) -> Story:
    story.receive(9)
    story.reserve(RESERVED, ("A", 2))
    story.reserve(EXISTS, ("A", story.rng.randint(1, 9)))
    return story.stands(("A", 9, 2))


def _closed_name_taken(story: Story) -> Story:
    story.receive(9)
    story.reserve(RESERVED, ("A", 2))
    story.end("ReleaseReservation", RELEASED)
    story.reserve(EXISTS, ("A", story.rng.randint(1, 9)))
    return story.stands(("A", 9, 0))


def _refused_name_free(story: Story) -> Story:
    story.receive(5)
    story.reserve(short("A", 6, 5), ("A", 6))
    story.reserve(RESERVED, ("A", 5))
    return story.stands(("A", 5, 5))


def _sum_over_lines(kind: str) -> Tell:
    def tell(story: Story) -> Story:
        have, first = story.rng.randint(5, 50), story.rng.randint(1, 4)
        story.receive(have)
        lines = [("A", first), ("A", have - first), ("A", 1)]
        if kind == "ReserveStock":
            story.reserve(short("A", have + 1, have), *lines)
            story.reserve(RESERVED, *lines[:2])
            return story.stands(("A", have, have))
        story.move(kind, short("A", have + 1, have), *lines)
        story.move(kind, SHIPPED, *lines[:2])
        return story.stands(("A", 0, 0))

    return tell


def _one_line_short(kind: str) -> Tell:
    def tell(story: Story) -> Story:
        count = story.rng.randint(2, 40)
        lines = [(f"S{i}", 5) for i in range(count)]
        story.move("ReceiveStock", RECEIVED, *lines)
        missing = story.rng.randrange(count)
        wanted = [(sku, 6 if i == missing else 5) for i, (sku, _) in enumerate(lines)]
        verdict = short(f"S{missing}", 6, 5)
        if kind == "ReserveStock":
            story.reserve(verdict, *wanted)
        else:
            story.move(kind, verdict, *wanted)
        return story.stands(*((sku, 5, 0) for sku, _ in lines))

    return tell


def _never_seen_line(story: Story) -> Story:
    story.receive(5)
    story.move("ShipStock", short("B", 1, 0), ("A", 5), ("B", 1))
    return story.stands(("A", 5, 0))


def _row_limit(story: Story) -> Story:
    full = [("A", QUANTITY_MAX)] * LINES_MAX
    story.move("ReceiveStock", RECEIVED, *full)
    kind = story.rng.choice(("ReceiveStock", "AdjustStock"))
    story.move(kind, LIMIT, ("A", story.rng.choice((1, QUANTITY_MAX))))
    return story.stands(("A", LEVEL_MAX, 0))


def _row_limit_all_or_none(story: Story) -> Story:
    story.move("ReceiveStock", RECEIVED, *[("A", QUANTITY_MAX)] * LINES_MAX)
    story.move("ReceiveStock", LIMIT, ("B", 7), ("A", 1), ("C", 7))
    return story.stands(("A", LEVEL_MAX, 0))


def _reorder_limit(story: Story) -> Story:
    story.move("SetReorderPoint", done("ReorderPointSet"), ("A", LEVEL_MAX))
    story.move("SetReorderPoint", invalid("lines.0.reorder_point"), ("A", LEVEL_MAX + 1))
    return story.stands(("A", 0, 0))


def _many_lines(story: Story) -> Story:
    story.move("ReceiveStock", RECEIVED, *[("A", 1)] * LINES_MAX)
    story.move("ReceiveStock", invalid("lines"), *[("A", 1)] * (LINES_MAX + 1))
    story.move("ReceiveStock", invalid("lines"))
    return story.stands(("A", LINES_MAX, 0))


def _repeated(story: Story) -> Story:
    story.receive(story.rng.randint(1, 9))
    quantity = story.steps[-1]
    story.again(NOTHING)
    story.again(NOTHING, time="2026-11-20T10:00:00Z", actor="retry", correlation_id="c")
    story.again(NOTHING, actor=None)
    assert quantity.value is not None
    return story.stands(("A", int(quantity.value.split(b'"quantity": ')[1].split(b"}")[0]), 0))


def _repeated_rejection(story: Story) -> Story:
    story.move("ShipStock", short("A", 3, 0), ("A", 3))
    first = dict(story._last)
    story.receive(9)
    story.steps.append(Step(text(first), NOTHING))
    return story.stands(("A", 9, 0))


def _repeated_invalid(story: Story) -> Story:
    story.move("ReceiveStock", invalid("lines.0.quantity"), ("A", 0))
    story.again(NOTHING)
    story.again(REUSED, actor="a")
    return story


def _reused(story: Story) -> Story:
    quantity = story.rng.randint(1, 9)
    story.receive(quantity)
    for _ in range(story.rng.randint(1, 3)):
        story.again(REUSED, lines=[{"sku": "A", "quantity": quantity + 1}])
    story.again(REUSED, lines=[{"sku": "A", "quantity": quantity}, {"sku": "B", "quantity": 1}])
    story.again(NOTHING)
    return story.stands(("A", quantity, 0))


def _reused_for_another_type(story: Story) -> Story:
    story.receive(5)
    story.again(REUSED, type="ShipStock")
    story.again(REUSED, type="Nonsense")
    return story.stands(("A", 5, 0))


def _ids_of_two_cases(story: Story) -> Story:
    story.receive(1)
    story.again(RECEIVED, id=story.seat.id.upper() + ".x")
    story.again(RECEIVED, id=story.seat.id.lower() + ".x")
    return story.stands(("A", 3, 0))


def _skus_of_two_cases(story: Story) -> Story:
    story.receive(5, "a1")
    story.move("ShipStock", short("A1", 1, 0), ("A1", 1))
    return story.stands(("a1", 5, 0))


def _released_with_lines(story: Story) -> Story:
    story.receive(5)
    story.reserve(RESERVED, ("A", 5))
    lines = [{"sku": "A", "quantity": 1}]
    kind = story.rng.choice(("ReleaseReservation", "ShipReservation"))
    story.tell(kind, invalid("lines"), reservation="r", lines=lines)
    return story.stands(("A", 5, 5))


def _foreign_field(story: Story) -> Story:
    story.receive(5)
    field, value = story.rng.choice(
        (("on_hand", 99), ("tenant", "b"), ("version", 1), ("seq", 1), ("force", True))
    )
    story.tell("ShipStock", invalid(field), lines=[{"sku": "A", "quantity": 1}], **{field: value})
    return story.stands(("A", 5, 0))


def _foreign_line_field(story: Story) -> Story:
    story.receive(5)
    field = story.rng.choice(("delta", "lot", "available", "from", "warehouse"))
    line = {"sku": "A", "quantity": 1, field: 1}
    story.tell("ShipStock", invalid(f"lines.0.{field}"), lines=[line])
    return story.stands(("A", 5, 0))


def _event_as_command(story: Story) -> Story:
    story.receive(5)
    kinds = ("StockReceived", "ReservationExpired", "CommandRejected", "LowStock", "receivestock")
    story.move(story.rng.choice(kinds), invalid("type"), ("A", 5))
    return story.stands(("A", 5, 0))


def _ttl_of_nothing(story: Story) -> Story:
    story.receive(5)
    ttl = story.rng.choice((0, -1, 31_536_001, 2**63))
    story.move("ReserveStock", invalid("ttl_seconds"), ("A", 1), reservation="r", ttl_seconds=ttl)
    story.end("ReleaseReservation", NOT_FOUND)
    return story.stands(("A", 5, 0))


OF_THE_TOPIC = frozenset(  # through the API an invalid command is refused before it has an id
    ("a repeat of an invalid command", "an id used again for another type")
)
STORIES: dict[str, Tell] = {
    "ship more than there is": _ship_too_much,
    "ship from nothing left": _ship_all,
    "reserve more than there is": _reserve_too_much,
    "reserve what is reserved": _reserve_what_is_reserved,
    "ship what is reserved": _ship_what_is_reserved,
    "adjust below reserved": _adjust_below_reserved,
    "adjust below zero": _adjust_below_zero,
    "adjust by a sum of nothing": _adjust_by_nothing,
    "adjust by a sum": _adjust_by_a_sum,
    "release twice": _ended("ReleaseReservation", "ReleaseReservation"),
    "release after ship": _ended("ShipReservation", "ReleaseReservation"),
    "ship after release": _ended("ReleaseReservation", "ShipReservation"),
    "ship a reservation twice": _ended("ShipReservation", "ShipReservation"),
    "release what was never reserved": _unknown("ReleaseReservation"),
    "ship what was never reserved": _unknown("ShipReservation"),
    "reserve under a name in use": _reserved_twice,
    "reserve under a closed name": _closed_name_taken,
    "a refused reservation leaves its name free": _refused_name_free,
    "sum over lines: ship": _sum_over_lines("ShipStock"),
    "sum over lines: reserve": _sum_over_lines("ReserveStock"),
    "one line of many is short: ship": _one_line_short("ShipStock"),
    "one line of many is short: reserve": _one_line_short("ReserveStock"),
    "one line was never seen": _never_seen_line,
    "the most a row holds": _row_limit,
    "the most a row holds, one line of three": _row_limit_all_or_none,
    "the highest reorder point": _reorder_limit,
    "a thousand lines, a thousand and one, none": _many_lines,
    "a repeat": _repeated,
    "a repeat of a rejection": _repeated_rejection,
    "a repeat of an invalid command": _repeated_invalid,
    "an id used again": _reused,
    "an id used again for another type": _reused_for_another_type,
    "ids that differ in case": _ids_of_two_cases,
    "SKUs that differ in case": _skus_of_two_cases,
    "a reservation ended in part": _released_with_lines,
    "a field of ours": _foreign_field,
    "a field of another line": _foreign_line_field,
    "an event as a command": _event_as_command,
    "a time to live outside its range": _ttl_of_nothing,
}
