"""What an event of stock makes of a leg, as an order is told of it.

A warehouse tells of its events in their order; of two warehouses, either may come first. What is
told again, or of a leg that the order does not count on, changes nothing of the order; but what a
warehouse holds by it is asked back.
"""

from collections.abc import Callable
from typing import Any, Final

from agents.orders.draft import Draft
from agents.orders.rejections import leg_closed, no_leg
from schemas.orders_lines import LegState, Told
from schemas.orders_structs import Leg, LegLine, QuantityLine, RecordLeg, RecordLegRefusal
from streams.answers import Rejection

_NOT_COUNTED: Final = frozenset(("refused", "lost", "released"))
_HELD: Final = frozenset(("reserved", "confirmed", "waiting", "unpicked", "shipped"))
"""What is told of a reservation that holds something from then on, or may: what left was a part."""
_UNCONFIRMED: Final = frozenset(("reserving", "reserved", "expired", "confirming"))
_HOLDS_NOTHING: Final = frozenset(
    ("INSUFFICIENT_STOCK", "RESERVATION_CLOSED", "RESERVATION_NOT_FOUND")
)
"""Why a leg is not confirmed of which its warehouse has nothing reserved."""
NOTHING: Final[dict[str | None, int]] = {None: 0}
"""What a warehouse has said of which nothing is to be had."""
RETURNED: Final = "returned"
"""Nothing of the order is changed, but a warehouse is asked to release something."""


def record(draft: Draft, command: RecordLeg) -> Rejection | str | None:
    """Take what a warehouse has done; RETURNED where it holds what nobody counts on."""
    leg = draft.find(command.attempt, command.warehouse)
    if leg is None or leg.state in _NOT_COUNTED:
        return _stray(draft, command)
    changed = _RECORDED[command.told](draft, leg, command.lines)
    return None if changed else leg_closed(command.order, leg.attempt, leg.warehouse, leg.state)


def _stray(draft: Draft, command: RecordLeg) -> Rejection | str:
    if command.told not in _HELD or command.attempt > draft.attempt:
        return no_leg(command.order, command.attempt, command.warehouse)
    lines: list[LegLine] = []
    stray = Leg(
        attempt=command.attempt, warehouse=command.warehouse, state="releasing", lines=lines
    )
    draft.ask("release", stray)
    return RETURNED


def _reserved(draft: Draft, leg: Leg, lines: list[QuantityLine]) -> bool:
    if leg.state == "reserving":
        mine = {line.sku: line.quantity for line in leg.lines}
        if {line.sku: line.quantity for line in lines} == mine:
            draft.change(leg, state="reserved")
        else:  # somebody has taken the name
            draft.learn(leg.warehouse, NOTHING)
            draft.change(leg, state="refused")
    return leg.state in ("reserving", "confirming", "releasing")


def _confirmed(draft: Draft, leg: Leg, _: list[QuantityLine]) -> bool:
    if leg.state in _UNCONFIRMED:
        draft.change(leg, state="confirmed")
    return leg.state in _UNCONFIRMED or leg.state == "releasing"


def _expired(draft: Draft, leg: Leg, _: list[QuantityLine]) -> bool:
    if leg.state == "reserved":
        draft.change(leg, state="expired")
    elif leg.state == "confirmed":  # so it was not: who said so was no warehouse
        _lose(draft, leg)
    elif leg.state == "kept":  # its warehouse refused to release it, and time has
        draft.end(leg, "released")
    return leg.state in ("reserved", "confirmed", "confirming", "releasing", "kept")


def _waiting(draft: Draft, leg: Leg, lines: list[QuantityLine]) -> bool:
    if leg.state not in ("backordering", "releasing"):
        return False
    missing = {line.sku: line.quantity for line in lines}
    _await(draft, leg, {line.sku: missing.get(line.sku, 0) for line in leg.lines})
    return True


def _filled(draft: Draft, leg: Leg, lines: list[QuantityLine]) -> bool:
    if leg.state not in ("waiting", "releasing"):
        return False
    given = {line.sku: line.quantity for line in lines}
    left = {line.sku: max(0, line.missing - given.get(line.sku, 0)) for line in leg.lines}
    after = _await(draft, leg, left)
    if after.state == "confirmed":  # lots forget what is required of units that come so late
        draft.require(after)
    return True


def _await(draft: Draft, leg: Leg, missing: dict[str, int]) -> Leg:
    lines = [
        LegLine(
            sku=line.sku,
            quantity=line.quantity,
            missing=missing[line.sku],
            shipped=line.shipped,
        )
        for line in leg.lines
    ]
    state: LegState = "waiting" if any(missing.values()) else "confirmed"
    state = leg.state if leg.state == "releasing" else state
    return draft.change(leg, state=state, lines=lines)


def _shipped(draft: Draft, leg: Leg, lines: list[QuantityLine]) -> bool:
    if leg.state == "shipped":
        return False
    left = {line.sku: line.quantity for line in lines}
    after = [
        LegLine(
            sku=line.sku,
            quantity=line.quantity,
            missing=line.missing,
            shipped=min(line.quantity, line.shipped + left.get(line.sku, 0)),
        )
        for line in leg.lines
    ]
    is_whole = all(line.shipped == line.quantity for line in after)
    changed = draft.change(leg, lines=after, state="shipped" if is_whole else leg.state)
    if changed.state == "kept":
        draft.release(changed)  # nothing of it may be staged any more
    return True


def _unpicked(draft: Draft, leg: Leg, _: list[QuantityLine]) -> bool:
    if leg.state == "kept":
        draft.release(leg)
    return leg.state != "shipped"


def _released(draft: Draft, leg: Leg, _: list[QuantityLine]) -> bool:
    if leg.state == "shipped":
        return False
    if leg.state in ("releasing", "kept"):
        draft.end(leg, "released")
    else:
        _lose(draft, leg)
    return True


def _lose(draft: Draft, leg: Leg) -> None:
    """Somebody else took a leg back; should he only say so, it is released now."""
    draft.end(leg, "lost")
    draft.ask("release", leg)


_RECORDED: Final[dict[Told, Callable[[Draft, Leg, list[QuantityLine]], bool]]] = {
    "reserved": _reserved,
    "confirmed": _confirmed,
    "waiting": _waiting,
    "filled": _filled,
    "shipped": _shipped,
    "unpicked": _unpicked,
    "released": _released,
    "expired": _expired,
}
"""Each takes what is told, and says whether it may be told of a leg that is as this one was."""


def refuse_step(draft: Draft, command: RecordLegRefusal) -> Rejection | None:
    """Take that a warehouse refused a step of a leg, and learn from it."""
    leg = draft.find(command.attempt, command.warehouse)
    if leg is None or leg.state in _NOT_COUNTED:
        return no_leg(command.order, command.attempt, command.warehouse)
    if _REFUSED[command.step](draft, leg, command):
        return None
    return leg_closed(command.order, leg.attempt, leg.warehouse, leg.state)


def _reserve_refused(draft: Draft, leg: Leg, command: RecordLegRefusal) -> bool:
    if leg.state == "reserving":
        _learn(draft, command)
        draft.change(leg, state="refused")
    return leg.state in ("reserving", "releasing")


def _backorder_refused(draft: Draft, leg: Leg, command: RecordLegRefusal) -> bool:
    if leg.state == "backordering":
        draft.learn(command.warehouse, NOTHING)
        draft.change(leg, state="refused")
    return leg.state in ("backordering", "releasing")


def _confirm_refused(draft: Draft, leg: Leg, command: RecordLegRefusal) -> bool:
    if leg.state == "confirming" and command.code == "RESERVATION_CONFIRMED":
        draft.change(leg, state="confirmed")
    elif leg.state == "confirming":
        _learn(draft, command)
        if command.code in _HOLDS_NOTHING:
            draft.change(leg, state="refused")
        else:
            draft.release(leg)
    return leg.state in ("confirming", "releasing")


def _release_refused(draft: Draft, leg: Leg, command: RecordLegRefusal) -> bool:
    if leg.state != "releasing":
        return False
    if command.code in _HOLDS_NOTHING:
        draft.end(leg, "released")
    else:  # units of it are staged: they are put back, or leave
        draft.change(leg, state="kept")
    return True


def _learn(draft: Draft, command: RecordLegRefusal) -> None:
    """What is available there; nothing, where the refusal has another reason."""
    if command.code == "INSUFFICIENT_STOCK" and command.sku is not None:
        said: dict[str | None, int] = {one.sku: one.available for one in command.short}
        draft.learn(command.warehouse, said | {command.sku: command.available or 0})
    elif command.code not in _HOLDS_NOTHING:
        draft.learn(command.warehouse, NOTHING)


_REFUSED: Final[dict[Any, Callable[[Draft, Leg, RecordLegRefusal], bool]]] = {
    "reserve": _reserve_refused,
    "confirm": _confirm_refused,
    "backorder": _backorder_refused,
    "release": _release_refused,
}
