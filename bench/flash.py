"""`bench flash`: one SKU, 10,000 units, 100,000 requests of 1,000 clients: exactly 10,000 are sold.

Ours and Kafka Streams decide them from Kafka. PostgreSQL does what a user would write instead: a
row locked by SELECT ... FOR UPDATE, a movement beside it; once with all on the hot row, and once
spread over 10,000 SKUs, as locks cost most where they meet.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.child import Child, Died, progress
from bench.drain import Log, drain, prepare
from bench.parts import Postgres
from bench.peers.processes import KAFKA_STREAMS, OURS
from bench.report import Report, Result
from bench.stage import Stage, stage

UNITS, REQUESTS, CLIENTS = 10_000, 100_000, 1_000
WAREHOUSE, SKU = "WH-001", "10000A"
SPREAD_SKUS = 10_000
CONNECTIONS = 16  # of PostgreSQL: more on two cores only wait
LOCKING_S_MAX = 400.0


@dataclass(frozen=True, slots=True)
class FlashSale:
    """Everybody wants one of the same."""

    def commands(self, count: int) -> Iterator[tuple[str, bytes]]:
        """A delivery, then as many requests as are left."""
        yield WAREHOUSE, _command("ReceiveStock", "delivery", UNITS, 0)
        for number in range(1, count):
            yield WAREHOUSE, _command("ShipStock", f"wish-{number:07d}", 1, number % CLIENTS)


def _command(kind: str, name: str, quantity: int, client: int) -> bytes:
    wish = {
        "type": kind,
        "id": name,
        "warehouse": WAREHOUSE,
        "lines": [{"sku": SKU, "quantity": quantity}],
        "actor": f"client:{client}",
    }
    return json.dumps(wish, separators=(",", ":")).encode()


def run(report: Report) -> None:
    """The engines first, then the locks."""
    with stage() as playing:
        log = prepare(playing, "flash.", FlashSale(), REQUESTS + 1)
        streams = drain(playing, KAFKA_STREAMS, log, "streams.").result
        ours = drain(playing, OURS, log, log.prefix).result
        postgres = Postgres.start(playing)
        hot = _locking(playing, postgres, "one row", 1, REQUESTS)
        spread = _locking(playing, postgres, "spread", SPREAD_SKUS, REQUESTS)
        told = (streams, ours, hot, spread)
        report.results += [replace(one, workload="flash sale") for one in told]
        sold = _sold(log)
    report.add("units sold of 10,000", sold, "", f">= {UNITS}", "by the oracle, which all agree to")
    times = "times PostgreSQL's locks on {}"
    report.add(times.format("one row"), ours.commands_per_s / hot.commands_per_s, "x", ">= 5")
    report.add(times.format("10,000 rows"), ours.commands_per_s / spread.commands_per_s, "x")


def _sold(log: Log) -> int:
    return sum(outcome == "StockShipped" for outcome in log.expected.outcomes.values())


def _locking(playing: Stage, postgres: Postgres, name: str, skus: int, requests: int) -> Result:
    """PostgreSQL with row locks, by as many connections as it likes best here."""
    progress(f"PostgreSQL FOR UPDATE, {name}: {requests:,} requests")
    chosen = [postgres.dsn("owner"), str(CONNECTIONS), str(requests), str(skus), str(UNITS)]
    child = playing.start(
        f"for-update-{skus}", [sys.executable, "-m", "bench.peers.for_update", *chosen]
    )
    until = time.monotonic() + LOCKING_S_MAX
    while child.process.poll() is None:
        if time.monotonic() > until:
            raise Died(f"the locks are not through after {LOCKING_S_MAX:.0f} s")
        time.sleep(0.1)
    told = _told(child)
    differences = [] if told["sold"] == UNITS else [f"{told['sold']} sold instead of {UNITS}"]
    result = Result(
        engine="postgresql",
        guarantee=f"FOR UPDATE, {name}",
        commands=requests,
        commands_per_s=requests / told["seconds"],
        correct=not differences,
        differences=differences,
        span_s=told["seconds"],
        rss_mib_max=0.0,  # of many processes that share most of it: not comparable
        cpu_us_per_command=told["cpu_s"] * 1e6 / requests,
        broker_cpu_us_per_command=0.0,
        changelog_records_per_command=0.0,
    )
    progress(f"  {result.commands_per_s:,.0f} requests/s, correct: {result.correct}")
    return result


def _told(child: Child) -> dict[str, float]:
    try:
        told: dict[str, float] = json.loads(child.output.read_text().splitlines()[-1])
    except (ValueError, IndexError):
        child.check()
        raise Died(f"{child.name} told nothing") from None
    return told
