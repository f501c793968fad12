"""Checks the books of an installation, one partition after the other, while it may be at work.

Every copy is compared with the sum of the events at the copy's own position, so nothing has to
stand still: RocksDB and the API are read first, then each partition's changelog until the commands
that were there have been decided, then its events and commands.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from cli.api_copy import Api, check_one_by_one
from cli.audit_sums import Sums, audited
from cli.causes import Causes
from cli.committed import Bounds, Logs
from cli.copies import Copy, whole_copy
from cli.domain_books import DomainBooks, Tracker
from cli.entries import Entries
from cli.event_view import decode_event
from cli.exceptions import BooksError
from cli.fates import Fates, Forwards
from cli.findings import Findings
from cli.installation import Installation
from cli.ledger import Ledger
from cli.lot_books import LotUnits, Moved
from cli.ordered import Orders, Promised, decode_told
from cli.replayed import Replica
from cli.sites import Sites
from cli.snapshot import Snapshot, snapshot_of
from cli.sums import add_up
from cli.worth import Valuations, pages_of
from schemas.domains import CATALOG, FINANCE, LOCATIONS, LOTS, ORDERS, STOCK
from streams.exceptions import StreamsError
from streams.stamp import Stamp
from streams.topics import Topics, check_topics
from tables.audit import audited_topics

DECIDED_S = 30.0  # for what was on the topic of commands when the check began
POLL_S = 0.2

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
        raise BooksError(f"{error or type(error).__name__}") from error
    finally:
        await books.close()
    return books.findings


class Books:
    """One check of everything: `begin`, `check` each partition, `end`."""

    def __init__(self, where: Installation) -> None:
        self.findings = Findings()
        self.partitions = where.settings.partitions
        self._where = where
        self._topics = Topics.of(STOCK, where.settings.topic_prefix)
        self._logs = Logs(where.settings.kafka)
        self._api = Api(where.api)
        self._bounds: Bounds = {}
        self._sums: dict[TopicPartition, Sums] = {}
        self._snapshots: list[Snapshot] = []
        self._deadline = 0.0
        self._forwards = Forwards()
        self._causes = Causes()
        self._lots = Moved()
        self._promised = Promised(self.findings.orders)
        self._copies: dict[int, list[Copy]] = {}
        prefix = where.settings.topic_prefix
        self._domains = [
            DomainBooks(domain, prefix, self._logs)
            for domain in where.settings.domains
            if domain != STOCK
        ]

    async def begin(self) -> None:
        """Read what moves on by itself, then see how far the logs go."""
        topics = self._topics
        await check_topics(self._where.settings, topics)
        await self._logs.start()
        for partition in range(self.partitions):
            snapshot = snapshot_of(self._where.settings.home, topics.commands, partition)
            self._copies[partition] = []
            if snapshot is None:
                home = self._where.settings.home
                self.findings.store.differ(f"partition {partition}: no worker of {home} has it")
            else:
                self._snapshots.append(snapshot)
                self._copies[partition].append(snapshot.copy(self.findings.store))
        for partition, copies in self._api.copies(self.findings.api).items():
            self._copies[partition] += copies
        for one in self._domains:
            if one.domain == FINANCE:
                one.copies = pages_of(self._api)
        self._bounds = await self._logs.bounds([topics.commands], range(self.partitions))
        self._deadline = time.monotonic() + DECIDED_S

    async def check(self, partition: int) -> None:
        """One partition: its changelog, its events, its commands."""
        settings, findings = self._where.settings, self.findings
        stamp, pairs = await self._read_changelog(partition)
        topics = (self._topics.events, self._topics.dead_letters)
        self._bounds |= await self._logs.bounds(topics, [partition])  # behind the changelog's
        dead = await self._read_dead_letters(partition)
        next_seq = stamp.next_seq if stamp is not None else 1
        name = f"changelog, partition {partition}"
        copies = [*self._copies.pop(partition)]
        copies.append(whole_copy(name, next_seq, findings.changelog, lambda _: pairs.items()))
        turns: list[Turn] = [(copy.next_seq, copy.compare) for copy in copies]
        turns.append((next_seq, partial(add_up, pairs, findings=findings)))
        ledger = Ledger(partition, findings)
        fates = Fates(
            partition,
            self.partitions,
            settings.idempotency_window_s,
            dead,
            self._forwards,
        )
        trackers: dict[str, Tracker] = {
            FINANCE: Valuations(partition, findings.worth),
            LOCATIONS: Sites(partition, findings.places),
            ORDERS: Orders(partition, self._promised),
            CATALOG: Entries(partition, findings.entries),
        }
        turns.sort(key=lambda turn: turn[0])
        await self._read_events(partition, ledger, fates, turns, trackers)
        for one in self._domains:
            if one.domain in trackers:  # else it is kept by the SKU: once all of stock is read
                await one.check(partition, trackers[one.domain])
        check_one_by_one(self._api, ledger, findings.api)
        await self._read_commands(partition, fates, stamp)

    async def end(self) -> None:
        """What concerns all partitions: forwarded commands, transfers, and the audit log."""
        self._forwards.check(self.findings.outcomes)
        await self._under_way()
        if ORDERS in self._where.settings.domains:
            await self._agreed()
        self._causes.check(self.findings.transfers)
        check, prefix = self.findings.audit, self._where.settings.topic_prefix
        for domain in self._domains:
            if domain.domain == LOTS:
                await self._check_lots(domain)
            self._sums |= domain.sums
            self._bounds |= domain.bounds
        found = await audited(
            self._where.postgres, {source: self._bounds[source] for source in self._sums}
        )
        topics = audited_topics(Topics.of(one, prefix) for one in self._where.settings.domains)
        now = await self._logs.bounds(topics, range(self.partitions))
        for source, sums in self._sums.items():
            check.compared += sums.rows
            kept = found[source].sums if source in found else Sums()
            if kept != sums:
                check.differ(
                    f"{source.topic}/{source.partition}: {sums} on the topic, {kept} in the audit "
                    "log; ./stockyard audit verify names the first"
                )
        for source, one in found.items():
            if one.last >= now.get(source, (0, 0))[1]:
                check.differ(
                    f"{source.topic}/{source.partition}: offset {one.last} in the audit log, but "
                    f"the topic ends at {now.get(source, (0, 0))[1]}"
                )

    async def _check_lots(self, lots: DomainBooks) -> None:
        for partition in range(self.partitions):
            tracker = LotUnits(partition, self.partitions, self._lots, self.findings.lots)
            await lots.check(partition, tracker)

    async def close(self) -> None:
        """Disconnect."""
        await self._logs.stop()
        self._api.close()
        for snapshot in self._snapshots:
            snapshot.close()

    async def _read_dead_letters(self, partition: int) -> set[int]:
        """Offsets of the commands that became dead letters."""
        dead = set()
        source = TopicPartition(self._topics.dead_letters, partition)
        sums = self._sums[source] = Sums()
        async for record in self._logs.records(source, *self._bounds[source]):
            sums.add(record.value)
            headers = dict(record.headers)  # ours are the last of their names
            if headers.get("source_topic") == self._topics.commands.encode():
                dead.add(int(headers["source_offset"] or b"-1"))
        return dead

    async def _read_changelog(self, partition: int) -> tuple[Stamp | None, dict[bytes, bytes]]:
        """The last stamp and the rows that are true at it, once the commands are decided."""
        source = TopicPartition(self._topics.changelog, partition)
        replica, position = Replica(), 0
        while True:
            late = time.monotonic() > self._deadline
            first, end = (await self._logs.bounds([source.topic], [partition]))[source]
            async for record in self._logs.records(source, max(first, position), end):
                replica.feed(record)
            position = end
            waiting = await self._undecided(partition, replica.stamp)
            if late or not waiting:
                break
            await asyncio.sleep(POLL_S)
        if waiting:
            self.findings.outcomes.differ(
                f"partition {partition}: {waiting} records wait to be decided: see the worker's log"
            )
        return replica.stamp, replica.pairs

    async def _undecided(self, partition: int, stamp: Stamp | None) -> int:
        source = TopicPartition(self._topics.commands, partition)
        first, end = self._bounds[source]
        decided = stamp.next_offset if stamp is not None else first
        return len([record async for record in self._logs.records(source, decided, end)])

    async def _read_events(
        self,
        partition: int,
        ledger: Ledger,
        fates: Fates,
        turns: list[Turn],
        trackers: Mapping[str, Tracker],
    ) -> None:
        source = TopicPartition(self._topics.events, partition)
        sums = self._sums[source] = Sums()
        async for record in self._logs.records(source, *self._bounds[source]):
            sums.add(record.value)
            event = decode_event(record.value or b"")
            while turns and turns[0][0] <= event.seq:
                turns.pop(0)[1](ledger)
            ledger.add(event)
            for tracker in trackers.values():
                tracker.moved(event)
            self._lots.moved(event)
            fates.outcome(event, self.findings.outcomes)
            self._causes.take(event)
        for _, compare in turns:
            compare(ledger)
        self._causes.added(partition, ledger)

    async def _under_way(self) -> None:
        """Read on where something is still to come about: what is seen of it is not added up."""
        topic = self._topics.events
        read = {
            number: self._bounds[TopicPartition(topic, number)][1]
            for number in range(self.partitions)
        }
        deadline = time.monotonic() + DECIDED_S
        while (waiting := self._causes.waiting(self.partitions)) and time.monotonic() < deadline:
            bounds = await self._logs.bounds([topic], waiting)
            for source, (_, end) in bounds.items():
                async for record in self._logs.records(source, read[source.partition], end):
                    self._causes.late(decode_event(record.value or b""))
                read[source.partition] = end
            await asyncio.sleep(POLL_S)

    async def _agreed(self) -> None:
        """Read on until orders and warehouses have answered each other, within a time."""
        prefix = self._where.settings.topic_prefix
        topics = [self._topics.events, Topics.of(ORDERS, prefix).events]
        bounds = {
            source: end
            for source, (_, end) in (self._bounds | self._bounds_of(ORDERS)).items()
            if source.topic in topics
        }
        deadline = time.monotonic() + DECIDED_S
        while (found := self._promised.differences()) and time.monotonic() < deadline:
            await asyncio.sleep(POLL_S)
            now = await self._logs.bounds(topics, range(self.partitions))
            for source, (_, end) in now.items():
                async for record in self._logs.records(source, bounds[source], end):
                    value = record.value or b""
                    if source.topic == topics[0]:
                        self._promised.moved(decode_event(value))
                    else:
                        self._promised.told(decode_told(value))
                bounds[source] = end
        self._promised.close(found)

    def _bounds_of(self, domain: str) -> Bounds:
        found: Bounds = {}
        for one in self._domains:
            if one.domain == domain:
                found |= one.bounds
        return found

    async def _read_commands(self, partition: int, fates: Fates, stamp: Stamp | None) -> None:
        source = TopicPartition(self._topics.commands, partition)
        first, end = self._bounds[source]
        decided = min(end, stamp.next_offset if stamp is not None else first)
        async for record in self._logs.records(source, first, decided):
            fates.record(record, self.findings.outcomes)
        fates.close(first, decided, self.findings.outcomes)
