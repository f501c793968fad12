"""Finds a cluster again whose known brokers are all away, by the addresses it was found by first.

aiokafka asks only the brokers of its last answer. Where that one named a single broker, as the
others were away just then, and this one dies, it would ask nobody else for ever. Java's clients
begin anew then (KIP-899).
"""

from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError


def reach_again(one: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Let one that lives long ask its bootstrap servers when no broker that it knows answers."""
    client = one.client if isinstance(one, AIOKafkaProducer) else one._client
    update = client._metadata_update

    async def _metadata_update(cluster: Any, topics: Any) -> bool:
        if await update(cluster, topics):
            return True
        try:
            await client.bootstrap()
        except KafkaConnectionError:
            return False
        return bool(await update(cluster, topics))

    client._metadata_update = _metadata_update
