"""What is true of a home right now: who runs, who owns which partitions, how far behind."""

import asyncio
from pathlib import Path
from typing import Any

from local import compose, deliveries, leftovers, probes
from local.parts import POLICIES
from local.state import State, living
from schemas.domains import STOCK, TOLD

LAG, TOLD_LAG = "stockyard_lag_records", "stockyard_relay_lag_records"


def status(folder: Path) -> dict[str, Any]:
    """The document of `./stockyard status --json`; all null and empty where it is down."""
    state = living(folder)
    if state is None:
        return {
            "ready": False,
            "kafka": None,
            "postgres": None,
            "api": None,
            "workers": [],
            "domains": {},
            "deliveries": {},
            "pids": {"kafka": None, "postgres": None, "api": None, "audit": None},
            "lag": None,
        }
    pids = _pids(folder, state)
    return {
        "ready": state.ready,
        "kafka": state.kafka or None,
        "postgres": state.postgres or None,
        "api": state.api or None,
        "workers": _workers(folder, pids, _names(state), state.containers),
        "domains": asyncio.run(_domains(folder, state, pids)),
        "deliveries": asyncio.run(deliveries.figures(state)) or {},
        "pids": {name: pids.get(name) for name in ("kafka", "postgres", "api", "audit")},
        "lag": asyncio.run(lag(state)),
    }


def _names(state: State) -> list[str]:
    return [f"worker-{number}" for number in range(1, state.workers + 1)]


async def _domains(folder: Path, state: State, pids: dict[str, int]) -> dict[str, dict[str, Any]]:
    """What else is at work, beside stock, and how far behind it is."""
    return {
        domain: {
            "workers": _workers(folder, pids, [f"{domain}-1"], state.containers),
            "lag": await _domain_lag(state, domain),
        }
        for domain in state.domains
        if domain != STOCK
    }


async def _domain_lag(state: State, domain: str) -> int | None:
    """Events that it has not been told of, and commands that wait; None while nobody answers."""
    asked = [(f"{domain}-1", LAG, "")]
    if domain in TOLD:
        asked.append((POLICIES, TOLD_LAG, f'relay="stock-to-{domain}"'))
    total = 0
    for name, metric, label in asked:
        part = state.parts.get(name)
        if part is None or part.metrics_port is None:
            return None
        try:
            _, body = await probes.http_get(part.metrics_port, "/metrics")
        except (OSError, TimeoutError):
            return None
        total += _sum(body, metric, label)
    return total


def _workers(
    folder: Path, pids: dict[str, int], names: list[str], containers: bool
) -> list[dict[str, Any]]:
    """Every worker with the partitions it says it owns."""
    found = []
    for name in names:
        pid = pids.get(name)
        told = folder / "run" / f"{name}.json"
        writer = None if containers else pid
        owned = probes.owned(told, writer) if pid else None
        compiled = probes.compiled(told, writer) if pid else None
        found.append({"id": name, "pid": pid, "partitions": owned or [], "compiled": compiled})
    return found


def _pids(folder: Path, state: State) -> dict[str, int]:
    """Part -> pid of the process that does its work, of those that live."""
    if state.containers:
        return compose.pids(folder)
    pids = {
        name: part.identity.pid
        for name, part in state.parts.items()
        if part.identity and part.identity.lives()
    }
    server = leftovers.postmaster(folder)  # the part itself only watches it
    return pids | ({"postgres": server.pid} if server and "postgres" in pids else {})


async def lag(state: State) -> int | None:
    """Records that wait to be decided, as the workers count; None while one does not answer."""
    ports = [part.metrics_port for name, part in state.parts.items() if name.startswith("worker-")]
    try:
        answers = await asyncio.gather(
            *(probes.http_get(port, "/metrics") for port in ports if port is not None)
        )
    except (OSError, TimeoutError):
        return None
    return sum(_sum(body, LAG) for _, body in answers) if answers else None


def _sum(exposition: str, metric: str, label: str = "") -> int:
    """Sum of a metric over its labels, or those with one, from the Prometheus text format."""
    total = 0.0
    for line in exposition.splitlines():
        if line.startswith((metric + "{", metric + " ")) and label in line:
            total += float(line.rsplit(" ", 1)[1])
    return int(total)
