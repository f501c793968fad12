"""Quix Streams, exactly once: a stateful function on the commands, the settings frozen below.

`python -m bench.peers.quix KAFKA COMMANDS PREFIX HOME COMMIT_S`
"""

import sys
from typing import Any

from quixstreams import Application, State, message_context
from quixstreams.state.rocksdb import RocksDBOptions

from bench.peers.hosted import Partition


class Alert(bytes):
    """An alert's value that knows its key."""

    key: str


partitions: dict[int, Partition] = {}


def decide(value: bytes, _key: str, timestamp: int, _headers: Any, state: State) -> list[bytes]:
    """One command: what it tells, events first."""
    context = message_context()
    partition = partitions.get(context.partition)
    if partition is None:
        partition = partitions[context.partition] = Partition(context.partition, state.get_bytes)
    told, alarms = partition.take(
        value, context.offset, timestamp, state.get_bytes, state.set_bytes
    )
    for alert_key, alert_value in alarms:
        alert = Alert(alert_value)
        alert.key = alert_key.decode()
        told.append(alert)
    return told


def main(kafka: str, commands: str, prefix: str, home: str, commit_s: str) -> None:
    """Drain the commands until stopped."""
    app = Application(
        broker_address=kafka,
        consumer_group=f"{prefix}quix",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=float(commit_s),
        state_dir=home,
        loglevel="WARNING",
        max_partition_buffer_size=50_000,  # 10,000 by default: fewer pauses of a partition
        rocksdb_options=RocksDBOptions(block_cache_size=256 << 20, write_buffer_size=64 << 20),
        consumer_extra_config={
            "fetch.queue.backoff.ms": 10,
            "queued.max.messages.kbytes": 65_536,
            "max.partition.fetch.bytes": 4 << 20,
            "check.crcs": False,
        },
        producer_extra_config={
            "linger.ms": 20,  # a commit flushes
            "batch.size": 1 << 20,  # 16 KB by default
            "queue.buffering.max.messages": 1_000_000,
        },
    )
    source = app.topic(commands, key_deserializer="str", value_deserializer="bytes")
    told = {"key_serializer": "str", "value_serializer": "bytes"}
    events = app.topic(f"{prefix}stock.events.v1", **told)
    alerts = app.topic(f"{prefix}stock.alerts.v1", **told)
    outcomes = app.dataframe(source).apply(decide, stateful=True, metadata=True, expand=True)
    alarms = outcomes.filter(lambda value: type(value) is Alert)
    alarms.to_topic(alerts, key=lambda alert: alert.key)
    outcomes.filter(lambda value: type(value) is not Alert).to_topic(events)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
