"""Reads the commands that requests carry: bounded in size, in number and in time, then checked."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.problems import Problem, unavailable
from schemas import json_text
from schemas.codec import CommandCodec, Invalid
from schemas.exceptions import Unreadable

BODY_BYTES_MAX = 1 << 20  # the contract's
BODIES_BYTES_MAX = 64 * BODY_BYTES_MAX  # in memory at a time, by what they announce
READ_S_MAX = 10.0  # a slow client must not hold its share for longer


@dataclass(frozen=True, slots=True)
class Sent:
    """A valid command, and the bytes that Kafka gets."""

    key: str  # of its domain: whose actor decides
    id: str
    correlation_id: str | None  # for the log
    value: bytes


def _malformed(problem: str) -> Problem:
    flaw = {"path": "body", "problem": problem}
    return Problem(400, "INVALID_REQUEST", "The body is no JSON object.", errors=[flaw])


def _invalid(path: str, problem: str) -> Problem:
    flaw = {"path": path, "problem": problem}
    return Problem(422, "INVALID_COMMAND", "The command is outside its rules.", errors=[flaw])


def too_large() -> Problem:
    """413: no command is that large."""
    detail = f"The body is larger than {BODY_BYTES_MAX} bytes."
    return Problem(413, "CONTENT_TOO_LARGE", detail)


def _no_json() -> Problem:
    detail = "Send the command as Content-Type: application/json."
    return Problem(415, "UNSUPPORTED_MEDIA_TYPE", detail)


def _too_slow() -> Problem:
    return Problem(408, "REQUEST_TIMEOUT", f"The body took longer than {READ_S_MAX:.0f} s.")


def _two_ids() -> Problem:
    flaw = {"path": "header.Idempotency-Key", "problem": "differs from the body's id"}
    return Problem(400, "INVALID_REQUEST", "The command has two ids.", errors=[flaw])


UNREADABLE = (
    _malformed("no JSON: Expecting value at character 0"),
    _two_ids(),
    _too_slow(),
    too_large(),
    _no_json(),
    _invalid("lines.0.quantity", "is below 1"),
)


class Bodies:
    """Shares the memory that bodies may take among the requests."""

    def __init__(self) -> None:
        self._free = BODIES_BYTES_MAX

    @staticmethod
    def too_many() -> Problem:
        """503: too many bodies at a time."""
        return unavailable("OVERLOADED", "Too many commands at a time; send it again soon.")

    @contextlib.asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """A request's body, its share of memory held meanwhile; Problem 408, 413, 415, 503."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise _no_json()
        announced = request.headers.get("content-length")
        size = int(announced) if announced is not None else BODY_BYTES_MAX
        if size > BODY_BYTES_MAX:
            raise too_large()
        if size > self._free:
            raise self.too_many()
        self._free -= size
        try:
            async with asyncio.timeout(READ_S_MAX):
                body = await _read(request)
            yield body
        except TimeoutError:
            raise _too_slow() from None
        except ClientDisconnect:
            raise _malformed("it ended early") from None
        finally:
            self._free += size


async def _read(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            raise too_large()
        chunks.append(chunk)
    return b"".join(chunks)


def command_of(body: bytes, idempotency_key: str | None, codec: CommandCodec) -> Sent:
    """Check a command by the same rules as its decider; Problem 400, 422."""
    if idempotency_key is not None:
        body = _with_id(body, idempotency_key)
    try:
        command = codec.decode(body)
    except Unreadable as error:
        fields_of(body)
        path = str(error).partition(" ")[0]
        raise _invalid(path, str(error).removeprefix(path).strip()) from None
    if isinstance(command, Invalid):
        raise _invalid(command.path, command.problem)
    return Sent(getattr(command, codec.key), command.id, command.correlation_id, body)


def fields_of(body: bytes) -> dict[str, Any]:
    """The members of a body, as anything reads them that cares for no more; Problem 400."""
    try:
        fields = json_text.read(body)
    except json_text.NotJson as error:
        raise _malformed(f"no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise _malformed("is no object")
    return fields


def _with_id(body: bytes, key: str) -> bytes:
    """The body as it came, with the header's id as its last member; Problem 400, 413."""
    fields = fields_of(body)
    found = fields.get("id")
    if found is not None and found != key:
        raise _two_ids()
    if found is not None:
        return body
    member = f'{"," if fields else ""}"id":{json.dumps(key)}}}'.encode()
    whole = body.rstrip(b" \t\r\n").removesuffix(b"}") + member
    if len(whole) > BODY_BYTES_MAX:
        raise too_large()
    return whole
