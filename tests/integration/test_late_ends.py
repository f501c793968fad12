"""Ends of transactions that arrive late do the engine's producer no harm.

On one broker and with no namespace: the way leads through the proxy of the fault runs, which breaks
the connection and delivers the request about a second later. A client that asked again and began
the next transaction with the same epoch would have that one ended in its midst.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiokafka import client
from aiokafka.errors import KafkaError

from streams import stamp as stamps
from streams.batch import Batch
from streams.deadlines import Indefinite
from streams.exceptions import Displaced
from streams.stamp import Stamp
from streams.transaction import TransactionalProducer
from tests.chaos import proxy
from tests.chaos.proxy import Orders, Proxy, write_orders
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.test_unended import _seen

COUNT, PER_TRANSACTION = 200, 10
GROUP = "late-ends"
PAUSE_S = 0.02
LATE_S = (0.1, 1.0)
SHARE = 0.5
LATE_MIN = 5  # of some 20
DONE_S = 240.0  # 8 at a load of 15 on two cores


@asynccontextmanager
async def _late_ends(kafka: str, home: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Every connection of aiokafka leads through the proxy meanwhile."""
    broker = urlsplit(f"kafka://{kafka}")
    assert broker.hostname is not None and broker.port is not None
    listener = socket.create_server(("127.0.0.1", 0))
    port, orders = listener.getsockname()[1], home / "orders.json"
    write_orders(orders, Orders("late", ("EndTxn",), SHARE))
    there = (broker.hostname, broker.port)
    serving = asyncio.create_task(Proxy(orders).serve({there: listener}))
    connect: Callable[..., Coroutine[Any, Any, Any]] = client.create_conn

    def through(_host: str, _port: int, **given: Any) -> Coroutine[Any, Any, Any]:
        return connect("127.0.0.1", port, **given)

    try:
        with patch.context() as patched:
            patched.setattr(client, "create_conn", through)
            patched.setattr(proxy, "LATE_S", LATE_S)
            yield
    finally:
        serving.cancel()
        await asyncio.wait([serving])


async def _ours(made: Installation) -> None:
    """The same by the engine's producer, whose position is in its changelog."""
    while True:
        producer = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
        try:
            await producer.start()
            at = await _position(made)
            while at < COUNT:
                batch = Batch(Stamp(bytes(16), at + PER_TRANSACTION, 1, 0, 1))
                batch.events = [(b"W", b"%d" % n) for n in range(at, at + PER_TRANSACTION)]
                batch.changelog = [(stamps.KEY, batch.stamp.encode())]
                await producer.commit(batch)
                at += PER_TRANSACTION
                await asyncio.sleep(PAUSE_S)
        except (KafkaError, Indefinite, Displaced) as error:
            print(f"ours begins anew: {error!r}")
        else:
            return
        finally:
            await producer.stop()


async def _position(made: Installation) -> int:
    told = await _seen(made, made.topics.changelog, 0)
    return Stamp.decode(told[-1]).next_offset if told else 0


async def test_a_late_end_does_ours_no_harm(
    install: Install,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = await asyncio.to_thread(install, 1)

    async with _late_ends(made.kafka, tmp_path, monkeypatch), asyncio.timeout(DONE_S):
        await _ours(made)

    assert capsys.readouterr().out.count("late EndTxn") >= LATE_MIN
    told = await _seen(made, made.topics.events, 0)
    assert told == [b"%d" % n for n in range(COUNT)]
