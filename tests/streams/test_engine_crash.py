"""Killed at any step of the commit and recovered from the log: the same events, none twice."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import engine, timers
from streams.engine import TICK
from tests.streams.strategies import logs
from tests.streams.world import (
    Record,
    World,
    contents,
    folder_in_memory,
    hold,
    live_timers,
    record,
    records,
    told,
)

CRASHES_MAX = 6
STEPS = ("decided", "sent", "committed", "stored", "applied")


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "LOADED", 3)
    monkeypatch.setattr(timers, "HELD_MAX", 6)
    monkeypatch.setattr(engine, "EXPIRIES_MAX", 1)


@settings(max_examples=60, deadline=None)
@given(
    logs,
    st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from((*STEPS, "")), st.booleans()),
        min_size=1,
        max_size=40,
    ),
)
def test_a_crash_after_any_step_changes_no_byte(
    log: list[Record], plan: list[tuple[int, str, bool]]
) -> None:
    with folder_in_memory() as folder:
        calm, killed = World(folder / "calm"), World(folder / "killed")
        _drive(calm, log, [(7, "", False)])
        _drive(killed, log, plan)

        assert killed.log.told() == calm.log.told()
        assert contents(killed.store, b"C", b"h", b"I") == contents(calm.store, b"C", b"h", b"I")
        assert live_timers(killed.store) == live_timers(calm.store)
        calm.store.close()
        killed.store.close()


@settings(max_examples=40, deadline=None)
@given(logs, st.lists(st.integers(1, 9), min_size=1, max_size=20))
def test_a_rebuilt_store_is_the_live_one(log: list[Record], cuts: list[int]) -> None:
    with folder_in_memory() as folder:
        live = World(folder / "live")
        _drive(live, log, [(count, "", False) for count in cuts])
        rebuilt = World(folder / "rebuilt", live.log)

        assert contents(rebuilt.store, b"C", b"h", b"I") == contents(live.store, b"C", b"h", b"I")
        assert live_timers(rebuilt.store) == live_timers(live.store)
        assert rebuilt.store.position() is not None
        assert rebuilt.engine.next_offset == live.engine.next_offset
        live.store.close()
        rebuilt.store.close()


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_survived(tmp_path: Path, step: str) -> None:
    world = World(tmp_path / "store")
    log = records(*(hold(str(n), f"n{n}", 10) for n in range(4)))
    _drive(world, log, [(2, step, True), (2, "", False)])

    assert [one["seq"] for batch in world.log.batches for one in told(batch)] == [1, 2, 3, 4]
    world.store.close()


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_crash_amid_many_expiries_loses_none(tmp_path: Path, rebuilt: bool) -> None:
    """All three are due before the last record, but the batch that saw the first is full then."""
    world = World(tmp_path / "store")
    holds = [hold(str(n), f"n{n}", 10) for n in range(3)]
    batch = world.run([*records(*holds), record(3, TICK, ms=20)])
    assert [one.offset for one in batch.rest] == [3], "the batch ended early"

    if rebuilt:
        world.store.close()
        world.path = tmp_path / "rebuilt"
        world.recover()
    else:
        world.crash()
    while batch.rest:
        batch = world.run(batch.rest)

    kinds = [one["type"] for batch in world.log.batches for one in told(batch)]
    assert kinds == ["Held"] * 3 + ["Expired"] * 3
    world.store.close()


def _drive(world: World, log: list[Record], plan: list[tuple[int, str, bool]]) -> None:
    """Decide all, a number of records at a time, and die where the plan says, once for each."""
    turn = 0
    last = log[-1].offset
    while world.engine.next_offset <= last:
        count, step, overlapped = plan[turn % len(plan)] if turn < CRASHES_MAX else (9, "", False)
        turn += 1
        _step(world, log, count, step, overlapped)


def _step(world: World, log: list[Record], count: int, step: str, overlapped: bool) -> None:
    rest = [one for one in log if one.offset >= world.engine.next_offset]
    batch = world.decide(rest[:count])
    behind = [one for one in log if one.offset >= batch.stamp.next_offset]
    if overlapped and behind:
        world.decide(behind[:count])
    if step in ("decided", "sent"):  # an aborted transaction is not in the log
        return world.crash()
    next_offset = world.log.commit(batch)
    if step == "committed":
        return world.crash()
    world.store.write(batch.rows, batch.ids, batch.stale_timers, batch.stamp, next_offset)
    if step == "stored":
        return world.crash()
    world.engine.applied(batch)
    if step == "applied" or (overlapped and behind):
        world.crash()  # the other batch was decided on this one and is lost
    return None
