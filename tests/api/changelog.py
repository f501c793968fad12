"""Writes changelog transactions by hand: whole, aborted, and torn ones, as a worker leaves them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from schemas.rows import Balances, Count, Reservation, Row, Transfer
from streams import stamp as stamps
from streams.settings import Settings
from streams.stamp import Stamp
from streams.topics import Topics, ensure_topics, owner
from tables import stock as tables

Rows = Mapping[bytes, bytes | None]


def row(
    warehouse: str, sku: str, on_hand: int, reserved: int = 0, version: int = 1, **more: int
) -> dict[bytes, bytes]:
    """A row of current stock, all of it bought, ready for the changelog."""
    kept = Row(on_hand, reserved, 0, version, **more)
    kept.supplier -= kept.imbalance
    return {tables.stock_key(warehouse, sku): tables.encode_row(kept)}


def balances(warehouse: str, sku: str, kept: Balances) -> dict[bytes, bytes]:
    """The other accounts of a SKU."""
    return {tables.balances_key(warehouse, sku): tables.encode_balances(kept)}


def reservation(warehouse: str, name: str, kept: Reservation) -> dict[bytes, bytes]:
    """A reservation's row, due in an hour."""
    value = tables.encode_reservation(kept, _in_an_hour())
    return {tables.reservation_key(warehouse, name): value}


def count(warehouse: str, name: str, kept: Count) -> dict[bytes, bytes]:
    """A count's row, due in an hour."""
    return {tables.count_key(warehouse, name): tables.encode_count(kept, _in_an_hour())}


def outgoing(warehouse: str, name: str, kept: Transfer) -> dict[bytes, bytes]:
    """The row of a transfer that leaves a warehouse, due in an hour."""
    return {tables.outgoing_key(warehouse, name): tables.encode_transfer(kept, _in_an_hour())}


def incoming(warehouse: str, sender: str, name: str, kept: Transfer) -> dict[bytes, bytes]:
    """The row of a transfer that comes to a warehouse, due in an hour."""
    key = tables.incoming_key(warehouse, sender, name)
    return {key: tables.encode_transfer(kept, _in_an_hour())}


def _in_an_hour() -> int:
    return int(time.time() * 1000) + 3_600_000


class Changelog:
    """One tenant's changelog. `seq` counts on by itself, in every partition."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topics = Topics.of("stock", settings.topic_prefix)
        self.incarnation = uuid4().bytes
        self._seqs = dict.fromkeys(range(settings.partitions), 0)

    def owner(self, warehouse: str) -> int:
        return owner(warehouse, self._settings.partitions)

    def commit(self, warehouse: str, rows: Rows, events: int = 1) -> int:
        """One transaction in the warehouse's partition; the seq it ends at."""
        partition = self.owner(warehouse)
        self._seqs[partition] += events

        async def step(producer: AIOKafkaProducer) -> None:
            async with producer.transaction():
                await self._send(producer, partition, rows, self._seqs[partition])

        self._run(step)
        return self._seqs[partition]

    def abort(self, warehouse: str, rows: Rows) -> None:
        """A transaction with rows and a stamp that is taken back."""
        partition = self.owner(warehouse)

        async def step(producer: AIOKafkaProducer) -> None:
            await producer.begin_transaction()
            await self._send(producer, partition, rows, self._seqs[partition] + 1)
            await producer.abort_transaction()

        self._run(step)

    @asynccontextmanager
    async def torn(self, warehouse: str, rows: Rows) -> AsyncIterator[None]:
        """A transaction that stays open inside the block: rows and stamp sent, never committed."""
        partition = self.owner(warehouse)
        async with _producer(self._settings) as producer:
            await producer.begin_transaction()
            await self._send(producer, partition, rows, self._seqs[partition] + 1)
            yield
            await producer.abort_transaction()

    async def _send(self, producer: AIOKafkaProducer, partition: int, rows: Rows, seq: int) -> None:
        stamp = Stamp(self.incarnation, seq, seq + 1, int(time.time() * 1000), 4)
        records = [*rows.items(), (stamps.KEY, stamp.encode())]
        sent = [
            await producer.send(self._topics.changelog, value, key=key, partition=partition)
            for key, value in records
        ]
        await asyncio.gather(*sent)

    def _run(self, step: Callable[[AIOKafkaProducer], Awaitable[None]]) -> None:
        async def run() -> None:
            async with _producer(self._settings) as producer:
                await step(producer)

        asyncio.run(run())

    def make_anew(self) -> None:
        """Delete the tenant's changelog and make an empty one, of another incarnation."""

        async def run() -> None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._settings.kafka)
            await admin.start()
            try:
                await admin.delete_topics([self._topics.changelog])
            finally:
                await admin.close()
            await asyncio.sleep(1)  # Kafka removes it in the background
            await ensure_topics(self._settings, self._topics)

        asyncio.run(run())
        self.incarnation = uuid4().bytes
        self._seqs = dict.fromkeys(self._seqs, 0)


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        transactional_id=f"{settings.topic_prefix}changelog",
        max_batch_size=1 << 20,
        linger_ms=2,
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
