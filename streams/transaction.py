"""One partition's transactions: a producer whose every step is seen, bounded and never guessed.

aiokafka commits over a failed batch, retries EndTxn in silence and Produce without limit, and
waits for ever. Here every batch's answer is read before the commit, every step has a deadline, and
an EndTxn that is not answered at once, or a coordinator that is lost at any moment, is an error:
what took effect only the log can say, so the producer is thrown away and the partition opened anew.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition

from streams.appending import append_plain
from streams.deadlines import STEP_S, within
from streams.engine import Batch
from streams.exceptions import LogLost
from streams.sender import OnceSender
from streams.telemetry import log
from streams.topics import DEAD_LETTER_BYTES_MAX, Topics
from streams.unended import COMPLETE, ENDING, end_unended, last_transaction, unended

START_S = 15.0  # InitProducerId waits until the predecessor's transaction is ended
TRANSACTION_TIMEOUT_MS = 12_000  # above two steps; a killed worker's transaction ends by then
RETRY_BACKOFF_MS = 5  # the first answer after a commit is often «not yet»; 100 ms would be waited
BATCH_BYTES_MAX = 1 << 20  # one request for a whole transaction, mostly

Sent = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]


class TransactionalProducer:
    """Sends one batch after another, each in a transaction of its own; first `start`, last `stop`.

    Any exception but those of `start` leaves the outcome to the log: stop, and make another one.
    """

    def __init__(self, bootstrap: str, topics: Topics, group: str, partition: int) -> None:
        self._topics, self._partition = topics, partition
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=f"{group}-{partition}",
            transactional_id=f"{group}-{topics.commands}-{partition}",
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            linger_ms=0,
            retry_backoff_ms=RETRY_BACKOFF_MS,
            max_batch_size=BATCH_BYTES_MAX,
            max_request_size=DEAD_LETTER_BYTES_MAX,
        )
        self._producer._sender.__class__ = OnceSender
        self._sender: OnceSender = self._producer._sender
        self._sender.settle = self._settled

    async def start(self) -> None:
        """End what the predecessor left, and fence it. Raises Indefinite, LogLost, KafkaError."""
        await within(START_S, self._producer.start(), "start of the producer")
        left = await within(START_S, self._unended(self._producer._txn_manager.producer_id), "look")
        if left:
            raise LogLost(
                f"{_told(left)} have records of a transaction that nobody can say the end of: "
                "another program used its id. See kafka-transactions.sh find-hanging"
            )

    async def _settled(self, coordinator: int) -> bool:
        """Whether the predecessor's last transaction has ended in every partition. See `unended`.

        Asked again until it has: a coordinator ends by itself what it has decided.
        """
        client, name = self._producer.client, self._producer._txn_manager.transactional_id
        last = await last_transaction(client, coordinator, name)
        if last.state in ENDING:
            return False
        if last.state not in COMPLETE:
            return True  # nothing there, or open: InitProducerId ends it, and is asked again
        left = await self._unended(last.producer_id)
        if left and await last_transaction(client, coordinator, name) != last:
            return False  # a predecessor is at work: what was seen open is its next transaction
        if left:
            commits = COMPLETE[last.state]
            log.warning("unended_transaction", partitions=_told(left), commits=commits)
            await end_unended(client, last, left, commits)
        return not left

    async def _unended(self, producer_id: int) -> dict[TopicPartition, int]:
        """Where a transaction of ours is open although the coordinator has ended all."""
        topics, own, client = self._topics, self._partition, self._producer.client
        mine = (topics.changelog, topics.events, topics.alerts, topics.dead_letters)
        there = [TopicPartition(topic, own) for topic in mine]
        for topic in (*mine, topics.commands):
            await client._wait_on_metadata(topic)
        homes = client.cluster.partitions_for_topic(topics.commands) or ()
        there += [TopicPartition(topics.commands, home) for home in homes]
        return await unended(client, producer_id, there)

    async def commit(self, batch: Batch) -> int:
        """Send a batch and commit it; the changelog's offset behind its stamp.

        Raises Indefinite, KafkaError (ProducerFenced among them).
        """
        await self._producer.begin_transaction()
        stamped, others = await within(STEP_S, self._send(batch), "send")
        answers = await within(STEP_S, asyncio.gather(stamped, *others), "produce")
        await within(STEP_S, self._producer.commit_transaction(), "commit")
        return int(answers[0].offset) + self._stamped_count

    async def _send(self, batch: Batch) -> tuple[Awaitable[Any], list[Awaitable[Any]]]:
        topics, own = self._topics, self._partition
        others = await self._send_plain(topics.events, own, batch.events)
        others += await self._send_plain(topics.alerts, own, batch.alerts)
        others += await self._send_all(topics.dead_letters, own, batch.dead_letters)
        for home in {forward[0] for forward in batch.forwards}:
            there = [forward[1:] for forward in batch.forwards if forward[0] == home]
            others += await self._send_all(topics.commands, home, there)
        *before, stamped = await self._send_plain(topics.changelog, own, batch.changelog)
        return stamped, others + before

    async def _send_all(
        self, topic: str, partition: int, records: Iterable[Sent]
    ) -> list[Awaitable[Any]]:
        producer, sent = self._producer, []
        builder = producer.create_batch()
        append, count = builder.append, 0
        for key, value, headers in records:
            while append(key=key, value=value, timestamp=None, headers=headers) is None:
                sent.append(await producer.send_batch(builder, topic, partition=partition))
                builder, count = producer.create_batch(), 0
                append = builder.append
            count += 1
        if count:
            sent.append(await producer.send_batch(builder, topic, partition=partition))
        return sent

    async def _send_plain(
        self, topic: str, partition: int, records: Sequence[tuple[bytes, bytes | None]]
    ) -> list[Awaitable[Any]]:
        """As `_send_all`, of records without headers: nearly all are such."""
        producer, sent, done = self._producer, [], 0
        append_ms = int(time.time() * 1000)
        while done < len(records):
            builder, first = producer.create_batch(), done
            done = append_plain(builder, records, first, append_ms)
            sent.append(await producer.send_batch(builder, topic, partition=partition))
            self._stamped_count = done - first
        return sent

    async def stop(self) -> None:
        """Cut the connections, within a deadline; an open transaction is left to its successor."""
        self._producer._closed = True  # its own stop would wait for what was never answered
        await self._sender.end()


def _told(places: Iterable[TopicPartition]) -> str:
    return ", ".join(sorted(f"{one.topic}/{one.partition}" for one in places))
