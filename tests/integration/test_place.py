"""A partition's changelog goes on where its owner last saw it end, or nothing is committed."""

import asyncio

import pytest

from streams.batch import Batch
from streams.exceptions import Displaced
from streams.stamp import KEY, Stamp
from streams.topics import Topics
from streams.transaction import TransactionalProducer
from tests.integration.conftest import Install
from tests.integration.test_unended import GROUP, _seen

STAMP = Stamp(b"i" * 16, 1, 1, 1, 2)


def _batch(event: bytes) -> Batch:
    batch = Batch(STAMP)
    batch.events = [(b"W", event)]
    batch.changelog = [(b"S\0W\0A", b"row"), (KEY, STAMP.encode())]
    return batch


async def test_one_transaction_follows_the_other_and_its_marker(install: Install) -> None:
    made = await asyncio.to_thread(install, 2)
    producer = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await producer.start()
    producer.changelog_end = 0

    behind = [await producer.commit(_batch(b"%d" % n)) for n in range(3)]

    assert behind == [2, 5, 8]
    assert await _seen(made, made.topics.events, 0) == [b"0", b"1", b"2"]
    await producer.stop()


async def test_a_lost_marker_is_made_up_for_and_a_longer_or_shorter_changelog_is_not() -> None:
    producer = TransactionalProducer("127.0.0.1:1", Topics.of("stock"), GROUP, 0)
    producer.changelog_end = 8

    producer._check_place(8)
    with pytest.raises(Displaced, match="goes on at 7, not at 8"):
        producer._check_place(7)  # nothing of ours is there that a marker could be missing of

    producer._committed = True
    for begin in (7, 8):
        producer._check_place(begin)
    for begin in (6, 9):
        with pytest.raises(Displaced, match=f"goes on at {begin}, not at 8"):
            producer._check_place(begin)


async def test_who_recovered_from_an_old_end_commits_nothing(install: Install) -> None:
    made = await asyncio.to_thread(install, 2)
    first = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await first.start()
    await first.commit(_batch(b"first"))
    await first.stop()
    second = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await second.start()
    second.changelog_end = 0  # as a leader shows it that was replaced

    with pytest.raises(Displaced, match="goes on at 3, not at 0"):
        await second.commit(_batch(b"once more"))
    await second.stop()

    successor = TransactionalProducer(made.kafka, made.topics, GROUP, 0)
    await successor.start()
    assert await _seen(made, made.topics.events, 0) == [b"first"]
    await successor.stop()
