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
from aiokafka.errors import KafkaConnectionError, KafkaError

from streams import transaction
from streams.exceptions import LogLost
from streams.packing import pack
from streams.sender import EPOCH_MAX, Sender
from streams.transaction import TransactionalProducer
from streams.transaction_requests import EndTransaction
from streams.unended import (
    COMPLETE,
    ENDING,
    ONGOING,
    Last,
    Open,
    Traces,
    end_unended,
    endings,
    last_transaction,
    traces,
)
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

    open_before = (await producer._traces(left._sender.producer_id)).open
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


@pytest.mark.parametrize(("state", "later"), [(ONGOING, 1), (ONGOING, 4), ("CompleteAbort", 3)])
async def test_an_older_one_was_committed_whatever_became_of_the_last(
    install: Install, monkeypatch: pytest.MonkeyPatch, state: str, later: int
) -> None:
    """Its owner went on, as it had its answer; a partition that had no leader then kept it open."""
    made = await asyncio.to_thread(install, 2)
    left = await _left_open(made, 0)
    _say(monkeypatch, left, state, later)
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await _connect(producer, made)

    settled = [await producer._settled() for _ in range(2)]

    assert settled == [False, True]
    assert await _seen(made, made.topics.events, 0) == [b"event"]
    assert await _seen(made, made.topics.commands, 1) == [b"forwarded"]
    await producer.stop()
    await left.stop()


def test_what_is_under_way_and_what_is_at_work_is_left_alone() -> None:
    there = TopicPartition("events", 0)

    assert endings(Last(ONGOING, 0, 7, 5), {there: Open(5, 0)}) == {}
    for state in COMPLETE:
        assert endings(Last(state, 0, 7, 5), {there: Open(5, 0)}) is None
    with pytest.raises(LogLost, match="before an aborted one"):
        endings(Last("CompleteAbort", 0, 7, 5), {there: Open(3, 0)})


async def test_nothing_follows_a_coordinator_that_was_lost(install: Install) -> None:
    """A broker that came back may have skipped a marker, and its client connects again unasked."""
    made = await asyncio.to_thread(install, 2)
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await producer.start()
    await _send(producer._sender, made.topics.events, 0, b"first")
    await producer._sender.commit()
    await producer._sender._line.close()

    with pytest.raises(KafkaConnectionError, match="coordinator was lost"):
        await _send(producer._sender, made.topics.events, 0, b"second")
    await producer.stop()


async def test_an_epoch_that_is_used_up_is_left_before_the_producer_id_changes(
    install: Install,
) -> None:
    made = await asyncio.to_thread(install, 2)
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await producer.start()
    producer._sender.epoch = EPOCH_MAX

    with pytest.raises(KafkaError, match="used up"):
        await _send(producer._sender, made.topics.events, 0, b"event")
    await producer.stop()


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


def _say(
    monkeypatch: pytest.MonkeyPatch, left: TransactionalProducer, state: str, later: int = 1
) -> None:
    """Let the coordinator say that the open transaction has ended, and a later epoch begun."""
    known = left._sender

    async def last(*_: object) -> Last:
        return Last(state, 0, known.producer_id, known.epoch + later)

    monkeypatch.setattr(transaction, "last_transaction", last)


async def _connect(producer: TransactionalProducer, made: Installation) -> None:
    """Know the leaders too: a topic that was just made can be without for a moment."""
    sender, topics = producer._sender, astuple(made.topics)
    await sender.connect(topics)
    async with asyncio.timeout(20):
        for there in (TopicPartition(topic, at) for topic in topics for at in range(2)):
            while sender.client.cluster.leader_for_partition(there) in (None, -1):
                await sender.client.force_metadata_update()


async def _end_one(*given: Any) -> None:
    await end_unended(*given)
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
    places = {TopicPartition(made.topics.events, 0): Open(0, 0)}

    async def unexplained(*_: object) -> Traces:
        return Traces(places, {})

    monkeypatch.setattr(transaction, "traces", unexplained)
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
    assert list((await traces(producer._sender.client, theirs, everyone)).open) == everyone
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
