"""The history of a SKU, or of a container: what touched it, oldest first, from PostgreSQL."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field, create_model

from api.addresses import PAGE_ROWS, After, Limit
from api.desk import desk
from api.history import History, database_away
from api.language import Language
from api.positions import MALFORMED, NOT_REACHED, MinPosition, reach
from api.problems import Problem, documented, invalid
from schemas.domains import LOCATIONS, STOCK
from schemas.envelope import Position
from schemas.fields import Sku
from schemas.locations_lines import Name
from tables import history as tables
from tables.event_view import of_container
from tables.history import Cursor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

RFC_3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+(?:[Zz]|[+-][0-9]{2}:[0-9]{2})")
SEQ_MAX, PARTITION_MAX = 2**63 - 1, 2**31 - 1  # PostgreSQL's bigint and integer


def _written(text: Any) -> Any:
    """The text itself, else ValueError: a count of seconds or days is no instant here."""
    if isinstance(text, str) and RFC_3339.fullmatch(text) is None:
        raise ValueError("is no RFC 3339 instant, such as 2026-11-20T10:00:00Z")
    return text


def _in_utc(moment: datetime) -> datetime:
    """The moment in UTC, else ValueError: there it may be of the year 0 or 10000."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is of no year from 1 to 9999 in UTC") from None


Bound = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]

From = Annotated[
    Bound | None,
    Query(alias="from", description="Recorded then or later", examples=["2026-11-20T00:00:00Z"]),
]
To = Annotated[
    Bound | None,
    Query(description="Recorded before that", examples=["2026-11-21T00:00:00Z"]),
]


class MovementsPage(BaseModel):
    """Events, oldest first, all there are up to `position`; `next` is null where they end."""

    events: list[Any]
    next: str | None = Field(description="Where the next page starts: give it as `after`")
    position: Position


async def seen(request: Request, x_min_position: MinPosition = None) -> History:
    """The history, once it shows the positions that the request names."""
    history = desk(request).history
    if x_min_position is not None:
        await reach(x_min_position, request.app.state.settings.partitions, history.reached)
    return history


HistorySeen = Annotated[History, Depends(seen)]


class Stretch(NamedTuple):
    """Which part of a history is asked for."""

    start: datetime | None
    to: datetime | None
    after: Cursor | None
    limit: int


async def stretch(
    start: From = None, to: To = None, after: After = None, limit: Limit = PAGE_ROWS
) -> Stretch:
    """The part that a request names, all of it where it names none."""
    return Stretch(start, to, None if after is None else _cursor(after), limit)


StretchAsked = Annotated[Stretch, Depends(stretch)]


def _neither() -> Problem:
    problem = "is named beside `sku`, or neither is"
    return invalid("Name either a SKU or a container.", "query.container", problem)


def _movements_at(language: Language) -> Callable[..., Any]:
    """The route's function, with the domain's key."""

    async def read(request: Request, history: History, key: str, *named: Any) -> Response:
        found = await history.read(lambda pool: tables.movements(pool, history.schema, key, *named))
        return _page(desk(request).follower.of(key).partition, *found)

    async def movements(
        request: Request,
        history: HistorySeen,
        key: str,
        sku: Annotated[Sku, Query(examples=["85123A"])],
        part: StretchAsked,
    ) -> Response:
        """The events that touched it, as they are on the events topic."""
        return await read(request, history, key, sku, *part)

    async def of_either(
        request: Request,
        history: HistorySeen,
        key: str,
        part: StretchAsked,
        sku: Annotated[Sku | None, Query(examples=["85123A"])] = None,
        container: Annotated[Name | None, Query(description="In place of `sku`")] = None,
    ) -> Response:
        """The events that touched a SKU, or a container, as they are on the events topic.

        A container is touched by where it goes, in another too, and by what goes in and out.
        """
        if (sku is None) == (container is None):
            raise _neither()
        name = of_container(container) if sku is None and container is not None else sku
        return await read(request, history, key, name, *part)

    route = of_either if language.domain == LOCATIONS else movements
    route.__annotations__["key"] = language.key_query()
    return route


def _page(
    partition: int, events: list[bytes], following: Cursor | None, positions: dict[int, int]
) -> Response:
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
        if not (-1 <= partition <= PARTITION_MAX and -1 <= seq <= SEQ_MAX):
            raise ValueError("no partition and seq of ours")
        return Cursor(EPOCH + time_us * MICROSECOND, partition, seq)
    except (Base64Error, ValueError, OverflowError):
        raise invalid("`after` is no cursor.", "query.after", "is no `next` of a page") from None


def routes(language: Language) -> APIRouter:
    """A domain's history at its path, documented in its language."""
    is_stock = language.domain == STOCK
    router = APIRouter(tags=["history" if is_stock else language.domain])
    events: Any = list.__class_getitem__(language.event)
    page: Any = create_model(
        f"{'' if is_stock else language.domain.capitalize()}MovementsPage",
        __base__=MovementsPage,
        events=(events, ...),
    )
    cursor = invalid("`after` is no cursor.", "query.after", "is no `next` of a page")
    about = "" if language.key == "sku" else f" in one {language.key}"
    whose = "one SKU or container" if language.domain == LOCATIONS else "one SKU"
    router.add_api_route(
        "/v1/movements" if is_stock else f"/v1/{language.domain}/movements",
        _movements_at(language),
        methods=["GET"],
        summary=f"Movements of {whose}{about}",
        response_model=page,
        responses=documented(MALFORMED, cursor, NOT_REACHED, database_away()),
    )
    return router
