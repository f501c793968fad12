"""Pauses and the circuit, on a clock that the test moves."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.deliveries.circuit import REST_S_MAX, Circuit, Schedule

OPEN_AFTER, FIRST_S, MOST_S = 3, 1.0, 8.0


def schedule(chance: float = 0.0) -> Schedule:
    return Schedule(FIRST_S, MOST_S, lambda: chance)


@pytest.fixture
def circuit() -> Circuit:
    return Circuit(OPEN_AFTER, schedule())


def fail(circuit: Circuit, now: float, rest_s: float = 0.0) -> None:
    circuit.failed(now, trial=circuit.take(now), rest_s=rest_s)


def opened(circuit: Circuit, now: float = 0.0) -> Circuit:
    for _ in range(OPEN_AFTER):
        fail(circuit, now)
    return circuit


def test_pauses_double_to_a_cap() -> None:
    assert [schedule().pause_s(n) for n in range(1, 7)] == [1, 2, 4, 8, 8, 8]
    assert schedule().pause_s(10_000) == MOST_S


def test_chance_shortens_a_pause_by_up_to_a_half() -> None:
    assert schedule(1.0).pause_s(3) == 2.0


def test_it_opens_after_so_many_failures_in_a_row(circuit: Circuit) -> None:
    fail(circuit, 0)
    fail(circuit, 0)
    circuit.answered()
    fail(circuit, 0)
    fail(circuit, 0)
    assert (circuit.state, circuit.wait_s(0)) == ("closed", 0)

    fail(circuit, 0)

    assert (circuit.state, circuit.wait_s(0)) == ("open", FIRST_S)


def test_one_tries_after_the_pause_and_the_next_pause_is_longer(circuit: Circuit) -> None:
    now, pauses = 0.0, []
    opened(circuit)
    for _ in range(5):
        pauses.append(circuit.wait_s(now))
        now += pauses[-1]
        assert circuit.take(now), "the trial"
        assert circuit.wait_s(now) == math.inf, "nobody else"
        circuit.failed(now, trial=True)
    assert pauses == [1, 2, 4, 8, 8]


def test_an_answer_closes_it_and_the_next_pause_is_the_first(circuit: Circuit) -> None:
    opened(circuit)
    circuit.take(FIRST_S)
    circuit.answered()
    assert (circuit.state, circuit.wait_s(FIRST_S)) == ("closed", 0)

    opened(circuit, FIRST_S)

    assert circuit.wait_s(FIRST_S) == FIRST_S


def test_failures_that_were_under_way_when_it_opened_count_no_more(circuit: Circuit) -> None:
    opened(circuit)
    for _ in range(10):
        circuit.failed(0.5, trial=False)
    assert circuit.wait_s(0.5) == 0.5
    circuit.take(FIRST_S)
    circuit.failed(FIRST_S, trial=False)
    assert circuit.state == "trial"


def test_a_late_answer_closes_it_also_during_a_trial(circuit: Circuit) -> None:
    opened(circuit)
    circuit.take(FIRST_S)
    circuit.answered()
    circuit.failed(2.0, trial=True)
    assert (circuit.state, circuit.wait_s(2.0)) == ("closed", 0)


def test_a_trial_that_is_given_back_is_anothers(circuit: Circuit) -> None:
    opened(circuit)
    circuit.take(FIRST_S)
    circuit.given_back(trial=True)
    assert circuit.wait_s(FIRST_S) == 0
    assert circuit.take(FIRST_S)


def test_it_rests_as_long_as_it_is_asked_to_and_no_answer_shortens_that(circuit: Circuit) -> None:
    fail(circuit, 0, rest_s=30)
    circuit.answered()
    assert (circuit.state, circuit.wait_s(10)) == ("closed", 20)
    fail(circuit, 30, rest_s=1e9)
    assert circuit.wait_s(30) == REST_S_MAX


def test_an_open_one_rests_for_the_longer_of_the_two(circuit: Circuit) -> None:
    opened(circuit)
    circuit.take(FIRST_S)
    circuit.failed(FIRST_S, trial=True, rest_s=100)
    assert circuit.wait_s(FIRST_S) == 100


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0, 20)),
        st.tuples(st.sampled_from(("take", "answer", "fail", "give back")), st.integers(0, 5)),
    ),
    max_size=60,
)


class Door:
    """A circuit, and what its users know: leaves that are under way, and failures in a row."""

    def __init__(self, open_after: int) -> None:
        self.circuit, self.now, self.failures = Circuit(open_after, schedule()), 0.0, 0
        self.under_way: list[bool] = []

    def step(self, step: str, number: float) -> None:
        if step == "wait":
            self.now += number
        elif step == "take":
            if self.circuit.wait_s(self.now) == 0:
                self.under_way.append(self.circuit.take(self.now))
        elif self.under_way:
            self._tell(step, trial=self.under_way.pop(int(number) % len(self.under_way)))

    def _tell(self, step: str, *, trial: bool) -> None:
        if step == "answer":
            self.circuit.answered()
            self.failures = 0
        elif step == "fail":
            self.circuit.failed(self.now, trial=trial)
            self.failures += 1
        else:
            self.circuit.given_back(trial=trial)


@settings(max_examples=1_000, deadline=None)
@given(STEPS, st.integers(1, 4))
def test_whatever_happens_it_opens_for_failures_alone_and_is_never_shut_for_good(
    steps: list[tuple[str, float]], open_after: int
) -> None:
    door = Door(open_after)
    for step in steps:
        door.step(*step)
        state = door.circuit.state
        if door.failures < open_after:
            assert state == "closed"
        if state == "trial":
            assert any(door.under_way), "somebody will tell"
        else:
            assert door.circuit.wait_s(door.now) <= MOST_S, "it may be asked again soon"
