"""Places and what lies where, from the replicas of locations; and the way in for their commands."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from api import commands, movements
from api.addresses import LocationPath, SkuPath, WarehousePath
from api.locations_examples import LANGUAGE
from api.problems import documented
from api.reading import READING, Seen, answer, not_found, position
from schemas.locations import ContainerView, LocationView, PlacesView, RootsView
from tables import locations as tables
from tables.table import Read

router = commands.routes(LANGUAGE)
router.include_router(movements.routes(LANGUAGE))
_read = APIRouter(tags=["locations"])

Told = Callable[[Read, str, str], dict[str, Any] | None]


def _view(follower: Seen, warehouse: str, name: str, told: Told, absent: str) -> Response:
    replica = follower.of(warehouse)
    found = told(replica.get, warehouse, name)
    if found is None:
        raise not_found(f"Warehouse {warehouse} {absent} {name!r}.")
    return answer({"warehouse": warehouse} | found | {"position": position(replica)})


@_read.get(
    "/v1/locations/tree/{warehouse}",
    summary="The locations of a warehouse that stand below no other",
    response_model=RootsView,
    responses=documented(*READING),
)
async def roots(follower: Seen, warehouse: WarehousePath) -> Response:
    """Where the tree begins; none where nobody has made a location."""
    replica = follower.of(warehouse)
    found = tables.roots_told(replica.get, warehouse)
    return answer({"warehouse": warehouse} | found | {"position": position(replica)})


@_read.get(
    "/v1/locations/tree/{warehouse}/{location:text}",
    summary="One location",
    response_model=LocationView,
    responses=documented(*READING, not_found("Warehouse LON-1 has no location 'X'.")),
)
async def one(follower: Seen, warehouse: WarehousePath, location: LocationPath) -> Response:
    """Where it is, what holds there, what is right below it, and what lies in it."""
    return _view(follower, warehouse, location, tables.location_told, "has no location")


@_read.get(
    "/v1/locations/places/{warehouse}/{sku:text}",
    summary="Where a SKU lies",
    response_model=PlacesView,
    responses=documented(*READING, not_found("Warehouse LON-1 has never had SKU 'X'.")),
)
async def places(follower: Seen, warehouse: WarehousePath, sku: SkuPath) -> Response:
    """All places of it, and how much of it is on site and in none."""
    return _view(follower, warehouse, sku, tables.places_told, "has never had SKU")


@_read.get(
    "/v1/locations/containers/{warehouse}/{container:text}",
    summary="One container",
    response_model=ContainerView,
    responses=documented(*READING, not_found("Warehouse LON-1 has no container 'X'.")),
)
async def container(follower: Seen, warehouse: WarehousePath, container: LocationPath) -> Response:
    """Where it stands, and what is right in it."""
    return _view(follower, warehouse, container, tables.container_told, "has no container")


router.include_router(_read)
