"""Sends commands at a fixed pace, open loop: what is late is sent late, and counted from its time.

`python -m bench.pace KAFKA TOPIC RATE START_S SECONDS SERIES SKUS`; START_S is in epoch seconds.
All partitions go in one request, as Kafka's own producer does it; librdkafka sends a request for
each, and with twelve the broker would be busy with the sender.
"""

import asyncio
import sys
import time

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from bench.workload import Workload
from streams.topics import owner

LINGER_S = 0.005  # Kafka's own default


async def pace(
    kafka: str, topic: str, per_s: float, begin_s: float, commands: list[tuple[str, bytes]]
) -> None:
    """Send command number n when begin_s + n / per_s has come."""
    async with AIOKafkaProducer(
        bootstrap_servers=kafka, enable_idempotence=True, max_batch_size=1 << 20
    ) as producer:
        partitions = len(await producer.partitions_for(topic))
        names = {warehouse for warehouse, _ in commands}
        homes = {name: (name.encode(), owner(name, partitions)) for name in names}
        sent, answers = 0, set[asyncio.Future[object]]()
        while sent < len(commands):
            due = max(sent, min(len(commands), int((time.time() - begin_s) * per_s)))
            batches: dict[int, BatchBuilder] = {}
            for warehouse, value in commands[sent:due]:
                key, home = homes[warehouse]
                batch = batches.get(home) or batches.setdefault(home, producer.create_batch())
                while batch.append(key=key, value=value, timestamp=None) is None:
                    answers.add(await producer.send_batch(batch, topic, partition=home))
                    batch = batches[home] = producer.create_batch()
            for home, batch in batches.items():
                answers.add(await producer.send_batch(batch, topic, partition=home))
            sent = due
            for answer in [one for one in answers if one.done()]:
                answers.discard(answer)
                answer.result()
            await asyncio.sleep(LINGER_S)
        await asyncio.gather(*answers)


def main(
    kafka: str, topic: str, rate: str, start_s: str, seconds: str, series: str, skus: str
) -> None:
    """Command number n is due at START_S + n / RATE."""
    per_s, begin_s = float(rate), float(start_s)
    total = int(per_s * float(seconds))
    stream = Workload(series=series, skus=int(skus), opened=0).commands(total)
    prepared = list(stream)  # made before the start: generating is no part of the load
    asyncio.run(pace(kafka, topic, per_s, begin_s, prepared))


if __name__ == "__main__":
    main(*sys.argv[1:])
