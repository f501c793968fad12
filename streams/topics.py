"""The topics: their names, who owns which key, and how they are made and checked."""

from dataclasses import dataclass
from functools import lru_cache

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError
from aiokafka.partitioner import murmur2

from streams.exceptions import ConfigurationError
from streams.settings import Settings

DAY_MS = 86_400_000
MESSAGE_BYTES_MAX = 2 << 20  # messages of 1 MiB, with their envelope, and forwarded with headers
DEAD_LETTER_BYTES_MAX = 4 << 20  # the original and what is said of it
DELETE_RETENTION_MS = 7 * DAY_MS  # tombstones stay: a store older than half of it is rebuilt


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


def _configs(topics: Topics) -> dict[str, dict[str, str]]:
    common = {"max.message.bytes": str(MESSAGE_BYTES_MAX)}
    forever, month = {"retention.ms": "-1"}, {"retention.ms": str(30 * DAY_MS)}
    return {
        topics.commands: common
        | {"message.timestamp.type": "LogAppendTime", "retention.ms": str(400 * DAY_MS)},
        topics.events: common | forever,
        topics.alerts: common | month,
        topics.dead_letters: month | {"max.message.bytes": str(DEAD_LETTER_BYTES_MAX)},
        topics.changelog: common
        | {
            "cleanup.policy": "compact",
            "delete.retention.ms": str(DELETE_RETENTION_MS),
            "min.cleanable.dirty.ratio": "0.3",
        },
    }


async def ensure_topics(settings: Settings, topics: Topics) -> None:
    """Make what is missing and check the rest; raises ConfigurationError on another count."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        for name, config in _configs(topics).items():
            try:
                await admin.create_topics(
                    [NewTopic(name, settings.partitions, settings.replication, topic_configs=config)]
                )
            except TopicAlreadyExistsError:
                pass
        for found in await admin.describe_topics(list(_configs(topics))):
            count = len(found["partitions"])
            if count != settings.partitions:
                raise ConfigurationError(
                    f"topic {found['topic']} has {count} partitions, not {settings.partitions}: set "
                    f"STOCKYARD_PARTITIONS={count}, or use another STOCKYARD_TOPIC_PREFIX"
                )
    finally:
        await admin.close()
