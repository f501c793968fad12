"""Business of policies and backorders: what is kept back, and what somebody else waits for."""

from functools import partial
from typing import Any

from tests.corpus.business import RESERVED, SHIPPED, Story, Tell
from tests.corpus.case import Verdict, done, rejected

SET, SUPERSEDED = done("StockPolicySet"), done("ReservationSuperseded")
TAKING = ("ShipStock", "ReserveStock", "SupersedeReservation", "DispatchTransfer")
LEVEL_MAX = 10**15
BACKORDERED = done("StockBackordered")


def kept_back(sku: str, requested: int, available: int, safety_stock: int) -> Verdict:
    """More is asked for than is left above what is kept."""
    told = {"sku": sku, "requested": requested, "available": available}
    return rejected("INSUFFICIENT_STOCK", **told, safety_stock=safety_stock)


def conflict(reorder_point: int, recover_point: int) -> Verdict:
    """What is low would be recovered at once."""
    told = {"sku": "A", "reorder_point": reorder_point, "recover_point": recover_point}
    return rejected("POLICY_CONFLICT", **told)


def keep(story: Story, verdict: Verdict = SET, **policy: Any) -> None:
    """A SetStockPolicy."""
    story.tell("SetStockPolicy", verdict, lines=[{"sku": "A"} | policy])


def take(story: Story, kind: str, verdict: Verdict, quantity: int) -> None:
    """Whatever promises units or lets them go; a name of its own each time."""
    name = f"n{len(story.steps)}"
    named: dict[str, dict[str, Any]] = {
        "ReserveStock": {"reservation": name, "ttl_seconds": 86_400},
        "SupersedeReservation": {"reservation": name, "replaces": "r", "ttl_seconds": 86_400},
        "DispatchTransfer": {"transfer": name, "to_warehouse": f"{story.seat.warehouse}-b"},
    }
    story.move(kind, verdict, ("A", quantity), **named.get(kind, {}))


def _taken(story: Story, kind: str) -> Story:
    """The last unit above the safety stock goes, and no further one."""
    have, safety_stock = story.rng.randint(20, 50), story.rng.randint(1, 9)
    held = story.rng.randint(1, 4)
    story.receive(have)
    story.reserve(RESERVED, ("A", held))
    keep(story, safety_stock=safety_stock)
    given = held if kind == "SupersedeReservation" else 0
    free = have - held - safety_stock + given
    take(story, kind, kept_back("A", free + 1, free, safety_stock), free + 1)
    if kind in ("ShipStock", "DispatchTransfer"):
        is_transfer = kind == "DispatchTransfer"
        take(story, kind, done("TransferDispatched") if is_transfer else SHIPPED, free)
        return story.stands(("A", have - free, held))
    take(story, kind, SUPERSEDED if given else RESERVED, free)
    return story.stands(("A", have, have - safety_stock))


def _below(story: Story, kind: str) -> Story:
    """Less is there than should be kept: nothing is available, not even less than nothing."""
    have = story.rng.randint(1, 9)
    safety_stock = story.rng.choice((have, have + 1, LEVEL_MAX))
    story.receive(have)
    keep(story, safety_stock=safety_stock)
    take(story, kind, kept_back("A", 1, 0, safety_stock), 1)
    return story.stands(("A", have, 0))


def _replaced_whole(story: Story) -> Story:
    """A policy that does not name the safety stock has none."""
    story.receive(9)
    keep(story, safety_stock=5)
    keep(story, recover_point=3)
    story.move("ShipStock", SHIPPED, ("A", 9))
    return story.stands(("A", 0, 0))


def _lost_all_the_same(story: Story) -> Story:
    """What breaks does not ask what should be kept."""
    story.receive(9)
    keep(story, safety_stock=9)
    story.move("AdjustStock", done("StockAdjusted"), ("A", -4))
    story.move("ShipStock", kept_back("A", 1, 0, 9), ("A", 1))
    return story.stands(("A", 5, 0))


def _recovers_while_low(story: Story) -> Story:
    point = story.rng.randint(1, 50)
    story.receive(9)
    story.move("SetReorderPoint", done("ReorderPointSet"), ("A", point))
    keep(story, conflict(point, point - 1), recover_point=point - 1)
    keep(story, recover_point=point)
    story.move("SetReorderPoint", conflict(point + 1, point), ("A", point + 1))
    return story.stands(("A", 9, 0))


def wait(story: Story, verdict: Verdict, quantity: int, name: str = "w", **how: Any) -> None:
    """A BackorderStock."""
    story.move("BackorderStock", verdict, ("A", quantity), reservation=name, **how)


def _awaited(story: Story, kind: str) -> Story:
    """What somebody waits for is nobody else's, though it lies there."""
    have, more = story.rng.randint(1, 9), story.rng.randint(1, 9)
    story.receive(have)
    wait(story, BACKORDERED, have + more, partial=False)
    told = {"sku": "A", "requested": 1, "available": 0, "waiting": have + more}
    take(story, kind, rejected("INSUFFICIENT_STOCK", **told), 1)
    story.receive(more)
    return story.stands(("A", have + more, have + more))


def _step_of_waiting(story: Story, kind: str) -> Story:
    have, more = story.rng.randint(1, 9), story.rng.randint(1, 9)
    story.receive(have)
    wait(story, BACKORDERED, have + more)
    told = rejected("RESERVATION_WAITING", reservation="w")
    if kind == "SupersedeReservation":
        named = {"reservation": "s", "replaces": "w", "ttl_seconds": 60}
        story.move(kind, told, ("A", 1), **named)
    elif kind == "ExtendReservation":
        story.tell(kind, told, reservation="w", ttl_seconds=60)
    elif kind in ("ConfirmReservation", "ShipReservation"):
        story.end(kind, told, "w")
    else:
        story.move(kind, told, ("A", 1), reservation="w")
    return story.stands(("A", have, have))


def _given_up(story: Story) -> Story:
    """What is given back goes to the next who waits, and the rest to anybody."""
    story.receive(9)
    wait(story, BACKORDERED, 12)
    wait(story, BACKORDERED, 4, "next")
    story.end("ReleaseReservation", done("ReservationReleased"), "w")
    story.end("ReleaseReservation", rejected("RESERVATION_CLOSED"), "w")
    story.move("PickStock", done("StockPicked"), ("A", 4), reservation="next")
    story.reserve(RESERVED, ("A", 5))
    return story.stands(("A", 5, 5))


def _name_taken(story: Story) -> Story:
    story.receive(3)
    wait(story, BACKORDERED, 5)
    wait(story, rejected("RESERVATION_EXISTS"), 1)
    story.reserve(rejected("RESERVATION_EXISTS"), ("A", 1), name="w")
    return story.stands(("A", 3, 3))


STEPS = (
    "ExtendReservation",
    "SupersedeReservation",
    "ConfirmReservation",
    "ShipReservation",
    "PickStock",
    "UnpickStock",
    "PackStock",
    "ShipPacked",
)
STORIES: dict[str, Tell] = {
    **{f"beyond the safety stock: {kind}": partial(_taken, kind=kind) for kind in TAKING},
    **{
        f"below the safety stock: {kind}": partial(_below, kind=kind)
        for kind in TAKING
        if kind != "SupersedeReservation"
    },
    "a policy is replaced whole": _replaced_whole,
    "what is lost does not ask for the safety stock": _lost_all_the_same,
    "a recover point below the reorder point": _recovers_while_low,
    **{
        f"somebody waits for it: {kind}": partial(_awaited, kind=kind)
        for kind in TAKING
        if kind != "SupersedeReservation"
    },
    **{f"waiting: {kind}": partial(_step_of_waiting, kind=kind) for kind in STEPS},
    "who waits gives up": _given_up,
    "a backorder by a name in use": _name_taken,
}
