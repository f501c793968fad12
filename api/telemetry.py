"""What the API tells of itself: its Prometheus metrics, of bounded cardinality."""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from api.follower import Follower

METHODS = frozenset(("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"))
UNMATCHED = "(no route)"

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
REQUESTS = Counter(
    "stockyard_api_requests_total",
    "Requests answered",
    ["method", "route", "status"],
    registry=REGISTRY,
)
LATENCY = Histogram(
    "stockyard_api_request_seconds",
    "From the request's head to the end of its answer",
    ["route"],
    buckets=[0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    registry=REGISTRY,
)
IN_FLIGHT = Gauge("stockyard_api_in_flight", "Requests being answered", registry=REGISTRY)
WAITERS = Gauge("stockyard_api_waiters", "Requests that wait for an outcome", registry=REGISTRY)
COMMANDS = Counter(
    "stockyard_api_commands_total", "Commands taken, by what became of them", ["result"],
    registry=REGISTRY,
)  # fmt: skip


class Positions(Collector):
    """How far the replicas are, read when somebody asks."""

    def __init__(self, followers: list[Follower]) -> None:
        self._followers = followers

    def collect(self) -> Iterator[Metric]:
        """One sample of each kind for each partition of each domain."""
        labels = ["domain", "partition"]
        seq = GaugeMetricFamily("stockyard_api_seq", "Seq of the newest event seen", labels=labels)
        up = GaugeMetricFamily("stockyard_api_caught_up", "1 once it answers", labels=labels)
        rebuilds = CounterMetricFamily(
            "stockyard_api_rebuilds", "Copies given up and made anew", labels=labels
        )
        records = GaugeMetricFamily(
            "stockyard_api_lag_records", "Changelog records not yet read", labels=labels
        )
        seconds = GaugeMetricFamily(
            "stockyard_api_lag_seconds",
            "Age of the newest record read; 0: no lag",
            labels=labels,
        )
        places = [(one, replica) for one in self._followers for replica in one.replicas]
        for follower, replica in places:
            name = [follower.domain, str(replica.partition)]
            seq.add_metric(name, replica.seq)
            up.add_metric(name, replica.caught_up)
            rebuilds.add_metric(name, replica.rebuilds)
            lag = follower.lag_records(replica)
            if lag is not None:
                records.add_metric(name, lag)
                seconds.add_metric(name, replica.age_s(time.time()) if lag else 0.0)
        yield from (seq, up, rebuilds, records, seconds)
        yield GaugeMetricFamily(
            "stockyard_api_fetched_timestamp_seconds",
            "When Kafka last answered the follower, for every partition",
            min(one.fetched_ms() for one in self._followers) / 1000,
        )
