"""How the deliveries are, as their metrics tell it: by endpoint."""

from typing import Any

from local import probes
from local.parts import DELIVERIES
from local.state import State

COUNTS = {
    "stockyard_delivery_lag_records": "lag",
    "stockyard_delivered_total": "delivered",
    "stockyard_delivery_retries_total": "retried",
    "stockyard_delivery_dead_letters_total": "dead",
    "stockyard_delivery_outage": "outage",
}
CIRCUIT = "stockyard_delivery_circuit"


async def figures(state: State) -> dict[str, dict[str, Any]] | None:
    """By endpoint its circuit, its lag, and its counts since the process began.

    None where nothing is delivered, or the process does not answer.
    """
    part = state.parts.get(DELIVERIES)
    body = None if part is None else await probes.metrics(part.metrics_port)
    return None if body is None else parsed(body)


def parsed(exposition: str) -> dict[str, dict[str, Any]]:
    """The figures of each endpoint, from the Prometheus text format."""
    found: dict[str, dict[str, Any]] = {}
    for sample in probes.samples(exposition):
        endpoint = sample.labels.get("endpoint")
        if endpoint is None:
            continue
        figures = found.setdefault(endpoint, {"circuit": "closed"})
        if sample.name == CIRCUIT and sample.value == 1.0:
            figures["circuit"] = sample.labels["state"]
        if sample.name in COUNTS:
            name = COUNTS[sample.name]
            figures[name] = figures.get(name, 0) + int(sample.value)
    return found
