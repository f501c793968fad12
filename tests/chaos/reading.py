"""Asks the API for stock while faults happen: no answer may be older than an event already seen."""

import json
import threading
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from tests.chaos.reads import LEAST, Read, Recorder
from tests.chaos.records import Record

EVERY_S = 0.1
ANSWER_S = 6.0  # a read waits at most 5 s for its position
LINES_MAX = 8  # of one event
RECENT = 400  # rows of the latest events, to ask for
JOIN_S = 30.0
RETRY_LATER = 503


class Told(NamedTuple):
    """A row as an event told it."""

    warehouse: str
    partition: int
    seq: int
    line: dict[str, Any]


class Reading(threading.Thread):
    """Reads until `finish`; `find` is told of each answer that is wrong."""

    def __init__(self, url: str, seed: int, find: Callable[[str, str], None]) -> None:
        super().__init__(name="reading", daemon=True)
        self.answered, self.refused, self.unanswered = 0, 0, 0
        self.reads: list[Read] = []
        self._url, self._rng, self._find = url, Random(seed + 2), find
        self._recent: deque[Told] = deque(maxlen=RECENT)
        self._finishing = threading.Event()

    def tell(self, record: Record) -> None:
        """An event was seen: from now on its rows are at least so new."""
        event = json.loads(record.value or b"")
        for line in event.get("lines", ())[:LINES_MAX]:
            if line.get("version"):  # else it shows no row, or one that nobody has touched
                told = Told(event["warehouse"], event["partition"], event["seq"], line)
                self._recent.append(told)

    def run(self) -> None:
        way = Recorder(self.reads)
        with httpx.Client(base_url=self._url, timeout=ANSWER_S, transport=way) as client:
            while not self._finishing.wait(EVERY_S):
                known = tuple(self._recent)
                if known:
                    self._try(client, self._rng.choice(known))

    def _try(self, client: httpx.Client, told: Told) -> None:
        try:
            self._read(client, told)
        except Exception as error:  # noqa: BLE001 - what it could not even read
            self._find("read", f"{told}: {error!r}")

    def _read(self, client: httpx.Client, told: Told) -> None:
        path = f"/v1/stock/{told.warehouse}/{quote(told.line['sku'], safe='')}"
        least = {LEAST: f"{told.partition}:{told.seq}"}
        try:
            answer = client.get(path, headers=least)
        except httpx.HTTPError:
            self.unanswered += 1  # it is stopped or dead: that is what this is for
            return
        if answer.status_code == RETRY_LATER and "Retry-After" in answer.headers:
            self.refused += 1
            return
        self.answered += 1
        problem = wrong(told, answer.status_code, answer.text)
        if problem:
            self._find("read", f"{path} after {least}: {problem}")

    def finish(self) -> None:
        """No more."""
        self._finishing.set()
        self.join(JOIN_S)


def wrong(told: Told, status: int, text: str) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if status != 200:
        return f"{status} {text}"
    row = json.loads(text)
    if row["position"]["seq"] < told.seq or row["version"] < told.line["version"]:
        return f"{row} is older than {told.line}"
    same = row["version"] == told.line["version"]
    for name in ("on_hand", "reserved", "available") if same else ():
        if row[name] != told.line[name]:
            return f"{row} is not {told.line}"
    return ""
