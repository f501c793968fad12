"""Backorders, from the replicas: who waits for a SKU, in the order in which they are served."""

from typing import Any

from fastapi import APIRouter, Response

from api.addresses import SkuPath, WarehousePath
from api.problems import documented
from api.reading import READING, Seen, answer, not_found, position
from schemas.rows import Waiter
from schemas.stock import BackordersView
from tables import stock as tables

router = APIRouter(tags=["stock"])


@router.get(
    "/v1/backorders/{warehouse}/{sku:text}",
    summary="Who waits for one SKU in one warehouse",
    response_model=BackordersView,
    responses=documented(*READING, not_found("Warehouse LON-1 has never seen SKU 'X'.")),
)
async def backorders(follower: Seen, warehouse: WarehousePath, sku: SkuPath) -> Response:
    """The queue in its order: what becomes available goes to the first until nothing is missing.

    Empty where nobody waits. While somebody does, nothing of the SKU is promised to anybody else.
    """
    replica = follower.of(warehouse)
    if replica.get(tables.stock_key(warehouse, sku)) is None:
        raise not_found(f"Warehouse {warehouse} has never seen SKU {sku!r}.")
    value = replica.get(tables.queue_key(warehouse, sku))
    queue = [] if value is None else tables.decode_queue(value)
    return answer(
        {
            "warehouse": warehouse,
            "sku": sku,
            "missing": sum(waiter.missing for waiter in queue),
            "queue": [_waiter(waiter) for waiter in queue],
            "position": position(replica),
        }
    )


def _waiter(waiter: Waiter) -> dict[str, Any]:
    return {
        "reservation": waiter.reservation,
        "missing": waiter.missing,
        "priority": waiter.priority,
        "promised": waiter.promised,
        "partial": waiter.partial,
        "channel": waiter.channel,
    }
