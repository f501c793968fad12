"""Takes commands, and tells their outcomes: at once where somebody waits, later by their id."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field, create_model
from starlette.types import Scope

from api.addresses import CommandIdPath, Segmented
from api.bodies import UNREADABLE, Bodies, Sent, command_of
from api.desk import Desk, desk
from api.follower import kafka_away
from api.hints import told_of_stock
from api.history import History, database_away
from api.intake import not_taken
from api.language import Language
from api.movements import HistorySeen
from api.outcomes import Outcomes, Watch
from api.positions import MALFORMED, NOT_REACHED
from api.problems import Problem, documented
from api.resolving import CATALOG_PARAMETER, RESOLVES, UNRESOLVED, resolved
from api.telemetry import COMMANDS
from schemas.domains import DOMAINS, STOCK
from tables import history as tables

WAIT_S_MAX = 30.0  # a connection and a watch each; who needs longer asks by the id
CAUGHT_UP_S_MAX = 2.0  # a read by id waits so long for what is undecided now
RETRY_AFTER_S = 1

_PATHS = {f"/v1/{'' if domain == STOCK else f'{domain}/'}commands": domain for domain in DOMAINS}


class Taken(BaseModel):
    """Kafka has the command; its outcome can be asked for by its id."""

    id: str = Field(examples=["01JD3Z6V9K2M4N6P8Q0R2S4T6V"])
    status: str = Field(examples=["undecided"])


Wait = Annotated[
    float | None,
    Query(ge=0, le=WAIT_S_MAX, description="Seconds to wait for the outcome", examples=[10]),
]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="Stands in for `id` where the body has none"),
]


class Rejection(msgspec.Struct):
    """What a problem tells of a rejection."""

    type: str
    code: str = ""
    message: str = ""
    details: dict[str, Any] = {}


_decode = msgspec.json.Decoder(Rejection).decode


def told(event: bytes) -> Response:
    """200 with what a command did; Problem 409 with why it did nothing."""
    rejection = _decode(event)
    if rejection.type == "CommandRejected":
        raise Problem(
            409,
            rejection.code,
            rejection.message,
            details=rejection.details,
            event=msgspec.Raw(event),
        )
    return Response(event, media_type="application/json")


def _undecided(at: Desk, key: str, command_id: str) -> Response:
    answer = {"id": command_id, at.codec.key: key, "status": "undecided"}
    return Response(
        msgspec.json.encode(answer),
        202,
        {"Retry-After": str(RETRY_AFTER_S)},
        "application/json",
    )


def refusal(scope: Scope, waiting: Mapping[str, Outcomes]) -> Problem | None:
    """Problem 503 for a command whose outcome nobody more can wait for; it is not read at all."""
    outcomes = waiting.get(_PATHS.get(scope["path"], ""))
    if outcomes is None or not outcomes.full or scope["method"] != "POST":
        return None
    wait = parse_qs(scope["query_string"]).get(b"wait", [b"0"])[-1]
    with contextlib.suppress(ValueError):  # what is no number is told so where it is read
        return Outcomes.too_many() if float(wait) > 0 else None
    return None


async def _sent(request: Request, idempotency_key: str | None) -> Sent:
    """The command that a request carries, checked; Problem 4xx where there is none."""
    bodies: Bodies = request.app.state.bodies
    async with bodies.read(request) as body:
        plain = await resolved(request, body)
        sent = command_of(plain, idempotency_key, desk(request).codec)
        return told_of_stock(request, sent)


async def send(
    request: Request, wait: Wait = None, idempotency_key: IdempotencyKey = None
) -> Response:
    """Sent to Kafka once it is valid, and decided there, once for each id of a warehouse.

    Without `wait` the answer is 202. With it, the outcome: 200, or 409 where the command was
    rejected; a repeat is answered with the first outcome. What is still undecided then is 202.
    """
    at = desk(request)
    sent = await _sent(request, idempotency_key)
    if not wait:
        await at.intake.send(sent)
        COMMANDS.labels("taken").inc()
        return _undecided(at, sent.key, sent.id)
    partition = at.follower.of(sent.key).partition
    async with at.outcomes.watch(partition, sent.key, sent.id) as watch:
        _, offset = await at.intake.send(sent)
        watch.of(offset)
        event = None
        try:
            async with asyncio.timeout(wait):
                event = await _outcome(at, sent, offset, watch)
        except (TimeoutError, Problem):  # it is taken: whatever keeps its outcome from us, 202
            pass
    COMMANDS.labels("taken" if event is None else "decided").inc()
    return _undecided(at, sent.key, sent.id) if event is None else told(event)


async def _outcome(at: Desk, sent: Sent, offset: int, watch: Watch) -> bytes | None:
    """The event of a record; for a repeat, which has none, the first outcome of its id.

    A record is known to have no event once it is decided, by the follower's stamp, and every event
    that was there then has been looked at. The id's outcome is in the history then, or will be.
    """
    history, replica = at.history, at.follower.of(sent.key)
    if await _first(watch, replica.decided_to(offset + 1)):
        return watch.event.result()
    seq, end = replica.seq, await at.offsets.event_end(replica.partition)
    if await _first(watch, watch.passed(end)):
        return watch.event.result()
    await history.reached(replica.partition, seq)
    return await history.read(lambda pool: tables.outcome(pool, history.schema, sent.key, sent.id))


async def _first(watch: Watch, other: Any) -> bool:
    """Wait for a watch's event or something else; whether it was the event."""
    waiting = asyncio.ensure_future(other)
    try:
        await asyncio.wait({waiting, watch.event}, return_when=asyncio.FIRST_COMPLETED)
        if watch.event.done():
            return True
        waiting.result()
        return False
    finally:
        waiting.cancel()


async def _outcome_of(request: Request, history: History, key: str, command_id: str) -> Response:
    at = desk(request)
    partition = at.follower.of(key).partition

    async def look() -> bytes | None:
        return await history.read(
            lambda pool: tables.outcome(pool, history.schema, key, command_id)
        )

    event = await look()
    if event is None:
        try:
            async with asyncio.timeout(CAUGHT_UP_S_MAX):
                await history.reached(partition, await at.offsets.decided(key))
        except TimeoutError:
            event = await look()
            if event is None:
                return _undecided(at, key, command_id)
        else:
            event = await look()
    if event is None:
        raise _unknown(at.codec.key, key, command_id)
    return Response(event, media_type="application/json")


def _unknown(name: str, key: str, command_id: str) -> Problem:
    detail = f"{name.capitalize()} {key} has had no command {command_id!r}."
    return Problem(404, "NOT_FOUND", detail)


def _outcome_at(language: Language) -> Callable[..., Any]:
    """The route's function, with the domain's key."""

    async def outcome(
        request: Request, history: HistorySeen, key: str, command_id: CommandIdPath
    ) -> Response:
        """The first outcome of an id, a rejection too. 404 means that there was no such command.

        What is caught up: every command that Kafka had when this was asked is decided, also those
        that were sent to a partition that does not own the key, and the history shows all events up
        to there. Until then 202, after a moment of waiting for it.
        """
        return await _outcome_of(request, history, key, command_id)

    outcome.__annotations__["key"] = language.key_path()
    return outcome


def routes(language: Language) -> APIRouter:
    """A domain's way in: `send` and `outcome` at its paths, documented in its language."""
    path = next(path for path, domain in _PATHS.items() if domain == language.domain)
    tag = "commands" if language.domain == STOCK else language.domain
    router = APIRouter(tags=[tag], route_class=Segmented)
    example = {"content": {"application/json": {"example": language.outcome}}}
    decided = {"description": "With `wait`: what the command did", "model": language.event}
    is_resolved = language.domain in RESOLVES
    refused = (*UNREADABLE, *(UNRESOLVED if is_resolved else ()))
    unsent = documented(*refused, language.rejection, not_taken(), Bodies.too_many())
    reference = {"$ref": f"#/components/schemas/{language.command}"}
    body = {"application/json": {"schema": reference, "examples": language.examples}}
    key: dict[str, Any] = {language.key: (language.rule, Field(examples=[language.example]))}
    parameters = {"parameters": [CATALOG_PARAMETER]} if is_resolved else {}
    taken = create_model(f"{language.domain.capitalize()}Taken", __base__=Taken, **key)
    router.add_api_route(
        path,
        send,
        methods=["POST"],
        summary="Send a command",
        status_code=202,
        response_model=taken,
        responses={200: decided | example, **unsent},
        openapi_extra={"requestBody": {"required": True, "content": body}} | parameters,
    )
    unknown = _unknown(language.key, language.example, "x")
    unread = documented(MALFORMED, NOT_REACHED, unknown, kafka_away(), database_away())
    waiting = {"description": "Not known yet: something is undecided", "model": taken}
    router.add_api_route(
        f"{path}/{{{language.key}:segment}}/{{command_id:text}}",
        _outcome_at(language),
        methods=["GET"],
        summary="The outcome of a command",
        response_model=language.event,
        responses={200: example, 202: waiting, **unread},
    )
    return router
