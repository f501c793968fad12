"""The catalogue, from its replicas; what lines come to in it; and the way in for its commands."""

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field, create_model

from api import commands, movements, paging
from api.addresses import PAGE_ROWS, After, Limit, LocationPath, SkuPath
from api.bodies import UNREADABLE, Bodies, fields_of
from api.catalog_examples import ASKED, LANGUAGE
from api.follower import Follower
from api.paging import decoded, no_cursor, rows
from api.problems import Problem, documented, invalid
from api.reading import READING, Seen, answer, not_found, position
from api.resolving import UNRESOLVED, replica_of, unresolved
from schemas.catalog import (
    GtinView,
    ItemView,
    KitView,
    ProductView,
    ResolvedView,
)
from schemas.catalog_lines import CatalogName
from schemas.envelope import Position
from schemas.gtin import gtin_14
from tables import catalog as tables
from tables.demand import Demand, Unresolved
from tables.table import Table

CatalogPath = Annotated[CatalogName, Path(examples=["main"])]
CatalogQuery = Annotated[CatalogName, Query(examples=["main"])]
GtinPath = Annotated[
    str, Path(max_length=64, description="Of 8, 12, 13 or 14 digits", examples=["5012345678900"])
]

router = commands.routes(LANGUAGE)
router.include_router(movements.routes(LANGUAGE))
_read = APIRouter(tags=["catalog"])


class _Kind(NamedTuple):
    table: Table[Any]
    told: tables.Told
    noun: str


_ITEMS = _Kind(tables.ITEMS, tables.item_told, "item")
_PRODUCTS = _Kind(tables.PRODUCTS, tables.product_told, "product")
_GTINS = _Kind(tables.GTINS, tables.gtin_told, "GTIN")
_KITS = _Kind(tables.KITS, tables.kit_told, "kit")


def _page_of(name: str, view: Any, plural: str) -> type[BaseModel]:
    return create_model(
        name,
        __doc__=f"{plural}, ordered by name, true at `positions`; `next` is null on the last page.",
        rows=(list[view], ...),
        next=(str | None, Field(description="Where the next page starts: give it as `after`")),
        positions=(list[Position], ...),
    )


def _absent(kind: _Kind, catalog: str, name: str) -> Problem:
    return not_found(f"Catalogue {catalog} has no {kind.noun} {name!r}.")


def _view(kind: _Kind, follower: Follower, catalog: str, name: str) -> Response:
    replica = follower.of(catalog)
    value = replica.get(kind.table.key(catalog, name))
    if value is None:
        raise _absent(kind, catalog, name)
    told = kind.told(replica.get, catalog, name, value)
    return answer({"catalog": catalog} | told | {"position": position(replica)})


def _page(kind: _Kind, follower: Follower, catalog: str, after: str | None, limit: int) -> Response:
    replica = follower.of(catalog)

    def told(where: str, name: str, value: bytes, at: dict[str, int]) -> dict[str, Any]:
        return {"catalog": where} | kind.told(replica.get, where, name, value) | {"position": at}

    found = rows([replica], kind.table.key, catalog, decoded(after))
    return paging.page(follower, [replica], found, limit, told)


@_read.get(
    "/v1/catalog/items",
    summary="Items, page by page",
    response_model=_page_of("ItemPage", ItemView, "Items"),
    responses=documented(*READING, no_cursor()),
)
async def items(
    follower: Seen, catalog: CatalogQuery, after: After = None, limit: Limit = PAGE_ROWS
) -> Response:
    """All items of a catalogue by SKU, also those that are retired."""
    return _page(_ITEMS, follower, catalog, after, limit)


@_read.get(
    "/v1/catalog/items/{catalog}/{sku:text}",
    summary="One item",
    response_model=ItemView,
    responses=documented(*READING, _absent(_ITEMS, "main", "X")),
)
async def item(follower: Seen, catalog: CatalogPath, sku: SkuPath) -> Response:
    """What it is, its units and numbers, and the kits that it is right in."""
    return _view(_ITEMS, follower, catalog, sku)


@_read.get(
    "/v1/catalog/products",
    summary="Products, page by page",
    response_model=_page_of("ProductPage", ProductView, "Products"),
    responses=documented(*READING, no_cursor()),
)
async def products(
    follower: Seen, catalog: CatalogQuery, after: After = None, limit: Limit = PAGE_ROWS
) -> Response:
    """All products of a catalogue, also those that are retired."""
    return _page(_PRODUCTS, follower, catalog, after, limit)


@_read.get(
    "/v1/catalog/products/{catalog}/{product:text}",
    summary="One product",
    response_model=ProductView,
    responses=documented(*READING, _absent(_PRODUCTS, "main", "X")),
)
async def product(follower: Seen, catalog: CatalogPath, product: LocationPath) -> Response:
    """What it is called, and its items."""
    return _view(_PRODUCTS, follower, catalog, product)


@_read.get(
    "/v1/catalog/gtins",
    summary="Numbers, page by page",
    response_model=_page_of("GtinPage", GtinView, "GTINs"),
    responses=documented(*READING, no_cursor()),
)
async def gtins(
    follower: Seen, catalog: CatalogQuery, after: After = None, limit: Limit = PAGE_ROWS
) -> Response:
    """All numbers of a catalogue, each as fourteen digits, and what they are on."""
    return _page(_GTINS, follower, catalog, after, limit)


@_read.get(
    "/v1/catalog/gtins/{catalog}/{gtin}",
    summary="What a number is on",
    response_model=GtinView,
    responses=documented(*READING, _absent(_GTINS, "main", "05012345678900")),
)
async def gtin(follower: Seen, catalog: CatalogPath, gtin: GtinPath) -> Response:
    """One of a unit of an item."""
    try:
        number = gtin_14(gtin)
    except ValueError as error:
        raise invalid("`gtin` is no GTIN.", "path.gtin", str(error)) from None
    return _view(_GTINS, follower, catalog, number)


@_read.get(
    "/v1/catalog/kits",
    summary="Kits, page by page",
    response_model=_page_of("KitPage", KitView, "Kits"),
    responses=documented(*READING, no_cursor()),
)
async def kits(
    follower: Seen, catalog: CatalogQuery, after: After = None, limit: Limit = PAGE_ROWS
) -> Response:
    """All kits of a catalogue by SKU, and what they come to."""
    return _page(_KITS, follower, catalog, after, limit)


@_read.get(
    "/v1/catalog/kits/{catalog}/{sku:text}",
    summary="One kit",
    response_model=KitView,
    responses=documented(*READING, _absent(_KITS, "main", "X")),
)
async def kit(follower: Seen, catalog: CatalogPath, sku: SkuPath) -> Response:
    """What one base unit of it is put together of, and what that comes to in the end."""
    return _view(_KITS, follower, catalog, sku)


_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/Asked"},
            "example": ASKED,
        }
    },
}


@_read.post(
    "/v1/catalog/resolve",
    summary="What lines come to",
    response_model=ResolvedView,
    responses=documented(*READING, *UNREADABLE, *UNRESOLVED, Bodies.too_many()),
    openapi_extra={"requestBody": _BODY},
)
async def resolve(request: Request, _follower: Seen) -> Response:
    """Lines by SKU or GTIN, in any unit and of kits, in base units of items that are no kits.

    It is what a command with `?catalog=` would ask for.
    """
    bodies: Bodies = request.app.state.bodies
    async with bodies.read(request) as body:
        fields = fields_of(body)
    name, replica = await replica_of(request, fields.get("catalog"))
    try:
        _closed(fields)
        lines = Demand(replica.get, name).resolved(fields.get("lines"))
    except Unresolved as error:
        raise unresolved(error) from None
    return answer({"catalog": name, "lines": lines, "position": position(replica)})


def _closed(fields: dict[str, Any]) -> None:
    """Unresolved where there is more than is asked for, or a line that does not say how much."""
    for extra in sorted(fields.keys() - {"catalog", "lines"}):
        raise Unresolved("INVALID_COMMAND", extra, "is an unknown field")
    lines = fields.get("lines")
    for number, line in enumerate(lines if isinstance(lines, list) else ()):
        if isinstance(line, dict):
            for extra in sorted(line.keys() - {"sku", "gtin", "unit", "quantity"}):
                path = f"lines.{number}.{extra}"
                raise Unresolved("INVALID_COMMAND", path, "is an unknown field")
            if "quantity" not in line:
                raise Unresolved("INVALID_COMMAND", f"lines.{number}.quantity", "is missing")


router.include_router(_read)
