"""Current stock and reservations, from the replicas: committed state only, with its position."""

import heapq
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Coroutine, Iterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.types import Scope

from api.addresses import (
    PAGE_ROWS,
    After,
    Limit,
    ReservationPath,
    SkuPath,
    SkuQuery,
    WarehousePath,
    WarehouseQuery,
)
from api.follower import Follower
from api.positions import MALFORMED, NOT_REACHED, MinPosition, reach
from api.problems import Problem, documented, invalid
from api.replica import Replica, not_caught_up
from schemas.envelope import Position
from schemas.rows import ReservedLine
from schemas.stock import ReservationView, StockView
from tables import stock as tables

WAREHOUSE_LENGTH_MAX = 64  # the contract's
WAREHOUSES_PER_PAGE = 2_000  # looked at for one SKU, some 10 us each; a page may end before `limit`
_LAST = "\U0010ffff"
_json = msgspec.json.Encoder().encode

router = APIRouter(tags=["stock"])


class StockPage(BaseModel):
    """Rows ordered by warehouse and SKU, true at `positions`; `next` is null on the last page."""

    rows: list[StockView]
    next: str | None = Field(description="Where the next page starts: give it as `after`")
    positions: list[Position]


async def seen(request: Request, x_min_position: MinPosition = None) -> Follower:
    """The follower, once it has seen the positions that the request names."""
    follower: Follower = request.app.state.follower
    if x_min_position is not None:
        await reach(x_min_position, len(follower.replicas), follower.reached)
    return follower


Seen = Annotated[Follower, Depends(seen)]


def _not_found(detail: str) -> Problem:
    return Problem(404, "NOT_FOUND", detail)


READING = (MALFORMED, NOT_REACHED, not_caught_up())


def _view(warehouse: str, sku: str, value: bytes, position: dict[str, int]) -> dict[str, Any]:
    row = tables.decode_row(value)
    return {
        "warehouse": warehouse,
        "sku": sku,
        "on_hand": row.on_hand,
        "reserved": row.reserved,
        "available": row.available,
        "reorder_point": row.reorder_point,
        "version": row.version,
        "position": position,
    }


def _position(replica: Replica) -> dict[str, int]:
    return {"partition": replica.partition, "seq": replica.seq}


def _answer(answer: dict[str, Any]) -> Response:
    return Response(_json(answer), media_type="application/json")


class AtOnce(APIRoute):
    """Reads of one row that exists skip FastAPI's checks, two thirds of what such a read costs.

    A row that is found has a warehouse and a SKU within their rules. All others take the usual way.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        checked = super().get_route_handler()

        async def handle(request: Request) -> Response:
            answer = _at_once(request.scope)
            return answer if answer is not None else await checked(request)

        return handle


def _at_once(scope: Scope) -> Response | None:
    warehouse, sku = scope["path_params"]["warehouse"], scope["path_params"]["sku"]
    if len(warehouse) > WAREHOUSE_LENGTH_MAX:
        return None
    if any(name == b"x-min-position" for name, _ in scope["headers"]):
        return None
    replica = scope["app"].state.follower.of(warehouse)
    value = replica.get(tables.stock_key(warehouse, sku))
    if value is None:
        return None
    return _answer(_view(warehouse, sku, value, _position(replica)))


single = APIRouter(tags=["stock"], route_class=AtOnce)


@single.get(
    "/v1/stock/{warehouse}/{sku:text}",
    summary="Stock of one SKU in one warehouse",
    response_model=StockView,
    responses=documented(*READING, _not_found("Warehouse LON-1 has never seen SKU 'X'.")),
)
async def one(follower: Seen, warehouse: WarehousePath, sku: SkuPath) -> Response:
    """The row and the position at which it is true."""
    replica = follower.of(warehouse)
    value = replica.get(tables.stock_key(warehouse, sku))
    if value is None:
        raise _not_found(f"Warehouse {warehouse} has never seen SKU {sku!r}.")
    return _answer(_view(warehouse, sku, value, _position(replica)))


@router.get(
    "/v1/stock",
    summary="Stock rows, page by page",
    response_model=StockPage,
    responses=documented(
        *READING, invalid("`after` is no cursor.", "query.after", "is no `next` of a page")
    ),
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
    start = _cursor(after) if after is not None else ("", "")
    replicas = follower.replicas if warehouse is None else [follower.of(warehouse)]
    positions = {replica.partition: _position(replica) for replica in replicas}
    found: Iterator[tuple[str, str, bytes | None]]
    if sku is not None:
        found = _of_sku(replicas, sku, warehouse, start)
    else:
        found = _rows(replicas, warehouse, start)
    rows: list[dict[str, Any]] = []
    following: tuple[str, str] | None = None
    for where, what, value in found:
        if len(rows) == limit:
            break
        following = (where, what)
        if value is None:
            break
        rows.append(_view(where, what, value, positions[follower.of(where).partition]))
    else:
        following = None
    answer = {
        "rows": rows,
        "next": _encoded(following) if following else None,
        "positions": list(positions.values()),
    }
    return _answer(answer)


def _rows(
    replicas: list[Replica], warehouse: str | None, after: tuple[str, str]
) -> Iterator[tuple[str, str, bytes]]:
    """Rows behind a cursor, in the order of their keys."""
    start = tables.stock_key(*after) + b"\0"
    stop = tables.stock_key(_LAST, "")
    if warehouse is not None:
        start = max(start, tables.stock_key(warehouse, ""))
        stop = tables.stock_key(warehouse, "")[:-1] + b"\1"
    merged = heapq.merge(*(replica.scan(start, stop) for replica in replicas))
    for key, value in merged:
        _, where, what = tables.split_key(key)
        yield where, what, value


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
    start, stop = tables.stock_key(first, ""), tables.stock_key(_LAST, "")
    while True:
        key = next((key for key, _ in replica.scan(start, stop)), None)
        if key is None:
            return
        _, warehouse, _ = tables.split_key(key)
        yield warehouse, replica
        start = tables.stock_key(warehouse, "")[:-1] + b"\1"


def _encoded(cursor: tuple[str, str]) -> str:
    return urlsafe_b64encode("\0".join(cursor).encode()).decode().rstrip("=")


def _cursor(text: str) -> tuple[str, str]:
    try:
        decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        warehouse, sku = decoded.split("\0")
    except (Base64Error, ValueError):
        raise invalid("`after` is no cursor.", "query.after", "is no `next` of a page") from None
    return warehouse, sku


@router.get(
    "/v1/reservations/{warehouse}/{reservation:text}",
    summary="One reservation",
    response_model=ReservationView,
    responses=documented(*READING, _not_found("Warehouse LON-1 has no reservation 'order-1001'.")),
)
async def reservation(
    follower: Seen, warehouse: WarehousePath, reservation: ReservationPath
) -> Response:
    """Its lines, state and expiry; a closed one is known as long as its id is taken."""
    replica = follower.of(warehouse)
    value = replica.get(tables.reservation_key(warehouse, reservation))
    if value is None:
        raise _not_found(f"Warehouse {warehouse} has no reservation {reservation!r}.")
    found = tables.decode_reservation(value)
    answer = {
        "warehouse": warehouse,
        "reservation": reservation,
        "state": found.state,
        "expires_at": found.expires_at,
        "lines": [_line(line) for line in found.lines],
        "position": _position(replica),
    }
    return _answer(answer)


def _line(line: ReservedLine) -> dict[str, Any]:
    return {"sku": line.sku, "quantity": line.quantity}
