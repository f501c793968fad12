"""A transaction whose markers were lost is ended as its coordinator decided, before all else.

A coordinator that has skipped markers cannot be had at will (`tests/chaos/test_broker.py` kills
brokers until it happens); an open transaction looks the same to its partitions, and is closed here
by a producer of the same id and epoch, as an owner closes what it finds.
"""

import asyncio
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import CoordinationType

from streams.transaction import TransactionalProducer
from streams.unended import to_be_committed, unended
from tests.integration.conftest import Install
from tests.integration.installation import Installation

GROUP = "unended"


async def _left_open(made: Installation, partition: int) -> TransactionalProducer:
    """A producer with a transaction that reached two of its partitions, and no marker."""
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, partition)
    await producer.start()
    kafka = producer._producer
    await kafka.begin_transaction()
    await kafka.send_and_wait(made.topics.events, b"event", partition=partition)
    await kafka.send_and_wait(made.topics.commands, b"forwarded", partition=1 - partition)
    return producer


async def _successor_of(made: Installation, left: TransactionalProducer) -> TransactionalProducer:
    """What InitProducerId gives where the coordinator believes that all has ended."""
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, left._partition)
    kafka, predecessor = producer._producer, left._producer._txn_manager
    await kafka.client.bootstrap()
    kafka._txn_manager.set_pid_and_epoch(predecessor.producer_id, predecessor.producer_epoch)
    await kafka._sender.start()
    await left.stop()
    return producer


async def _seen(made: Installation, topic: str, partition: int) -> list[bytes]:
    reader = AIOKafkaConsumer(
        bootstrap_servers=made.kafka,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    await reader.start()
    try:
        there = TopicPartition(topic, partition)
        reader.assign([there])
        end = (await reader.end_offsets([there]))[there]
        found: list[bytes] = []
        async with asyncio.timeout(20):
            while await reader.position(there) < end:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    found += [record.value for record in records]
        return found
    finally:
        await reader.stop()


@pytest.mark.parametrize("commits", [True, False])
async def test_what_was_left_open_is_ended_everywhere(install: Install, commits: bool) -> None:
    made = await asyncio.to_thread(install, 2)
    left = await _left_open(made, 0)
    producer = await _successor_of(made, left)
    producer._sender.commits_last = commits

    open_before = await producer._unended()
    await producer._end_unended()

    assert {(one.topic, one.partition) for one in open_before} == {
        (made.topics.events, 0),
        (made.topics.commands, 1),
    }
    assert await producer._unended() == []
    assert await _seen(made, made.topics.events, 0) == ([b"event"] if commits else [])
    assert await _seen(made, made.topics.commands, 1) == ([b"forwarded"] if commits else [])
    await producer.stop()


async def test_other_producers_transactions_are_left_alone(install: Install) -> None:
    made = await asyncio.to_thread(install, 2)
    other = await _left_open(made, 1)
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, 0)

    await producer.start()

    everyone = [TopicPartition(made.topics.events, 1), TopicPartition(made.topics.commands, 0)]
    theirs = other._producer._txn_manager.producer_id
    assert await unended(producer._producer.client, theirs, everyone) == everyone
    await producer.stop()
    await other.stop()


async def test_the_coordinator_says_what_it_decided(kafka: str, install: Install) -> None:
    made = await asyncio.to_thread(install, 2)
    name = f"said-{uuid4().hex}"
    producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=name)
    await producer.start()
    client = producer.client
    coordinator = await producer._sender._find_coordinator(CoordinationType.TRANSACTION, name)

    said = [await to_be_committed(client, coordinator, "never-seen")]
    for end in (producer.commit_transaction, producer.abort_transaction):
        await producer.begin_transaction()
        await producer.send_and_wait(made.topics.events, b"x", partition=0)
        said.append(await to_be_committed(client, coordinator, name))
        await end()
        said.append(await to_be_committed(client, coordinator, name))
    await producer.stop()

    #               unknown, open, committed, open, aborted
    assert said == [False, False, True, False, False]
