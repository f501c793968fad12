"""The history of a SKU: the events that touched it, oldest first, from PostgreSQL."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from api.addresses import PAGE_ROWS, After, Limit
from api.history import History, database_away
from api.positions import MALFORMED, NOT_REACHED, MinPosition, reach
from api.problems import documented, invalid
from schemas.envelope import Position
from schemas.fields import Sku, Warehouse
from schemas.stock import StockEvent
from tables import history as tables
from tables.history import Cursor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

router = APIRouter(tags=["history"])

From = Annotated[
    AwareDatetime | None,
    Query(alias="from", description="Recorded then or later", examples=["2026-11-20T00:00:00Z"]),
]
To = Annotated[
    AwareDatetime | None,
    Query(description="Recorded before that", examples=["2026-11-21T00:00:00Z"]),
]


class MovementsPage(BaseModel):
    """Events, oldest first, all there are up to `position`; `next` is null where they end."""

    events: list[StockEvent]
    next: str | None = Field(description="Where the next page starts: give it as `after`")
    position: Position


async def seen(request: Request, x_min_position: MinPosition = None) -> History:
    """The history, once it shows the positions that the request names."""
    history: History = request.app.state.history
    if x_min_position is not None:
        await reach(x_min_position, request.app.state.settings.partitions, history.reached)
    return history


HistorySeen = Annotated[History, Depends(seen)]


@router.get(
    "/v1/movements",
    summary="Movements of one SKU in one warehouse",
    response_model=MovementsPage,
    responses=documented(
        MALFORMED,
        invalid("`after` is no cursor.", "query.after", "is no `next` of a page"),
        NOT_REACHED,
        database_away(),
    ),
)
async def movements(
    request: Request,
    history: HistorySeen,
    warehouse: Annotated[Warehouse, Query(examples=["LON-1"])],
    sku: Annotated[Sku, Query(examples=["85123A"])],
    start: From = None,
    to: To = None,
    after: After = None,
    limit: Limit = PAGE_ROWS,
) -> Response:
    """The events that touched it, as they are on the events topic."""
    cursor = _cursor(after) if after is not None else None
    events, following, positions = await history.read(
        lambda pool: tables.movements(pool, warehouse, sku, start, to, cursor, limit)
    )
    partition = request.app.state.follower.of(warehouse).partition
    answer = {
        "events": [msgspec.Raw(event) for event in events],
        "next": _encoded(following) if following else None,
        "position": {"partition": partition, "seq": max(0, positions.get(partition, 0) - 1)},
    }
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _encoded(cursor: Cursor) -> str:
    time_us = (cursor.recorded_at - EPOCH) // MICROSECOND
    return urlsafe_b64encode(f"{time_us}:{cursor.partition}:{cursor.seq}".encode()).decode()


def _cursor(text: str) -> Cursor:
    try:
        time_us, partition, seq = map(int, urlsafe_b64decode(text).decode().split(":"))
        return Cursor(EPOCH + time_us * MICROSECOND, partition, seq)
    except (Base64Error, ValueError, OverflowError):
        raise invalid("`after` is no cursor.", "query.after", "is no `next` of a page") from None
