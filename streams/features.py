"""What a cluster can do: the features that all of its brokers have agreed upon."""

from io import BytesIO
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.api import Request, RequestStruct, Response, ResponseHeader_v0
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from streams.exceptions import ConfigurationError

TRANSACTIONS = "transaction.version"
TRANSACTIONS_MIN = 2  # KIP-890: an epoch for each transaction

_TAGS = ("tags", TaggedFields)
_TEXT = CompactString("utf-8")
_FINALIZED = 2  # tag of the features that are in force
_LEVELS = CompactArray(("name", _TEXT), ("level", Int16), ("level_min", Int16), _TAGS)


class _VersionsResponse(Response):
    API_KEY, API_VERSION = 18, 3
    SCHEMA = Schema(
        ("error_code", Int16),
        ("keys", CompactArray(("key", Int16), ("least", Int16), ("most", Int16), _TAGS)),
        ("throttle_time_ms", Int32),
        _TAGS,
    )


class _Versions(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY, API_VERSION = 18, 3
    RESPONSE_TYPE = _VersionsResponse
    SCHEMA = Schema(("client_name", _TEXT), ("client_version", _TEXT), _TAGS)

    def parse_response_header(self, read_buffer: Any) -> Any:
        """Its answer alone has the oldest header, so that any client can read it."""
        return ResponseHeader_v0.decode(read_buffer)


class Versions(Request[_Versions]):
    """ApiVersions with the cluster's features (KIP-584)."""

    API_KEY = 18

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class("stockyard", "1", {})


async def check_features(client: AIOKafkaClient) -> None:
    """Raises ConfigurationError where the cluster lacks what exactly-once stands on; KafkaError."""
    answer = await client.send(client.get_random_node(), Versions())
    levels = _LEVELS.decode(BytesIO(answer.tags.get(_FINALIZED, b"\1"))) or []
    level = {name: level for name, level, *_ in levels}.get(TRANSACTIONS, 0)
    if level < TRANSACTIONS_MIN:
        raise ConfigurationError(
            f"this Kafka has {TRANSACTIONS} {level}, and {TRANSACTIONS_MIN} is needed: take Kafka "
            "4.0 or later, and kafka-features.sh upgrade --feature "
            f"{TRANSACTIONS}={TRANSACTIONS_MIN}"
        )
