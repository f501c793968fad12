"""Sends commands to their topic: in order, once each, key = warehouse, and counts them."""

import asyncio
import time
from collections import Counter
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from cli.exceptions import LoadError
from cli.invoices import Command
from streams.exceptions import StreamsError
from streams.settings import Settings
from streams.topics import Topics, ensure_topics

BATCH_BYTES_MAX = 256 << 10
REQUEST_BYTES_MAX = 2 << 20
LINGER_MS = 10


class Sender:
    """A producer of commands. What it sent twice, after an error, is decided once: ids tell."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topics = Topics.of("stock", settings.topic_prefix)
        self._failure: BaseException | None = None
        self._began_s = 0.0
        self._pending: set[asyncio.Future[RecordMetadata]] = set()
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
            linger_ms=LINGER_MS,
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
        """Queue one command; waits while its partition's batch is full, so memory is bounded.

        `partition` sends it where it may not belong.
        """
        self._check()
        if not self.sent:
            self._began_s = time.monotonic()
        sending = await self._producer.send(
            self._topics.commands, command.value, command.warehouse.encode(), partition
        )
        self._pending.add(sending)
        sending.add_done_callback(self._sent)
        self.sent[command.type] += 1
        self.bytes += len(command.value)

    async def flush(self) -> None:
        """Wait until Kafka has all of it."""
        if self._pending:
            await asyncio.wait(self._pending)
        await asyncio.sleep(0)  # callbacks are called after those who wait
        self.duration_s = time.monotonic() - self._began_s
        self._check()

    def _sent(self, sending: "asyncio.Future[RecordMetadata]") -> None:
        self._pending.discard(sending)
        if sending.cancelled():
            return
        if sending.exception() is not None:
            self._failure = sending.exception()
            return
        record = sending.result()
        self.last[record.partition] = max(record.offset, self.last.get(record.partition, -1))

    def _check(self) -> None:
        if self._failure is not None:
            raise LoadError(self._away(self._failure)) from self._failure

    def _away(self, error: BaseException) -> str:
        return (
            f"Kafka at {self._settings.kafka} does not take commands ({error}). Is the system up? "
            "`./stockyard up` starts it; then load the file again: nothing is taken twice"
        )
