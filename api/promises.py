"""What may be promised of a SKU by which day, from the replicas: available to promise, by date."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.addresses import SkuPath, WarehousePath
from api.problems import documented
from api.reading import READING, Seen, answer, not_found, position
from schemas.fields import Priority, Quantity
from schemas.instants import rfc3339, sortable
from schemas.promising import Outlook
from schemas.rows import Supply, Waiter
from schemas.stock import PromisesView
from streams.actor import Rows
from tables import stock as tables

router = APIRouter(tags=["stock"])
Wanted = Annotated[
    Quantity | None, Query(description="So many are wanted: `earliest` says by when", examples=[10])
]
Urgency = Annotated[Priority, Query(description="Of the pre-order that would be made")]


@router.get(
    "/v1/promises/{warehouse}/{sku:text}",
    summary="What may be promised of one SKU in one warehouse, and by when",
    response_model=PromisesView,
    responses=documented(*READING, not_found("Warehouse LON-1 has never seen SKU 'X'.")),
)
async def promises(
    follower: Seen,
    warehouse: WarehousePath,
    sku: SkuPath,
    quantity: Wanted = None,
    priority: Urgency = 0,
) -> Response:
    """A line for now and one for each day on which something is due: `promisable` by then.

    What `PreorderStock` of this priority would be promised, were it decided at `position`: it is
    decided by the owner of the warehouse, so that what is told here is no promise. `supply` is what
    is free by then before anybody is served, `demand` what those miss who are served before. Of a
    SKU that has channels nothing is promised by a day, and nothing told of those who wait.
    """
    replica = follower.of(warehouse)
    now = rfc3339(0 if replica.stamp is None else replica.stamp.log_time_ms)
    told = promises_of(replica.get, (warehouse, sku), now, quantity, priority)
    return answer(told | {"position": position(replica)})


def promises_of(
    get: Rows, place: tuple[str, str], now: str, quantity: int | None, priority: int
) -> dict[str, Any]:
    """What the rows of (warehouse, SKU) promise, but for their position. Raises Problem 404."""
    warehouse, sku = place
    value = get(tables.stock_key(warehouse, sku))
    if value is None:
        raise not_found(f"Warehouse {warehouse} has never seen SKU {sku!r}.")
    policy = get(tables.policy_key(warehouse, sku))
    kept = 0 if policy is None else tables.decode_policy(policy).safety_stock
    queue, coming = get(tables.queue_key(warehouse, sku)), get(tables.supplies_key(warehouse, sku))
    supplies = [] if coming is None else tables.decode_supplies(coming)
    waiting = [] if queue is None else tables.decode_queue(queue)
    seen = Outlook(tables.decode_row(value).available - kept, waiting, supplies, now)
    told: dict[str, Any] = {
        "warehouse": warehouse,
        "sku": sku,
        "now": now,
        "days": [],
        "earliest": None,
        "supplies": [_supply(one, now) for one in supplies],
        "waiting": [],
    }
    if get(tables.channels_key(warehouse, sku)) is not None:
        return told
    return told | {
        "days": [_day(seen, priority, day) for day in seen.days],
        "earliest": None if quantity is None else seen.earliest(priority, quantity),
        "waiting": [_waiting(*one) for one in seen.expected()],
    }


def _day(seen: Outlook, priority: int, day: str) -> dict[str, Any]:
    return {
        "day": day,
        "supply": seen.supply(day),
        "demand": seen.demand(priority, day),
        "promisable": seen.promisable(priority, day),
    }


def _supply(one: Supply, now: str) -> dict[str, Any]:
    return {
        "supply": one.supply,
        "due": one.due,
        "quantity": one.quantity,
        "is_overdue": sortable(one.due) <= sortable(now),
    }


def _waiting(one: Waiter, expected: str | None) -> dict[str, Any]:
    is_late = one.promised is not None and (
        expected is None or sortable(expected) > sortable(one.promised)
    )
    return {
        "reservation": one.reservation,
        "missing": one.missing,
        "promised": one.promised,
        "expected": expected,
        "is_late": is_late,
    }
