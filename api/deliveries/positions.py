"""Where an endpoint's group begins, and whether the log still has what it has not sent."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from api.deliveries.endpoints import Endpoint
from streams.exceptions import LogLost
from streams.settings import Settings
from streams.telemetry import log
from tables.reader import partitions_of

Positions = dict[TopicPartition, int]


def group_of(settings: Settings, endpoint: str) -> str:
    """The consumer group whose offsets are an endpoint's position."""
    return f"{settings.topic_prefix}deliveries.{endpoint}"


def topics_of(settings: Settings, endpoint: Endpoint) -> list[str]:
    """What it reads, in this installation."""
    return [settings.topic_prefix + topic for topic in endpoint.topics]


async def prepare(settings: Settings, endpoint: Endpoint) -> None:
    """Give the group a position in every partition that it has none in.

    Raises ConfigurationError where a topic is not there, LogLost where Kafka has lost records,
    KafkaError where it does not answer.
    """
    group = group_of(settings, endpoint.name)
    kept = await committed(settings, group)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        group_id=group,
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    try:
        await consumer.start()
        sources = await partitions_of(consumer, topics_of(settings, endpoint))
        starts = await consumer.beginning_offsets(sources)
        ends = await consumer.end_offsets(sources)
        missing = {
            one: (starts if endpoint.start == "beginning" else ends)[one]
            for one in sources
            if one not in kept
        }
        for one in sources:
            if one in kept:
                missing |= _moved(endpoint, one, kept[one], starts[one], ends[one])
        if missing:
            consumer.assign(list(missing))
            await consumer.commit(missing)
    finally:
        await consumer.stop()


def _moved(
    endpoint: Endpoint, source: TopicPartition, position: int, start: int, end: int
) -> Positions:
    """A new position where the old one is of records that have expired."""
    where = f"{source.topic}/{source.partition}"
    if position > end:
        raise LogLost(
            f"endpoint {endpoint.name} was sent {where} up to {position}, but it ends at {end}: "
            "Kafka lost records, or this is another cluster. Restore its log, or rename the "
            "endpoint, which then begins anew"
        )
    if position >= start:
        return {}
    log.error("expired_before_delivery", endpoint=endpoint.name, at=where, lost=[position, start])
    return {source: start}


async def committed(settings: Settings, group: str) -> Positions:
    """The group's positions as Kafka has them; raises KafkaError."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    try:
        await admin.start()
        found = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return {one: told.offset for one, told in found.items() if told.offset >= 0}
