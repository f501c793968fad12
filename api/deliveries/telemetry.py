"""What the deliveries tell of themselves, by endpoint; the log has the single failures."""

from prometheus_client import Counter, Gauge, Histogram

from api.deliveries.circuit import STATES, State

DELIVERED = Counter("stockyard_delivered_total", "Events that were taken", ["endpoint"])
RETRIED = Counter(
    "stockyard_delivery_retries_total", "Attempts that are to be repeated", ["endpoint"]
)
DEAD = Counter("stockyard_delivery_dead_letters_total", "Events given up", ["endpoint"])
PASSED_OVER = Counter(
    "stockyard_delivery_passed_over_total", "Events that it does not want", ["endpoint"]
)
LAG = Gauge("stockyard_delivery_lag_records", "Records not yet delivered", ["endpoint", "topic"])
UNDER_WAY = Gauge("stockyard_delivery_under_way", "Events in memory", ["endpoint"])
CIRCUIT = Gauge("stockyard_delivery_circuit", "1 in the state that holds", ["endpoint", "state"])
OUTAGE = Gauge(
    "stockyard_delivery_outage", "1 while Kafka is away, or a person must look", ["endpoint"]
)
SECONDS = Histogram(
    "stockyard_delivery_seconds",
    "From an attempt to its answer",
    ["endpoint"],
    buckets=[0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
)


def begin(endpoint: str) -> None:
    """Show every figure of an endpoint from its start."""
    for counter in (DELIVERED, RETRIED, DEAD, PASSED_OVER):
        counter.labels(endpoint)
    OUTAGE.labels(endpoint).set(0)
    show(endpoint, "closed")


def show(endpoint: str, state: State) -> None:
    """Its circuit is in this state."""
    for one in STATES:
        CIRCUIT.labels(endpoint, one).set(one == state)
