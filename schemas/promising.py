"""Available to promise: how much of a SKU may be promised by which day, and who is whole by when.

Units go to those who wait in their order, so the first of them that is not whole gets all that
comes. By a day there is what is free now and what is due until then; what a newcomer may have of it
is what is left behind those before them, and what those behind them, with a day of their own that
can be kept, can do without. So no unit is promised twice, and none before it is there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from schemas.instants import sortable
from schemas.rows import Supply, Waiter

Rank = tuple[int, bool, str]


def place(waiter: Waiter) -> tuple[int, bool, str, int]:
    """By what a queue is in order: by priority, the promised day, and then by who came first."""
    promised = "" if waiter.promised is None else sortable(waiter.promised)
    return -waiter.priority, waiter.promised is None, promised, waiter.seq


class Outlook:
    """What there is of a SKU and what is to come, if all supplies come on their day, and no more.

    A supply whose day is over promises nothing: nobody knows when it comes.
    """

    def __init__(
        self, free: int, queue: Sequence[Waiter], supplies: Sequence[Supply], now: str
    ) -> None:
        """`free` is what is available beyond the safety stock, below 0 where that is not there."""
        self.coming = [one for one in supplies if sortable(one.due) > sortable(now)]
        self.queue = queue
        self._days = [now, *(one.due for one in self.coming)]
        self._dues = [sortable(one.due) for one in self.coming]
        self._free = list(accumulate((one.quantity for one in self.coming), initial=free))
        self._ranks: list[Rank] = [place(one)[:3] for one in queue]
        self._whole = list(accumulate(one.missing for one in queue))
        spare = [
            -1 if one.promised is None else self.supply(one.promised) - whole
            for one, whole in zip(queue, self._whole, strict=True)
        ]
        self._kept = {one.reservation for one, by in zip(queue, spare, strict=True) if by >= 0}
        # from each place on, what they can do without; who cannot be kept asks for nothing
        most = self._free[-1]
        bounds = (by if by >= 0 else most for by in reversed(spare))
        self._spare = [*accumulate(bounds, min, initial=most)][::-1]

    @property
    def days(self) -> list[str]:
        """Now, and each day on which something is due."""
        return list(dict.fromkeys(self._days))

    def supply(self, day: str) -> int:
        """What is free by a day, before anybody who waits is given something."""
        return self._free[bisect_right(self._dues, sortable(day))]

    def demand(self, priority: int, day: str) -> int:
        """What those still miss who are before a newcomer of this priority and day."""
        before = bisect_right(self._ranks, (-priority, False, sortable(day)))
        return self._whole[before - 1] if before else 0

    def promisable(self, priority: int, day: str) -> int:
        """How many a newcomer of this priority may be promised by a day, without harm to others."""
        mine = (-priority, False, sortable(day))
        behind = self._spare[bisect_right(self._ranks, mine)]
        return max(0, min(self.supply(day) - self.demand(priority, day), behind))

    def earliest(self, priority: int, quantity: int) -> str | None:
        """The first day by which a newcomer may be promised so many; none as far as is known."""
        return next((day for day in self.days if self.promisable(priority, day) >= quantity), None)

    def expected(self) -> list[tuple[Waiter, str | None]]:
        """Who waits, in order, and by when each of them is whole; none as far as is known."""
        days = [*self._days, None]
        return [
            (one, days[bisect_left(self._free, whole)])
            for one, whole in zip(self.queue, self._whole, strict=True)
        ]

    def kept(self) -> set[str]:
        """The reservations that wait and were told a day that can be kept."""
        return self._kept
