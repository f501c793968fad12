"""`bench overload`: three times what the API can take, for minutes: it sheds, and goes on working.

Commands with `?wait`, so that an answer is an outcome: through Kafka, the worker and back. First
as much as a closed loop gets done; then requests fall due at three times that, whether or not they
are answered; then half of it, to see how soon all is as before.
"""

import itertools
import time

from bench.child import progress
from bench.http_load import Asked, closed_loop, open_loop, post
from bench.latency import INTERVAL_MS
from bench.parts import Postgres, start_api, start_sink
from bench.report import Report
from bench.stage import PARTITIONS, stage
from bench.worker import Worker
from bench.workload import sku_name, warehouse_names

CONNECTIONS = 64
PEAK_S, FLOOD_S, AFTER_S = 15.0, 120.0, 5.0
TIMES = 3
WAREHOUSES, SKUS = 16, 1_000
GOODPUT_MIN, NORMAL_S_MAX, GROWTH_MIB_MAX = 0.9, 30, 256
NORMAL_TIMES = 2  # of the p99 before
TRIES = 12


def run(report: Report) -> None:
    """Peak, flood, and the time after it."""
    with stage() as playing:
        playing.make_topics("flood.")
        worker = Worker.start(playing, "flood.", home="flood", interval_ms=INTERVAL_MS)
        worker.wait_serving()
        postgres = Postgres.start(playing)
        sink, _ = start_sink(playing, postgres, "flood.")
        api, port = start_api(playing, postgres, "flood.")
        parts = {"the API": api, "the worker": worker.child, "the audit sink": sink}
        supply = _Supply()
        progress("closed loop, for the peak")
        closed_loop(port, supply.take(30_000), CONNECTIONS, PEAK_S / 3)
        peak = closed_loop(port, supply.take(60_000), CONNECTIONS, PEAK_S)
        before = open_loop(port, supply.take(20_000), peak.per_s / 2, AFTER_S)
        memory_mib = {name: part.rss_mib_max() for name, part in parts.items()}
        progress(f"  {peak.per_s:,.0f}/s; {TIMES} times that for {FLOOD_S:.0f} s")
        per_s = TIMES * peak.per_s
        flood = open_loop(port, supply.take(int(per_s * FLOOD_S)), per_s, FLOOD_S)
        normal_s = _until_normal(port, supply, peak.per_s / 2, before)
        for part in parts.values():
            part.check()
        grown_mib = {name: part.rss_mib_max() - memory_mib[name] for name, part in parts.items()}
    told = f"{_told(flood)} of {int(per_s * FLOOD_S):,} requests in {flood.span_s:.0f} s"
    report.add("commands with their outcome, closed loop", peak.per_s, "/s")
    report.add("goodput at 3x", flood.per_s / peak.per_s, "x", f">= {GOODPUT_MIN}", told)
    report.add("refused without Retry-After", flood.hopeless, "", "<= 0")
    for name, mib in grown_mib.items():
        note = f"from {memory_mib[name]:.0f} MiB at the peak before"
        report.add(f"{name}'s memory grew by", mib, "MiB", f"<= {GROWTH_MIB_MAX}", note)
    note = f"p99 {before.quantile_ms(0.99):.0f} ms before"
    report.add("normal again after", normal_s, "s", f"<= {NORMAL_S_MAX}", note)


def _told(asked: Asked) -> str:
    refused = ", ".join(f"{count:,} {status}" for status, count in sorted(asked.others.items()))
    broken = f", {asked.broken:,} connections broken" if asked.broken else ""
    return f"{len(asked.seconds):,} answered, {refused or 'none refused'}{broken}"


def _until_normal(port: int, supply: "_Supply", per_s: float, before: Asked) -> float:
    """Seconds until requests at half of the peak take no more than twice as long as before."""
    began = time.monotonic()
    for _ in range(TRIES):
        started_s = time.monotonic() - began
        now = open_loop(port, supply.take(20_000), per_s, AFTER_S)
        limit_ms = NORMAL_TIMES * before.quantile_ms(0.99)
        if not now.others and not now.broken and now.quantile_ms(0.99) <= limit_ms:
            return started_s
    return time.monotonic() - began


class _Supply:
    """Commands that nobody sent before."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._names = warehouse_names(WAREHOUSES, PARTITIONS)

    def take(self, count: int) -> list[bytes]:
        """So many requests."""
        return [self._request(next(self._numbers)) for _ in range(count)]

    def _request(self, number: int) -> bytes:
        warehouse, sku = self._names[number % WAREHOUSES], sku_name(number % SKUS)
        body = (
            f'{{"type":"ReceiveStock","id":"flood-{number:09d}","warehouse":"{warehouse}",'
            f'"lines":[{{"sku":"{sku}","quantity":1}}]}}'
        )
        return post("/v1/commands?wait=5", body.encode())
