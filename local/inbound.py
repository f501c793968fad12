"""The topics that other systems write their events to: made where they are asked for, and shown."""

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from local import probes
from local.parts import INBOUND
from local.state import State
from schemas.inbound import INBOUND_DEAD_LETTERS, inbound_of
from streams.exceptions import Unreachable
from streams.settings import Settings
from streams.topics import DAY_MS, DEAD_LETTER_BYTES_MAX, MESSAGE_BYTES_MAX

# below the window in which ids are remembered: whoever reads all again repeats, and has no effect
KEPT_MS, SEGMENT_MS = 14 * DAY_MS, DAY_MS
DEAD_KEPT_MS = 30 * DAY_MS

COUNTS = {
    "stockyard_inbound_lag_records": "lag",
    "stockyard_inbound_events_total": "read",
    "stockyard_inbound_commands_total": "commands",
    "stockyard_inbound_dead_letters_total": "dead",
    "stockyard_inbound_passed_over_total": "passed_over",
}


async def ensure_topics(settings: Settings) -> None:
    """Make those that are missing; raises Unreachable."""
    common = {
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(settings.replication // 2 + 1),
    }
    events = common | {
        "max.message.bytes": str(MESSAGE_BYTES_MAX),
        "retention.ms": str(KEPT_MS),
        "segment.ms": str(SEGMENT_MS),
    }
    dead = common | {
        "max.message.bytes": str(DEAD_LETTER_BYTES_MAX),
        "retention.ms": str(DEAD_KEPT_MS),
    }
    configs = {one.name: events for one in inbound_of(settings.domains)}
    configs[INBOUND_DEAD_LETTERS] = dead
    new = [
        NewTopic(
            settings.topic_prefix + name,
            settings.partitions,
            settings.replication,
            topic_configs=config,
        )
        for name, config in configs.items()
    ]
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    try:
        await admin.start()
        answer = await admin.create_topics(new)
    except (KafkaError, OSError) as error:
        raise Unreachable(f"no Kafka answers at {settings.kafka} ({error!r})") from error
    finally:
        await admin.close()
    for name, code, *_ in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise Unreachable(f"Kafka could not make {name}: {for_code(code).__name__}")


async def figures(state: State) -> dict[str, dict[str, Any]] | None:
    """By topic its lag, and its counts since the process began.

    None where no events are taken, or the process does not answer.
    """
    part = state.parts.get(INBOUND)
    body = None if part is None else await probes.metrics(part.metrics_port)
    if body is None:
        return None
    found: dict[str, dict[str, Any]] = {}
    for sample in probes.samples(body):
        if sample.name in COUNTS:
            found.setdefault(sample.labels["topic"], {})[COUNTS[sample.name]] = int(sample.value)
    return found
