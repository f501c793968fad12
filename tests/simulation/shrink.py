"""Makes a failing run small: few faults and commands, with which the same check still fails."""

import time
from collections.abc import Iterable

from tests.simulation.run import Outcome, Planted, run

SHRINKING_S = 40.0  # then what has been reached is told


class Shrinking:
    """The smallest failing run so far: `best`, and the names that are left of its plan."""

    def __init__(self, outcome: Outcome, planted: Iterable[Planted] = ()) -> None:
        self.best, self.names = outcome, outcome.plan.names
        self._plan, self._sorts, self._planted = outcome.plan, set(outcome.sorts), tuple(planted)
        self._deadline = time.monotonic() + SHRINKING_S

    def run(self) -> Outcome:
        """Leave out what can be left out."""
        self._try(["calm", *self.names])
        for kind in ("f", "c", "f"):
            self._thin_out(kind)
        return self.best

    def _try(self, names: list[str]) -> bool:
        if time.monotonic() > self._deadline:
            return False
        tried = run(self._plan.only(names), self._planted)
        if self._sorts.isdisjoint(tried.sorts):
            return False
        self.best, self.names = tried, names
        return True

    def _thin_out(self, kind: str) -> None:
        """Leave out halves, quarters, and at last single ones, as long as it still fails."""
        parts = [name for name in self.names if name[0] == kind and name != "calm"]
        size = max(1, len(parts) // 2)
        while True:
            at = 0
            while at < len(parts):
                without = set(parts[at : at + size])
                if self._try([name for name in self.names if name not in without]):
                    del parts[at : at + size]
                else:
                    at += size
            if size == 1:
                return
            size //= 2
