"""PostgreSQL's part of the flash sale: row locks in four ways, each with the best pool it has.

A thousand clients share a pool, as behind any application; a few thousand requests tell which size
is best. With `all` each request leaves its answer, as ours leaves its event, so that it can be
asked for again and is not done twice; with `sold` those that are refused leave nothing.
"""

import json
import sys
import time
from dataclasses import dataclass
from itertools import product

from bench.child import Child, Died, progress
from bench.parts import Postgres
from bench.report import Result
from bench.stage import Stage

HOWS = {"select": "SELECT FOR UPDATE", "update": "UPDATE WHERE available >= n"}
ANSWERS = {"all": "an answer kept for each request", "sold": "nothing kept of what is refused"}
POOLS = (4, 16, 64)
TRIED = 4_000  # requests, by each size of the pool
LOCKING_S_MAX = 400.0


@dataclass(frozen=True, slots=True)
class Locking:
    """One way of doing it."""

    how: str
    synced: str
    answers: str


@dataclass(frozen=True, slots=True)
class Locked:
    """What came of one way."""

    answers: str
    seconds: float
    result: Result


def measure(playing: Stage, postgres: Postgres, requests: int, units: int) -> list[Locked]:
    """All ways, one after the other."""
    found = []
    for answers, how, synced in product(ANSWERS, HOWS, ("on", "off")):
        way = Locking(how, synced, answers)
        tried = min(TRIED, requests)
        times = {
            pool: _sell(playing, postgres, way, pool, tried, tried // 10)["seconds"]
            for pool in POOLS
        }
        pool = min(times, key=lambda size: times[size])
        found.append(_locked(playing, postgres, way, pool, requests, units))
    return found


def _locked(
    playing: Stage, postgres: Postgres, way: Locking, pool: int, requests: int, units: int
) -> Locked:
    told = _sell(playing, postgres, way, pool, requests, units)
    sold = min(units, requests)
    differences = [] if told["sold"] == sold else [f"{told['sold']} sold instead of {sold}"]
    name = f"{HOWS[way.how]}, synchronous_commit {way.synced}, pool of {pool}, {way.answers} kept"
    result = Result(
        engine="postgresql",
        guarantee=name,
        commands=requests,
        commands_per_s=requests / told["seconds"],
        correct=not differences,
        differences=differences,
        span_s=told["seconds"],
        rss_mib_max=0.0,  # of many processes that share most of it: not comparable
        cpu_us_per_command=told["cpu_s"] * 1e6 / requests,  # of the client alone
        broker_cpu_us_per_command=0.0,
        changelog_records_per_command=0.0,
    )
    progress(f"  {name}: {result.commands_per_s:,.0f} requests/s")
    return Locked(way.answers, told["seconds"], result)


def _sell(
    playing: Stage, postgres: Postgres, way: Locking, pool: int, requests: int, units: int
) -> dict[str, float]:
    chosen = [postgres.dsn("owner"), way.how, way.synced, way.answers, str(pool)]
    numbers = [str(requests), "1", str(units)]
    name = f"locks-{way.how}-{way.synced}-{way.answers}"
    child = playing.start(name, [sys.executable, "-m", "bench.peers.locks", *chosen, *numbers])
    until = time.monotonic() + LOCKING_S_MAX
    while child.process.poll() is None:
        if time.monotonic() > until:
            raise Died(f"{name} is not through after {LOCKING_S_MAX:.0f} s")
        time.sleep(0.1)
    return _told(child)


def _told(child: Child) -> dict[str, float]:
    try:
        told: dict[str, float] = json.loads(child.output.read_text().splitlines()[-1])
    except (ValueError, IndexError):
        child.check()
        raise Died(f"{child.name} told nothing") from None
    return told
