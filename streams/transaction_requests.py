"""The requests of a transaction in Kafka's second transaction protocol, which aiokafka lacks.

KIP-890: a Produce adds its partitions to the transaction by itself, and each EndTxn answers with
the epoch of the next transaction, so that nothing that comes late can touch a later one.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactBytes,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

_TAGS = ("tags", TaggedFields)
_TEXT = CompactString("utf-8")
_ALL_IN_SYNC = -1


class _ProduceResponse(Response):
    API_KEY, API_VERSION = 0, 12
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(
                ("name", _TEXT),
                (
                    "partitions",
                    CompactArray(
                        ("index", Int32),
                        ("error_code", Int16),
                        ("base_offset", Int64),
                        ("log_append_time_ms", Int64),
                        ("log_start_offset", Int64),
                        (
                            "record_errors",
                            CompactArray(("index", Int32), ("message", _TEXT), _TAGS),
                        ),
                        ("error_message", _TEXT),
                        _TAGS,
                    ),
                ),
                _TAGS,
            ),
        ),
        ("throttle_time_ms", Int32),
        _TAGS,
    )


class _Produce(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY, API_VERSION = 0, 12
    RESPONSE_TYPE = _ProduceResponse
    SCHEMA = Schema(
        ("transactional_id", _TEXT),
        ("acks", Int16),
        ("timeout_ms", Int32),
        (
            "topics",
            CompactArray(
                ("name", _TEXT),
                ("partitions", CompactArray(("index", Int32), ("records", CompactBytes), _TAGS)),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class Produce(Request[_Produce]):
    """A record batch for each of some partitions that one broker leads."""

    API_KEY = 0

    def __init__(
        self, transactional_id: str, batches: Mapping[TopicPartition, bytes], timeout_ms: int
    ) -> None:
        topics: dict[str, list[Any]] = defaultdict(list)
        for there, batch in batches.items():
            topics[there.topic].append((there.partition, batch, {}))
        named: list[Any] = [(topic, batches, {}) for topic, batches in topics.items()]
        self._fields: tuple[Any, ...] = transactional_id, _ALL_IN_SYNC, timeout_ms, named, {}

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class(*self._fields)


class _EndResponse(Response):
    API_KEY, API_VERSION = 26, 5
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        _TAGS,
    )


class _End(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY, API_VERSION = 26, 5
    RESPONSE_TYPE = _EndResponse
    SCHEMA = Schema(
        ("transactional_id", _TEXT),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        ("commits", Boolean),
        _TAGS,
    )


class EndTransaction(Request[_End]):
    """EndTxn: answered with the producer id and epoch of the next transaction."""

    API_KEY = 26

    def __init__(self, transactional_id: str, producer_id: int, epoch: int, commits: bool) -> None:
        self._fields: tuple[Any, ...] = transactional_id, producer_id, epoch, commits, {}

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class(*self._fields)
