"""Transactions that ended but left no marker: found and ended before anything is read or added.

A coordinator ends a transaction by markers in each partition. Where a partition has no leader at
that moment (its only broker was fenced after a crash), Kafka takes it for deleted (KAFKA-20734),
skips it and calls the transaction complete. Its records then wait, invisible, until the next
transaction of the same id ends, and share its fate: what was decided again in between would count
twice. So an owner asks each partition for transactions of its id that are still open when by the
coordinator all have ended, and writes the markers itself. It does so before its own InitProducerId,
which makes the coordinator forget what it had decided: an owner that dies amid this leaves
everything to the next one as it was.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.errors import for_code

from streams.inspection_requests import DescribeProducers, DescribeTransactions, WriteMarkers
from streams.leaders import by_leader, leader

NONE_OPEN = -1
COMPLETE = {"CompleteCommit": True, "CompleteAbort": False}
ENDING = ("PrepareCommit", "PrepareAbort", "PrepareEpochFence")


@dataclass(frozen=True, slots=True)
class Last:
    """The last transaction of an id, as its coordinator has it; `state` is empty for a new id."""

    state: str
    start_ms: int
    producer_id: int
    epoch: int


async def last_transaction(client: AIOKafkaClient, coordinator: int, transactional_id: str) -> Last:
    """What the coordinator knows of an id. Raises KafkaError."""
    request = DescribeTransactions(transactional_id)
    answer = await client.send(coordinator, request, group=ConnectionGroup.COORDINATION)
    code, _, state, _, start_ms, producer_id, epoch, *_ = answer.states[0]
    error = for_code(code)
    if error.retriable:
        raise error
    return Last("" if code else state, start_ms, producer_id, epoch)


async def unended(
    client: AIOKafkaClient, producer_id: int, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, int]:
    """The partitions in which the producer has an open transaction. Raises KafkaError.

    With each the epoch of the coordinator that wrote there last, below which no marker is taken.
    """
    leaders = by_leader(client, partitions)
    asked = (client.send(node, DescribeProducers(ones)) for node, ones in leaders.items())
    found = {}
    for answer in await asyncio.gather(*asked):
        for topic, answers in ((name, parts) for name, parts, _ in answer.topics):
            for index, code, _, active, _ in answers:
                there = TopicPartition(topic, index)
                _check(client, there, code)
                for known, _, _, _, coordinator_epoch, start, _ in active:
                    if known == producer_id and start != NONE_OPEN:
                        found[there] = max(0, coordinator_epoch)
    return found


async def end_unended(
    client: AIOKafkaClient, last: Last, left: dict[TopicPartition, int], commits: bool
) -> None:
    """Write the markers that are missing. Raises KafkaError; what was written stays written."""
    for there, coordinator_epoch in left.items():
        request = WriteMarkers(last.producer_id, last.epoch, commits, there, coordinator_epoch)
        answer = await client.send(leader(client, there), request)
        [[_, [[_, [[_, code, _]], _]], _]] = answer.markers
        _check(client, there, code)


def _check(client: AIOKafkaClient, there: TopicPartition, code: int) -> None:
    if code:
        client.force_metadata_update()
        raise for_code(code)(f"{there.topic}/{there.partition}")
