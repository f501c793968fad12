"""One batch: what goes where, in which order, and what a failure leaves behind."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from streams import keys
from streams.engine import AHEAD_MS_MAX, TICK
from streams.exceptions import ClockAhead, StoreError
from streams.store import Store
from tests.streams.counter import LIMIT, count_in, counter_key, hold_key
from tests.streams.world import (
    AWAY,
    HOME,
    PARTITIONS,
    START_MS,
    TOPIC,
    World,
    add,
    command,
    hold,
    live_timers,
    record,
    records,
    told,
)


def test_each_command_has_one_event_and_seq_and_source_count_up(world: World) -> None:
    batch = world.run(records(add("a", 2), add("b", 3), add("c", LIMIT), start=7))

    events = told(batch)
    assert [(one["type"], one["seq"], one["offset"]) for one in events] == [
        ("Added", 1, 7),
        ("Added", 2, 8),
        ("Rejected", 3, 9),
    ]
    assert {key for key, _ in batch.events} == {HOME.encode()}
    assert count_in(world.store.get(counter_key(HOME))) == 5
    assert batch.counts.outcomes == {("Added", ""): 2, ("Rejected", "LIMIT"): 1}


def test_the_stamp_says_where_to_go_on(world: World) -> None:
    given = [record(0, add("a"), ms=5), record(1, add("b"), ms=3)]

    stamp = world.decide(given, end=9).stamp

    assert (stamp.next_offset, stamp.next_seq) == (9, 3), "the end, over gaps behind the last one"
    assert stamp.log_time_ms == START_MS + 5, "the largest append time so far"
    assert stamp.partitions == PARTITIONS


def test_the_changelog_has_each_dirty_row_once_then_ids_then_the_stamp(world: World) -> None:
    batch = world.decide(records(add("a"), add("b"), hold("c", "x", 10)))

    kinds = [key[:1] for key, _ in batch.changelog]
    assert kinds == [b"C", b"h", b"I", b"\0"]
    assert batch.changelog[-1][1] == batch.stamp.encode()


def test_alerts_come_along(world: World) -> None:
    assert world.decide(records(add("a", 10))).alerts == [(HOME.encode(), b"10")]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, "no value"),
        (b"", "no command"),
        (b"\xff\xfe", "no command"),
        (b"[1]", "no command"),
        (b'{"key":"x"}', "no command"),
        (b'{"type":"Tick","time":1}', "no command"),
        (b'{"key":"defect in decode","id":"1"}', "internal error"),
    ],
)
def test_what_cannot_be_read_becomes_a_dead_letter(
    world: World, value: bytes | None, error: str
) -> None:
    given = record(4, value, headers=[("trace", b"1"), ("empty", None)])

    batch = world.decide([given])

    [(key, buried, headers)] = batch.dead_letters
    assert (key, buried) == (given.key, value)
    assert headers[:2] == [("trace", b"1"), ("empty", None)]
    said = {name: text or b"" for name, text in headers}
    assert error in said["error"].decode()
    assert said["source_topic"].decode() == TOPIC
    assert (said["source_partition"], said["source_offset"]) == (b"1", b"4")
    assert batch.stamp.next_offset == 5
    assert not batch.events


def test_a_dead_letter_that_the_topic_would_refuse_is_cut(world: World) -> None:
    [(_, buried, headers)] = world.decide([record(0, b" " * (9 << 20))]).dead_letters

    assert buried is not None
    assert len(buried) <= 1 << 20
    assert b"cut" in (dict(headers)["error"] or b"")


def test_a_misrouted_command_is_forwarded_as_it_is_before_validation(world: World) -> None:
    value = command("no such thing", "a", key=AWAY)

    batch = world.decide([record(8, value, headers=[("trace", b"1"), ("empty", None)])])

    origin = f"{TOPIC}/1/8".encode()
    headers = [("trace", b"1"), ("empty", None), ("forwarded_from", origin)]
    assert batch.forwards == [(2, AWAY.encode(), value, headers)]
    assert not batch.events
    assert not batch.dead_letters


def test_what_is_misrouted_twice_becomes_a_dead_letter(world: World) -> None:
    given = record(0, add("a", key=AWAY), headers=[("forwarded_from", b"t/0/1")])

    batch = world.decide([given])

    assert not batch.forwards
    assert b"misrouted twice" in (dict(batch.dead_letters[0][2])["error"] or b"")


def test_what_a_decision_wishes_of_another_actor_goes_to_its_partition(world: World) -> None:
    given = [record(0, add("a")), record(1, command("give", "b", to=AWAY, n=4))]

    batch = world.run(given)

    assert [one["type"] for one in told(batch)] == ["Added", "Given"]
    wish = {"key": AWAY, "id": "b/to", "do": "add", "n": 4}
    assert batch.forwards == [
        (2, AWAY.encode(), json.dumps(wish).encode(), [("caused_by", b"1-2")])
    ]


def test_the_id_of_what_an_event_caused_cannot_be_taken_beforehand(world: World) -> None:
    caused = record(1, add("b/to", 4), headers=[("caused_by", b"2-9")])

    batch = world.run([record(0, add("b/to", 1)), caused, record(2, add("b/to", 1))])

    assert [one["count"] for one in told(batch)] == [1, 5]
    assert batch.counts.duplicates == 1


def test_what_is_too_large_to_forward_becomes_a_dead_letter(world: World) -> None:
    given = record(0, add("a", key=AWAY), headers=[("load", b"x" * (2 << 20))])

    assert world.decide([given]).dead_letters


def test_a_forwarded_command_is_decided_by_its_owner(world: World) -> None:
    given = record(0, add("a"), headers=[("forwarded_from", b"t/0/1")])

    assert [one["type"] for one in told(world.decide([given]))] == ["Added"]


def test_a_tick_has_no_outcome_but_moves_time(world: World) -> None:
    batch = world.decide([record(0, TICK, ms=50)])

    assert not batch.events
    assert not batch.dead_letters
    assert batch.stamp.next_seq == 1
    assert batch.stamp.log_time_ms == START_MS + 50


def test_a_repeat_has_no_effect_in_one_batch(world: World) -> None:
    batch = world.run(records(add("a"), add("a"), add("a")))

    assert len(batch.events) == 1
    assert batch.counts.duplicates == 2
    assert count_in(world.store.get(counter_key(HOME))) == 1


def test_a_repeat_has_no_effect_over_two_undecided_batches(world: World) -> None:
    first = world.decide(records(add("a")))
    second = world.decide(records(add("a"), start=1))

    assert (len(first.events), len(second.events)) == (1, 0)


def test_a_repeat_has_no_effect_after_a_restart(world: World) -> None:
    world.run(records(add("a")))
    world.crash()

    assert not world.run(records(add("a"), start=1)).events


def test_a_rejection_is_remembered_too(world: World) -> None:
    world.run(records(add("a", LIMIT + 1)))
    batch = world.run(records(add("b", 5), add("a", LIMIT + 1), start=1))

    assert [one["id"] for one in told(batch)] == ["b"]


def test_a_used_id_with_another_payload_is_rejected_each_time(world: World) -> None:
    batch = world.run(records(add("a", 1), add("a", 2), add("a", 2), add("a", 1)))

    assert [one.get("code") for one in told(batch)] == [
        None,
        "IDEMPOTENCY_KEY_REUSED",
        "IDEMPOTENCY_KEY_REUSED",
    ]
    assert batch.counts.duplicates == 1, "the first payload still counts as the id's"
    assert count_in(world.store.get(counter_key(HOME))) == 1


def test_an_id_is_free_again_when_the_window_has_passed(world: World) -> None:
    window_ms = 1_000
    world.run([record(0, add("a"))])

    assert not world.run([record(1, add("a"), ms=window_ms - 1)]).events
    assert world.run([record(2, add("a"), ms=window_ms)]).events


def test_a_defect_is_that_one_commands_alone(world: World) -> None:
    batch = world.run(records(add("a"), command("break", "b"), add("c")))

    events = told(batch)
    assert [one["type"] for one in events] == ["Added", "Rejected", "Added"]
    assert events[1]["code"] == "INTERNAL"
    assert count_in(world.store.get(counter_key(HOME))) == 2
    assert not world.run(records(command("break", "b"), start=3)).events, "it has its outcome"


def test_a_failing_store_fails_the_batch_not_the_command(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_store: Store, _key: bytes) -> bytes:
        raise StoreError("disk")

    monkeypatch.setattr(Store, "get", fail)
    with pytest.raises(StoreError):
        world.decide(records(add("a")))


def test_a_dropped_batch_leaves_no_trace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    given = records(add("a"), hold("b", "x", 10), add("b", 2))
    with monkeypatch.context() as patched:
        patched.setattr(world.actor, "decide", _failing_at("b", world.actor.decide))
        with pytest.raises(StoreError):
            world.decide(given)
    world.crash()

    world.run(given)

    assert [one["seq"] for one in map(_decoded, world.log.events)] == [1, 2, 3]
    assert count_in(world.store.get(counter_key(HOME))) == 1


def test_a_record_far_ahead_of_the_clock_drops_the_batch(world: World) -> None:
    given = [record(0, add("a")), record(1, add("b"), ms=AHEAD_MS_MAX + 1)]

    with pytest.raises(ClockAhead, match="offset 1"):
        world.decide(given, now_ms=START_MS)
    world.crash()
    assert world.run(given, now_ms=START_MS + 1).events


def test_records_that_come_once_more_are_passed_over(world: World) -> None:
    world.run(records(add("a"), add("b")))

    batch = world.decide(records(add("a"), add("b"), add("c")), end=3)

    assert [one["id"] for one in told(batch)] == ["c"]
    assert not batch.counts.duplicates
    assert world.decide(records(add("a")), end=1).stamp.next_offset == 3


def test_time_never_goes_back(world: World) -> None:
    batch = world.decide([record(0, add("a"), ms=9), record(1, add("b"), ms=2)])

    assert [one["at"] for one in told(batch)] == [START_MS + 9, START_MS + 9]


def test_what_is_due_is_closed_before_each_record_in_the_order_due_then_id(world: World) -> None:
    holds = [hold("1", "b", 20), hold("2", "z", 10), hold("3", "a", 20), hold("4", "c", 30)]
    world.run(records(*holds))

    batch = world.run([record(4, add("x"), ms=19), record(5, add("y"), ms=20)])

    assert [(one["type"], one.get("name", one.get("id"))) for one in told(batch)] == [
        ("Expired", "z"),
        ("Added", "x"),
        ("Expired", "a"),
        ("Expired", "b"),
        ("Added", "y"),
    ]
    assert [one["offset"] for one in told(batch)] == [4, 4, 5, 5, 5]
    assert world.engine.next_due_ms() == START_MS + 30


def test_what_is_put_and_due_within_one_batch_is_closed_in_it(world: World) -> None:
    batch = world.run([record(0, hold("1", "a", 5)), record(1, TICK, ms=5)])

    assert [one["type"] for one in told(batch)] == ["Held", "Expired"]


def test_dead_letters_and_forwards_move_time_too(world: World) -> None:
    world.run(records(hold("1", "a", 5)))

    for given in (record(1, b"junk", ms=5), record(2, add("b", key=AWAY), ms=6)):
        world.run([given])

    assert [one["type"] for one in map(_decoded, world.log.events)] == ["Held", "Expired"]


def test_an_ended_hold_leaves_a_stale_timer_that_means_nothing(world: World) -> None:
    world.run(records(hold("1", "a", 10), command("end", "2", name="a")))

    batch = world.run([record(2, TICK, ms=10)])

    assert not batch.events
    assert len(live_timers(world.store)) == 1, "it is to be forgotten later"


def test_a_hold_is_forgotten_without_an_event_and_its_name_is_free(world: World) -> None:
    world.run(records(hold("1", "a", 10), command("end", "2", name="a")))

    batch = world.run([record(2, hold("3", "a", 10), ms=60)])

    assert [one["type"] for one in told(batch)] == ["Held"]


def test_expiry_reads_what_two_undecided_batches_decided(world: World) -> None:
    first = world.decide(records(hold("1", "a", 10)))
    second = world.decide(records(command("end", "2", name="a"), start=1))
    third = world.decide([record(2, TICK, ms=10)])

    assert [len(one.events) for one in (first, second, third)] == [1, 1, 0]


def test_next_due_is_the_earliest(world: World) -> None:
    assert world.engine.next_due_ms() is None
    world.run(records(hold("1", "a", 30), hold("2", "b", 10)))
    assert world.engine.next_due_ms() == START_MS + 10


def test_batches_are_applied_in_their_order(world: World) -> None:
    world.decide(records(add("a")))
    second = world.decide(records(add("b"), start=1))

    with pytest.raises(AssertionError):
        world.engine.applied(second)


def test_a_committed_row_is_read_again_from_the_overlay_the_cache_and_the_store(
    world: World,
) -> None:
    for offset in range(6):
        world.run([record(offset, add(f"a{offset}"))])
        if offset == 3:
            world.crash()

    assert told(world.log.batches[-1])[0]["count"] == 6


def test_timers_of_the_store_are_the_rows_own(world: World) -> None:
    world.run(records(*(hold(str(n), f"n{n}", 10 + n) for n in range(5))))

    assert live_timers(world.store) == {
        keys.timer_key(START_MS + 10 + n, hold_key(HOME, f"n{n}")) for n in range(5)
    }


def _failing_at(command_id: str, decide: Callable[..., Any]) -> Callable[..., Any]:
    def failing(given: dict[str, Any], *more: Any) -> Any:
        if given["id"] == command_id:
            raise StoreError("disk")
        return decide(given, *more)

    return failing


def _decoded(event: bytes) -> dict[str, Any]:
    return dict(json.loads(event))
