"""What `GET /v1/promises` has to say of a SKU, by playing what comes and who is served."""

from random import Random
from typing import Any

from tests.chaos.oracle_queues import day_of, ordered
from tests.chaos.oracle_supplies import arrivals, dates, first_day, is_kept
from tests.chaos.records import Row, Waiting

LAST = 2**62  # seq of a newcomer, who comes after all others
QUANTITIES, PRIORITIES = (1, 5, 30, 400), (0, 0, 5, 9)


def asked(rng: Random) -> dict[str, int]:
    """What a client wants to know."""
    return {"quantity": rng.choice(QUANTITIES), "priority": rng.choice(PRIORITIES)}


def expected(row: Row, now: str, quantity: int, priority: int) -> dict[str, Any]:
    """Days, supplies and who waits, as the answer has them; of channels nothing has a day."""
    coming = sorted(row.coming.items(), key=lambda one: (day_of(one[1][0]), one[0]))
    supplies = [
        {"supply": name, "due": due, "quantity": units, "is_overdue": day_of(due) <= day_of(now)}
        for name, (due, units) in coming
    ]
    told: dict[str, Any] = {"now": now, "supplies": supplies}
    if row.pools:
        return told | {"days": [], "earliest": None, "waiting": []}
    days = dict.fromkeys([now, *(due for due, _ in arrivals(row, now))])
    return told | {
        "days": [_day(row, day, now, priority) for day in days],
        "earliest": first_day(row, _newcomer(quantity, priority), now),
        "waiting": _waiting(row, now),
    }


def _newcomer(missing: int, priority: int) -> Waiting:
    return Waiting("\0newcomer", missing, priority, None, LAST, True)


def _day(row: Row, day: str, now: str, priority: int) -> dict[str, Any]:
    free = row.available - row.safety_stock
    supply = free + sum(units for due, units in arrivals(row, now) if day_of(due) <= day_of(day))
    own = _newcomer(1, priority)
    own.promised = day
    queue = ordered([*row.queue, own])
    demand = sum(one.missing for one in queue[: queue.index(own)])
    least, most = 0, max(0, supply - demand)
    while least < most:  # the most that is kept, where more is never kept when less is not
        middle = (least + most + 1) // 2
        if is_kept(row, _newcomer(middle, priority), day, now):
            least = middle
        else:
            most = middle - 1
    return {"day": day, "supply": supply, "demand": demand, "promisable": least}


def _waiting(row: Row, now: str) -> list[dict[str, Any]]:
    days, told = dates(row, row.queue, now), list[dict[str, Any]]()
    for one in ordered(row.queue):
        when = days[one.reservation]
        is_late = one.promised is not None and (when is None or day_of(when) > day_of(one.promised))
        said = {"reservation": one.reservation, "missing": one.missing, "promised": one.promised}
        told.append(said | {"expected": when, "is_late": is_late})
    return told
