"""Checks the books of an installation, one partition after the other, while it may be at work.

Every copy is compared with the sum of the events at the copy's own position, so nothing has to
stand still: RocksDB and the API are read first, then where changelog and topics end, then the logs.
"""

import time
from collections.abc import AsyncIterator, Callable
from functools import partial

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from cli.api_copy import Api
from cli.audit_sums import Bounds, Sums, audit_sums
from cli.copies import Copy, add_up, open_reservations, stock_rows
from cli.exceptions import BooksError
from cli.fates import Fates, Forwards
from cli.findings import Findings
from cli.installation import Installation
from cli.ledger import Ledger, decode_event
from cli.snapshot import snapshot_of
from streams import keys
from streams import stamp as stamps
from streams.exceptions import StreamsError
from streams.stamp import Stamp
from streams.topics import Topics
from tables.reader import LogReader, Record

STALLED_S = 30.0  # without a record while there should be some
FETCH_S = 1.0

Turn = tuple[int, Callable[[Ledger], None]]
"""What is compared, and before which event."""


async def check_books(where: Installation, step: Callable[[int], None]) -> Findings:
    """Compare everything with everything; `step` counts partitions. Raises BooksError."""
    books = Books(where)
    try:
        await books.begin()
        for partition in range(books.partitions):
            await books.check(partition)
            step(1)
        await books.end()
    except (KafkaError, StreamsError) as error:
        raise BooksError(f"{error or type(error).__name__}: see ./stockyard status") from error
    finally:
        await books.close()
    return books.findings


class Books:
    """One check of everything: `begin`, `check` each partition, `end`."""

    def __init__(self, where: Installation) -> None:
        self.findings = Findings()
        self.partitions = 0
        self._where = where
        self._topics = Topics.of("stock", where.settings.topic_prefix)
        self._reader = LogReader(where.settings.kafka, "stockyard-books")
        self._api = Api(where.api)
        self._bounds: Bounds = {}
        self._sums: dict[TopicPartition, Sums] = {}
        self._dead: dict[int, set[int]] = {}
        self._forwards = Forwards()
        self._copies: dict[int, list[Copy]] = {}

    async def begin(self) -> None:
        """Read what moves on by itself, then see how far the logs go."""
        topics = self._topics
        logs = (topics.changelog, topics.events, topics.commands, topics.dead_letters)
        sources = await self._reader.open(logs)
        self.partitions = sum(source.topic == topics.commands for source in sources)
        for partition in range(self.partitions):
            snapshot = snapshot_of(self._where.settings.home, topics.commands, partition)
            self._copies[partition] = [snapshot.copy(self.findings.store)] if snapshot else []
            if snapshot is None:
                home = self._where.settings.home
                self.findings.store.differ(f"partition {partition}: no worker of {home} has it")
        for partition, copies in self._api.copies(self.findings.api).items():
            self._copies[partition] += copies
        changelogs = [source for source in sources if source.topic == topics.changelog]
        self._bounds = await self._reader.bounds(changelogs)  # first: all others are ahead of it
        others = [source for source in sources if source.topic != topics.changelog]
        self._bounds |= await self._reader.bounds(others)
        for partition in range(self.partitions):
            self._dead[partition] = set()
        for partition in range(self.partitions):
            await self._read_dead_letters(partition)

    async def check(self, partition: int) -> None:
        """One partition: its changelog, its events, its commands."""
        settings, findings = self._where.settings, self.findings
        stamp, pairs = await self._read_changelog(partition)
        next_seq = stamp.next_seq if stamp is not None else 1
        name = f"changelog, partition {partition}"
        rows, promised = stock_rows(pairs.items()), open_reservations(pairs.items())
        copies = [*self._copies.pop(partition)]
        copies.append(Copy(name, next_seq, findings.changelog, rows, promised))
        turns: list[Turn] = [(copy.next_seq, copy.compare) for copy in copies]
        turns.append((next_seq, partial(add_up, pairs, findings=findings)))
        ledger = Ledger(partition, findings)
        fates = Fates(
            partition,
            self.partitions,
            settings.idempotency_window_s,
            self._dead[partition],
            self._forwards,
        )
        await self._read_events(partition, ledger, fates, sorted(turns, key=lambda turn: turn[0]))
        self._api.check_open(ledger, findings.api)
        await self._read_commands(partition, fates, stamp)

    async def end(self) -> None:
        """What concerns all partitions: forwarded commands, and the audit log."""
        self._forwards.check(self.findings.outcomes)
        bounds = {source: self._bounds[source] for source in self._sums}
        audited = await audit_sums(self._where.postgres, bounds)
        for source, sums in self._sums.items():
            self.findings.audit.compared += sums.rows
            if audited.get(source, Sums()) != sums:
                self.findings.audit.differ(
                    f"{source.topic}/{source.partition}: {sums} on the topic, "
                    f"{audited.get(source, Sums())} in the audit log; ./stockyard audit verify "
                    "names the first"
                )

    async def close(self) -> None:
        """Disconnect."""
        await self._reader.close()
        self._api.close()

    async def _read_dead_letters(self, partition: int) -> None:
        source = TopicPartition(self._topics.dead_letters, partition)
        sums = self._sums[source] = Sums()
        async for record in self._records(source):
            sums.add(record.value)
            headers = dict(record.headers)  # ours are the last of their names
            if headers.get("source_topic") == self._topics.commands.encode():
                place = headers["source_partition"] or b"", headers["source_offset"] or b""
                self._dead[int(place[0])].add(int(place[1]))

    async def _read_changelog(self, partition: int) -> tuple[Stamp | None, dict[bytes, bytes]]:
        """The last stamp and the rows that are true at it."""
        pairs: dict[bytes, bytes] = {}
        torn: dict[bytes, bytes | None] = {}
        stamp = None
        async for record in self._records(TopicPartition(self._topics.changelog, partition)):
            if record.key == stamps.KEY and record.value is not None:
                stamp = Stamp.decode(record.value)
                for key, value in torn.items():
                    if value is None:
                        pairs.pop(key, None)
                    else:
                        pairs[key] = value
                torn.clear()
            elif record.key is not None and not record.key.startswith(keys.ID):
                torn[record.key] = record.value
        return stamp, pairs

    async def _read_events(
        self, partition: int, ledger: Ledger, fates: Fates, turns: list[Turn]
    ) -> None:
        source = TopicPartition(self._topics.events, partition)
        sums = self._sums[source] = Sums()
        async for record in self._records(source):
            sums.add(record.value)
            event = decode_event(record.value or b"")
            while turns and turns[0][0] <= event.seq:
                turns.pop(0)[1](ledger)
            ledger.add(event)
            fates.outcome(event, self.findings.outcomes)
        for _, compare in turns:
            compare(ledger)

    async def _read_commands(self, partition: int, fates: Fates, stamp: Stamp | None) -> None:
        source = TopicPartition(self._topics.commands, partition)
        first, end = self._bounds[source]
        decided = stamp.next_offset if stamp is not None else first
        async for record in self._records(source):
            if record.offset < decided:
                fates.record(record, self.findings.outcomes)
        fates.close(first, min(decided, end), self.findings.outcomes)

    async def _records(self, source: TopicPartition) -> AsyncIterator[Record]:
        """Committed records within the bounds."""
        position, end = self._bounds[source]
        if position < end:
            self._reader.seek({source: position})
        seen = time.monotonic()
        while position < end:
            for chunk in await self._reader.fetch(FETCH_S):
                position, seen = chunk.next_offset, time.monotonic()
                for record in chunk.records:
                    if record.offset < end:
                        yield record
            if time.monotonic() - seen > STALLED_S:
                raise BooksError(
                    f"Kafka gives nothing of {source.topic}/{source.partition} behind {position}"
                )
