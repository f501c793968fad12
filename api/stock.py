"""Current stock, from the replicas: committed state only, with the position it is true at."""

import heapq
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.types import Scope

from api import paging
from api.addresses import (
    PAGE_ROWS,
    After,
    Limit,
    SkuPath,
    SkuQuery,
    WarehousePath,
    WarehouseQuery,
)
from api.paging import LAST, decoded, no_cursor, rows
from api.problems import documented
from api.reading import READING, Seen, answer, not_found, position
from api.replica import Replica
from schemas.domains import STOCK
from schemas.envelope import Position
from schemas.stock import StockView
from tables import stock as tables

WAREHOUSE_LENGTH_MAX = 64  # the contract's
WAREHOUSES_PER_PAGE = 2_000  # looked at for one SKU, some 10 us each; a page may end before `limit`

router = APIRouter(tags=["stock"])


class StockPage(BaseModel):
    """Rows ordered by warehouse and SKU, true at `positions`; `next` is null on the last page."""

    rows: list[StockView]
    next: str | None = Field(description="Where the next page starts: give it as `after`")
    positions: list[Position]


def _view(warehouse: str, sku: str, value: bytes, at: dict[str, int]) -> dict[str, Any]:
    row = tables.decode_row(value)
    return {
        "warehouse": warehouse,
        "sku": sku,
        "on_hand": row.on_hand,
        "reserved": row.reserved,
        "available": row.available,
        "reorder_point": row.reorder_point,
        "version": row.version,
        "allocated": row.allocated,
        "position": at,
    }


class AtOnce(APIRoute):
    """Reads of one row that exists skip FastAPI's checks, two thirds of what such a read costs.

    A row that is found has a warehouse and a SKU within their rules. All others take the usual way.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        checked = super().get_route_handler()

        async def handle(request: Request) -> Response:
            found = _at_once(request.scope)
            return found if found is not None else await checked(request)

        return handle


def _at_once(scope: Scope) -> Response | None:
    warehouse, sku = scope["path_params"]["warehouse"], scope["path_params"]["sku"]
    if len(warehouse) > WAREHOUSE_LENGTH_MAX:
        return None
    if any(name == b"x-min-position" for name, _ in scope["headers"]):
        return None
    replica = scope["app"].state.desks[STOCK].follower.of(warehouse)
    value = replica.get(tables.stock_key(warehouse, sku))
    if value is None:
        return None
    return answer(_view(warehouse, sku, value, position(replica)))


single = APIRouter(tags=["stock"], route_class=AtOnce)


@single.get(
    "/v1/stock/{warehouse}/{sku:text}",
    summary="Stock of one SKU in one warehouse",
    response_model=StockView,
    responses=documented(*READING, not_found("Warehouse LON-1 has never seen SKU 'X'.")),
)
async def one(follower: Seen, warehouse: WarehousePath, sku: SkuPath) -> Response:
    """The row and the position at which it is true."""
    replica = follower.of(warehouse)
    value = replica.get(tables.stock_key(warehouse, sku))
    if value is None:
        raise not_found(f"Warehouse {warehouse} has never seen SKU {sku!r}.")
    return answer(_view(warehouse, sku, value, position(replica)))


@router.get(
    "/v1/stock",
    summary="Stock rows, page by page",
    response_model=StockPage,
    responses=documented(*READING, no_cursor()),
)
async def page(
    follower: Seen,
    warehouse: WarehouseQuery = None,
    sku: SkuQuery = None,
    after: After = None,
    limit: Limit = PAGE_ROWS,
) -> Response:
    """Rows of a warehouse, of a SKU in every warehouse, of both, or all there are.

    Paging is by key, so a row is neither skipped nor repeated whatever happens between the pages.
    """
    start = decoded(after)
    replicas = follower.replicas if warehouse is None else [follower.of(warehouse)]
    found: Iterator[tuple[str, str, bytes | None]]
    if sku is not None:
        found = _of_sku(replicas, sku, warehouse, start)
    else:
        found = rows(replicas, tables.stock_key, warehouse, start)
    return paging.page(follower, replicas, found, limit, _view)


def _of_sku(
    replicas: list[Replica], sku: str, warehouse: str | None, after: tuple[str, str]
) -> Iterator[tuple[str, str, bytes | None]]:
    """Rows of one SKU, by seeks from warehouse to warehouse.

    Ends with a row of None where so many warehouses were looked at that others must have a turn.
    """
    if warehouse is not None:
        places: Iterator[tuple[str, Replica]] = iter([(warehouse, replicas[0])])
    else:
        places = heapq.merge(
            *(_warehouses(replica, after[0]) for replica in replicas), key=lambda one: one[0]
        )
    for count, (where, replica) in enumerate(places, 1):
        if (where, sku) > after:
            value = replica.get(tables.stock_key(where, sku))
            if value is not None:
                yield where, sku, value
        if count == WAREHOUSES_PER_PAGE:
            yield where, sku, None


def _warehouses(replica: Replica, first: str) -> Iterator[tuple[str, Replica]]:
    """A replica's warehouses from `first` on, by one seek each."""
    start, stop = tables.stock_key(first, ""), tables.stock_key(LAST, "")
    while True:
        key = next((key for key, _ in replica.scan(start, stop)), None)
        if key is None:
            return
        _, warehouse, _ = tables.split_key(key)
        yield warehouse, replica
        start = tables.stock_key(warehouse, "")[:-1] + b"\1"
