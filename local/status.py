"""What is true of a home right now: who runs, who owns which partitions, how far behind."""

import asyncio
from pathlib import Path
from typing import Any

from local import compose, deliveries, inbound, leftovers, probes
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
            "relays": {},
            "deliveries": {},
            "inbound": {},
            "pids": {"kafka": None, "postgres": None, "api": None, "audit": None},
            "lag": None,
        }
    pids = _pids(folder, state)
    told = asyncio.run(relays(state))
    return {
        "ready": state.ready,
        "kafka": state.kafka or None,
        "postgres": state.postgres or None,
        "api": state.api or None,
        "workers": _workers(folder, pids, _names(state), state.containers),
        "domains": asyncio.run(_domains(folder, state, pids, told)),
        "relays": told or {},
        "deliveries": asyncio.run(deliveries.figures(state)) or {},
        "inbound": asyncio.run(inbound.figures(state)) or {},
        "pids": {name: pids.get(name) for name in ("kafka", "postgres", "api", "audit")},
        "lag": asyncio.run(lag(state)),
    }


def _names(state: State) -> list[str]:
    return [f"worker-{number}" for number in range(1, state.workers + 1)]


async def _domains(
    folder: Path, state: State, pids: dict[str, int], told: dict[str, int] | None
) -> dict[str, dict[str, Any]]:
    """What else is at work, beside stock, and how far behind it is."""
    return {
        domain: {
            "workers": _workers(folder, pids, [f"{domain}-1"], state.containers),
            "lag": await _domain_lag(state, domain, told),
        }
        for domain in state.domains
        if domain != STOCK
    }


async def _domain_lag(state: State, domain: str, told: dict[str, int] | None) -> int | None:
    """Stock's events that it has not been told of, and commands that wait; None while unknown."""
    body = await _metrics(state, f"{domain}-1")
    if body is None or (domain in TOLD and told is None):
        return None
    return _lag_of(body) + (told or {}).get(f"{STOCK}-to-{domain}", 0)


async def relays(state: State) -> dict[str, int] | None:
    """Events that one domain has not been told of another's, by relay: `orders-to-stock`.

    None where there are no relays, or they do not answer.
    """
    body = await _metrics(state, POLICIES)
    if body is None:
        return None
    found: dict[str, int] = {}
    for sample in probes.samples(body):
        if sample.name == TOLD_LAG:
            relay = sample.labels["relay"]
            found[relay] = found.get(relay, 0) + int(sample.value)
    return found


async def _metrics(state: State, name: str) -> str | None:
    """What a part tells of itself; None where there is no such part, or it does not answer."""
    part = state.parts.get(name)
    return None if part is None else await probes.metrics(part.metrics_port)


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
    bodies = await asyncio.gather(*(probes.metrics(port) for port in ports if port is not None))
    told = [_lag_of(body) for body in bodies if body is not None]
    return sum(told) if told and len(told) == len(bodies) else None


def _lag_of(body: str) -> int:
    return int(sum(sample.value for sample in probes.samples(body) if sample.name == LAG))
