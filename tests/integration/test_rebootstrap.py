"""A client whose known brokers are all away finds the cluster by the addresses it began with."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import BrokerMetadata

from local.ports import LOOPBACK, free_port
from streams.rebootstrap import reach_again

GONE = 99


@pytest.mark.parametrize("kind", [AIOKafkaConsumer, AIOKafkaProducer])
@pytest.mark.parametrize("again", [False, True])
async def test_it_asks_the_first_addresses_again(kafka: str, kind: type, again: bool) -> None:
    one = kind(bootstrap_servers=kafka)
    if again:
        reach_again(one)
    await one.start()
    client = one.client if kind is AIOKafkaProducer else one._client
    # the last answer named one broker, as the others were away; and that one dies
    client.cluster._brokers = {GONE: BrokerMetadata(GONE, LOOPBACK, free_port(), None)}

    found = await asyncio.wait_for(client.force_metadata_update(), 20)

    assert found is again, "without it aiokafka asks nobody else, for ever"
    assert (GONE in {broker.nodeId for broker in client.cluster.brokers()}) is not again
    await one.stop()
