"""A history is checked from its files alone, and what was not so is found in it."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.chaos import history
from tests.chaos.checker import Logs, Report, check
from tests.chaos.processes import ROOT
from tests.chaos.reads import LEAST, Read, Recorder, check_reads
from tests.chaos.realtime import (
    Observed,
    Request,
    Sight,
    check_order,
    check_seen,
    digest_of,
)
from tests.chaos.synthetic import faultless
from tests.chaos.traffic import Traffic

PARTITIONS = 3
MS = 1_000_000
ANSWERED_MS, SEEN_MS = 2, 5  # after it was sent; records stand 20 ms apart


def _watched(logs: Logs) -> Observed:
    """What a client would have seen that sends one command after another, and reads at the end."""
    requests, sent_ns = [], {}
    for partition, records in logs.commands.items():
        for record in records:
            sent_ns[partition, record.offset] = begun = record.timestamp_ms * MS
            if not {"forwarded_from", "caused_by"} & {name for name, _ in record.headers}:
                over = begun + ANSWERED_MS * MS
                place = (partition, record.offset)
                requests.append(Request(record.key, record.value, begun, over, *place))
    seen = []
    for partition, events in logs.events.items():
        for event in events:
            source = json.loads(event.value or b"")["source"]
            begun = sent_ns[source["partition"], source["offset"]]
            digest = digest_of(event.value)
            seen.append(Sight(partition, event.offset, begun + SEEN_MS * MS, digest))
    return Observed(sorted(requests, key=lambda one: one.invoked_ns), seen, _reads(logs))


def _reads(logs: Logs) -> list[Read]:
    """Every row as the oracle has it at the end, asked of an API that shows just that."""
    _, truth = check(logs)
    seqs = {n: json.loads(ones[-1].value or b"")["seq"] for n, ones in logs.events.items()}
    bodies: dict[str, dict[str, Any]] = {
        f"/v1/stock/{warehouse}/{quote(sku, safe='')}": {
            "on_hand": row.on_hand,
            "reserved": row.reserved,
            "available": row.available,
            "version": row.version,
            "position": {"partition": partition, "seq": seqs[partition]},
        }
        for partition, told in truth.predictions.items()
        for (warehouse, sku), row in told.rows.items()
    }

    def answer(request: httpx.Request) -> httpx.Response:
        body = bodies.get(request.url.raw_path.decode())
        return httpx.Response(200, json=body) if body else httpx.Response(404, json={})

    reads: list[Read] = []
    way = Recorder(reads, httpx.MockTransport(answer))
    with httpx.Client(base_url="http://api", transport=way) as client:
        for path, body in bodies.items():
            place = body["position"]["partition"]
            client.get(path, headers={LEAST: f"{place}:{seqs[place] - 1}"})
        client.get("/v1/stock/LON-1/nobody-has-seen-it")
    return reads


@pytest.fixture(scope="module")
def logs() -> Logs:
    """A thousand commands, decided without a fault."""
    return faultless(Traffic(7, PARTITIONS).wishes(1_000), PARTITIONS)


@pytest.fixture(scope="module")
def watched(logs: Logs) -> Observed:
    """What its clients did and saw."""
    return _watched(logs)


@pytest.fixture
def observed(watched: Observed) -> Observed:
    """The same, to be changed."""
    requests = [replace(one) for one in watched.requests]
    return Observed(requests, list(watched.seen), list(watched.reads))


def _kept(folder: Path, logs: Logs, observed: Observed) -> Path:
    history.write(folder, logs, observed, {"seed": 7})
    return folder


def test_what_is_written_is_read_again_and_right(
    tmp_path: Path, logs: Logs, observed: Observed
) -> None:
    folder = _kept(tmp_path / "kept", logs, observed)

    assert history.read(folder) == (logs, observed)
    report = history.verdict(folder)
    assert report.right, str(report)
    assert report.counts["acknowledged"] == len(observed.requests)
    assert report.counts["outcomes in real time"] == len(observed.seen)
    assert report.counts["events seen"] == report.counts["events"]
    assert report.counts["reads checked"] == report.counts["rows"] == len(observed.reads) - 1


def test_the_command_says_it_from_the_files_alone(
    tmp_path: Path, logs: Logs, observed: Observed
) -> None:
    folder = _kept(tmp_path / "kept", logs, observed)

    right = _command(folder)
    (folder / "events.jsonl.gz").write_bytes((folder / "alerts.jsonl.gz").read_bytes())
    wrong = _command(folder)

    assert right.returncode == 0 and right.stdout.startswith("RIGHT"), right.stderr
    assert wrong.returncode == 1 and "events too few" in wrong.stdout, wrong.stderr


def _command(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.chaos.history", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_an_acknowledged_command_that_is_not_there_is_found(
    tmp_path: Path, logs: Logs, observed: Observed
) -> None:
    late_ns = observed.requests[-1].invoked_ns + MS
    lost = [Request(b"LON-1", b"{}", late_ns, late_ns + MS, 0, place) for place in (100_000, None)]
    observed.requests += lost

    report = history.verdict(_kept(tmp_path / "kept", logs, observed))

    assert report.found == {"acknowledged but lost": 2}


def test_a_command_before_one_that_was_over_is_found(logs: Logs, observed: Observed) -> None:
    later = next(one for one in reversed(observed.requests) if one.partition == 1)
    later.acknowledged_ns, later.invoked_ns = MS, 0
    report = Report()

    check_order(report, observed.requests, logs, observed.seen)

    assert report.found["order of commands"] == 1


def test_an_outcome_before_one_that_was_over_is_found(logs: Logs, observed: Observed) -> None:
    last = max(at for at, one in enumerate(observed.seen) if one.partition == 1)
    observed.seen[last] = observed.seen[last]._replace(ns=MS)
    report = Report()

    check_order(report, observed.requests, logs, observed.seen)

    assert set(report.found) == {"order of outcomes"}


def _aborted(seen: list[Sight]) -> None:
    """One that no log has: its transaction was aborted, or its leader lost it."""
    seen.append(Sight(1, 10**6, MS, digest_of(b"{}")))


def _overwritten(seen: list[Sight]) -> None:
    """Another event has its place by now."""
    seen[5] = seen[5]._replace(digest=digest_of(b"{}"))


def _twice(seen: list[Sight]) -> None:
    seen.insert(9, seen[5])


def _late(seen: list[Sight]) -> None:
    """The reader was shown what stands behind it, and never it."""
    del seen[5]


@pytest.mark.parametrize(
    ("plant", "sort"),
    [
        (_aborted, "seen and gone"),
        (_overwritten, "seen and changed"),
        (_twice, "seen again"),
        (_late, "passed over"),
    ],
)
def test_an_event_that_was_seen_and_is_not_so_at_the_end_is_found(
    logs: Logs, observed: Observed, plant: Callable[[list[Sight]], None], sort: str
) -> None:
    plant(observed.seen)
    report = Report()

    check_seen(report, observed.seen, logs)

    assert report.found == {sort: 1}, str(report)


@pytest.mark.parametrize(
    "change",
    [
        {"on_hand": 10**9},
        {"version": 10**9},
        {"position": None},
        {"position": {"partition": 0, "seq": 0}},
    ],
)
def test_a_read_that_is_not_of_its_position_is_found(
    logs: Logs, observed: Observed, change: dict[str, Any]
) -> None:
    at = next(n for n, one in enumerate(observed.reads) if one.position and one.least[0] == "0")
    body = json.loads(observed.reads[at].body or "") | change
    told = {"position": body["position"], "body": json.dumps(body)}
    observed.reads[at] = observed.reads[at]._replace(**told)
    report = Report()

    check_reads(report, observed.reads, logs)

    assert report.found == {"read": 1}, str(report)


def test_every_request_is_noted_with_what_came_of_it() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/gone":
            raise httpx.ConnectError("nobody is there")
        return httpx.Response(503 if request.url.path == "/busy" else 200, content=b"x" * 5_000)

    reads: list[Read] = []
    way = Recorder(reads, httpx.MockTransport(answer))
    with httpx.Client(base_url="http://api", transport=way) as client:
        client.get("/long", params={"limit": 7}, headers={LEAST: "1:2"})
        client.get("/busy")
        with pytest.raises(httpx.ConnectError):
            client.get("/gone")

    assert [(one.path, one.least, one.status) for one in reads] == [
        ("/long?limit=7", "1:2", 200),
        ("/busy", "", 503),
        ("/gone", "", None),
    ]
    assert reads[0].body is None and reads[0].sha256 == sha256(b"x" * 5_000).hexdigest()
    assert reads[0].sent_ns < (reads[0].answered_ns or 0)
    assert reads[2].answered_ns is None
