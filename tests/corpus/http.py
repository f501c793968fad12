"""Sends requests byte for byte over kept connections, many at a time, and reads the answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

ANSWER_S = 40.0
HEAD_BYTES_MAX = 1 << 20
Given = TypeVar("Given")


@dataclass(slots=True)
class Reply:
    """What came back."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header's value; empty where there is none."""
        return next((value for given, value in self.headers if given == name), "")

    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


class Connection:
    """One connection to the API, opened again where it was closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Reply:
        """Send a request and read its answer; status 0 where a fresh connection has none."""
        for fresh in (self._streams is None, True):
            try:
                async with asyncio.timeout(ANSWER_S):
                    return await self._once(request)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                self.close()
                if fresh:
                    return Reply(0, body=repr(error).encode())
        raise AssertionError("the second try is a fresh one")

    async def _once(self, request: bytes) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                "127.0.0.1", self._port, limit=HEAD_BYTES_MAX
            )
        reader, writer = self._streams
        writer.write(request)
        await writer.drain()
        reply = await _read(reader, request.startswith(b"HEAD "))
        if reply.header("connection") == "close" or reply.status in (400, 413):
            self.close()  # after a fault of the protocol the server closes too
        return reply

    def close(self) -> None:
        """Give the connection up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


async def _read(reader: asyncio.StreamReader, bodiless: bool) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    reply = Reply(int(head[0].split(" ")[1]))
    for line in head[1:-2]:
        name, _, value = line.partition(":")
        reply.headers.append((name.lower(), value.strip()))
    if bodiless:
        return reply
    if reply.header("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            reply.body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    elif reply.header("content-length"):
        reply.body = await reader.readexactly(int(reply.header("content-length")))
    else:
        reply.body = await reader.read()
    return reply


async def each(
    port: int,
    given: Iterable[Given],
    work: Callable[[Connection, Given], Awaitable[None]],
    at_a_time: int,
) -> None:
    """Do some work for each thing given, with so many connections."""
    waiting = iter(given)

    async def one() -> None:
        with Connection(port) as connection:
            for thing in waiting:
                await work(connection, thing)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_a_time):
            group.create_task(one())
