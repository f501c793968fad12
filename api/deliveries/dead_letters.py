"""The dead letters of deliveries: events that an endpoint has refused for good, as they were."""

from typing import Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from api.deliveries.events import Outgoing, Stored, said_in
from streams.exceptions import Unreachable
from streams.rebootstrap import reach_again
from streams.settings import Settings
from streams.topics import DAY_MS, DEAD_LETTER_BYTES_MAX

TOPIC = "deliveries.dead-letters.v1"
KEPT_MS = 30 * DAY_MS
ERROR_BYTES = 1_000


def topic_name(settings: Settings) -> str:
    """Its name in this installation."""
    return settings.topic_prefix + TOPIC


async def ensure_topic(settings: Settings) -> None:
    """Make it where it is missing; raises Unreachable."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    config = {
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(DEAD_LETTER_BYTES_MAX),
        "min.insync.replicas": str(settings.replication // 2 + 1),
        "retention.ms": str(KEPT_MS),
    }
    name = topic_name(settings)
    new = NewTopic(name, settings.partitions, settings.replication, topic_configs=config)
    try:
        await admin.start()
        answer = await admin.create_topics([new])
    except (KafkaError, OSError) as error:
        raise Unreachable(f"no Kafka answers at {settings.kafka} ({error!r})") from error
    finally:
        await admin.close()
    for made in answer.topic_errors:
        if made[1] not in (0, TopicAlreadyExistsError.errno):
            raise Unreachable(f"Kafka could not make {name}: {for_code(made[1]).__name__}")


def producer(settings: Settings) -> AIOKafkaProducer:
    """Writes them; repeats do no harm there, so nothing is idempotent."""
    made = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        acks="all",
        max_request_size=DEAD_LETTER_BYTES_MAX,
        linger_ms=0,
    )
    reach_again(made)
    return made


class DeadLetters:
    """Where one endpoint's are written."""

    def __init__(self, settings: Settings, endpoint: str, writer: AIOKafkaProducer) -> None:
        self._topic, self._endpoint, self._writer = topic_name(settings), endpoint, writer

    async def bury(self, event: Outgoing, why: str) -> None:
        """Write one; when it returns, Kafka has it. Raises KafkaError."""
        await self._writer.send_and_wait(
            self._topic,
            event.body,
            key=event.key,
            partition=event.partition,
            headers=[
                ("error", why.encode()[:ERROR_BYTES]),
                ("source_topic", event.topic.encode()),
                ("source_partition", str(event.partition).encode()),
                ("source_offset", str(event.offset).encode()),
                ("endpoint", self._endpoint.encode()),
            ],
        )


class Letter(Stored, Protocol):
    """A record of the topic."""

    @property
    def headers(self) -> tuple[tuple[str, bytes | None], ...]: ...


def exhumed(letter: Letter) -> tuple[str, Outgoing] | None:
    """Whose a dead letter is, and the event as it was; None of a record that is none of ours."""
    told = {name: (value or b"").decode(errors="replace") for name, value in letter.headers}
    topic, endpoint = told.get("source_topic", ""), told.get("endpoint", "")
    where = (told.get("source_partition", ""), told.get("source_offset", ""))
    if not (topic and endpoint and letter.value and all(map(_is_number, where))):
        return None
    partition, offset = map(int, where)
    body = letter.value
    return endpoint, Outgoing(topic, partition, offset, letter.key, body, said_in(body))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
