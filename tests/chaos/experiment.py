"""What every experiment does: traffic beside the faults, then the verdict over everything."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx

from tests.chaos import api_rows, audit_rows, checker
from tests.chaos.checker import Logs, Report, Truth
from tests.chaos.installation import Installation
from tests.chaos.processes import Process, wait_for
from tests.chaos.reads import Read, Recorder
from tests.chaos.routing import rfc3339
from tests.chaos.traffic import Sender, Wish

OVERDUE_MS = 4_000  # a tick a second, its way through the log, and a machine that is busy
AUDIT_S = 120.0
ANSWER_S = 30.0
READY_S = 60.0

COMMANDS = int(os.environ.get("STOCKYARD_CHAOS_COMMANDS", "12000"))  # the full count is 200,000
KILLS = int(os.environ.get("STOCKYARD_CHAOS_KILLS", "3"))  # the full count is 10
SEED = int(os.environ.get("STOCKYARD_CHAOS_SEED", "1"))


class Sending(threading.Thread):
    """Produces in the background; `join` raises what went wrong there."""

    def __init__(self, sender: Sender, wishes: Iterator[Wish], per_second: float) -> None:
        super().__init__(name="sending", daemon=True)
        self._sender, self._wishes, self._per_second = sender, wishes, per_second
        self._failure: BaseException | None = None

    def run(self) -> None:
        try:
            self._sender.send(self._wishes, self._per_second)
            self._sender.flush()
        except Exception as failure:  # noqa: BLE001 - raised where it is joined
            self._failure = failure

    def join(self, timeout: float | None = None) -> None:
        super().join(timeout)
        if self._failure is not None:
            raise self._failure
        assert not self.is_alive(), "the producer did not come to its end"


@contextmanager
def traffic(
    made: Installation, wishes: Iterator[Wish], per_second: float, seconds_max: float = 900.0
) -> Iterator[Sender]:
    """Commands going in while the block runs, and all of them in at its end."""
    sender = Sender(made.kafka, made.topic("commands"))
    sending = Sending(sender, wishes, per_second)
    sending.start()
    yield sender
    sending.join(seconds_max)


def verdict(
    made: Installation, *, min_events: int, settled_ms: int | None = None
) -> tuple[Report, Logs, Truth]:
    """The topics against the oracle; the workers must have been stopped.

    `settled_ms`: when they were known to have nothing to do but ticks.
    """
    logs = made.read()
    report, truth = checker.check(logs)
    for partition, told in truth.predictions.items():
        for (warehouse, name), one in told.reservations.items():
            due_ms = one.expires_at_ms + OVERDUE_MS
            if one.state == "open" and settled_ms is not None and due_ms < settled_ms:
                place = f"partition {partition} {warehouse}/{name}"
                report.differ("overdue reservation", f"{place} {rfc3339(one.expires_at_ms)}")
    if report.counts["events"] < min_events:
        report.differ("progress", f"{report.counts['events']} events, at least {min_events} due")
    return report, logs, truth


def compare_readers(
    report: Report, made: Installation, logs: Logs, truth: Truth, url: str, reads: list[Read]
) -> None:
    """The audit log and the API against the same truth; what the API is asked goes into `reads`."""
    wanted = sum(
        len(records)
        for partitions in audit_rows.audited(logs).values()
        for records in partitions.values()
    )
    dsn = made.dsn("reader")
    wait_for("the audit log to be complete", AUDIT_S, lambda: audit_rows.count(dsn) >= wanted, 0.5)
    audit_rows.check(report, logs, dsn)
    with httpx.Client(base_url=url, timeout=ANSWER_S, transport=Recorder(reads)) as client:
        api_rows.check(report, logs, truth, client, SEED)


def stop_all(made: Installation, processes: list[Process]) -> None:
    """SIGTERM to each, once it is at work; every one must end well."""
    for process in processes:
        if process.name.startswith("worker"):  # one that has just been started is still importing
            wait_for(f"{process.name} at work", READY_S, partial(made.owns, process))
        code = process.stop()
        assert code == 0, f"{process.name} ended with {code}: {process.tail()}"
