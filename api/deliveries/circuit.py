"""When an endpoint may be asked: pure, its clock given, seconds of any monotonic kind.

closed: all may. open: nobody may until a pause is over, then one may try, and the next pause is
twice as long, to a cap. Whatever answers closes it.
"""

import math
from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "trial"]
STATES: tuple[State, ...] = ("closed", "open", "trial")
REST_S_MAX = 3_600.0  # of a Retry-After: a mistaken one must not stop deliveries for a year


class Schedule:
    """Pauses that double to a cap, each shortened at random: many that wait do not come at once."""

    def __init__(self, first_s: float, most_s: float, chance: Callable[[], float]) -> None:
        self._first_s, self._most_s, self._chance = first_s, most_s, chance

    def pause_s(self, failures: int) -> float:
        """How long to wait after so many failures, 1 and more: between half of it and all."""
        assert failures >= 1
        doublings = min(failures - 1, 64)  # of a float, without overflow
        longest = min(self._most_s, self._first_s * 2.0**doublings)
        return longest * (1.0 - self._chance() / 2.0)


class Circuit:
    """One endpoint's. Ask `wait_s`; at 0 `take` leave, and tell what came of it."""

    def __init__(self, open_after: int, schedule: Schedule) -> None:
        self.state: State = "closed"
        self._open_after, self._schedule = open_after, schedule
        self._failures = 0  # in a row; of an open one that many and its trials
        self._until = 0.0  # the pause of an open one ends
        self._rest_until = 0.0  # as the endpoint itself has asked

    def wait_s(self, now: float) -> float:
        """0 where a request may go now; infinite until what is under way is told."""
        if self.state == "trial":
            return math.inf
        until = max(self._rest_until, self._until if self.state == "open" else 0.0)
        return max(0.0, until - now)

    def take(self, now: float) -> bool:
        """Leave for one request; whether it is the trial of an open circuit."""
        assert self.wait_s(now) == 0.0
        if self.state == "closed":
            return False
        self.state = "trial"
        return True

    def answered(self) -> None:
        """The endpoint took something, or refused it by itself: it is there."""
        self.state, self._failures = "closed", 0

    def failed(self, now: float, *, trial: bool, rest_s: float = 0.0) -> None:
        """It did not answer, or asks for patience; of `rest_s`, where it said how long."""
        self._rest_until = max(self._rest_until, now + min(rest_s, REST_S_MAX))
        if self.state != "closed" and not trial:
            return  # it was under way before: its failure is known
        self._failures += 1
        if self._failures >= self._open_after or self.state == "trial":
            self.state = "open"
            self._until = now + self._schedule.pause_s(self._failures - self._open_after + 1)

    def given_back(self, *, trial: bool) -> None:
        """Nothing came of a leave: the request was never answered for, as its sender ends."""
        if trial and self.state == "trial":
            self.state = "open"
