"""Fetches on their way to be decided: a chain without a gap, or back to where it broke."""

import pytest

from streams.exceptions import StreamsError
from streams.inbox import BYTES_MAX, RECORD_BYTES, Inbox
from streams.transport import Fetch
from tests.streams.world import add, records


class Seeks:
    """A consumer that counts where it is sent."""

    def __init__(self) -> None:
        self.offsets: list[int] = []

    def __call__(self, offset: int) -> int:
        self.offsets.append(offset)
        return len(self.offsets)

    def fetch(
        self, start: int, end: int, turn: int | None = None, first: int | None = None
    ) -> Fetch:
        """A fetch of the latest seek, unless another is named."""
        offset = start if first is None else first
        given = records(*(add(str(n)) for n in range(end - offset)), start=offset)
        return Fetch(0, len(self.offsets) if turn is None else turn, start, end, given)


@pytest.fixture
def seeks() -> Seeks:
    return Seeks()


@pytest.fixture
def inbox(seeks: Seeks) -> Inbox:
    made = Inbox(seeks)
    made.reset(10)
    return made


def test_fetches_come_out_in_order_and_once(inbox: Inbox, seeks: Seeks) -> None:
    first, second = seeks.fetch(10, 12), seeks.fetch(12, 15)
    inbox.put(first)
    inbox.put(second)

    assert inbox.arrived.is_set()
    assert inbox.take() == [first, second]
    assert inbox.take() == []
    assert not inbox.arrived.is_set()
    assert inbox.expected == 15
    assert seeks.offsets == [10]


def test_a_gap_before_the_first_record_is_none(inbox: Inbox, seeks: Seeks) -> None:
    inbox.put(seeks.fetch(10, 15, first=13))

    assert inbox.expected == 15


def test_a_lost_fetch_is_fetched_again(inbox: Inbox, seeks: Seeks) -> None:
    inbox.put(seeks.fetch(12, 15))

    assert seeks.offsets == [10, 10]
    assert inbox.take() == []
    inbox.put(seeks.fetch(10, 12))
    assert len(inbox.take()) == 1


def test_what_was_on_its_way_at_a_seek_costs_no_other_seek(inbox: Inbox, seeks: Seeks) -> None:
    on_its_way = [seeks.fetch(start, start + 3) for start in (15, 18, 21)]
    for fetch in on_its_way:
        inbox.put(fetch)

    assert seeks.offsets == [10, 10]


def test_a_log_that_went_back_is_not_taken_for_new(inbox: Inbox, seeks: Seeks) -> None:
    inbox.put(seeks.fetch(10, 13, first=2))

    assert inbox.take() == []
    assert inbox.expected == 10


def test_enough_is_enough(inbox: Inbox, seeks: Seeks) -> None:
    for number in range(9):
        inbox.put(seeks.fetch(10 + number, 11 + number))
    small_fetches_fill_it = inbox.full
    inbox.put(seeks.fetch(19, 19 + BYTES_MAX // RECORD_BYTES))

    assert not small_fetches_fill_it
    assert inbox.full
    inbox.take()
    assert not inbox.full


def test_reset_forgets_what_waits_and_what_comes_late(inbox: Inbox, seeks: Seeks) -> None:
    late = seeks.fetch(12, 15)
    inbox.put(seeks.fetch(10, 12))
    inbox.fail(StreamsError("gone"))

    inbox.reset(40)
    inbox.put(late)

    assert inbox.take() == []
    assert inbox.expected == 40


def test_a_failure_is_raised_to_who_takes(inbox: Inbox) -> None:
    inbox.fail(StreamsError("gone"))

    assert inbox.arrived.is_set()
    with pytest.raises(StreamsError, match="gone"):
        inbox.take()
