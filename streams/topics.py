"""The topics: their names, who owns which key, and how they are made and checked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.partitioner import murmur2

from streams.exceptions import ConfigurationError, Unreachable
from streams.features import check_features
from streams.settings import Settings

DAY_MS = 86_400_000
MESSAGE_BYTES_MAX = 2 << 20  # messages of 1 MiB, with their envelope, and forwarded with headers
DEAD_LETTER_BYTES_MAX = 4 << 20  # the original and what is said of it
DELETE_RETENTION_MS = 7 * DAY_MS  # tombstones stay: a store older than half of it is rebuilt


class MissingTopics(ConfigurationError):
    """Topics that nobody has made."""


UNCOMPACTED_MS = DAY_MS // 24  # a reader this close behind sees every transaction whole
SETTLE_S, SETTLE_TRIES = 0.1, 50  # until every broker knows a new topic
TIMES = "message.timestamp.type"


@dataclass(frozen=True, slots=True)
class Topics:
    """One tenant's topic names."""

    commands: str
    events: str
    alerts: str
    dead_letters: str
    changelog: str

    @classmethod
    def of(cls, domain: str, prefix: str = "") -> "Topics":
        """Names of a domain's topics, `<prefix><domain>.commands.v1` and so on."""
        names = ("commands", "events", "alerts", "dead-letters", "changelog")
        return cls(*(f"{prefix}{domain}.{name}.v1" for name in names))


@lru_cache(maxsize=65_536)
def owner(key: str, partitions: int) -> int:
    """Partition that owns a key: Kafka's murmur2, as Java and aiokafka producers choose it."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


def _configs(topics: Topics, replication: int) -> dict[str, dict[str, str]]:
    common = {
        "max.message.bytes": str(MESSAGE_BYTES_MAX),
        # a majority has what is acknowledged: Kafka's default, 1, loses it with that one broker
        "min.insync.replicas": str(replication // 2 + 1),
    }
    forever, month = {"retention.ms": "-1"}, {"retention.ms": str(30 * DAY_MS)}
    appended = {"message.timestamp.type": "LogAppendTime"}  # log time; the audit log's months
    return {
        topics.commands: common | appended | {"retention.ms": str(400 * DAY_MS)},
        topics.events: common | appended | forever,
        topics.alerts: common | month,
        topics.dead_letters: common
        | appended
        | month
        | {"max.message.bytes": str(DEAD_LETTER_BYTES_MAX)},
        topics.changelog: common
        | {
            "cleanup.policy": "compact",
            "delete.retention.ms": str(DELETE_RETENTION_MS),
            "min.cleanable.dirty.ratio": "0.3",
            "min.compaction.lag.ms": str(UNCOMPACTED_MS),
        },
    }


async def ensure_topics(settings: Settings, topics: Topics) -> None:
    """Make what is missing and check the rest.

    Raises Unreachable, or ConfigurationError where a topic has another count or other times.
    """
    async with _admin(settings) as admin:
        for name, config in _configs(topics, settings.replication).items():
            new = NewTopic(name, settings.partitions, settings.replication, topic_configs=config)
            answer = await admin.create_topics([new])
            for made in answer.topic_errors:
                if made[1] not in (0, TopicAlreadyExistsError.errno):
                    raise Unreachable(f"Kafka could not make {name}: {for_code(made[1]).__name__}")
        try:
            await _check(admin, settings, topics)
        except MissingTopics as error:
            raise Unreachable(f"Kafka does not show yet what it has made: {error}") from error


async def check_topics(settings: Settings, topics: Topics) -> None:
    """Check that all are there, as `ensure_topics` makes them; raises as it does."""
    async with _admin(settings) as admin:
        await _check(admin, settings, topics)


@contextlib.asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client of the cluster; Unreachable where no broker answers, or one goes away meanwhile."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        raise Unreachable(
            f"no Kafka answers at {settings.kafka}: is it up, and is STOCKYARD_KAFKA right? "
            f"({error})"
        ) from None
    finally:
        await admin.close()


async def _described(admin: AIOKafkaAdminClient, topics: Topics) -> list[dict[str, Any]]:
    """All topics, once every broker knows them: one that was just made takes a moment."""
    names = list(astuple(topics))
    for _ in range(SETTLE_TRIES):
        found: list[dict[str, Any]] = await admin.describe_topics(names)
        unsettled = {one["topic"]: one["error_code"] for one in found if one["error_code"]}
        if not unsettled:
            return found
        await asyncio.sleep(SETTLE_S)
    if all(for_code(code) is UnknownTopicOrPartitionError for code in unsettled.values()):
        missing = ", ".join(sorted(unsettled))
        raise MissingTopics(f"missing topics: {missing}; `./stockyard up` makes them")
    raise Unreachable(f"Kafka is not ready to describe {', '.join(sorted(unsettled))}")


async def _check(admin: AIOKafkaAdminClient, settings: Settings, topics: Topics) -> None:
    for found in await _described(admin, topics):
        count, name = len(found["partitions"]), found["topic"]
        if count != settings.partitions:
            raise ConfigurationError(
                f"topic {name} has {count} partitions, not {settings.partitions}: set "
                f"STOCKYARD_PARTITIONS={count}, or use another STOCKYARD_TOPIC_PREFIX"
            )
    await check_features(admin._client)  # noqa: SLF001 - its own requests do not ask for them
    wanted = {TIMES: None}
    resource = ConfigResource(ConfigResourceType.TOPIC, topics.commands, configs=wanted)
    for answer in await admin.describe_configs([resource]):
        for _, _, _, _, entries in answer.resources:
            times = {entry[0]: entry[1] for entry in entries}.get(TIMES)
            if times != "LogAppendTime":
                raise ConfigurationError(
                    f"topic {topics.commands} has {TIMES}={times}: log time would be the "
                    "producers' clocks; set it to LogAppendTime"
                )
