"""Requests that look into transactions, and end what nobody ends; aiokafka has none of them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
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


class _MarkersResponse(Response):
    API_KEY, API_VERSION = 27, 1
    SCHEMA = Schema(
        (
            "markers",
            CompactArray(
                ("producer_id", Int64),
                (
                    "topics",
                    CompactArray(
                        ("name", _TEXT),
                        (
                            "partitions",
                            CompactArray(("index", Int32), ("error_code", Int16), _TAGS),
                        ),
                        _TAGS,
                    ),
                ),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class _Markers(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY, API_VERSION = 27, 1
    RESPONSE_TYPE = _MarkersResponse
    SCHEMA = Schema(
        (
            "markers",
            CompactArray(
                ("producer_id", Int64),
                ("producer_epoch", Int16),
                ("commits", Boolean),
                (
                    "topics",
                    CompactArray(("name", _TEXT), ("indexes", CompactArray(Int32)), _TAGS),
                ),
                ("coordinator_epoch", Int32),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class WriteMarkers(Request[_Markers]):
    """WriteTxnMarkers: end a producer's transaction in one partition, as a coordinator does."""

    API_KEY = 27

    def __init__(
        self, producer_id: int, epoch: int, commits: bool, there: TopicPartition, by: int
    ) -> None:
        topics: list[Any] = [(there.topic, [there.partition], {})]
        self._marker: tuple[Any, ...] = (producer_id, epoch, commits, topics, by, {})

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class([self._marker], {})
