"""Transactions that ended but left no marker: found and ended before anything is read or added.

A coordinator ends a transaction by markers in each partition. Where a partition has no leader at
that moment (its only broker was fenced after a crash), Kafka takes it for deleted (KAFKA-20734),
skips it and calls the transaction complete. Its records then wait, invisible, until the next
transaction of the same id ends, and share its fate: what was decided again in between would count
twice. So an owner asks each partition for transactions of its id that are still open when by the
coordinator all have ended, and writes the markers itself. It does so before its own InitProducerId,
which makes the coordinator forget what it had decided: an owner that dies amid this leaves
everything to the next one as it was.

And the other way round. A coordinator that was killed and is back before anybody has noticed goes
on with what stands in its log alone: it may write some markers of a commit that no replica has.
Then another one takes its place, to whom that transaction is still under way, and who would abort
the rest of it. A marker of the last transaction shows by its epoch, one above; where it commits, so
does everything else.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.errors import for_code

from streams.exceptions import LogLost
from streams.inspection_requests import DescribeProducers, DescribeTransactions, WriteMarkers
from streams.leaders import by_leader, leader

NONE_OPEN = -1
ONGOING = "Ongoing"
COMPLETE = {"CompleteCommit": True, "CompleteAbort": False}
ENDING = ("PrepareCommit", "PrepareAbort", "PrepareEpochFence")


@dataclass(frozen=True, slots=True)
class Last:
    """The last transaction of an id, as its coordinator has it; `state` is empty for a new id."""

    state: str
    start_ms: int
    producer_id: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Open:
    """An open transaction as its partition has it."""

    epoch: int
    coordinator_epoch: int  # of the coordinator that wrote there last: no marker below it is taken


@dataclass(frozen=True, slots=True)
class Traces:
    """What partitions have of a producer."""

    open: dict[TopicPartition, Open]
    closed: dict[TopicPartition, int]  # the newest epoch, of a marker or of records

    def marked(self, last: Last) -> list[TopicPartition]:
        """Where a transaction has ended that its coordinator takes for one under way."""
        if last.state != ONGOING:
            return []
        return sorted(there for there, epoch in self.closed.items() if epoch > last.epoch)


def endings(last: Last, left: Mapping[TopicPartition, Open]) -> dict[TopicPartition, bool] | None:
    """How each of what was left open is to end: True commits. None: its producer is at work.

    Each transaction has an epoch of its own, and the next one's is answered only to a commit that
    is certain. So an older one than the last was committed, whatever became of the last.
    Raises LogLost where the epoch may be the aborted one's or that of a commit before it.
    """
    newest = last.epoch if last.state == ONGOING else last.epoch - 1
    found = {}
    for there, one in left.items():
        if one.epoch > newest:
            return None
        if one.epoch < newest - 1 or (one.epoch < newest and COMPLETE.get(last.state, True)):
            found[there] = True
        elif one.epoch < newest:
            raise LogLost(
                f"{there.topic}/{there.partition} has records of a transaction before an aborted "
                "one, and some Kafkas count an abort twice: look at both, then end it with "
                "kafka-transactions.sh"
            )
        elif last.state != ONGOING:  # InitProducerId aborts what is under way
            found[there] = COMPLETE[last.state]
    return found


async def last_transaction(client: AIOKafkaClient, coordinator: int, transactional_id: str) -> Last:
    """What the coordinator knows of an id. Raises KafkaError."""
    request = DescribeTransactions(transactional_id)
    answer = await client.send(coordinator, request, group=ConnectionGroup.COORDINATION)
    code, _, state, _, start_ms, producer_id, epoch, *_ = answer.states[0]
    error = for_code(code)
    if error.retriable:
        raise error
    return Last("" if code else state, start_ms, producer_id, epoch)


async def traces(
    client: AIOKafkaClient, producer_id: int, partitions: Iterable[TopicPartition]
) -> Traces:
    """What the partitions have of a producer, its open transaction first. Raises KafkaError."""
    leaders = by_leader(client, partitions)
    asked = (client.send(node, DescribeProducers(ones)) for node, ones in leaders.items())
    found = Traces({}, {})
    for answer in await asyncio.gather(*asked):
        for topic, answers in ((name, parts) for name, parts, _ in answer.topics):
            for index, code, _, active, _ in answers:
                there = TopicPartition(topic, index)
                _check(client, there, code)
                for known, epoch, _, _, coordinator_epoch, start, _ in active:
                    if known == producer_id and start != NONE_OPEN:
                        found.open[there] = Open(epoch, max(0, coordinator_epoch))
                    elif known == producer_id:
                        found.closed[there] = epoch
    return found


async def end_unended(
    client: AIOKafkaClient, producer_id: int, there: TopicPartition, one: Open, commits: bool
) -> None:
    """Write the marker that is missing in one partition. Raises KafkaError.

    It has the transaction's own epoch: where a later one has begun, the partition refuses it.
    """
    request = WriteMarkers(producer_id, one.epoch, commits, there, one.coordinator_epoch)
    answer = await client.send(leader(client, there), request)
    [[_, [[_, [[_, code, _]], _]], _]] = answer.markers
    _check(client, there, code)


def _check(client: AIOKafkaClient, there: TopicPartition, code: int) -> None:
    if code:
        client.force_metadata_update()
        raise for_code(code)(f"{there.topic}/{there.partition}")
