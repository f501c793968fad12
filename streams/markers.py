"""How a transaction ended in one partition: what its marker says, read from the log itself.

A consumer hides markers, and DescribeProducers tells that one is there, not what it says.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.record.control_record import COMMIT_MARKER, ControlRecord
from aiokafka.record.memory_records import MemoryRecords

from streams.leaders import leader

LATEST = -1
BEFORE = 64  # offsets read at first; the marker is mostly the last of a topic of our own
FETCH_BYTES = 4 << 20
WAIT_MS = 500
UNCOMMITTED = 0


async def has_committed(
    client: AIOKafkaClient, there: TopicPartition, producer_id: int, epoch: int
) -> bool | None:
    """Whether the newest marker of a producer's epoch commits; None where none is left.

    Read from the end backwards, twice as far each time. Raises KafkaError.
    """
    end = await _end(client, there)
    before, first = BEFORE, end
    while first > 0:
        first = max(0, end - before)
        found: bool | None = None
        async for batch in _batches(client, there, first, end):
            ours = batch.producer_id == producer_id and batch.producer_epoch == epoch
            if ours and batch.is_control_batch:
                found = ControlRecord.parse(next(batch).key) == COMMIT_MARKER
        if found is not None:
            return found
        before *= 2
    return None


async def _end(client: AIOKafkaClient, there: TopicPartition) -> int:
    request = OffsetRequest(-1, UNCOMMITTED, [(there.topic, [(there.partition, LATEST)])])
    answer = await client.send(leader(client, there), request)
    [[_, [[_, code, *_, offset]]]] = [one[:2] for one in answer.topics]
    _check(client, there, code)
    return int(offset)


async def _batches(
    client: AIOKafkaClient, there: TopicPartition, first: int, end: int
) -> AsyncIterator[Any]:
    """Every batch that ends behind `first`, open transactions' too, up to `end`."""
    while first < end:
        wanted = [(there.topic, [(there.partition, first, FETCH_BYTES)])]
        request = FetchRequest(WAIT_MS, 1, FETCH_BYTES, UNCOMMITTED, wanted)
        answer = await client.send(leader(client, there), request)
        [[_, [[_, code, *_, packed]]]] = answer.topics
        _check(client, there, code)
        behind = first
        for batch in _unpacked(packed):
            behind = batch.next_offset
            yield batch
        if behind == first:
            return  # the log is shorter than its leader has said
        first = behind


def _unpacked(packed: bytes) -> Iterator[Any]:
    records = MemoryRecords(packed)
    while (batch := records.next_batch()) is not None:
        yield batch


def _check(client: AIOKafkaClient, there: TopicPartition, code: int) -> None:
    if code:
        client.force_metadata_update()
        raise for_code(code)(f"{there.topic}/{there.partition}")
