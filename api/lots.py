"""Lots, where they are and went, from the replicas of lots; and the way in for their commands."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api import commands, movements
from api.addresses import PAGE_ROWS, Limit, SkuPath, WarehousePath
from api.lots_examples import LANGUAGE
from api.problems import documented
from api.reading import READING, Seen, answer, not_found, position
from schemas.fields import Label, Sku
from schemas.lots import ClaimView, LotsView, LotView, SerialsView, SerialView
from tables import lots_told as tables

LotQuery = Annotated[Sku, Query(description="Names have a SKU's rule", examples=["L-2611"])]
SerialQuery = Annotated[Sku, Query(description="Names have a SKU's rule", examples=["SN-0001"])]
ReservationQuery = Annotated[Label, Query(examples=["order-1001"])]
Line = Annotated[
    int, Query(ge=0, le=2**53, description="`next` of the page before", examples=[None])
]

router = commands.routes(LANGUAGE)
router.include_router(movements.routes(LANGUAGE))
_read = APIRouter(tags=["lots"])


def _view(follower: Seen, sku: str, found: dict[str, Any] | None, absent: str) -> Response:
    if found is None:
        raise not_found(f"SKU {sku} {absent}.")
    return answer(found | {"position": position(follower.of(sku))})


@_read.get(
    "/v1/lots/at/{warehouse}/{sku:text}",
    summary="What a warehouse has of a SKU, by lot",
    response_model=LotsView,
    responses=documented(*READING, not_found("SKU X was never told of.")),
)
async def at(follower: Seen, warehouse: WarehousePath, sku: SkuPath) -> Response:
    """First ended first, as units are bound; and units of which the lot is not known."""
    found = tables.site_told(follower.of(sku).get, sku, warehouse)
    return _view(follower, sku, found, "was never told of")


@_read.get(
    "/v1/lots/of/{sku:text}",
    summary="One lot, and where it went",
    response_model=LotView,
    responses=documented(*READING, not_found("SKU 85123A has no lot 'X'.")),
)
async def one(
    follower: Seen, sku: SkuPath, lot: LotQuery, after: Line = 0, limit: Limit = PAGE_ROWS
) -> Response:
    """In all warehouses, for whom it is picked, and its departures a page at a time."""
    found = tables.lot_told(follower.of(sku).get, sku, lot, after, limit)
    return _view(follower, sku, found, f"has no lot {lot!r}")


@_read.get(
    "/v1/lots/claims/{warehouse}/{sku:text}",
    summary="Of which lots a reservation is served",
    response_model=ClaimView,
    responses=documented(*READING, not_found("SKU 85123A has nothing for 'X'.")),
)
async def claim(
    follower: Seen, warehouse: WarehousePath, sku: SkuPath, reservation: ReservationQuery
) -> Response:
    """What it is promised for good and is not shipped yet: bound, picked, or of no lot yet."""
    found = tables.claim_told(follower.of(sku).get, sku, warehouse, reservation)
    return _view(follower, sku, found, f"has nothing for {reservation!r}")


@_read.get(
    "/v1/lots/serial/{sku:text}",
    summary="Where one serial is, and was",
    response_model=SerialView,
    responses=documented(*READING, not_found("SKU 85123A has no serial 'X'.")),
)
async def serial(
    follower: Seen, sku: SkuPath, serial: SerialQuery, after: Line = 0, limit: Limit = PAGE_ROWS
) -> Response:
    """Its place, whom it is for, and its whole history a page at a time."""
    found = tables.serial_told(follower.of(sku).get, sku, serial, after, limit)
    return _view(follower, sku, found, f"has no serial {serial!r}")


@_read.get(
    "/v1/lots/serials/{sku:text}",
    summary="Where the serials of a lot are",
    response_model=SerialsView,
    responses=documented(*READING, not_found("SKU 85123A has no lot 'X'.")),
)
async def serials(
    follower: Seen, sku: SkuPath, lot: LotQuery, after: Line = 0, limit: Limit = PAGE_ROWS
) -> Response:
    """All that were ever registered as of it, a page at a time."""
    found = tables.serials_told(follower.of(sku).get, sku, lot, after, limit)
    return _view(follower, sku, found, f"has no lot {lot!r}")


router.include_router(_read)
