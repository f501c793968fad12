"""Transactions that ended but left no marker: found and closed before anything is read or added.

A coordinator ends a transaction by markers in each partition. Where a partition has no leader at
that moment (its only broker was fenced after a crash), Kafka takes it for deleted (KAFKA-20734),
skips it and calls the transaction complete. Its records then wait, invisible, until the next
transaction of the same id ends, and share its fate: what was decided again in between would count
twice. So the owner asks each partition for transactions of its id that are still open, when by the
coordinator none can be, and ends them first.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.errors import NotLeaderForPartitionError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

_TAGS = ("tags", TaggedFields)
_TEXT = CompactString("utf-8")
NONE_OPEN = -1
TO_BE_COMMITTED = ("PrepareCommit", "CompleteCommit")


class _TransactionsResponse(Response):
    API_KEY, API_VERSION = 65, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "states",
            CompactArray(
                ("error_code", Int16),
                ("transactional_id", _TEXT),
                ("state", _TEXT),
                ("timeout_ms", Int32),
                ("start_time_ms", Int64),
                ("producer_id", Int64),
                ("producer_epoch", Int16),
                (
                    "topics",
                    CompactArray(("topic", _TEXT), ("partitions", CompactArray(Int32)), _TAGS),
                ),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class _Transactions(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY, API_VERSION = 65, 0
    RESPONSE_TYPE = _TransactionsResponse
    SCHEMA = Schema(("transactional_ids", CompactArray(_TEXT)), _TAGS)


class DescribeTransactions(Request[_Transactions]):
    """KIP-664: what the coordinator knows of one transactional id."""

    API_KEY = 65

    def __init__(self, transactional_id: str) -> None:
        self._transactional_id = transactional_id

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class([self._transactional_id], {})


class _ProducersResponse(Response):
    API_KEY, API_VERSION = 61, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            CompactArray(
                ("name", _TEXT),
                (
                    "partitions",
                    CompactArray(
                        ("index", Int32),
                        ("error_code", Int16),
                        ("error_message", _TEXT),
                        (
                            "active",
                            CompactArray(
                                ("producer_id", Int64),
                                ("producer_epoch", Int32),
                                ("last_sequence", Int32),
                                ("last_timestamp", Int64),
                                ("coordinator_epoch", Int32),
                                ("transaction_start", Int64),
                                _TAGS,
                            ),
                        ),
                        _TAGS,
                    ),
                ),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class _Producers(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY, API_VERSION = 61, 0
    RESPONSE_TYPE = _ProducersResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("name", _TEXT), ("indexes", CompactArray(Int32)), _TAGS)), _TAGS
    )


class DescribeProducers(Request[_Producers]):
    """KIP-664: who has open transactions in partitions that one broker leads."""

    API_KEY = 61

    def __init__(self, partitions: Iterable[TopicPartition]) -> None:
        self._indexes: dict[str, list[int]] = defaultdict(list)
        for one in partitions:
            self._indexes[one.topic].append(one.partition)

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class([(name, at, {}) for name, at in self._indexes.items()], {})


async def to_be_committed(client: AIOKafkaClient, coordinator: int, transactional_id: str) -> bool:
    """Whether the coordinator has decided to commit this id's last transaction.

    Raises KafkaError. An id that it does not know has nothing to commit.
    """
    request = DescribeTransactions(transactional_id)
    answer = await client.send(coordinator, request, group=ConnectionGroup.COORDINATION)
    code, _, state, *_ = answer.states[0]
    error = for_code(code)
    if error.retriable:
        raise error
    return state in TO_BE_COMMITTED


async def unended(
    client: AIOKafkaClient, producer_id: int, partitions: Iterable[TopicPartition]
) -> list[TopicPartition]:
    """Those of the partitions in which the producer has an open transaction. Raises KafkaError."""
    by_leader: dict[int, list[TopicPartition]] = defaultdict(list)
    for one in partitions:
        leader = client.cluster.leader_for_partition(one)
        if leader is None or leader < 0:
            client.force_metadata_update()
            raise NotLeaderForPartitionError(f"{one} has no leader")
        by_leader[leader].append(one)
    asked = (client.send(leader, DescribeProducers(ones)) for leader, ones in by_leader.items())
    found = []
    for answer in await asyncio.gather(*asked):
        for topic, answers in ((name, parts) for name, parts, _ in answer.topics):
            for index, code, _, active, _ in answers:
                if code:
                    client.force_metadata_update()
                    raise for_code(code)(f"{topic}/{index}")
                if any(one[0] == producer_id and one[5] != NONE_OPEN for one in active):
                    found.append(TopicPartition(topic, index))
    return found
