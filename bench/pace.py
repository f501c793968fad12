"""Sends commands at a fixed pace, open loop: what is late is sent late, and counted from its time.

`python -m bench.pace KAFKA TOPIC RATE START_S SECONDS SERIES SKUS`; START_S is in epoch seconds.
"""

import sys
import time
from itertools import islice

from confluent_kafka import Producer

from bench.workload import Workload

SLICE_S = 0.002


def main(
    kafka: str, topic: str, rate: str, start_s: str, seconds: str, series: str, skus: str
) -> None:
    """Command number n is due at START_S + n / RATE."""
    per_s, begin_s = float(rate), float(start_s)
    total = int(per_s * float(seconds))
    stream = Workload(series=series, skus=int(skus), opened=0).commands(total)
    prepared = list(stream)  # made before the start: generating is no part of the load
    producer = Producer(
        {
            "bootstrap.servers": kafka,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "linger.ms": 1,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    commands = iter(prepared)
    sent = 0
    while sent < total:
        due = min(total, int((time.time() - begin_s) * per_s))
        for warehouse, value in islice(commands, max(0, due - sent)):
            producer.produce(topic, value, key=warehouse)
            sent += 1
        producer.poll(0)
        time.sleep(SLICE_S)
    producer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
