"""`bench api`: reads of current stock, the API on one core and the asking client on another."""

import os
import random
from pathlib import Path

from bench.child import progress
from bench.http_load import Asked, closed_loop, get, open_loop
from bench.parts import Postgres, start_api
from bench.preload import Preload
from bench.report import Report
from bench.stage import stage
from bench.workload import Workload, sku_name

PATHS = 50_000  # rows asked for, drawn from all, each as likely
CONNECTIONS = 16
MEASURED_S = 20.0
WARM_UP_S = 5.0
PER_S_MIN, P99_MS_MAX = 1_500, 15


def run(report: Report) -> None:
    """As many as it can, then the times at half of that."""
    with stage() as playing:
        topics = playing.make_topics("api.")
        workload = Workload()
        rows = Preload(playing.kafka, topics.changelog, workload).write()
        postgres = Postgres.start(playing)
        api, port = start_api(playing, postgres, "api.")
        paths = _paths(workload)
        cores = sorted(os.sched_getaffinity(0))
        pin(api.pid, {cores[0]})
        os.sched_setaffinity(0, {cores[-1]})
        try:
            progress("closed loop")
            closed_loop(port, paths, CONNECTIONS, WARM_UP_S)
            most = closed_loop(port, paths, CONNECTIONS, MEASURED_S)
            progress(f"  {most.per_s:,.0f}/s; open loop at half")
            half = open_loop(port, paths, most.per_s / 2, MEASURED_S)
        finally:
            os.sched_setaffinity(0, set(cores))
        note = f"{rows:,} rows, {CONNECTIONS} connections{_refusals(most)}"
        report.add("API reads of current stock", most.per_s, "/s", f">= {PER_S_MIN}", note)
        note = f"at {most.per_s / 2:,.0f}/s, open loop{_refusals(half)}"
        report.add("API read p99", half.quantile_ms(0.99), "ms", f"<= {P99_MS_MAX}", note)
        report.add("API read p50", half.quantile_ms(0.5), "ms", note=note)
        report.add("the API's memory", api.rss_mib_max(), "MiB")


def _refusals(asked: Asked) -> str:
    refused = asked.others.total() + asked.broken
    return f", {refused} NOT ANSWERED BY 200" if refused else ""


def _paths(workload: Workload) -> list[bytes]:
    draw, names = random.Random(workload.seed), workload.names()
    return [
        get(f"/v1/stock/{draw.choice(names)}/{sku_name(draw.randrange(workload.skus))}")
        for _ in range(PATHS)
    ]


def pin(pid: int, cores: set[int]) -> None:
    """Keep every thread of a process on these cores."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores)
