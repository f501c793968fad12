"""One partition's transactions: each step is seen, bounded and never guessed.

Every answer is read before the commit and every step has a deadline. A step without an answer is an
error: what took effect only the log can say, so the producer is thrown away and the partition
opened anew.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.batch import Batch, Headers
from streams.deadlines import STEP_S, within
from streams.exceptions import Displaced, LogLost
from streams.markers import has_committed
from streams.packing import pack
from streams.sender import RETRY_S, Sender, is_for_now
from streams.telemetry import log
from streams.topics import Topics
from streams.unended import (
    COMPLETE,
    ENDING,
    ONGOING,
    Last,
    Traces,
    end_unended,
    endings,
    last_transaction,
    traces,
)

START_S = 15.0  # InitProducerId waits until the predecessor's transaction is ended

Records = Sequence[tuple[bytes | None, bytes | None]]
Outgoing = tuple[TopicPartition, Records, Sequence[Headers] | None]


class TransactionalProducer:
    """Sends one batch after another, each in a transaction of its own; first `start`, last `stop`.

    Any exception but those of `start` leaves the outcome to the log: stop, and make another one.
    """

    def __init__(self, bootstrap: str, topics: Topics, group: str, partition: int) -> None:
        self._topics, self._partition = topics, partition
        name = f"{group}-{topics.commands}-{partition}"
        self._sender = Sender(bootstrap, f"{group}-{partition}", name)
        #: Where the changelog ends as far as we know; None before anybody has looked.
        self.changelog_end: int | None = None
        self._committed = False

    async def start(self) -> None:
        """End what the predecessor left, and fence it. Raises Indefinite, LogLost, KafkaError."""
        await within(START_S, self._take_over(), "start of the producer")
        left = (await within(START_S, self._traces(self._sender.producer_id), "look")).open
        if left:
            raise LogLost(
                f"{_told(left)} have records of a transaction that nobody can say the end of: "
                "another program used its id. See kafka-transactions.sh find-hanging"
            )

    async def _take_over(self) -> None:
        sender, topics = self._sender, self._topics
        own = (topics.changelog, topics.events, topics.alerts, topics.dead_letters)
        await sender.connect((*own, topics.commands))
        told = ""
        while True:
            try:
                if await self._settled():
                    return await sender.init()
            except KafkaError as error:
                if not is_for_now(error):
                    raise
                if told != (told := type(error).__name__):  # each once: it is asked every 5 ms
                    name = sender.transactional_id
                    log.warning("coordinator_not_ready", transactional_id=name, error=repr(error))
                sender.forget_coordinator()
            await asyncio.sleep(RETRY_S)

    async def _settled(self) -> bool:
        """Whether the predecessor's last transaction has ended in every partition. See `unended`.

        Asked again until it has: a coordinator ends by itself what it has decided.
        """
        client, name = self._sender.client, self._sender.transactional_id
        coordinator = await self._sender.coordinator()
        last = await last_transaction(client, coordinator, name)
        if last.state in ENDING:
            return False
        if last.state != ONGOING and last.state not in COMPLETE:
            return True  # a new id, or one that was settled and has sent nothing since
        found = await self._traces(last.producer_id)
        left, ends = found.open, endings(last, found.open)
        if ends is not None and await self._is_forgotten(last, found):
            ends = dict.fromkeys(left, True)
        if ends == {}:
            return True
        if ends is None or await last_transaction(client, coordinator, name) != last:
            return False  # a predecessor is at work: what was seen open is its next transaction
        log.warning("unended_transaction", partitions=_told(ends), last=last.state)
        for there, commits in ends.items():
            await end_unended(client, last.producer_id, there, left[there], commits)
        return False

    async def _is_forgotten(self, last: Last, found: Traces) -> bool:
        """Whether the last transaction was committed, and its coordinator does not know."""
        for there in found.marked(last):
            client, epoch = self._sender.client, found.closed[there]
            if await has_committed(client, there, last.producer_id, epoch):
                log.warning("forgotten_commit", seen=_told([there]), last=last.state)
                return True
        return False

    async def _traces(self, producer_id: int) -> Traces:
        """What is left of a producer in all partitions that it can have written to."""
        topics, own = self._topics, self._partition
        mine = (topics.changelog, topics.events, topics.alerts, topics.dead_letters)
        there = [TopicPartition(topic, own) for topic in mine]
        homes = self._sender.partitions(topics.commands)
        there += [TopicPartition(topics.commands, home) for home in homes]
        return await traces(self._sender.client, producer_id, there)

    async def commit(self, batch: Batch) -> int:
        """Send a batch and commit it; the changelog's offset behind its stamp.

        Raises Indefinite, Displaced, KafkaError (ProducerFenced, InvalidProducerEpoch among them).
        """
        behind = await within(STEP_S, self._produce(batch), "produce")
        self._check_place(behind - len(batch.changelog))
        await within(STEP_S, self._sender.commit(), "commit")
        self.changelog_end, self._committed = behind + 1, True  # the marker
        return behind

    def _check_place(self, begin: int) -> None:
        """Raises Displaced where the changelog went on without us.

        Its end was read from who led the partition then: one who was replaced and did not know it
        shows an old end, and everything would be decided on rows of that time. The answer to a
        Produce is of the leader that all replicas follow. One offset less is our last transaction
        without its marker: this one's will end both.
        """
        end = begin if self.changelog_end is None else self.changelog_end
        if not end - self._committed <= begin <= end:
            raise Displaced(
                f"{self._topics.changelog}/{self._partition} goes on at {begin}, not at {end}, "
                "where it ended: an old leader was asked, or a marker was written twice; where "
                "this comes again, another program has a transaction open there, see "
                "kafka-transactions.sh find-hanging"
            )

    async def _produce(self, batch: Batch) -> int:
        """All of it, mostly in one request: a partition's next batch goes into the next one.

        Records have the log's time: brokers refuse those of a clock that is an hour ahead.
        """
        sender, log_time_ms = self._sender, batch.stamp.log_time_ms
        packed = {
            there: pack(records, headers, sender.producer_id, sender.epoch, log_time_ms)
            for there, records, headers in self._outgoing(batch)
        }
        offsets: dict[TopicPartition, int] = {}
        for turn in count():
            batches = {there: of[turn][0] for there, of in packed.items() if turn < len(of)}
            if not batches:
                break
            offsets |= await sender.produce(batches)
        changelog = TopicPartition(self._topics.changelog, self._partition)
        stamped: int = offsets[changelog] + packed[changelog][-1][1]
        return stamped

    def _outgoing(self, batch: Batch) -> Iterator[Outgoing]:
        """What a batch has for each partition; nothing, for some."""
        topics, own = self._topics, self._partition
        yield TopicPartition(topics.events, own), batch.events, None
        yield TopicPartition(topics.alerts, own), batch.alerts, None
        yield TopicPartition(topics.dead_letters, own), *_apart(batch.dead_letters)
        for home in {forward[0] for forward in batch.forwards}:
            there = [forward[1:] for forward in batch.forwards if forward[0] == home]
            yield TopicPartition(topics.commands, home), *_apart(there)
        yield TopicPartition(topics.changelog, own), batch.changelog, None

    async def stop(self) -> None:
        """Cut the connections, within a deadline; an open transaction is left to its successor."""
        await self._sender.close()


def _told(places: Iterable[TopicPartition]) -> str:
    return ", ".join(sorted(f"{one.topic}/{one.partition}" for one in places))


def _apart(
    records: Iterable[tuple[bytes | None, bytes | None, Headers]],
) -> tuple[Records, Sequence[Headers]]:
    """Keys and values, and headers."""
    taken = list(records)
    return [one[:2] for one in taken], [one[2] for one in taken]
