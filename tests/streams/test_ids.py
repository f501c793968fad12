"""Ids are remembered for the window, then dropped by the bucket; any store can be rebuilt so."""

from pathlib import Path

import pytest

from streams import ids as module
from streams import keys
from streams.engine import TICK
from streams.ids import ENTRY_BYTES, digest
from streams.stamp import Bucket
from tests.streams.world import START_MS, World, add, contents, record

WINDOW_S = 8  # buckets of 2 s
WINDOW_MS = WINDOW_S * 1000


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "store", window_s=WINDOW_S)


def _add(world: World, offset: int, command_id: str, ms: int) -> int:
    """Decide one addition: how many events it has."""
    given = [record(offset, add(command_id), ms)]
    return len(world.run(given, now_ms=START_MS + ms).events)


def _numbers(world: World) -> list[int]:
    return sorted(bucket.number for bucket in world.log.batches[-1].stamp.buckets)


def _buckets_stored(world: World) -> set[int]:
    return {int.from_bytes(key[1:5], "big") for key in contents(world.store, keys.ID)}


def test_ids_of_one_batch_are_one_changelog_record(world: World) -> None:
    given = [record(offset, add(f"a{offset}")) for offset in range(5)]

    changelog = world.run(given).changelog

    [(key, value)] = [one for one in changelog if one[0].startswith(keys.ID)]
    assert value is not None
    assert len(value) == 5 * ENTRY_BYTES
    assert ENTRY_BYTES <= 40
    assert key == keys.id_record_key(START_MS // 1000, 0)


def test_an_id_is_of_its_key(world: World) -> None:
    assert digest("a", "x") != digest("b", "x")
    assert digest("a", "b\0c") != digest("a\0b", "d")


@pytest.mark.parametrize("crash", [False, True])
def test_an_id_is_known_in_every_bucket_of_the_window(world: World, crash: bool) -> None:
    assert _add(world, 0, "first", 0) == 1
    for offset, ms in enumerate(range(500, WINDOW_MS, 500), start=1):
        if crash:
            world.crash()
        assert _add(world, offset, "first", ms) == 0
        assert _add(world, 100 + offset, f"other{ms}", ms) == 1


def test_a_bucket_is_dropped_when_all_its_ids_are_older_than_the_window(world: World) -> None:
    for offset, ms in enumerate(range(0, 3 * WINDOW_MS, 1000)):
        _add(world, offset, f"a{offset}", ms)
        oldest_ms = START_MS + ms - WINDOW_MS
        assert len(_numbers(world)) <= module.BUCKETS_PER_WINDOW + 2
        assert all((number + 2) * 1000 > oldest_ms - 2000 for number in _numbers(world))
    assert _buckets_stored(world) == set(_numbers(world))


def test_what_is_dropped_gets_tombstones_some_per_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOMBSTONES_PER_BATCH", 3)
    for offset in range(7):
        _add(world, offset, f"a{offset}", 0)
    _add(world, 7, "later", 2_000)

    dropped = [
        [key for key, value in world.run([record(8 + n, TICK, ms)]).changelog if value is None]
        for n, ms in enumerate([2 * WINDOW_MS] * 4)
    ]

    first = START_MS // 1000
    assert dropped == [
        [keys.id_record_key(first, n) for n in (0, 1, 2)],
        [keys.id_record_key(first, n) for n in (3, 4, 5)],
        [keys.id_record_key(first, 6)],
        [],
    ]
    assert _buckets_stored(world) == {first + 2}


def test_a_bucket_half_dropped_goes_on_after_a_restart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOMBSTONES_PER_BATCH", 2)
    for offset in range(3):
        _add(world, offset, f"a{offset}", 0)
    _add(world, 3, "later", 2_000)
    world.run([record(4, TICK, 2 * WINDOW_MS)])

    world.crash()
    world.run([record(5, TICK, 2 * WINDOW_MS)])

    assert _numbers(world) == [START_MS // 1000 + 2]


def test_a_bucket_made_and_dropped_while_replaying_leaves_nothing(
    world: World, tmp_path: Path
) -> None:
    for offset, ms in enumerate(range(0, 4 * WINDOW_MS, 700)):
        _add(world, offset, f"a{offset}", ms)

    rebuilt = World(tmp_path / "rebuilt", world.log, WINDOW_S)

    assert contents(rebuilt.store, keys.ID) == contents(world.store, keys.ID)


def test_an_id_decided_anew_counts_from_then(world: World) -> None:
    _add(world, 0, "a", 0)
    assert _add(world, 1, "a", WINDOW_MS) == 1
    world.crash()
    assert _add(world, 2, "a", 2 * WINDOW_MS - 1) == 0
    assert _add(world, 3, "a", 2 * WINDOW_MS) == 1


@pytest.mark.parametrize(("before_s", "after_s"), [(4, 40), (40, 4), (1, 8), (86_400, 3_600)])
def test_another_window_forgets_nothing_that_is_within_it(
    tmp_path: Path, before_s: int, after_s: int
) -> None:
    world = World(tmp_path / "store", window_s=before_s)
    for offset in range(10):
        _add(world, offset, f"a{offset}", offset * 900)
    world.store.close()
    world = World(world.path, world.log, after_s)
    for offset in range(10, 20):
        _add(world, offset, f"a{offset}", offset * 900)

    offset = 20
    for now_ms in range(20 * 900, 20 * 900 + after_s * 1000, after_s * 100):
        _add(world, offset, f"later{offset}", now_ms)
        offset += 1
        for number in range(20):
            window_s = after_s if number >= 10 else min(before_s, after_s)
            if now_ms - number * 900 < window_s * 1000:
                assert _add(world, offset, f"a{number}", now_ms) == 0, (number, now_ms)
                offset += 1


def test_a_window_of_one_second_works(tmp_path: Path) -> None:
    world = World(tmp_path / "store", window_s=1)

    assert [_add(world, n, "a", ms) for n, ms in enumerate((0, 999, 1000))] == [1, 0, 1]


def test_buckets_are_in_the_stamp(world: World) -> None:
    _add(world, 0, "a", 0)
    _add(world, 1, "b", 100)

    number = START_MS // 1000
    assert world.log.batches[-1].stamp.buckets == (Bucket(number, 0, 2),)
