"""Sends commands to their topic: in order, once each, key = warehouse, and counts them."""

import asyncio
import time
from collections import Counter
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from cli.exceptions import LoadError
from cli.invoices import Command
from streams.exceptions import StreamsError
from streams.settings import Settings
from streams.topics import Topics, ensure_topics, owner

BATCH_BYTES_MAX = 256 << 10  # of one partition; whole batches cost a third of single sends
REQUEST_BYTES_MAX = 2 << 20


class Sender:
    """A producer of commands. What it sent twice, after an error, is decided once: ids tell."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topics = Topics.of("stock", settings.topic_prefix)
        self._open: dict[int, Any] = {}  # partition -> the batch being filled
        self._pending: dict[asyncio.Future[RecordMetadata], int] = {}  # batch -> its records
        self._began_s = 0.0
        self.sent: Counter[str] = Counter()  # by type
        self.last: dict[int, int] = {}  # partition -> offset of the last command there
        self.bytes = 0
        self.duration_s = 0.0

    async def __aenter__(self) -> Self:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka,
            enable_idempotence=True,
            compression_type="lz4",
            max_batch_size=BATCH_BYTES_MAX,
            max_request_size=REQUEST_BYTES_MAX,
        )
        try:
            await ensure_topics(self._settings, self._topics)
            await self._producer.start()
        except (KafkaError, OSError, StreamsError) as error:
            raise LoadError(self._away(error)) from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._producer.stop()

    async def send(self, command: Command, partition: int | None = None) -> None:
        """Put a command into its batch; waits while an earlier batch waits: memory is bounded.

        `partition` sends it where it may not belong. `push` or `flush` sends what is put.
        """
        if not self.sent:
            self._began_s = time.monotonic()
        if partition is None:
            partition = owner(command.warehouse, self._settings.partitions)
        key = command.warehouse.encode()
        while not self._append(partition, key, command.value):
            await self._push(partition)
        self.sent[command.type] += 1
        self.bytes += len(command.value)

    async def push(self) -> None:
        """Send every batch that was begun."""
        for partition in list(self._open):
            await self._push(partition)

    async def flush(self) -> None:
        """Send all of it and wait until Kafka has it; raises LoadError."""
        await self.push()
        if self._pending:
            await asyncio.wait(self._pending)
        self._collect()
        self.duration_s = time.monotonic() - self._began_s

    def _append(self, partition: int, key: bytes, value: bytes) -> bool:
        if partition not in self._open:
            self._open[partition] = self._producer.create_batch()
        batch = self._open[partition]
        return batch.append(key=key, value=value, timestamp=None) is not None

    async def _push(self, partition: int) -> None:
        self._collect()
        batch = self._open.pop(partition)
        try:
            sending = await self._producer.send_batch(
                batch, self._topics.commands, partition=partition
            )
        except KafkaError as error:
            raise LoadError(self._away(error)) from error
        self._pending[sending] = batch.record_count()

    def _collect(self) -> None:
        """See the answer to every batch that has one."""
        for sending in [one for one in self._pending if one.done()]:
            count = self._pending.pop(sending)
            if error := sending.exception():
                raise LoadError(self._away(error)) from error
            first = sending.result()
            self.last[first.partition] = first.offset + count - 1

    def _away(self, error: BaseException) -> str:
        return (
            f"Kafka at {self._settings.kafka} does not take commands ({error}). Is the system up? "
            "`./stockyard up` starts it; then load the file again: nothing is taken twice"
        )
