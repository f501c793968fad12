"""Quix Streams, exactly once: a stateful function on the commands, the settings frozen below.

`python -m bench.peers.quix KAFKA COMMANDS PREFIX HOME COMMIT_S`

The state is by key, the warehouse: what is due under another one is out of reach. The partition's
position is kept under every key, too, and read when it begins: nothing is started again here.
"""

import sys
from typing import Any

from quixstreams import Application, State, message_context
from quixstreams.state.rocksdb import RocksDBOptions

from bench.peers.hosted import Partition


class Told(bytes):
    """A value that knows where it goes: one stream for all, because a branch pickles each value."""

    alert: bool
    key: str

    @classmethod
    def of(cls, value: bytes, key: str, alert: bool) -> "Told":
        """Mark a value."""
        told = cls(value)
        told.alert, told.key = alert, key
        return told


partitions: dict[int, Partition] = {}


def decide(value: bytes, key: str, timestamp: int, _headers: Any, state: State) -> list[Told]:
    """One command: what it tells, events first."""
    context = message_context()
    partition = partitions.get(context.partition)
    if partition is None:
        partition = partitions[context.partition] = Partition(context.partition, state.get_bytes)
    told, alarms = partition.take(
        value, context.offset, timestamp, state.get_bytes, state.set_bytes, scope=key
    )
    outcomes = [Told.of(event, key, False) for event in told]
    outcomes += [Told.of(alarm, where.decode(), True) for where, alarm in alarms]
    return outcomes


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
    written = {"key_serializer": "str", "value_serializer": "bytes"}
    events = app.topic(f"{prefix}stock.events.v1", **written)
    alerts = app.topic(f"{prefix}stock.alerts.v1", **written)
    outcomes = app.dataframe(source).apply(decide, stateful=True, metadata=True, expand=True)
    outcomes.to_topic(
        lambda told, _key, _timestamp, _headers: alerts if told.alert else events,
        key=lambda told: told.key,
    )
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
