"""Asks an HTTP server over kept-alive connections, closed loop or at a fixed pace."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

from local.ports import LOOPBACK


@dataclass(slots=True)
class Asked:
    """What was answered: seconds per request, and how many were not 200."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    span_s: float = 0.0

    @property
    def per_s(self) -> float:
        """Answers per second."""
        return len(self.seconds) / self.span_s

    def quantile_ms(self, share: float) -> float:
        """One of the times, by its rank."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1_000


class _Connection(asyncio.Protocol):
    """One request after the other; an answer is whole when its Content-Length has come."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[bytes] | None = None
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return
        _, _, rest = head.lower().partition(b"content-length: ")
        if len(body) >= int(rest.partition(b"\r\n")[0]) and self.answered:
            self.answered.set_result(head)
            self.answered, self.received = None, b""

    def connection_lost(self, exc: Exception | None) -> None:
        if self.answered and not self.answered.done():
            self.answered.set_exception(exc or ConnectionError("the server closed the connection"))

    async def ask(self, path: str) -> bool:
        """Whether the answer is 200."""
        self.answered = asyncio.get_running_loop().create_future()
        answer = self.answered
        self.transport.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode())
        return (await answer).startswith(b"HTTP/1.1 200")


async def _open(port: int) -> _Connection:
    _, protocol = await asyncio.get_running_loop().create_connection(_Connection, LOOPBACK, port)
    return protocol


def closed_loop(port: int, paths: Sequence[str], connections: int, seconds: float) -> Asked:
    """Every connection asks again as soon as it is answered."""
    return uvloop.run(_closed_loop(port, paths, connections, seconds))


async def _closed_loop(port: int, paths: Sequence[str], connections: int, seconds: float) -> Asked:
    asked = Asked()
    began = time.perf_counter()
    until = began + seconds

    async def one(number: int) -> None:
        connection = await _open(port)
        place = number * 7_919
        while (start := time.perf_counter()) < until:
            good = await connection.ask(paths[place % len(paths)])
            asked.seconds.append(time.perf_counter() - start)
            asked.refused += not good
            place += 1

    await asyncio.gather(*(one(number) for number in range(connections)))
    asked.span_s = time.perf_counter() - began
    return asked


def open_loop(port: int, paths: Sequence[str], per_s: float, seconds: float) -> Asked:
    """Requests fall due at a fixed pace; a time runs from when its request was due."""
    return uvloop.run(_open_loop(port, paths, per_s, seconds))


async def _open_loop(port: int, paths: Sequence[str], per_s: float, seconds: float) -> Asked:
    asked = Asked()
    free = [await _open(port) for _ in range(64)]
    tasks: set[asyncio.Task[None]] = set()
    began = time.perf_counter()

    async def one(number: int) -> None:
        connection = free.pop() if free else await _open(port)
        good = await connection.ask(paths[number * 7_919 % len(paths)])
        asked.seconds.append(time.perf_counter() - began - number / per_s)
        asked.refused += not good
        free.append(connection)

    number, total = 0, int(per_s * seconds)
    while number < total:
        due = min(total, int((time.perf_counter() - began) * per_s))
        while number < due:
            task = asyncio.create_task(one(number))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            number += 1
        await asyncio.sleep(0.001)
    await asyncio.gather(*tasks)
    asked.span_s = time.perf_counter() - began
    return asked
