"""What the sinks tell Prometheus: rows, lag, COPY time, and whether they are held up."""

import time

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import Counter, Gauge, Histogram

from tables.postgres import FAILURES
from tables.reader import Chunk, LogReader

EXPECTED = (KafkaError, *FAILURES)

RECORDS = Counter("stockyard_sink_records_total", "Records written.", ["sink", "topic"])
LAG = Gauge("stockyard_sink_lag_records", "Offsets not yet written.", ["sink", "topic"])
LAG_SECONDS = Gauge(
    "stockyard_sink_lag_seconds", "Age of the record written last; 0 where none waits.", ["sink"]
)
OUTAGE = Gauge("stockyard_sink_outage", "1 while PostgreSQL or Kafka is away.", ["sink"])
COPY_SECONDS = Histogram(
    "stockyard_sink_copy_seconds",
    "One COPY.",
    ["sink", "table"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def written(sink: str, chunks: list[Chunk]) -> None:
    """Count what a transaction brought."""
    for chunk in chunks:
        RECORDS.labels(sink, chunk.source.topic).inc(len(chunk.records))
    stamps = [chunk.records[-1].timestamp for chunk in chunks if chunk.records]
    if stamps:
        LAG_SECONDS.labels(sink).set(max(0.0, time.time() - max(stamps) / 1_000))


def look(sink: str, reader: LogReader, positions: dict[TopicPartition, int], silent: bool) -> None:
    """Compare the positions with the ends that the broker told last, if it is not silent."""
    OUTAGE.labels(sink).set(silent)
    behind: dict[str, int] = {}
    for source, position in positions.items():
        end = reader.committed_end(source)
        rest = max(0, end - position) if end is not None else 0
        behind[source.topic] = behind.get(source.topic, 0) + rest
    for topic, records in behind.items():
        LAG.labels(sink, topic).set(records)
    if not any(behind.values()):
        LAG_SECONDS.labels(sink).set(0)
