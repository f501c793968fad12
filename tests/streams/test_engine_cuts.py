"""The commands alone decide: however they are cut into batches, the same bytes come out."""

from collections.abc import Iterator
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


@settings(max_examples=60, deadline=None)
@given(logs, st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=40))
def test_any_cut_gives_the_same_bytes(log: list[Record], cuts: list[tuple[int, bool]]) -> None:
    assert _outcome(log, [(len(log), False)]) == _outcome(log, cuts)


def _outcome(log: list[Record], cuts: list[tuple[int, bool]]) -> dict[str, Any]:
    with folder_in_memory() as folder:
        world = World(folder / "store")
        _drive(world, log, cuts)
        stamp = world.log.batches[-1].stamp
        position = (stamp.next_offset, stamp.next_seq, stamp.log_time_ms)
        rows = contents(world.store, b"C", b"h", b"I")
        found = {"position": position, "rows": rows, "timers": live_timers(world.store)}
        world.store.close()
    return found | world.log.told()


def _drive(world: World, log: list[Record], cuts: list[tuple[int, bool]]) -> None:
    """Decide by these cuts; one that is marked is committed only after the next was decided."""
    held: Batch | None = None
    for batch, overlapped in _decided(world, log, cuts):
        if held is not None:
            world.apply(held, world.log.commit(held))
        held = batch
        if not overlapped:
            world.apply(held, world.log.commit(held))
            held = None
    if held is not None:
        world.apply(held, world.log.commit(held))


def _decided(
    world: World, log: list[Record], cuts: list[tuple[int, bool]]
) -> Iterator[tuple[Batch, bool]]:
    turn = 0
    rest: list[Fetched] = list(log)
    while rest:
        count, overlapped = cuts[turn % len(cuts)]
        turn += 1
        batch = world.engine.decide(rest[:count], rest[:count][-1].offset + 1, CLOCK_MS)
        rest = [*batch.rest, *rest[count:]]
        yield batch, overlapped
