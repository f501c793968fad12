"""The commands alone decide: however they are cut into batches, the same bytes come out."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import engine, timers
from streams.engine import Batch
from streams.engine import Record as Fetched
from tests.streams.strategies import logs
from tests.streams.world import CLOCK_MS, Record, World, contents, folder_in_memory, live_timers


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "LOADED", 3)
    monkeypatch.setattr(timers, "HELD_MAX", 6)
    monkeypatch.setattr(engine, "EXPIRIES_MAX", 1)
    monkeypatch.setattr(engine, "READ_AHEAD", 2)


@settings(max_examples=60, deadline=None)
@given(logs, st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5)), min_size=1, max_size=40))
def test_any_cut_gives_the_same_bytes(log: list[Record], cuts: list[tuple[int, int]]) -> None:
    assert _outcome(log, [(len(log), 0)]) == _outcome(log, cuts)


def _outcome(log: list[Record], cuts: list[tuple[int, int]]) -> dict[str, Any]:
    with folder_in_memory() as folder:
        world = World(folder / "store")
        _drive(world, log, cuts)
        stamp = world.log.batches[-1].stamp
        position = (stamp.next_offset, stamp.next_seq, stamp.log_time_ms)
        rows = contents(world.store, b"C", b"h", b"I")
        found = {"position": position, "rows": rows, "timers": live_timers(world.store)}
        world.store.close()
    return found | world.log.told()


def _drive(world: World, log: list[Record], cuts: list[tuple[int, int]]) -> None:
    """Decide by these cuts (records, steps): 0 steps, and a batch is committed before the next.

    Otherwise it is so after as many steps of the next one, at its end at the latest.
    """
    held: list[Batch] = []
    rest: list[Fetched] = list(log)
    turn = 0
    while rest:
        count, steps = cuts[turn % len(cuts)]
        turn += 1
        deciding = world.engine.deciding(rest[:count], rest[:count][-1].offset + 1, CLOCK_MS)
        for step, _ in enumerate(deciding, 1):
            if step == steps:
                _apply(world, held)
        _apply(world, held)
        batch = world.engine.batch
        held.append(batch)
        rest = [*batch.rest, *rest[count:]]
        if not steps:
            _apply(world, held)
    _apply(world, held)


def _apply(world: World, held: list[Batch]) -> None:
    while held:
        batch = held.pop()
        world.apply(batch, world.log.commit(batch))
