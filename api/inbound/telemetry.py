"""What is told of the events that come in, by topic; the log has the single dead letters."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge

READ = Counter("stockyard_inbound_events_total", "Records read", ["topic"])
SENT = Counter("stockyard_inbound_commands_total", "Commands that they became", ["topic"])
DEAD = Counter("stockyard_inbound_dead_letters_total", "Records that mean nothing", ["topic"])
PASSED_OVER = Counter(
    "stockyard_inbound_passed_over_total", "Events of a type that is not known here", ["topic"]
)
LAG = Gauge("stockyard_inbound_lag_records", "Records that wait", ["topic"])
OUTAGE = Gauge("stockyard_inbound_outage", "1 while Kafka is away")


def begin(topics: Iterable[str]) -> None:
    """Show every figure of these topics from the start."""
    for topic in topics:
        for one in (READ, SENT, DEAD, PASSED_OVER, LAG):
            one.labels(topic)
