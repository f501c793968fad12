"""Which broker leads a partition."""

from collections import defaultdict
from collections.abc import Iterable

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NotLeaderForPartitionError


def by_leader(
    client: AIOKafkaClient, partitions: Iterable[TopicPartition]
) -> dict[int, list[TopicPartition]]:
    """The partitions of each leader. Raises NotLeaderForPartitionError where one has none."""
    found: dict[int, list[TopicPartition]] = defaultdict(list)
    for one in partitions:
        found[leader(client, one)].append(one)
    return found


def leader(client: AIOKafkaClient, there: TopicPartition) -> int:
    """Number of the broker. Raises NotLeaderForPartitionError, and asks for news, if unknown."""
    known: int | None = client.cluster.leader_for_partition(there)
    if known is None or known < 0:
        client.force_metadata_update()
        raise NotLeaderForPartitionError(f"{there} has no leader")
    return known
