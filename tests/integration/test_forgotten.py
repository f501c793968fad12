"""A commit of which some markers are written and the coordinator knows nothing: it is completed.

The coordinator that began it cannot be killed at will just so; its markers are written by hand, as
it writes them, on the real Kafka.
"""

import asyncio
import json

import pytest
from aiokafka import TopicPartition
from aiokafka.client import ConnectionGroup

from streams.inspection_requests import DescribeTransactions, WriteMarkers
from streams.leaders import leader
from streams.markers import has_committed
from streams.transaction import TransactionalProducer
from streams.unended import ONGOING
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.test_unended import GROUP, _left_open, _seen, _send


async def _mark(left: TransactionalProducer, there: TopicPartition, commits: bool) -> None:
    """A marker of the open transaction as a coordinator writes it, with the next epoch."""
    sender = left._sender
    request = WriteMarkers(sender.producer_id, sender.epoch + 1, commits, there, 0)
    answer = await sender.client.send(leader(sender.client, there), request)
    [[_, [[_, [[_, code, _]], _]], _]] = answer.markers
    assert code == 0


@pytest.mark.parametrize("marked", ["events", "commands"])
async def test_what_was_committed_somewhere_is_committed_everywhere(
    install: Install, marked: str
) -> None:
    made = await asyncio.to_thread(install, 2)
    left = await _left_open(made, 0)
    places = {
        "events": TopicPartition(made.topics.events, 0),
        "commands": TopicPartition(made.topics.commands, 1),
    }
    await _mark(left, places[marked], commits=True)

    successor = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await successor.start()

    assert await _seen(made, made.topics.events, 0) == [b"event"]
    assert await _seen(made, made.topics.commands, 1) == [b"forwarded"]
    await _send(successor._sender, made.topics.events, 0, b"next")
    await successor._sender.commit()
    assert await _seen(made, made.topics.events, 0) == [b"event", b"next"]
    await successor.stop()
    await left.stop()


async def test_a_coordinator_has_patience_until_brokers_can_have_been_replaced(
    install: Install,
) -> None:
    """Or it aborts the rest of what was committed somewhere before anybody can take over."""
    made = await asyncio.to_thread(install, 2)
    left = await _left_open(made, 0)
    sender = left._sender
    request = DescribeTransactions(sender.transactional_id)

    answer = await sender.client.send(
        await sender.coordinator(), request, group=ConnectionGroup.COORDINATION
    )

    _, _, state, timeout_ms, *_ = answer.states[0]
    assert (state, timeout_ms) == (ONGOING, 900_000)
    await left.stop()


async def test_what_was_aborted_somewhere_is_aborted_everywhere(install: Install) -> None:
    made = await asyncio.to_thread(install, 2)
    left = await _left_open(made, 0)
    await _mark(left, TopicPartition(made.topics.events, 0), commits=False)

    successor = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await successor.start()

    assert await _seen(made, made.topics.events, 0) == []
    assert await _seen(made, made.topics.commands, 1) == []
    await successor.stop()
    await left.stop()


async def test_a_marker_is_found_behind_what_others_have_written_since(install: Install) -> None:
    made = await asyncio.to_thread(install, 2)
    left = await _left_open(made, 0)
    there = TopicPartition(made.topics.commands, 1)
    await _mark(left, there, commits=True)
    await asyncio.to_thread(_write, made, 500)

    sender = left._sender
    said = [
        await has_committed(sender.client, there, sender.producer_id, sender.epoch + epochs)
        for epochs in (1, 2)
    ]

    assert said == [True, None]
    await left.stop()


def _write(made: Installation, count: int) -> None:
    for _ in range(count):
        made.put(b"another's", partition=1)
    made.flush()


async def test_events_that_are_there_already_are_not_told_again(install: Install) -> None:
    """Where the changelog's part of a transaction is lost, and nobody can say that it was."""
    made = await asyncio.to_thread(install, 1)
    worker = await asyncio.to_thread(made.started)
    await asyncio.to_thread(made.serve, worker)
    command = {"type": "ReceiveStock", "id": "a", "warehouse": "W",
               "lines": [{"sku": "S", "quantity": 1}]}  # fmt: skip
    await asyncio.to_thread(made.send, [command])
    await asyncio.to_thread(made.drain)
    await asyncio.to_thread(worker.kill)
    told = await asyncio.to_thread(made.all_events)
    await asyncio.to_thread(_append_event, made, told[-1] | {"id": "0-2", "seq": 2})

    await asyncio.to_thread(worker.start)
    await asyncio.to_thread(made.send, [command | {"id": "b"}, command | {"id": "c"}])
    await asyncio.to_thread(made.drain)

    seqs = [event["seq"] for event in await asyncio.to_thread(made.all_events)]
    assert seqs == [1, 2, 3]
    assert worker.logged("torn_transaction")[-1]["told_to"] == 2


def _append_event(made: Installation, event: dict[str, object]) -> None:
    """What a transaction left on the topic of events alone."""
    made.producer.produce(made.topics.events, json.dumps(event).encode(), key=b"W", partition=0)
    made.flush()
