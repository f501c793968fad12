"""Every read of the API, as it was asked and answered; and whether the answers fit the events.

What a row of stock was after each of its events is told by the events themselves. So an answer that
names its position can be checked by anybody who has the topics, without the system that gave it.
"""

import json
import time
from bisect import bisect_right
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx

from tests.chaos.checker import Logs, Report

BODY_CHARS_MAX = 4_000  # a row and more; of pages the hash is kept
SHOWN = ("on_hand", "reserved", "available", "version")
LEAST = "X-Min-Position"


class Read(NamedTuple):
    """One request, and its answer where there was one."""

    path: str  # with its query
    least: str  # its X-Min-Position
    sent_ns: int
    answered_ns: int | None = None
    status: int | None = None
    position: dict[str, int] | None = None  # partition and seq, where the body has one
    sha256: str | None = None  # of the body
    body: str | None = None  # where it is no longer than BODY_CHARS_MAX


class Recorder(httpx.BaseTransport):
    """The way of a client to the API, on which each request is noted."""

    def __init__(self, reads: list[Read], way: httpx.BaseTransport | None = None) -> None:
        self._reads, self._way = reads, way or httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, least = request.url.raw_path.decode(), request.headers.get(LEAST, "")
        asked = Read(path, least, time.monotonic_ns())
        try:
            answer = self._way.handle_request(request)
            body = answer.read()
        except httpx.HTTPError:
            self._reads.append(asked)
            raise
        self._reads.append(_answered(asked, answer.status_code, body))
        return answer

    def close(self) -> None:
        self._way.close()


def _answered(asked: Read, status: int, body: bytes) -> Read:
    text = body.decode(errors="replace")
    return asked._replace(
        answered_ns=time.monotonic_ns(),
        status=status,
        position=_object(text).get("position"),
        sha256=sha256(body).hexdigest(),
        body=text if len(text) <= BODY_CHARS_MAX else None,
    )


def _object(text: str | bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class _Row:
    """What the events say of a row: its lines, by seq."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.lines: list[dict[str, Any]] = []

    def at(self, seq: int) -> dict[str, Any] | None:
        """The last line up to there."""
        count = bisect_right(self.seqs, seq)
        return self.lines[count - 1] if count else None


def check_reads(report: Report, reads: list[Read], logs: Logs) -> None:
    """Each row of stock that was shown is the one of its position, which is as new as was asked."""
    rows = _rows(logs)
    for read in reads:
        if read.status != 200 or read.body is None or not read.path.startswith("/v1/stock/"):
            continue
        warehouse, _, sku = read.path.removeprefix("/v1/stock/").partition("?")[0].partition("/")
        row = rows.get((unquote(warehouse), unquote(sku)))
        problem = _wrong(read, row)
        if problem:
            report.differ("read", f"{read.path} after {read.least}: {problem}")
        report.counts["reads checked"] += 1


def _rows(logs: Logs) -> dict[tuple[str, str], _Row]:
    rows: dict[tuple[str, str], _Row] = {}
    for records in logs.events.values():
        for event in map(_object, (record.value for record in records)):
            for line in event.get("lines", ()):
                if line.get("version"):  # else it shows no row, or one that nobody has touched
                    row = rows.setdefault((event["warehouse"], line["sku"]), _Row())
                    row.seqs.append(event["seq"])
                    row.lines.append(line)
    return rows


def _wrong(read: Read, row: _Row | None) -> str:
    if read.position is None:
        return f"no position in {read.body}"
    partition, seq = read.position["partition"], read.position["seq"]
    least = dict(one.split(":") for one in read.least.split(",") if one)
    if seq < int(least.get(str(partition), 0)):
        return f"its position is {partition}:{seq}"
    line = row.at(seq) if row is not None else None
    shown = _object(read.body)
    if line is None:
        return f"{shown}, of which no event tells" if shown["version"] else ""
    told = {name: line[name] for name in SHOWN}
    have = {name: shown[name] for name in SHOWN}
    return f"{have} at {partition}:{seq}, where the events have {told}" if have != told else ""
