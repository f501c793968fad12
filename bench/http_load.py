"""Asks an HTTP server over kept-alive connections, closed loop or at a fixed pace.

A request is the bytes that go out, made before the clock runs: see `get` and `post`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

from local.ports import LOOPBACK

CONNECTIONS_MAX = 4_000  # below the open files that a process may have by default, with room


def get(path: str) -> bytes:
    """A request for a path."""
    return f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """A request that carries JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass(slots=True)
class Asked:
    """What was answered: seconds per good request, in their order; the others by their status."""

    seconds: list[float] = field(default_factory=list)
    others: Counter[int] = field(default_factory=Counter)
    hopeless: int = 0  # refused without a Retry-After
    broken: int = 0  # connections, before an answer
    span_s: float = 0.0

    def note(self, head: bytes, seconds: float) -> None:
        """One answer."""
        status = int(head[9:12])
        if 200 <= status < 300:
            self.seconds.append(seconds)
            return
        self.others[status] += 1
        self.hopeless += b"\r\nretry-after: " not in head.lower()

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

    async def ask(self, request: bytes) -> bytes:
        """The head of the answer."""
        self.answered = asyncio.get_running_loop().create_future()
        answer = self.answered
        self.transport.write(request)
        return await answer


async def _open(port: int) -> _Connection:
    _, protocol = await asyncio.get_running_loop().create_connection(_Connection, LOOPBACK, port)
    return protocol


def closed_loop(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Asked:
    """Every connection asks again as soon as it is answered."""
    return uvloop.run(_closed_loop(port, requests, connections, seconds))


async def _closed_loop(
    port: int, requests: Sequence[bytes], connections: int, seconds: float
) -> Asked:
    asked = Asked()
    began = time.perf_counter()
    until = began + seconds

    async def one(number: int) -> None:
        connection = await _open(port)
        place = number * 7_919
        while (start := time.perf_counter()) < until:
            head = await connection.ask(requests[place % len(requests)])
            asked.note(head, time.perf_counter() - start)
            place += 1

    await asyncio.gather(*(one(number) for number in range(connections)))
    asked.span_s = time.perf_counter() - began
    return asked


def open_loop(
    port: int,
    requests: Sequence[bytes],
    per_s: float,
    seconds: float,
    connections: int = CONNECTIONS_MAX,
) -> Asked:
    """Requests fall due at a fixed pace; a time runs from when its request was due."""
    return uvloop.run(_open_loop(port, requests, per_s, seconds, connections))


async def _open_loop(
    port: int, requests: Sequence[bytes], per_s: float, seconds: float, connections: int
) -> Asked:
    asked = Asked()
    free = [await _open(port) for _ in range(min(64, connections))]
    room = asyncio.Semaphore(connections)
    tasks: set[asyncio.Task[None]] = set()
    began = time.perf_counter()

    async def one(number: int) -> None:
        async with room:
            connection = free.pop() if free else await _open(port)
            try:
                head = await connection.ask(requests[number * 7_919 % len(requests)])
            except ConnectionError:
                asked.broken += 1
                return
            asked.note(head, time.perf_counter() - began - number / per_s)
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
