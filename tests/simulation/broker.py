"""Kafka as it promises to be, and as it is: logs, transactions, fencing, markers that come late.

One transaction coordinator of the second protocol version (KIP-890): each transaction has an epoch
of its own, so that a delayed EndTxn finds its own transaction or none; a Produce of the present
epoch adds its partition to the transaction by itself.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from operator import attrgetter
from typing import Any

from aiokafka.errors import (
    ConcurrentTransactions,
    InvalidProducerEpoch,
    InvalidTxnState,
    KafkaConnectionError,
    NotLeaderForPartitionError,
    ProducerFenced,
)

from streams.unended import Last
from tests.simulation.world import World

REPLACED_S = (1.0, 18.0)  # without a leader, while brokers are replaced
Sent = tuple[bytes | None, bytes | None, list[tuple[str, Any]]]
Place = tuple[str, int]
OPEN, COMMITTED, ABORTED = "open", "committed", "aborted"


@dataclass(slots=True)
class Part:
    """A transaction as one partition sees it."""

    producer_id: int
    first: int
    state: str = OPEN


@dataclass(slots=True)
class Entry:
    """A record; `part` is None where it was sent outside any transaction."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, Any], ...]
    part: Part | None

    def __str__(self) -> str:
        state = "" if self.part is None else self.part.state
        told = f"{self.timestamp} {self.key!r} {self.value!r} {self.headers!r} {state}"
        return f"Entry({self.offset} {told})"


class Log:
    """One partition of one topic."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.entries: list[Entry] = []  # markers only take an offset
        self.end = 0
        self.shown: int | None = None  # by a leader that was replaced: its end
        self.open: dict[int, Part] = {}
        self.epochs: dict[int, int] = {}
        self.markers: list[tuple[int, int, int, str]] = []  # (offset, producer, epoch, state)
        self.answered: dict[tuple[int, int, int], int] = {}  # (producer, epoch, sequence) -> offset
        self.watchers: list[Callable[[], None]] = []

    def append(self, records: Iterable[Sent], timestamp: int, part: Part | None = None) -> int:
        """Append records as one batch; the offset of the first."""
        first = self.end
        for key, value, headers in records:
            self.entries.append(Entry(self.end, timestamp, key, value, tuple(headers), part))
            self.end += 1
        self._tell()
        return first

    def mark(self, producer_id: int, epoch: int, state: str) -> None:
        """Append a transaction's marker; one of an epoch that has passed is refused."""
        if epoch < self.epochs.get(producer_id, -1):
            raise InvalidProducerEpoch
        self.epochs[producer_id] = epoch
        part = self.open.pop(producer_id, None)
        if part is not None:
            part.state = state
        self.markers.append((self.end, producer_id, epoch, state))
        self.end += 1
        self._tell()

    def _tell(self) -> None:
        for watcher in self.watchers[:]:
            watcher()

    @property
    def stable(self) -> int:
        """The last stable offset: what a read_committed consumer sees as the end."""
        return min((part.first for part in self.open.values()), default=self.end)

    def read(self, offset: int, count: int, committed: bool = True) -> tuple[list[Entry], int]:
        """Up to so many records from an offset on, and the position behind them."""
        stop = self.stable if committed else self.end
        found: list[Entry] = []
        for entry in self.entries[bisect_left(self.entries, offset, key=attrgetter("offset")) :]:
            if entry.offset >= stop:
                break
            if entry.part is None or entry.part.state == COMMITTED or not committed:
                found.append(entry)
                if len(found) == count:
                    return found, entry.offset + 1
        return found, max(offset, stop)

    def compact(self) -> None:
        """Keep the last committed value of each key, as the log cleaner does below the LSO."""
        stop, last = self.stable, {}
        for entry in self.entries:
            if entry.offset < stop and (entry.part is None or entry.part.state == COMMITTED):
                last[entry.key] = entry.offset
        self.entries = [e for e in self.entries if e.offset >= stop or last.get(e.key) == e.offset]


@dataclass(slots=True)
class Transactional:
    """What the coordinator knows of one transactional id."""

    producer_id: int
    epoch: int = -1
    ended_epoch: int = -1  # of the last transaction that its owner ended
    state: str = "empty"  # ongoing, then preparing until every marker is written, then ended
    outcome: str = ABORTED
    places: list[Place] = field(default_factory=list)
    number: int = 0  # of the transaction
    timeout_s: float = 0.0
    gone: bool = False  # its coordinator died; whoever spoke to it meets a broken connection


class Broker:
    """All logs and the transaction coordinator; each call is what happens at an arrival."""

    def __init__(self, world: World, topics: Iterable[str], partitions: int) -> None:
        self.world = world
        self.partitions = partitions
        self.logs = {(t, p): Log((t, p)) for t in topics for p in range(partitions)}
        self.ids: dict[str, Transactional] = {}
        self.positions: dict[str, dict[Place, tuple[int, str]]] = {}  # by group: and what was said
        self.producers = count(1)  # idempotent ones, outside transactions
        self.markers_late_s = 0.0  # one time, for the next transaction that ends
        self.leaderless: dict[Place, float] = {}  # until when
        self.markers_lost = 0  # so many transactions lose one marker
        self.forgotten = 0  # so many commits are begun by a coordinator whose log no replica has

    def produce(self, place: Place, records: list[Sent]) -> int:
        """Append outside a transaction."""
        return self.logs[place].append(records, self.world.append_ms(place[1]))

    def produce_once(
        self, place: Place, producer_id: int, sequence: int, records: list[Sent]
    ) -> None:
        """Append what an idempotent producer sends, once."""
        there, log = (-producer_id, 0, sequence), self.logs[place]
        if there not in log.answered:
            log.answered[there] = self.produce(place, records)

    def init_producer(self, name: str, timeout_s: float = math.inf) -> tuple[int, int]:
        """Fence the predecessor and end its transaction; (producer id, epoch)."""
        known = self.ids.setdefault(name, Transactional(1000 + len(self.ids)))
        if known.state == "preparing":
            raise ConcurrentTransactions
        if known.state == "ongoing":
            known.epoch += 1
            self.finish(known, ABORTED)
            raise ConcurrentTransactions
        known.epoch += 1
        known.state, known.gone, known.timeout_s = "empty", False, timeout_s
        self.world.note(f"broker: {name} has epoch {known.epoch}")
        return known.producer_id, known.epoch

    def last_transaction(self, name: str) -> Last:
        """DescribeTransactions: how the last one ended, until InitProducerId forgets it."""
        known = self.ids.get(name)
        if known is None:
            return Last("", -1, -1, -1)
        what = "Commit" if known.outcome == COMMITTED else "Abort"
        state = {"ended": f"Complete{what}", "preparing": f"Prepare{what}"}.get(known.state)
        told = state or known.state.capitalize()
        return Last(told, known.number, known.producer_id, known.epoch)

    def producers_in(self, place: Place) -> list[tuple[int, int, bool]]:
        """DescribeProducers: who has written there, the newest epoch, and if a transaction is open.

        With the epoch of what is open: a marker has the next one.
        """
        if self.world.loop.now < self.leaderless.get(place, 0.0):
            raise NotLeaderForPartitionError(f"{place[0]}/{place[1]} has no leader")
        log = self.logs[place]
        return [(one, epoch, one in log.open) for one, epoch in log.epochs.items()]

    def known(self, name: str, epoch: int) -> Transactional:
        """What is known of an id to whom has its epoch; raises where somebody has a newer one."""
        known = self.ids[name]
        if known.epoch != epoch:
            raise ProducerFenced if self.world.net.random() < 0.5 else InvalidProducerEpoch
        if known.gone:
            raise KafkaConnectionError("the coordinator is gone")
        return known

    def add(self, known: Transactional, place: Place) -> None:
        """Add a partition to the transaction, which begins with its first."""
        if known.state == "preparing":
            raise ConcurrentTransactions
        if known.state != "ongoing":
            known.state, known.places = "ongoing", []
            known.number += 1
            self.world.loop.outside(known.timeout_s, self._timed_out, known, known.number)
        if place not in known.places:
            known.places.append(place)

    def _timed_out(self, known: Transactional, number: int) -> None:
        if known.state == "ongoing" and known.number == number:
            known.epoch += 1
            self.world.note(f"broker: transaction {number} of {known.producer_id} timed out")
            self.finish(known, ABORTED)

    def transact(
        self, name: str, epoch: int, place: Place, sequence: int, records: list[Sent]
    ) -> int:
        """Produce within a transaction; a repeated sequence is answered as it was."""
        known, log = self.known(name, epoch), self.logs[place]
        there = (known.producer_id, epoch, sequence)
        if there in log.answered:
            return log.answered[there]
        self.add(known, place)
        part = log.open.get(known.producer_id)
        if part is None:
            part = log.open[known.producer_id] = Part(known.producer_id, log.end)
        log.epochs[known.producer_id] = epoch
        first = log.append(records, self.world.append_ms(place[1]), part)
        log.answered[there] = first
        if self.world.cuts is not None:
            self.world.cuts.worst_moment(self.world)
        return first

    def end(self, name: str, epoch: int, outcome: str) -> tuple[int, int]:
        """EndTxn: decided when this returns, visible when the markers are written.

        Answers with the next transaction's producer id and epoch, to a repetition too.
        """
        known = self.ids[name]
        again = epoch == known.ended_epoch == known.epoch - 1
        if again and known.state in ("preparing", "ended") and known.outcome == outcome:
            if known.gone:
                raise KafkaConnectionError("the coordinator is gone")
            return known.producer_id, known.epoch
        known = self.known(name, epoch)
        if known.state != "ongoing":
            raise InvalidTxnState
        if self.forgotten and outcome == COMMITTED and not self.world.calm:
            self._forget(known)
            raise KafkaConnectionError("the coordinator is gone")
        known.ended_epoch, known.epoch = epoch, epoch + 1
        self.finish(known, outcome)
        if known.gone and self.world.net.random() < 0.5:
            raise KafkaConnectionError("the coordinator is gone")
        return known.producer_id, known.epoch

    def _forget(self, known: Transactional) -> None:
        """Some markers are written; to the next coordinator the transaction is still under way.

        Where it was written nobody leads for a while.
        """
        self.forgotten -= 1
        known.gone = True
        until = self.world.loop.now + self.world.net.choice(REPLACED_S)
        self.leaderless.update(dict.fromkeys(known.places, until))
        count = self.world.net.randrange(len(known.places)) + 1
        for place in self.world.net.sample(known.places, count):
            self.logs[place].mark(known.producer_id, known.epoch + 1, COMMITTED)
            self.world.note(f"broker: {place[0]}/{place[1]} has a commit that is forgotten")

    def finish(self, known: Transactional, outcome: str) -> None:
        """Decide what becomes of a transaction, and write its markers a moment later."""
        known.state, known.outcome = "preparing", outcome
        self.world.note(f"broker: {known.producer_id}/{known.epoch} {outcome} #{known.number}")
        late, self.markers_late_s = self.markers_late_s, 0.0
        waiting = list(known.places)
        if self.markers_lost and outcome == COMMITTED and not self.world.calm:
            self.markers_lost -= 1
            known.gone = True
            lost = waiting.pop(self.world.net.randrange(len(waiting)))
            self.leaderless[lost] = self.world.loop.now + self.world.net.uniform(0, 1.5)
            self.world.note(f"broker: the marker on {lost[0]}/{lost[1]} is lost")
        for place in waiting:
            delay = self.world.net.uniform(0.0002, 0.004) + late * self.world.net.random()
            self.world.loop.outside(delay, self._mark, known, known.epoch, outcome, place, waiting)
        self._ended(known, waiting)

    def _mark(
        self, known: Transactional, epoch: int, outcome: str, place: Place, waiting: list[Place]
    ) -> None:
        self.logs[place].mark(known.producer_id, epoch, outcome)
        waiting.remove(place)
        self._ended(known, waiting)

    def _ended(self, known: Transactional, waiting: list[Place]) -> None:
        if not waiting and known.state == "preparing":
            known.state = "ended"
