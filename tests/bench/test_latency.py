"""Latency counts every command that is due, however late its outcome, and tells which has none."""

from typing import Any, cast

import pytest

from bench import latency
from bench.latency import SERIES, Load, numbers, observe
from bench.workload import Workload

PER_S = 1_000.0
Patch = pytest.MonkeyPatch


class Event:
    """What a consumer gives."""

    def __init__(self, number: int, kind: str = "StockReceived", code: str = "") -> None:
        self.told = f'{{"type":"{kind}","command_id":"{SERIES}{number:016d}","code":"{code}"}}'

    def value(self) -> bytes:
        return self.told.encode()


class Clock:
    """Time that passes with every batch read, and the batches."""

    def __init__(self, batches: list[tuple[float, list[Event]]]) -> None:
        self.now_s, self.batches = 0.0, batches

    def time(self) -> float:
        return self.now_s

    def now(self, _wait_s: float) -> list[Event]:
        seconds, found = self.batches.pop(0) if self.batches else (self.now_s + 1, [])
        self.now_s = seconds
        return found


def observed(
    monkeypatch: Patch,
    due: set[int],
    until_s: float,
    *batches: tuple[float, list[Event]],
) -> latency.Latencies:
    clock = Clock(list(batches))
    monkeypatch.setattr(latency, "time", clock)
    load = Load(PER_S, 0.0, cast("Any", None))
    return observe(cast("Any", clock), load, due, until_s)


def test_an_outcome_that_comes_late_counts(monkeypatch: Patch) -> None:
    found = observed(monkeypatch, {1, 2}, 300, (0.5, [Event(1)]), (250.0, [Event(2)]))
    assert (found.missing, found.seen_s) == (0, [0.5 - 0.001, 250 - 0.002])


def test_one_that_never_comes_is_missing_and_no_faster_than_patience(
    monkeypatch: Patch,
) -> None:
    found = observed(monkeypatch, {1, 2}, 10, (0.5, [Event(1)]))
    assert found.missing == 1
    assert found.seen_s == [0.5 - 0.001, 10 - 0.002]


def test_what_is_not_due_is_told_twice_or_refused_for_its_id_does_not_count(
    monkeypatch: Patch,
) -> None:
    reused = Event(2, "CommandRejected", "IDEMPOTENCY_KEY_REUSED")
    batches = (0.1, [Event(0), Event(1), reused]), (0.2, [Event(1), Event(2)])
    found = observed(monkeypatch, {1, 2}, 10, *batches)
    assert found.missing == 0
    assert found.seen_s == [0.1 - 0.001, 0.2 - 0.002]


def test_commands_that_are_repeats_have_no_outcome_of_their_own() -> None:
    workload, total, first = Workload(series=SERIES, opened=0), 1_000, 300
    due = numbers(workload, first, total)
    assert due <= set(range(first, total))
    assert 0.005 < 1 - len(due) / (total - first) < 0.05, "2 % are repeats"
