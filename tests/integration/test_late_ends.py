"""Ends of transactions that arrive late: a client that trusts aiokafka is torn, ours is not.

The control of `mangle-end`, on one broker and with no namespace: both ways lead through the proxy
of the fault runs, which breaks the connection and delivers the request about a second later. By
then aiokafka has asked again, and begun the next transaction with the same epoch: what was late
ends that one in its midst.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, client
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
ROUNDS = 20  # so much more has the naive one to do: it works until it is torn
GROUP = "late-ends"
PAUSE_S = 0.02  # between two records of the naive one: its transactions are 200 ms long
LATE_S = (0.1, 1.0)
SHARE = 0.5
LATE_MIN = 5  # of some 20
TORN_S = DONE_S = 240.0  # 46 and 8 at a load of 15 on two cores


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


async def _naive(made: Installation) -> None:
    """Consume, transform, produce: each batch and its position in one transaction."""
    source = TopicPartition(made.topics.commands, 0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=made.kafka,
        group_id=GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    consumer.assign([source])
    try:
        await _carry(made, consumer, source)
    finally:
        await consumer.stop()


async def _carry(
    made: Installation, consumer: AIOKafkaConsumer, source: TopicPartition
) -> NoReturn:
    while True:
        producer = AIOKafkaProducer(bootstrap_servers=made.kafka, transactional_id=GROUP)
        try:
            await producer.start()
            consumer.seek(source, await consumer.committed(source) or 0)
            while True:
                found = await consumer.getmany(timeout_ms=100, max_records=PER_TRANSACTION)
                for records in found.values():
                    async with producer.transaction():
                        for record in records:
                            await producer.send(made.topics.events, record.value, partition=0)
                            await asyncio.sleep(PAUSE_S)
                        position = {source: records[-1].offset + 1}
                        await producer.send_offsets_to_transaction(position, GROUP)
        except KafkaError as error:
            print(f"the naive client begins anew: {error!r}")
        finally:
            await producer.stop()


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


@asynccontextmanager
async def _at_work(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Ended by force: aiokafka waits for its transaction, which may have no end any more."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=1)


async def _twice(made: Installation) -> list[bytes]:
    """Values that a reader of what is committed sees more than once."""
    told = Counter(await _seen(made, made.topics.events, 0))
    return [value for value, times in told.items() if times > 1]


async def test_a_late_end_tears_a_naive_client(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await asyncio.to_thread(install, 1)
    await asyncio.to_thread(_put, made)

    async with (
        _late_ends(made.kafka, tmp_path, monkeypatch),
        _at_work(_naive(made)),
        asyncio.timeout(TORN_S),
    ):
        while not await _twice(made):
            continue


async def test_a_late_end_does_ours_no_harm(
    install: Install,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = await asyncio.to_thread(install, 1)

    async with (
        _late_ends(made.kafka, tmp_path, monkeypatch),
        _at_work(_ours(made)) as work,
        asyncio.timeout(DONE_S),
    ):
        await work

    assert capsys.readouterr().out.count("late EndTxn") >= LATE_MIN
    told = await _seen(made, made.topics.events, 0)
    assert told == [b"%d" % n for n in range(COUNT)]


def _put(made: Installation) -> None:
    for number in range(COUNT * ROUNDS):
        made.put(b"%d" % number, partition=0)
    made.flush()
