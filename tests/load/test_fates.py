"""Each record on the commands topic has one fate; none, two or another's is found."""

import pytest

from cli.fates import Fates, Forwards
from cli.findings import Check
from streams.topics import owner
from tests.load.written import Record, Story, command

WINDOW_S = 3_600
PARTITIONS = 12
HOME = owner("W", PARTITIONS)
ELSEWHERE = next(f"W{n}" for n in range(99) if owner(f"W{n}", PARTITIONS) != HOME)


def differences(
    story: Story, records: list[Record], dead: set[int] | None = None, first: int = 0
) -> list[str]:
    check, forwards = Check("", ""), Forwards()
    fates = Fates(HOME, PARTITIONS, WINDOW_S, dead or set(), forwards)
    for event in story.events:
        fates.outcome(event, check)
    for record in records:
        fates.record(record, check)
    fates.close(first, 1_000, check)
    forwards.check(check)
    return [text.removeprefix(f"record {HOME}/") for text in check.first]


def decided(*names: str) -> Story:
    story = Story()
    for name in names:
        story.tell("StockReceived", command_id=name)
    return story


def test_an_outcome_for_each_command_is_right() -> None:
    assert differences(decided("a", "b"), [command(0, "a"), command(1, "b")]) == []


def test_a_repeat_has_no_outcome_or_is_told_that_its_id_was_used() -> None:
    story = decided("a")
    story.tell("CommandRejected", command_id="a", code="IDEMPOTENCY_KEY_REUSED")
    records = [command(0, "a"), command(1, "a", actor="x"), command(2, "a")]
    assert differences(story, records) == []


def test_an_id_is_free_again_when_its_window_has_passed() -> None:
    story = decided("a")
    story.tell("StockReceived", command_id="a", recorded_at="2026-11-20T11:00:00.000Z")
    assert differences(story, [command(0, "a"), command(1, "a")]) == []


def test_ticks_and_events_of_time_need_no_outcome() -> None:
    story = decided("a")
    story.tell("ReservationExpired", reservation="r")
    assert differences(story, [command(0, "a"), Record(1, b'{"type":"Tick"}')]) == []


def test_a_command_without_outcome_is_found() -> None:
    assert differences(Story(), [command(0, "a")]) == ["0, W/a: a command without outcome"]


def test_a_command_decided_twice_is_found() -> None:
    found = differences(decided("a", "a"), [command(0, "a"), command(1, "a")])
    assert found == ["1, W/a: decided again, after 2026-11-20T10:00:00.000Z"]


def test_two_outcomes_of_one_record_are_found() -> None:
    story = decided("a")
    story.tell("StockReceived", command_id="a", source={"partition": 0, "offset": 0})
    assert differences(story, [command(0, "a")]) == [
        f"event 0-2 is a second outcome of record {HOME}/0"
    ]


def test_the_outcome_of_another_command_is_found() -> None:
    assert differences(decided("b"), [command(0, "a")]) == [
        "0, W/a: its outcome names another command"
    ]


def test_a_free_id_that_is_called_used_is_found() -> None:
    story = Story()
    story.tell("CommandRejected", command_id="a", code="IDEMPOTENCY_KEY_REUSED")
    (found,) = differences(story, [command(0, "a")])
    assert found.endswith("IDEMPOTENCY_KEY_REUSED for an id that was free")


def test_an_outcome_without_command_is_found_where_its_record_must_still_be_there() -> None:
    assert differences(decided("a"), []) == [f"an outcome of record {HOME}/0, which is not there"]
    assert differences(decided("a"), [], first=1) == []


@pytest.mark.parametrize("value", [b"no JSON", b"{}", None, b'{"type":"Tick","x":1}'])
def test_junk_is_a_dead_letter_or_found(value: bytes | None) -> None:
    assert differences(Story(), [Record(0, value)], dead={0}) == []
    (found,) = differences(Story(), [Record(0, value)])
    assert "is no command" in found


def test_a_dead_letter_with_an_outcome_is_found() -> None:
    assert differences(decided("a"), [command(0, "a")], dead={0}) == [
        "0 has an outcome and is a dead letter"
    ]


def forwarded(offset: int, origin: bytes | None) -> Record:
    """The record of ELSEWHERE's first command, as its owner would get it."""
    record = command(offset, "a", ELSEWHERE)
    record.headers = [("forwarded_from", origin)]
    return record


def test_a_misrouted_command_is_forwarded_once_or_found() -> None:
    check, forwards = Check("", ""), Forwards()
    place = (HOME, 0)
    stray = command(0, "a", ELSEWHERE)
    assert stray.value is not None
    forwards.left(place, stray.value)
    forwards.check(check)
    assert check.first == [f"record {HOME}/0 was forwarded 0 times, not once"]
    forwards.arrived(forwarded(5, b"stock.commands.v1/%d/0" % HOME))
    forwards.check(once := Check("", ""))
    assert once.first == []
    forwards.arrived(forwarded(6, b"stock.commands.v1/%d/0" % HOME))
    forwards.check(twice := Check("", ""))
    assert twice.first == [f"record {HOME}/0 was forwarded 2 times, not once"]


def test_a_misrouted_command_needs_no_outcome_where_it_stood() -> None:
    assert differences(Story(), [command(0, "a", ELSEWHERE)]) == [
        "0 was forwarded 0 times, not once"
    ]


@pytest.mark.parametrize("origin", [None, b"", b"x", b"a/b/c", b"t/1/" + b"9" * 99])
def test_what_a_producer_writes_into_the_header_does_no_harm(origin: bytes | None) -> None:
    forwards = Forwards()
    forwards.arrived(forwarded(0, origin))
    forwards.check(check := Check("", ""))
    assert check.first == []
