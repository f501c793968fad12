"""The changelog into a store: whole transactions only, however the fetches fall."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from streams import keys, replay
from streams import stamp as stamps
from streams.exceptions import LogLost
from streams.replay import Replay
from streams.stamp import Bucket, Stamp
from streams.store import Store
from tests.streams.world import INCARNATION, Record, contents


def _stamp(seq: int, log_time_ms: int = 0, *buckets: Bucket) -> tuple[bytes, bytes]:
    return stamps.KEY, Stamp(INCARNATION, seq, seq, log_time_ms, 4, buckets).encode()


def _log(*given: tuple[bytes | None, bytes | None], start: int = 0) -> list[Record]:
    return [Record(start + n, 0, key, value) for n, (key, value) in enumerate(given)]


THREE = _log(
    (b"C\0a\0", b"1"),
    (b"C\0b\0", b"1"),
    _stamp(1),
    (b"C\0a\0", b"2"),
    _stamp(2),
    (b"C\0b\0", None),
    _stamp(3),
)


@pytest.mark.parametrize("cuts", [(0, 7), (0, 1, 7), (0, 2, 4, 7), tuple(range(8))])
def test_any_fetches_give_the_same(store: Store, cuts: Sequence[int]) -> None:
    fed = Replay(store)
    for start, stop in pairwise(cuts):
        fed.feed(THREE[start:stop])

    assert contents(store) == {b"C\0a\0": b"2"}
    position = store.position()
    assert position is not None
    assert (position.next_offset, position.stamp.next_seq) == (7, 3)
    assert fed.rows == 4


def test_a_torn_end_waits_for_its_stamp(store: Store) -> None:
    fed = Replay(store)
    fed.feed(THREE[:4])

    assert contents(store) == {b"C\0a\0": b"1", b"C\0b\0": b"1"}
    fed.feed(THREE[4:5])
    assert store.get(b"C\0a\0") == b"2"


def test_a_torn_end_is_not_in_a_new_replay(store: Store) -> None:
    Replay(store).feed(THREE[:4])

    position = store.position()
    assert position is not None
    assert position.next_offset == 3
    Replay(store).feed(THREE[position.next_offset :])
    assert contents(store) == {b"C\0a\0": b"2"}


def test_many_transactions_are_joined_into_one_write(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "ROWS_PER_WRITE", 2)
    positions: list[int] = []
    write = store.write

    def counted(*given: object) -> None:
        positions.append(given[-1])  # type: ignore[arg-type]
        write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "write", counted)
    Replay(store).feed(THREE)

    assert positions == [3, 7]


def test_ids_come_out_of_their_record(store: Store) -> None:
    entries = [b"%016d" % n + b"%014d" % n for n in range(3)]
    log = _log((keys.id_record_key(9, 0), b"".join(entries)), _stamp(1, 0, Bucket(9, 0, 1)))

    Replay(store).feed(log)

    assert contents(store) == {keys.id_key(9, one[:16]): one[16:] for one in entries}


def test_a_tombstone_of_ids_and_foreign_records_mean_nothing(store: Store) -> None:
    Replay(store).feed(_log((keys.id_record_key(9, 0), None), (None, b"foreign"), _stamp(1)))

    assert contents(store) == {}
    assert store.position() is not None


def test_timers_of_the_past_go(store: Store) -> None:
    row, later = b"h\0k\0a", b"h\0k\0b"
    fed = Replay(store)
    due = [number.to_bytes(8, "big") for number in (0, 10, 20, 30)]
    fed.feed(_log((row, due[1]), (later, due[3]), _stamp(1, 5)))
    fed.feed(_log((row, due[2]), _stamp(2, 10), start=3))
    fed.feed(_log((row, None), _stamp(3, 25), start=5))

    assert contents(store, b"T") == {keys.timer_key(30, later): later}


@pytest.mark.parametrize(
    "second",
    [
        (stamps.KEY, Stamp(INCARNATION, 9, 1, 0, 4).encode()),
        (stamps.KEY, Stamp(b"incarnation-0002", 9, 9, 0, 4).encode()),
    ],
    ids=["seq goes back", "another incarnation"],
)
def test_a_log_of_two_owners_is_refused(store: Store, second: tuple[bytes, bytes]) -> None:
    fed = Replay(store)
    fed.feed(_log((b"C\0a\0", b"1"), _stamp(2)))

    with pytest.raises(LogLost, match="two owners"):
        fed.feed(_log((b"C\0a\0", b"2"), second, start=2))
    assert store.get(b"C\0a\0") == b"1"
