"""What the simulation stands on: processes that die, logs, fencing, disks, and a database."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
from aiokafka.errors import ConcurrentTransactions, InvalidTxnState, KafkaConnectionError

from tests.simulation.broker import ABORTED, COMMITTED, Broker, Sent
from tests.simulation.disk import Files
from tests.simulation.loop import Life, SimulatedLoop, Spinning, bury
from tests.simulation.world import World, enter, leave

PATIENCE_S = 12.0  # of the coordinator, with a transaction
TOPIC = ("t", 0)
FENCED = "ProducerFenced|INVALID_PRODUCER_EPOCH|InvalidProducerEpoch"


def sent(*values: bytes) -> list[Sent]:
    return [(None, value, []) for value in values]


@pytest.fixture
def world() -> Iterator[World]:
    made = World(1)
    enter(made)
    yield made
    bury(made.loop, made.processes)
    leave()
    made.loop.close()


@pytest.fixture
def broker(world: World) -> Broker:
    return Broker(world, ["t", "u"], 1)


def pass_time(world: World, seconds: float) -> None:
    world.loop.run_while(lambda: True, world.loop.now + seconds)


def started(broker: Broker, name: str) -> int:
    """An epoch of a producer; what is under way is ended first."""
    for _ in range(10):
        try:
            return broker.init_producer(name, PATIENCE_S)[1]
        except ConcurrentTransactions:
            pass_time(broker.world, 0.1)
    raise AssertionError("the predecessor's transaction does not end")


def values(broker: Broker, committed: bool = True) -> list[bytes | None]:
    return [one.value for one in broker.logs[TOPIC].read(0, 100, committed)[0]]


def test_a_killed_process_runs_nothing_any_more(world: World) -> None:
    steps: list[str] = []

    async def work() -> None:
        try:
            for number in range(10):
                steps.append(str(number))
                await asyncio.sleep(1)
        finally:
            steps.append("finally")

    process = world.process("worker")
    world.loop.begin(process, work())
    pass_time(world, 2.5)
    process.life = Life.DEAD
    pass_time(world, 10)

    assert steps == ["0", "1", "2"], "no finally, as after a SIGKILL"


def test_a_frozen_process_goes_on_where_it_stood(world: World) -> None:
    at: list[float] = []

    async def work() -> None:
        while True:
            at.append(world.loop.now)
            await asyncio.sleep(1)

    process = world.process("worker")
    world.loop.begin(process, work())
    pass_time(world, 1.5)
    process.life = Life.FROZEN
    pass_time(world, 5)
    world.loop.thaw(process)
    pass_time(world, 1.2)

    assert at == [0.0, 1.0, 6.5, 7.5]


def test_a_run_that_does_not_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.simulation.loop.STEPS_MAX", 1_000)
    loop = SimulatedLoop()

    def again() -> None:
        loop.call_soon(again)

    loop.call_soon(again)
    with pytest.raises(Spinning):
        loop.run_while(lambda: True, 1.0)
    loop.close()


def test_only_what_is_committed_is_read(world: World, broker: Broker) -> None:
    epoch = started(broker, "p")
    broker.transact("p", epoch, TOPIC, 1, sent(b"a", b"b"))
    broker.produce(TOPIC, sent(b"later"))

    assert values(broker) == [], "behind the last stable offset nothing is read"
    assert values(broker, committed=False) == [b"a", b"b", b"later"]
    broker.end("p", epoch, COMMITTED)
    pass_time(world, 1)
    assert values(broker) == [b"a", b"b", b"later"]
    assert broker.logs[TOPIC].end == 4, "the marker takes an offset"


def test_a_successor_fences_and_aborts(world: World, broker: Broker) -> None:
    old = started(broker, "p")
    broker.transact("p", old, TOPIC, 1, sent(b"old"))
    new = started(broker, "p")
    broker.produce(TOPIC, sent(b"later"))

    assert values(broker) == [b"later"]
    for _ in range(5):
        with pytest.raises(Exception, match=FENCED):
            broker.transact("p", old, TOPIC, 2, sent(b"zombie"))
    with pytest.raises(InvalidTxnState):
        broker.end("p", new, COMMITTED)  # of nothing


def test_a_late_end_cannot_hit_a_later_transaction(world: World, broker: Broker) -> None:
    first = started(broker, "p")
    broker.transact("p", first, TOPIC, 0, sent(b"whole"))
    ended = broker.end("p", first, COMMITTED)
    assert broker.end("p", first, COMMITTED) == ended, "a repetition is answered as it was"
    pass_time(world, 1)
    second = ended[1]
    broker.transact("p", second, TOPIC, 0, sent(b"half"))

    with pytest.raises(Exception, match=FENCED):
        broker.end("p", first, COMMITTED)
    pass_time(world, 1)
    assert values(broker) == [b"whole"]


def test_a_transaction_ends_by_itself(world: World, broker: Broker) -> None:
    epoch = started(broker, "p")
    broker.transact("p", epoch, TOPIC, 1, sent(b"a"))
    broker.produce(TOPIC, sent(b"later"))
    pass_time(world, PATIENCE_S + 1)

    assert values(broker) == [b"later"]
    with pytest.raises(Exception, match=FENCED):
        broker.end("p", epoch, COMMITTED)


def test_a_lost_marker_holds_readers_up(world: World, broker: Broker) -> None:
    epoch = started(broker, "p")
    broker.markers_lost = 1
    broker.transact("p", epoch, TOPIC, 1, sent(b"a"))
    with suppress(KafkaConnectionError):
        broker.end("p", epoch, COMMITTED)
    with pytest.raises(KafkaConnectionError):
        broker.end("p", epoch, COMMITTED)
    pass_time(world, 60)

    assert values(broker) == []
    assert broker.last_transaction("p").state == "CompleteCommit"


def test_a_repeated_batch_is_appended_once(broker: Broker) -> None:
    epoch = started(broker, "p")

    assert [broker.transact("p", epoch, TOPIC, 1, sent(b"a")) for _ in range(2)] == [0, 0]
    assert broker.transact("p", epoch, TOPIC, 2, sent(b"b")) == 1


def test_compaction_keeps_the_last_committed_value(world: World, broker: Broker) -> None:
    log = broker.logs[TOPIC]
    broker.produce(TOPIC, [(b"k", b"1", []), (b"l", b"1", []), (b"k", b"2", [])])
    epoch = started(broker, "p")
    broker.transact("p", epoch, TOPIC, 1, [(b"l", b"aborted", [])])
    broker.end("p", epoch, ABORTED)
    pass_time(world, 1)
    log.compact()

    assert [(one.offset, one.value) for one in log.entries] == [(1, b"1"), (2, b"2")]


def test_a_power_cut_takes_whole_writes_from_the_end() -> None:
    files = Files()
    for number in range(20):
        files.apply([(b"k", b"%d" % number, None), (b"n%02d" % number, b"", None)])
    files.cut(3)

    assert files.live[b"k"] == b"10", "eight were synced, and three of the others are kept"
    assert len(files.live) == 12
    files.apply([(b"n00", None, b"n05")])
    assert len(files.live) == 7
