"""A transaction whose markers were lost is ended as its coordinator decided, before all else.

A coordinator that has skipped markers cannot be had at will (`tests/chaos/test_broker.py` kills
brokers until it happens); an open transaction looks the same to its partitions. What the
coordinator says of it is put in its mouth here.
"""

import asyncio
from dataclasses import astuple
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import CoordinationType

from streams import transaction
from streams.exceptions import LogLost
from streams.packing import pack
from streams.sender import Sender
from streams.transaction import TransactionalProducer
from streams.transaction_requests import EndTransaction
from streams.unended import COMPLETE, ENDING, Last, end_unended, last_transaction, unended
from tests.integration.conftest import Install
from tests.integration.installation import Installation

GROUP = "unended"


async def _left_open(made: Installation, partition: int) -> TransactionalProducer:
    """A producer with a transaction that reached two of its partitions, and no marker."""
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, partition)
    await producer.start()
    await _send(producer._sender, made.topics.events, partition, b"event")
    await _send(producer._sender, made.topics.commands, 1 - partition, b"forwarded")
    return producer


async def _send(sender: Sender, topic: str, partition: int, value: bytes) -> None:
    [(packed, _)] = pack([(None, value)], None, sender.producer_id, sender.epoch, 0)
    await sender.produce({TopicPartition(topic, partition): packed})


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


@pytest.mark.parametrize("state", COMPLETE)
async def test_what_was_left_open_is_ended_everywhere(
    install: Install, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """By markers of the owner's own, before its InitProducerId: a second owner need not know."""
    made = await asyncio.to_thread(install, 2)
    left = await _left_open(made, 0)
    _say(monkeypatch, left, state)
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await _connect(producer, made)

    open_before = await producer._unended(left._sender.producer_id)
    settled = [await producer._settled() for _ in range(2)]

    assert {(one.topic, one.partition) for one in open_before} == {
        (made.topics.events, 0),
        (made.topics.commands, 1),
    }
    assert settled == [False, True], "it looks again after it has written"
    commits = COMPLETE[state]
    assert await _seen(made, made.topics.events, 0) == ([b"event"] if commits else [])
    assert await _seen(made, made.topics.commands, 1) == ([b"forwarded"] if commits else [])
    await producer.stop()
    await left.stop()


async def test_an_owner_that_dies_amid_this_leaves_the_rest_to_the_next(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await asyncio.to_thread(install, 2)
    left = await _left_open(made, 0)
    _say(monkeypatch, left, "CompleteCommit")
    monkeypatch.setattr(transaction, "end_unended", _end_one)
    dying = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    with pytest.raises(ConnectionError, match="dies"):
        await dying.start()
    await dying.stop()
    monkeypatch.setattr(transaction, "end_unended", end_unended)

    successor = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await _connect(successor, made)
    settled = [await successor._settled() for _ in range(2)]

    assert settled == [False, True]
    assert await _seen(made, made.topics.events, 0) == [b"event"]
    assert await _seen(made, made.topics.commands, 1) == [b"forwarded"]
    await successor.stop()
    await left.stop()


def _say(monkeypatch: pytest.MonkeyPatch, left: TransactionalProducer, state: str) -> None:
    """Let the coordinator say that the open transaction has ended, and the next epoch begun."""
    known = left._sender

    async def last(*_: object) -> Last:
        return Last(state, 0, known.producer_id, known.epoch + 1)

    monkeypatch.setattr(transaction, "last_transaction", last)


async def _connect(producer: TransactionalProducer, made: Installation) -> None:
    await producer._sender.connect(astuple(made.topics))


async def _end_one(client: Any, last: Last, left: dict[Any, int], commits: bool) -> None:
    await end_unended(client, last, dict([next(iter(left.items()))]), commits)
    raise ConnectionError("the owner dies")


async def test_a_predecessor_at_work_is_left_alone(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its next transaction, begun after the coordinator told of the last one, is its own to end."""
    made = await asyncio.to_thread(install, 2)
    at_work = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await at_work.start()
    sender = at_work._sender
    await _send(sender, made.topics.events, 0, b"first")
    await sender.commit()
    begun = False

    async def last(client: Any, coordinator: int, name: str) -> Last:
        nonlocal begun
        found = await last_transaction(client, coordinator, name)
        if found.state in COMPLETE and not begun:
            begun = True
            await _send(sender, made.topics.events, 0, b"second")
        return found

    monkeypatch.setattr(transaction, "last_transaction", last)
    successor = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await _connect(successor, made)
    async with asyncio.timeout(20):
        while not begun:
            assert not await successor._settled()

    name = sender.transactional_id
    abort = EndTransaction(name, sender.producer_id, sender.epoch, commits=False)
    await sender._ask_coordinator(abort)
    assert await _seen(made, made.topics.events, 0) == [b"first"]
    await successor.stop()
    await at_work.stop()


async def test_a_transaction_that_nobody_can_explain_stops_the_partition(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await asyncio.to_thread(install, 2)
    left = await _left_open(made, 0)
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, 1)
    places = {TopicPartition(made.topics.events, 0): 0}

    async def unexplained(*_: object) -> dict[TopicPartition, int]:
        return places

    monkeypatch.setattr(transaction, "unended", unexplained)
    with pytest.raises(LogLost, match="nobody can say the end of"):
        await producer.start()
    await producer.stop()
    await left.stop()


async def test_other_producers_transactions_are_left_alone(install: Install) -> None:
    made = await asyncio.to_thread(install, 2)
    other = await _left_open(made, 1)
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, 0)

    await producer.start()

    everyone = [TopicPartition(made.topics.events, 1), TopicPartition(made.topics.commands, 0)]
    theirs = other._sender.producer_id
    assert list(await unended(producer._sender.client, theirs, everyone)) == everyone
    await producer.stop()
    await other.stop()


async def test_the_coordinator_says_what_it_decided(kafka: str, install: Install) -> None:
    made = await asyncio.to_thread(install, 2)
    name = f"said-{uuid4().hex}"
    producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=name)
    await producer.start()
    client = producer.client
    coordinator = await producer._sender._find_coordinator(CoordinationType.TRANSACTION, name)

    said = [(await last_transaction(client, coordinator, "never-seen")).state]
    for end in (producer.commit_transaction, producer.abort_transaction):
        await producer.begin_transaction()
        await producer.send_and_wait(made.topics.events, b"x", partition=0)
        said.append((await last_transaction(client, coordinator, name)).state)
        await end()
        for _ in range(500):
            last = await last_transaction(client, coordinator, name)
            if last.state not in ENDING:
                break
            await asyncio.sleep(0.01)
        said.append(last.state)
    await producer.stop()

    assert said == ["", "Ongoing", "CompleteCommit", "Ongoing", "CompleteAbort"]
    assert last.producer_id == producer._txn_manager.producer_id
