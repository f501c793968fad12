"""A history is checked from its files alone, and what was not so is found in it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos import history
from tests.chaos.checker import Logs, Report
from tests.chaos.processes import ROOT
from tests.chaos.realtime import Request, Seen, check_order
from tests.chaos.synthetic import faultless
from tests.chaos.traffic import Traffic

PARTITIONS = 3
MS = 1_000_000
ANSWERED_MS, SEEN_MS = 2, 5  # after it was sent; records stand 20 ms apart


def _watched(logs: Logs) -> tuple[list[Request], Seen]:
    """What a client would have seen that sends one command after another."""
    requests, sent_ns = [], {}
    for partition, records in logs.commands.items():
        for record in records:
            sent_ns[partition, record.offset] = begun = record.timestamp_ms * MS
            if not {"forwarded_from", "caused_by"} & {name for name, _ in record.headers}:
                over = begun + ANSWERED_MS * MS
                place = (partition, record.offset)
                requests.append(Request(record.key, record.value, begun, over, *place))
    seen = {}
    for partition, events in logs.events.items():
        for event in events:
            source = json.loads(event.value or b"")["source"]
            begun = sent_ns[source["partition"], source["offset"]]
            seen[partition, event.offset] = begun + SEEN_MS * MS
    return sorted(requests, key=lambda one: one.invoked_ns), seen


@pytest.fixture(scope="module")
def logs() -> Logs:
    """A thousand commands, decided without a fault."""
    return faultless(Traffic(7, PARTITIONS).wishes(1_000), PARTITIONS)


def _kept(folder: Path, logs: Logs, requests: list[Request], seen: Seen) -> Path:
    history.write(folder, logs, requests, seen, {"seed": 7})
    return folder


def test_what_is_written_is_read_again_and_right(tmp_path: Path, logs: Logs) -> None:
    requests, seen = _watched(logs)
    folder = _kept(tmp_path / "kept", logs, requests, seen)

    assert history.read(folder) == (logs, requests, seen)
    report = history.verdict(folder)
    assert report.right, str(report)
    assert report.counts["acknowledged"] == len(requests)
    assert report.counts["outcomes in real time"] == len(seen)


def test_the_command_says_it_from_the_files_alone(tmp_path: Path, logs: Logs) -> None:
    requests, seen = _watched(logs)
    folder = _kept(tmp_path / "kept", logs, requests, seen)

    right = _command(folder)
    (folder / "events.jsonl.gz").write_bytes((folder / "alerts.jsonl.gz").read_bytes())
    wrong = _command(folder)

    assert right.returncode == 0 and right.stdout.startswith("RIGHT"), right.stderr
    assert wrong.returncode == 1 and "events too few" in wrong.stdout, wrong.stderr


def _command(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.chaos.history", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_an_acknowledged_command_that_is_not_there_is_found(tmp_path: Path, logs: Logs) -> None:
    requests, seen = _watched(logs)
    late_ns = requests[-1].invoked_ns + MS
    requests.append(Request(b"LON-1", b"{}", late_ns, late_ns + MS, 0, 100_000))
    requests.append(Request(b"LON-1", b"{}", late_ns, late_ns + MS, 0, None))

    report = history.verdict(_kept(tmp_path / "kept", logs, requests, seen))

    assert report.found == {"acknowledged but lost": 2}


def test_a_command_before_one_that_was_over_is_found(logs: Logs) -> None:
    requests, seen = _watched(logs)
    later = next(one for one in reversed(requests) if one.partition == 1)
    later.acknowledged_ns, later.invoked_ns = MS, 0
    report = Report()

    check_order(report, requests, logs, seen)

    assert report.found["order of commands"] == 1


def test_an_outcome_before_one_that_was_over_is_found(logs: Logs) -> None:
    requests, seen = _watched(logs)
    place = max(one for one in seen if one[0] == 1)
    seen[place] = MS
    report = Report()

    check_order(report, requests, logs, seen)

    assert set(report.found) == {"order of outcomes"}
