"""Sends one transaction after another for one transactional id; the first doubt ends it.

aiokafka's own sender speaks the first transaction protocol, retries EndTxn in silence and Produce
without limit. Here a transaction is two requests, Produce and EndTxn. Only what a broker has
refused for now is sent again, with the same sequence; whatever got no answer may have taken effect,
and is an error.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.errors import (
    ConcurrentTransactions,
    KafkaConnectionError,
    KafkaError,
    NotEnoughReplicasError,
    ProducerFenced,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.protocol.transaction import InitProducerIdRequest

from streams.deadlines import STEP_S
from streams.leaders import by_leader
from streams.transaction_requests import EndTransaction, Produce

# as long as brokers allow by default: a successor ends what is open by itself, and says how. What a
# coordinator gives up before that it aborts, also the rest of a commit that it has forgotten
TRANSACTION_TIMEOUT_MS = 900_000
RETRY_S = 0.005  # the first answer after a commit can be «not yet»; 100 ms would be waited
# after it EndTxn answers with another producer id, and markers that are missing would be looked for
# under that one
EPOCH_MAX = 32_766
FENCED = 90  # PRODUCER_FENCED, which aiokafka does not know
REMEDIES = {50: f": set transaction.max.timeout.ms of the brokers to {TRANSACTION_TIMEOUT_MS}"}


def failure(code: int, what: str) -> KafkaError:
    """The error that a broker answers with."""
    text = f"{what}: error {code}{REMEDIES.get(code, '')}"
    return ProducerFenced(what) if code == FENCED else for_code(code)(text)


def is_for_now(error: KafkaError) -> bool:
    """Whether a broker refuses something that it may take in a moment.

    Not where it names too few replicas: leaders say that too of a coordinator that is away.
    """
    if isinstance(error, NotEnoughReplicasError):
        return False
    return bool(error.retriable) or isinstance(error, ConcurrentTransactions)


class Sender:
    """A transactional id's connections; `connect` and `init` come first, `close` last."""

    def __init__(self, bootstrap: str, client_id: str, transactional_id: str) -> None:
        self.transactional_id = transactional_id
        self.client = AIOKafkaClient(bootstrap_servers=bootstrap, client_id=client_id)
        self.producer_id, self.epoch = -1, -1
        self._coordinator: int | None = None
        self._line: Any = None  # the connection to it

    async def connect(self, topics: Collection[str]) -> None:
        """Learn who leads the partitions of some topics. Raises KafkaError."""
        await self.client.bootstrap()
        await self.client.set_topics(topics)
        for topic in topics:
            await self.client._wait_on_metadata(topic)

    def partitions(self, topic: str) -> set[int]:
        """Numbers of a topic's partitions. Raises KafkaError where they are not known."""
        known = self.client.cluster.partitions_for_topic(topic)
        if not known:
            raise UnknownTopicOrPartitionError(topic)
        return set(known)

    async def coordinator(self) -> int:
        """The broker that keeps this id. Raises KafkaError."""
        if self._coordinator is None:
            self._coordinator = await self.client.coordinator_lookup(
                CoordinationType.TRANSACTION, self.transactional_id
            )
        return self._coordinator

    def forget_coordinator(self) -> None:
        """Look for it again."""
        self._coordinator = None
        self.client.force_metadata_update()

    async def init(self) -> None:
        """Fence whoever had this id before. Raises KafkaError; retriable ones mean «not yet»."""
        request = InitProducerIdRequest(self.transactional_id, TRANSACTION_TIMEOUT_MS)
        answer = await self._ask_coordinator(request)
        self.producer_id, self.epoch = answer.producer_id, answer.producer_epoch
        self._line = self._connection()

    def _connection(self) -> Any:
        return self.client._conns.get((self._coordinator, ConnectionGroup.COORDINATION))

    def _check(self) -> None:
        """Raises KafkaConnectionError where the coordinator was lost since `init`.

        One that has come back may have skipped a marker of the last transaction: whatever followed
        would be joined to what that one left open.
        """
        line = self._connection()
        if line is None or line is not self._line or not line.connected():
            raise KafkaConnectionError("the transaction's coordinator was lost")
        if self.epoch >= EPOCH_MAX:
            raise KafkaError("this producer id is used up")  # the next `init` brings another

    async def produce(self, batches: Mapping[TopicPartition, bytes]) -> dict[TopicPartition, int]:
        """Add a batch to each of some partitions, all at once: the offset of each.

        Raises KafkaError; what is only refused for now is sent again.
        """
        waiting = dict(batches)
        offsets: dict[TopicPartition, int] = {}
        while True:
            self._check()
            refused = await self._produce(waiting, offsets)
            if not refused:
                assert offsets.keys() == batches.keys(), "each batch has its answer"
                return offsets
            if any(error.invalid_metadata for error in refused.values()):
                await self.client.force_metadata_update()
            waiting = {there: waiting[there] for there in refused}
            await asyncio.sleep(RETRY_S)

    async def _produce(
        self, batches: Mapping[TopicPartition, bytes], offsets: dict[TopicPartition, int]
    ) -> dict[TopicPartition, KafkaError]:
        """Send each leader its share, once; what was refused for now, and by which error."""
        leaders = by_leader(self.client, batches)
        requests = (
            self.client.send(leader, self._request({one: batches[one] for one in ones}))
            for leader, ones in leaders.items()
        )
        refused = {}
        for answer in await asyncio.gather(*requests):
            for topic, answers, _ in answer.topics:
                for index, code, offset, *_ in answers:
                    there = TopicPartition(topic, index)
                    if code == 0:
                        offsets[there] = offset
                        continue
                    refused[there] = failure(code, f"{topic}/{index}")
                    if not is_for_now(refused[there]):
                        raise refused[there]
        return refused

    def _request(self, batches: Mapping[TopicPartition, bytes]) -> Produce:
        return Produce(self.transactional_id, batches, int(STEP_S * 1000))

    async def commit(self) -> None:
        """End the transaction, asked once. Raises KafkaError: then nobody knows from here."""
        self._check()
        request = EndTransaction(self.transactional_id, self.producer_id, self.epoch, True)
        answer = await self._ask_coordinator(request)
        self.producer_id, self.epoch = answer.producer_id, answer.producer_epoch

    async def _ask_coordinator(self, request: Any) -> Any:
        node = await self.coordinator()
        answer = await self.client.send(node, request, group=ConnectionGroup.COORDINATION)
        if answer.error_code:
            raise failure(answer.error_code, self.transactional_id)
        return answer

    async def close(self) -> None:
        """Cut the connections, within a deadline."""
        closing = asyncio.ensure_future(self.client.close())
        await asyncio.wait([closing], timeout=STEP_S)
