"""Follows the counts of events: what was found, by whom, and what was corrected by it."""

from collections.abc import Callable

from cli.event_view import Event, Key
from cli.findings import Check
from schemas.rows import Count, CountLine


class Tallies:
    """One partition's open counts, event by event."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self.open: dict[Key, Count] = {}
        self._takes: dict[str, Callable[[Event, Key], None]] = {
            "CountOpened": self._begin,
            "CountRecorded": self._record,
            "CountApproved": self._approve,
            "CountCancelled": self._cancel,
        }

    def take(self, event: Event) -> None:
        """Take the next event that names a count."""
        take = self._takes.get(event.type)
        if event.count is not None and take is not None:
            self._check.compared += 1
            take(event, (event.warehouse, event.count))

    def _differ(self, event: Event, key: Key, why: str) -> None:
        self._check.differ(f"event {event.id}, count {key[0]}/{key[1]}: {why}")

    def _begin(self, event: Event, key: Key) -> None:
        if key in self.open:
            self._differ(event, key, "it opens, but is open")
        lines = [CountLine(line.sku, line.on_hand) for line in event.lines]
        self.open[key] = Count("open", event.tolerance, lines, [])

    def _record(self, event: Event, key: Key) -> None:
        count = self.open.get(key)
        if count is None:
            self._differ(event, key, "it is counted, but is not open")
            return
        found = {line.sku: line.counted for line in event.lines}
        again = []
        lines = []
        for line in count.lines:
            counted = found.pop(line.sku, None)
            if counted is None:
                lines.append(line)
                continue
            if line.is_final:
                self._differ(event, key, f"{line.sku} was final, and is counted")
            is_near = abs(counted - line.book) <= count.tolerance
            is_final = is_near or line.counted is not None
            if not is_final:
                again.append(line.sku)
            lines.append(CountLine(line.sku, line.book, counted, is_final))
        if found:
            self._differ(event, key, f"{', '.join(found)} counted, which it does not have")
        if sorted(line.sku for line in event.recount) != sorted(again):
            self._differ(event, key, f"{again} must be counted again, not what it says")
        counters = [*dict.fromkeys((*count.counters, event.actor or ""))]
        self.open[key] = Count("open", count.tolerance, lines, counters)

    def _approve(self, event: Event, key: Key) -> None:
        count = self.open.pop(key, None)
        if count is None:
            self._differ(event, key, "it is approved, but is not open")
            return
        if not all(line.is_final for line in count.lines):
            self._differ(event, key, "it is approved with SKUs that are not final")
        if event.actor in count.counters:
            self._differ(event, key, f"it is approved by {event.actor}, who counted")
        wrong = {line.sku: line.variance for line in count.lines if line.variance}
        corrected = {line.sku: line.delta for line in event.lines}
        if corrected != wrong:
            self._differ(event, key, f"it corrects {corrected}; what was found says {wrong}")

    def _cancel(self, event: Event, key: Key) -> None:
        if self.open.pop(key, None) is None:
            self._differ(event, key, "it is cancelled, but is not open")
