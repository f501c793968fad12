"""One owned partition through errors and rebalances: each command once and in order, or loudly."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streams import deadlines, inbox, partition
from streams.exceptions import ClockAhead, LogBehind, LogLost, StoreCorrupt, StoreError
from streams.partition import State
from streams.store import Store
from tests.streams.broker import Broker, Indefinite
from tests.streams.counter import count_in, counter_key
from tests.streams.world import HOME, add, hold


@pytest.fixture
async def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Broker]:
    made = Broker(tmp_path, monkeypatch)
    yield made
    made.open_for_commits.set()
    made.open_for_recovery.set()
    await made.partition.close()


def _adds(broker: Broker, count: int) -> None:
    broker.commands += [add(f"a{len(broker.commands) + n}") for n in range(count)]


def _exact(broker: Broker) -> None:
    """Every command so far has one event, in order."""
    events = [json.loads(event) for event in broker.log.events]
    assert [one["seq"] for one in events] == list(range(1, len(broker.commands) + 1))
    assert [one["offset"] for one in events] == list(range(len(broker.commands)))
    assert count_in(broker.stores[-1].get(counter_key(HOME))) == len(broker.commands)


async def test_what_arrives_is_committed_then_stored(broker: Broker) -> None:
    _adds(broker, 5)
    broker.partition.start()
    await broker.decided()

    _exact(broker)
    assert broker.partition.state is State.SERVING
    assert broker.partition.next_offset == 5


async def test_the_next_batch_is_decided_but_not_sent_while_one_commits(broker: Broker) -> None:
    broker.partition.start()
    await broker.serving()
    broker.open_for_commits.clear()
    _adds(broker, 6)
    broker.deliver(2)
    await broker.until(lambda: len(broker.sending) == 1)
    broker.deliver(2)
    await broker.until(lambda: broker.partition.next_offset == 4)

    assert len(broker.sending) == 1
    assert not broker.log.batches
    broker.open_for_commits.set()
    await broker.decided()
    _exact(broker)


async def test_enough_waiting_stops_the_flow(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "BYTES_MAX", 2 * inbox.RECORD_BYTES)
    broker.partition.start()
    await broker.serving()
    broker.open_for_commits.clear()
    _adds(broker, 9)
    for count in (1, 1, 1, 1):
        broker.deliver(count)
    await broker.until(lambda: not broker.flowing)
    broker.open_for_commits.set()
    await broker.decided()
    _exact(broker)


@pytest.mark.parametrize("error", [StoreError("disk"), ConnectionError(), Indefinite()])
async def test_a_failed_commit_drops_both_batches_and_both_are_decided_anew(
    broker: Broker, error: Exception
) -> None:
    broker.partition.start()
    await broker.serving()
    broker.open_for_commits.clear()
    _adds(broker, 4)
    broker.deliver(2)
    await broker.until(lambda: len(broker.sending) == 1)
    broker.deliver(2)
    await broker.until(lambda: broker.partition.next_offset == 4)
    broker.failures.append(error)
    broker.open_for_commits.set()
    await broker.decided()

    _exact(broker)
    assert len(broker.producers) == 2
    assert broker.producers[0].stopped


async def test_a_commit_whose_answer_is_lost_is_found_in_the_log(broker: Broker) -> None:
    broker.unseen.append(Indefinite())
    _adds(broker, 3)
    broker.partition.start()
    await broker.decided()

    _exact(broker)
    assert len(broker.log.batches) == 1


async def test_a_store_that_fails_after_the_commit_is_brought_on_by_replay(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failures = Store.write, [StoreError("disk full")]

    def failing(self: Store, *given: object) -> None:
        if failures:
            raise failures.pop()
        write(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "write", failing)
    _adds(broker, 3)
    broker.partition.start()
    await broker.decided()

    _exact(broker)
    assert len(broker.log.batches) == 1


async def test_corruption_that_a_read_finds_rebuilds_the_store(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    _adds(broker, 3)
    broker.partition.start()
    await broker.decided()
    get, failures = Store.get_many, [StoreCorrupt("flipped")]

    def failing(self: Store, wanted: list[bytes]) -> list[bytes | None]:
        if failures:
            raise failures.pop()
        return get(self, wanted)

    monkeypatch.setattr(Store, "get_many", failing)
    _adds(broker, 3)
    await broker.decided()

    _exact(broker)
    assert list(broker.folder.glob("*.aside"))


async def test_fenced_it_is_unowned_until_the_group_says_otherwise(broker: Broker) -> None:
    broker.partition.start()
    await broker.serving()
    broker.unowned = 3
    broker.failures.append(broker.fenced())
    _adds(broker, 2)
    await broker.until(lambda: broker.partition.state is State.UNOWNED, deliver=True)
    await broker.decided()

    _exact(broker)
    assert not broker.unowned


@pytest.mark.parametrize("error", [LogLost("gone"), LogBehind("gone"), ClockAhead("ahead")])
async def test_what_only_a_person_can_mend_stops_it(broker: Broker, error: Exception) -> None:
    broker.lost = error
    broker.partition.start()
    await broker.until(lambda: broker.partition.state is State.STOPPED)

    assert broker.partition.error == str(error)
    assert not broker.flowing
    assert all(producer.stopped for producer in broker.producers)


async def test_a_loss_that_is_none_a_moment_later_is_passed_over(broker: Broker) -> None:
    """A leader that was replaced and does not know it shows the log as it was."""
    broker.lost = LogBehind("Kafka lost committed records")
    broker.partition.start()
    await broker.until(lambda: broker.partition.error)
    await broker.partition.suspend()
    broker.partition.start()
    broker.lost = None
    _adds(broker, 2)
    await broker.decided()

    _exact(broker)


async def test_lost_commands_are_not_looked_at_twice(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile new ones would come, and grow over the place where others are missing."""
    monkeypatch.setattr(partition, "CONFIRM_S", 60.0)
    broker.lost = LogLost("commands were lost")
    broker.partition.start()

    await broker.until(lambda: broker.partition.state is State.STOPPED)


async def test_rebalances_neither_end_a_doubt_nor_begin_it_anew(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "CONFIRM_S", 0.3)
    broker.lost = LogBehind("Kafka lost committed records")
    began = time.monotonic()
    broker.partition.start()
    await broker.until(lambda: broker.partition.error)

    async with asyncio.timeout(10):
        while broker.partition.state is not State.STOPPED:
            await broker.partition.suspend()
            if broker.partition.state is State.SUSPENDED:
                broker.partition.start()
                await asyncio.sleep(0.05)

    assert time.monotonic() - began >= 0.3


async def test_one_that_slept_amid_its_recovery_calls_nothing_lost(broker: Broker) -> None:
    """What looks like a loss is the work of the worker that owns the partition by now."""
    broker.lost = LogLost("it has events, but its changelog is empty")
    broker.open_for_recovery.clear()
    broker.partition.start()
    await broker.until(lambda: broker.producers)
    broker.unowned = 1_000_000
    broker.open_for_recovery.set()
    await broker.until(lambda: broker.partition.state is State.UNOWNED)
    broker.lost, broker.unowned = None, 0
    _adds(broker, 2)
    await broker.decided()

    _exact(broker)


async def test_a_position_that_is_lost_opens_it_anew(broker: Broker) -> None:
    _adds(broker, 2)
    broker.partition.start()
    await broker.decided()
    broker.lost = LogLost("commands were lost")
    broker.partition.lost()
    await broker.until(lambda: broker.partition.state is State.STOPPED)


async def test_a_rebalance_lets_the_commit_end_and_keeps_producer_and_store(
    broker: Broker,
) -> None:
    broker.partition.start()
    await broker.serving()
    broker.open_for_commits.clear()
    _adds(broker, 6)
    broker.deliver(2)
    await broker.until(lambda: len(broker.sending) == 1)
    broker.deliver(2)
    suspending = asyncio.create_task(broker.partition.suspend())
    await asyncio.sleep(0.02)
    assert not suspending.done()
    broker.open_for_commits.set()
    await suspending

    assert broker.partition.state is State.SUSPENDED
    assert len(broker.log.batches) >= 1
    broker.deliver(2)  # too late
    broker.partition.start()
    await broker.decided()
    _exact(broker)
    assert len(broker.producers) == 1
    assert len(broker.stores) == 1


async def test_a_commit_that_hangs_is_given_up_at_a_rebalance(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "STEP_S", 0.05)
    monkeypatch.setattr(deadlines, "STEP_S", 0.05)
    broker.partition.start()
    await broker.serving()
    broker.open_for_commits.clear()
    _adds(broker, 3)
    await broker.until(lambda: len(broker.sending) == 1, deliver=True)
    async with asyncio.timeout(5):
        await broker.partition.suspend()
    broker.open_for_commits.set()
    await asyncio.sleep(0.02)

    assert not broker.log.batches, "nothing goes on behind a rebalance"
    assert broker.producers[0].stopped
    assert broker.stores[0]._db is None
    broker.partition.start()
    await broker.decided()
    _exact(broker)


async def test_a_rebalance_while_opening_cuts_the_opening(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "STEP_S", 0.05)
    broker.open_for_recovery.clear()
    broker.partition.start()
    await broker.until(lambda: broker.producers)
    async with asyncio.timeout(5):
        await broker.partition.suspend()
    assert broker.producers[0].stopped

    _adds(broker, 2)
    broker.open_for_recovery.set()
    broker.partition.start()
    await broker.decided()
    _exact(broker)


async def test_a_rebalance_before_the_first_commit_leaves_no_trace(broker: Broker) -> None:
    broker.partition.start()
    await broker.serving()
    await broker.partition.suspend()
    _adds(broker, 2)
    broker.partition.start()
    await broker.decided()

    _exact(broker)


async def test_a_kept_partition_whose_producer_was_fenced_finds_out(broker: Broker) -> None:
    _adds(broker, 2)
    broker.partition.start()
    await broker.decided()
    await broker.partition.suspend()
    broker.producers.append(type(broker.producers[0])(broker))  # another owner, for a moment
    _adds(broker, 2)
    broker.partition.start()
    await broker.decided()

    _exact(broker)


async def test_starting_twice_is_refused(broker: Broker) -> None:
    broker.partition.start()
    with pytest.raises(AssertionError):
        broker.partition.start()


async def test_closing_ends_it_whatever_it_does(broker: Broker) -> None:
    _adds(broker, 2)
    broker.partition.start()
    await broker.decided()
    await broker.partition.close()
    await broker.partition.close()

    assert broker.partition.state is State.UNOWNED
    assert broker.producers[0].stopped
    assert broker.stores[0]._db is None
    _adds(broker, 1)
    broker.deliver()
    await asyncio.sleep(0.02)
    assert len(broker.sending) == 1


async def test_it_asks_for_ticks_only_while_something_is_due_and_nothing_comes(
    broker: Broker,
) -> None:
    broker.partition.start()
    await broker.serving()
    await asyncio.sleep(0.2)
    assert broker.ticks == 0

    broker.commands.append(hold("1", "a", 10))  # due long ago by our clock
    await broker.decided()
    await broker.until(lambda: broker.ticks >= 2)


async def test_a_reopened_partition_passes_over_what_comes_once_more(broker: Broker) -> None:
    _adds(broker, 4)
    broker.partition.start()
    await broker.decided()
    broker.failures.append(ConnectionError())
    _adds(broker, 4)
    await broker.decided()

    _exact(broker)
