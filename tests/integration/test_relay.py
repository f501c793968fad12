"""A relay tells each event once, whatever became of its position: on the real Kafka."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.domains import FINANCE, STOCK
from streams.exceptions import Unreachable
from streams.reading import Readers
from streams.relay import Relay
from streams.topics import Topics, owner
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.processes import until
from tests.stores import running_kafka

PARTITIONS = 2
KEYS = ("LON-1", "PAR-1", "ROM-1", "OSL-1")
END_S = 60.0


def policy(value: bytes) -> list[tuple[str, str, bytes]]:
    """Each event is told to two keys."""
    key = KEYS[int(value) % len(KEYS)]
    return [(key, value.decode(), b"a" + value), (KEYS[-1], value.decode(), b"b" + value)]


class Killed(Relay):
    """Dies when its commands are there and its position is not kept yet."""

    async def _keep(self, *_: Any) -> None:
        raise RuntimeError("killed")


def relay(made: Installation, kind: type[Relay] = Relay) -> Relay:
    readers = Readers(made.kafka, "read_uncommitted")
    return kind(STOCK, FINANCE, policy, made.settings, readers)


def topics(made: Installation, domain: str) -> Topics:
    return Topics.of(domain, made.prefix)


def group(made: Installation) -> str:
    return f"{made.prefix}stock-to-finance"


async def tell(made: Installation, *numbers: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=made.kafka)
    await producer.start()
    for number in numbers:
        await producer.send_and_wait(
            topics(made, STOCK).events, b"%d" % number, partition=number % PARTITIONS
        )
    await producer.stop()


async def told(made: Installation) -> list[bytes]:
    records = await asyncio.to_thread(made.read, topics(made, FINANCE).commands)
    return sorted(record.value() or b"" for record in records)


def wanted(numbers: range) -> list[bytes]:
    return sorted(command for number in numbers for _, _, command in policy(b"%d" % number))


def kept(made: Installation) -> list[int]:
    """The positions of the relay's group."""
    consumer = Consumer({"bootstrap.servers": made.kafka, "group.id": group(made)})
    places = [TopicPartition(topics(made, STOCK).events, n) for n in range(PARTITIONS)]
    found = [one.offset for one in consumer.committed(places, END_S)]
    consumer.close()
    return [offset for offset in found if offset >= 0]


def keep(made: Installation, offset: int) -> None:
    """Set the relay's positions."""
    consumer = Consumer({"bootstrap.servers": made.kafka, "group.id": group(made)})
    places = [TopicPartition(topics(made, STOCK).events, n, offset) for n in range(PARTITIONS)]
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()


def forget(made: Installation) -> None:
    admin = AdminClient({"bootstrap.servers": made.kafka})
    for done in admin.delete_consumer_groups([group(made)]).values():
        done.result(END_S)


async def until_kept(made: Installation, count: int, working: asyncio.Task[None]) -> None:
    """Wait until so many events are behind the relay, which must not end."""
    async with asyncio.timeout(END_S):
        while sum(await asyncio.to_thread(kept, made)) < count:
            assert not working.done(), working.result()
            await asyncio.sleep(0.1)


async def carry_until_told(made: Installation, numbers: range) -> None:
    """Let a relay work until all of the events are behind it."""
    working = asyncio.create_task(relay(made).run())
    await until_kept(made, len(numbers), working)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


@pytest.fixture
async def made(install: Install) -> Installation:
    return await asyncio.to_thread(install, PARTITIONS, (STOCK, FINANCE))


async def test_what_was_told_beyond_the_position_is_not_told_again(made: Installation) -> None:
    await tell(made, *range(20))
    for _ in range(2):  # the second one has nothing left to tell, and no position either
        with pytest.raises(RuntimeError, match="killed"):
            await relay(made, Killed).run()
    await tell(made, 20, 21)

    await carry_until_told(made, range(22))

    assert await told(made) == wanted(range(22))


async def test_positions_that_are_lost_do_no_harm(made: Installation) -> None:
    await tell(made, *range(20))
    await carry_until_told(made, range(20))
    await asyncio.to_thread(forget, made)
    assert await asyncio.to_thread(kept, made) == []
    await tell(made, 20, 21)

    await carry_until_told(made, range(22))

    assert await told(made) == wanted(range(22))


async def test_a_relay_that_is_given_nothing_waits_for_its_turn(made: Installation) -> None:
    """Three for two partitions; and whoever works goes away when all is told."""
    await tell(made, *range(20))
    working = [asyncio.create_task(relay(made).run()) for _ in range(PARTITIONS + 1)]
    for number in range(20, 60, 20):
        await until_kept(made, number, working[0])
        await tell(made, *range(number, number + 20))
        working.pop().cancel()
    await until_kept(made, 60, working[0])

    assert set(await told(made)) == set(wanted(range(60)))
    working[0].cancel()
    with suppress(asyncio.CancelledError):
        await working[0]


async def test_events_that_kafka_lost_are_told_of_and_nothing_goes_on(made: Installation) -> None:
    await tell(made, *range(4))
    await asyncio.to_thread(keep, made, 3)

    with pytest.raises(Unreachable, match="goes on at 2, but was carried to 3: Kafka lost events"):
        await relay(made).run()

    assert await told(made) == []


async def test_each_key_is_told_in_the_order_of_the_events(made: Installation) -> None:
    await tell(made, *range(50))
    await carry_until_told(made, range(50))

    records = await asyncio.to_thread(made.read, topics(made, FINANCE).commands)
    for home in range(PARTITIONS):
        of_first = [int((one.value() or b"")[1:]) for one in records if one.partition() == home]
        for source in range(PARTITIONS):
            numbers = [number for number in of_first if number % PARTITIONS == source]
            assert numbers == sorted(numbers)
    assert {one.partition() for one in records} == {owner(key, PARTITIONS) for key in KEYS}


@contextmanager
def frozen(kafka: Path) -> Iterator[None]:
    """The broker whose home this is answers nobody for a while."""
    [process] = [
        one for one in psutil.Process().children() if str(kafka) in " ".join(one.cmdline())
    ]
    family = [process, *process.children(recursive=True)]
    for one in family:
        one.suspend()
    try:
        yield
    finally:
        for one in family:
            one.resume()


def test_policies_heed_sigterm_where_kafka_does_not_answer(tmp_path: Path) -> None:
    home = tmp_path / "kafka"
    with running_kafka(home) as kafka:
        made = Installation(
            kafka,
            tmp_path / "home",
            PARTITIONS,
            environment={"STOCKYARD_DOMAINS": "stock,finance"},
            domains=(STOCK, FINANCE),
        )
        policies = made.process("policies-1", "--policies")
        try:
            policies.start()
            until("relays at work", END_S, lambda: policies.logged("relay_started"))
            asyncio.run(tell(made, *range(10)))
            with frozen(home):
                assert policies.terminate() == 0
        finally:
            policies.stop()
            made.close()
