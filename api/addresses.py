"""What stands in a URL: the parameters of the routes, each with its rule, and their encoding."""

from typing import Annotated
from urllib.parse import unquote, unquote_to_bytes

from fastapi import Path, Query
from fastapi.routing import APIRoute
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Match
from starlette.types import Scope

from schemas import fields

PAGE_ROWS = 100
PAGE_ROWS_MAX = 1_000


SLASH = "\udc2f"  # for one that was encoded: half a surrogate pair, which no decoded path has


class Text(Convertor[str]):
    """The rest of a path, whatever is in it: SKUs and reservations may have slashes."""

    regex = r"[\s\S]+"

    def convert(self, value: str) -> str:
        return value.replace(SLASH, "/")

    def to_string(self, value: str) -> str:
        return value


class Segment(Text):
    """What stands before other segments: of a `Segmented` route, slashes that are encoded too."""

    regex = r"[^/]+"


class Segmented(APIRoute):
    """A route that tells encoded slashes from those between its segments."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if b"%2F" in scope["raw_path"].upper():
            segments = scope["raw_path"].decode().split("/")
            path = "/".join(unquote(segment).replace("/", SLASH) for segment in segments)
            scope = {**scope, "path": path}
        return super().matches(scope)


register_url_convertor("text", Text())
register_url_convertor("segment", Segment())

WarehousePath = Annotated[fields.Warehouse, Path(examples=["LON-1"])]
SkuPath = Annotated[
    fields.Sku, Path(description="Percent-encoded, a slash too: A%2FB", examples=["85123A"])
]
ReservationPath = Annotated[
    fields.Label, Path(description="Percent-encoded", examples=["order-1001"])
]
CountPath = Annotated[fields.Label, Path(description="Percent-encoded", examples=["count-2026-47"])]
TransferPath = Annotated[fields.Label, Path(description="Percent-encoded", examples=["T-7"])]
FromWarehousePath = Annotated[fields.Warehouse, Path(description="The sender", examples=["LON-1"])]
LocationPath = Annotated[
    fields.Sku, Path(description="Percent-encoded; names have a SKU's rule", examples=["A-12-3"])
]
CommandIdPath = Annotated[
    fields.CommandId, Path(description="Percent-encoded", examples=["01JD3Z6V9K2M4N6P8Q0R2S4T6V"])
]
WarehouseQuery = Annotated[fields.Warehouse | None, Query(examples=["LON-1"])]
SkuQuery = Annotated[fields.Sku | None, Query(examples=["85123A"])]
After = Annotated[
    str | None, Query(description="`next` of the page before", max_length=1_000, examples=[None])
]
Limit = Annotated[int, Query(ge=1, le=PAGE_ROWS_MAX)]


def is_unicode(encoded: bytes) -> bool:
    """Whether percent-encoded bytes of a URL are UTF-8 once decoded."""
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return False
    return True
