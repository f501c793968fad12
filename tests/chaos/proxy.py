"""A way to the brokers that knows Kafka's requests: it loses, delays and repeats what it is told.

It listens inside another network namespace on the brokers' own addresses, so that a worker there
meets nobody else, and passes on from the run's. `orders.json` says what befalls which request:

    lose    the request arrives, its answer does not: the connection breaks
    late    the connection breaks, and the request arrives seconds later
    repeat  the request arrives twice in a row, its answer once

`python -m tests.chaos.proxy NAMESPACE ORDERS HOST:PORT...`
"""

import asyncio
import ctypes
import json
import os
import socket
import struct
import sys
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

APIS = {0: "Produce", 26: "EndTxn", 28: "TxnOffsetCommit"}
HOW = ("lose", "late", "repeat")
LATE_S = (1.0, 9.0)  # around the engine's step of 5 s
FRAME_BYTES_MAX = 32 << 20


class Orders(NamedTuple):
    """What befalls requests now: `share` of those in `apis`."""

    how: str = ""
    apis: tuple[str, ...] = ()
    share: float = 0.0


def write_orders(path: Path, orders: Orders) -> None:
    """Give orders to a running proxy; they hold from the next request on."""
    fresh = path.with_suffix(".fresh")
    fresh.write_text(json.dumps(orders))
    fresh.replace(path)


class Proxy:
    """All connections of one worker."""

    def __init__(self, orders: Path) -> None:
        self._path, self._rng = orders, Random(1)
        self._late: set[asyncio.Task[None]] = set()

    def _orders(self) -> Orders:
        how, apis, share = json.loads(self._path.read_text())
        return Orders(how, tuple(apis), share)

    async def serve(self, listeners: dict[tuple[str, int], socket.socket]) -> None:
        """Until cancelled."""
        servers = [
            await asyncio.start_server(partial(self._connection, there), sock=listener)
            for there, listener in listeners.items()
        ]
        print("ready", flush=True)
        await asyncio.gather(*(server.serve_forever() for server in servers))

    async def _connection(
        self, there: tuple[str, int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        fates: dict[int, str] = {}  # correlation id -> what befalls its answer
        try:
            back, onward = await asyncio.open_connection(*there)
        except OSError:
            writer.close()
            return
        ways = [
            asyncio.ensure_future(self._requests(there, reader, onward, fates)),
            asyncio.ensure_future(self._answers(back, writer, fates)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            writer.close()
            onward.close()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _requests(
        self,
        there: tuple[str, int],
        reader: asyncio.StreamReader,
        onward: asyncio.StreamWriter,
        fates: dict[int, str],
    ) -> None:
        while True:
            frame = await _frame(reader)
            key, _, correlation = struct.unpack_from(">hhi", frame, 4)
            how = self._fate(APIS.get(key, ""))
            if how:
                print(how, APIS[key], flush=True)
            if how == "late":
                self._afterwards(there, frame)
                return  # its connection is gone
            if how:
                fates[correlation] = how
            onward.write(frame if how != "repeat" else frame + frame)
            await onward.drain()

    def _fate(self, api: str) -> str:
        if not api:
            return ""
        orders = self._orders()
        return orders.how if api in orders.apis and self._rng.random() < orders.share else ""

    def _afterwards(self, there: tuple[str, int], frame: bytes) -> None:
        task = asyncio.create_task(self._alone(there, frame, self._rng.uniform(*LATE_S)))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _alone(self, there: tuple[str, int], frame: bytes, seconds: float) -> None:
        """One request on a connection of its own; its answer goes to nobody."""
        await asyncio.sleep(seconds)
        try:
            back, onward = await asyncio.open_connection(*there)
            onward.write(frame)
            await onward.drain()
            await asyncio.wait_for(_frame(back), LATE_S[1])
            onward.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return

    async def _answers(
        self, back: asyncio.StreamReader, writer: asyncio.StreamWriter, fates: dict[int, str]
    ) -> None:
        while True:
            frame = await _frame(back)
            (correlation,) = struct.unpack_from(">i", frame, 4)
            fate = fates.pop(correlation, "")
            if fate == "lose":
                return
            if fate == "again":
                continue
            if fate == "repeat":
                fates[correlation] = "again"
            writer.write(frame)
            await writer.drain()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(4)
    (size,) = struct.unpack(">i", head)
    if not 0 <= size <= FRAME_BYTES_MAX:
        raise asyncio.IncompleteReadError(head, size)
    return head + await reader.readexactly(size)


def listen_inside(namespace: str, places: list[tuple[str, int]]) -> list[socket.socket]:
    """Sockets that listen in another network namespace; this process stays in its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/self/ns/net").open() as own, Path(namespace).open() as other:
        for entered in (other, own):
            if libc.setns(entered.fileno(), 0):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            if entered is other:
                listeners = [socket.create_server(place) for place in places]
    return listeners


def main(namespace: str, orders: str, *addresses: str) -> None:
    """Listen inside, pass on outside."""
    places = [(host, int(port)) for host, _, port in (one.rpartition(":") for one in addresses)]
    listeners = listen_inside(namespace, places)
    asyncio.run(Proxy(Path(orders)).serve(dict(zip(places, listeners, strict=True))))


if __name__ == "__main__":
    main(*sys.argv[1:])
