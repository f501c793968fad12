"""What stock is worth, from finance's replicas; and the way in for finance's commands."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api import commands, movements, paging
from api.addresses import PAGE_ROWS, After, Limit, SkuPath, WarehousePath, WarehouseQuery
from api.finance_examples import LANGUAGE
from api.paging import decoded, no_cursor, rows
from api.problems import documented
from api.reading import READING, Seen, answer, not_found, position
from api.replica import Replica
from schemas.envelope import Position
from schemas.finance import PeriodsView, ValuationView, ValuedView
from schemas.finance_rows import Periods
from tables import finance as tables

LAYERS_MAX = 1_000  # of the oldest, in one answer

router = commands.routes(LANGUAGE)
router.include_router(movements.routes(LANGUAGE))
_read = APIRouter(tags=["finance"])


class ValuationPage(BaseModel):
    """Rows ordered by warehouse and SKU, true at `positions`; `next` is null on the last page."""

    rows: list[ValuedView]
    next: str | None = Field(description="Where the next page starts: give it as `after`")
    positions: list[Position]


def _view(warehouse: str, sku: str, value: bytes, at: dict[str, int]) -> dict[str, Any]:
    row = tables.VALUATIONS.decode(value)
    return {
        "warehouse": warehouse,
        "sku": sku,
        "method": row.method,
        "currency": row.currency or None,
        "quantity": row.quantity,
        "value": row.value,
        "position": at,
    }


@_read.get(
    "/v1/finance/valuation/{warehouse}/{sku:text}",
    summary="What one SKU in one warehouse is worth",
    response_model=ValuationView,
    responses=documented(*READING, not_found("Warehouse LON-1 has never owned SKU 'X'.")),
)
async def one(follower: Seen, warehouse: WarehousePath, sku: SkuPath) -> Response:
    """Its method, how many are owned, their value in minor units, and the oldest layers."""
    replica = follower.of(warehouse)
    value = replica.get(tables.VALUATIONS.key(warehouse, sku))
    if value is None:
        raise not_found(f"Warehouse {warehouse} has never owned SKU {sku!r}.")
    view = _view(warehouse, sku, value, position(replica))
    return answer(view | {"layers": _layers(replica, warehouse, sku)})


def _layers(replica: Replica, warehouse: str, sku: str) -> list[dict[str, Any]]:
    start = tables.layers_start(warehouse, sku)
    told: list[dict[str, Any]] = []
    for _, value in replica.scan(start, start[:-1] + b"\1"):
        if len(told) == LAYERS_MAX:
            break
        layer = tables.LAYERS.decode(value)
        named = {} if layer.reference is None else {"reference": layer.reference}
        told.append(
            {"receipt": layer.receipt, "quantity": layer.quantity, "value": layer.value} | named
        )
    return told


@_read.get(
    "/v1/finance/valuation",
    summary="What stock is worth, page by page",
    response_model=ValuationPage,
    responses=documented(*READING, no_cursor()),
)
async def page(
    follower: Seen, warehouse: WarehouseQuery = None, after: After = None, limit: Limit = PAGE_ROWS
) -> Response:
    """Rows of a warehouse or of all, without their layers."""
    replicas = follower.replicas if warehouse is None else [follower.of(warehouse)]
    found = rows(replicas, tables.VALUATIONS.key, warehouse, decoded(after))
    return paging.page(follower, replicas, found, limit, _view)


@_read.get(
    "/v1/finance/periods/{warehouse}",
    summary="The months of a warehouse, and what they booked",
    response_model=PeriodsView,
    responses=documented(*READING, not_found("Warehouse LON-1 has booked nothing.")),
)
async def periods(follower: Seen, warehouse: WarehousePath) -> Response:
    """Sums by account and currency, in minor units; they come to zero in each currency."""
    replica = follower.of(warehouse)
    value = replica.get(tables.PERIODS.key(warehouse, tables.CLOSED))
    if value is None:
        raise not_found(f"Warehouse {warehouse} has booked nothing.")
    found = tables.PERIODS.decode(value)
    return answer(
        {
            "warehouse": warehouse,
            "closed_to": found.closed_to or None,
            "periods": _months(replica, warehouse, found),
            "position": position(replica),
        }
    )


def _months(replica: Replica, warehouse: str, found: Periods) -> list[dict[str, Any]]:
    told = []
    for period in found.kept:
        value = replica.get(tables.SUMS.key(warehouse, period))
        sums = [] if value is None else tables.SUMS.decode(value)
        lines = [
            {"account": one.account, "currency": one.currency, "amount": one.amount} for one in sums
        ]
        told.append({"period": period, "sums": lines})
    return told


router.include_router(_read)
