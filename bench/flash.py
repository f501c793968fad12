"""`bench flash`: one SKU, 10,000 units, 100,000 reservations of 1,000 clients: 10,000 are accepted.

Ours and Kafka Streams decide them from Kafka: once as a log that stands there, once as it comes.
PostgreSQL does what a user would write instead, see bench/locks.py. All are warm, each at its best.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from confluent_kafka import Producer

from bench import locks
from bench.child import Died, progress
from bench.drain import Log, drain, prepare
from bench.latency import INTERVAL_MS
from bench.parts import Postgres
from bench.peers.processes import KAFKA_STREAMS, OURS
from bench.report import Report
from bench.stage import PARTITIONS, Stage, stage
from bench.tail import Tail
from bench.worker import Worker
from bench.workload import Workload
from streams.topics import owner

UNITS, REQUESTS, CLIENTS = 10_000, 100_000, 1_000
WAREHOUSE, SKU = "WH-001", "10000A"
WARM_UP = 200_000  # commands of the old mix: a broker just started takes five times as long
TRIES = 3  # of the live sale
TTL_S = 3_600  # nobody's time is over before the sale is
LIVE_S_MAX = 120.0
TIMES_MIN = 20
ACCEPTED = b'"type":"StockReserved"'
REFUSED = b'"code":"INSUFFICIENT_STOCK"'


@dataclass(frozen=True, slots=True)
class FlashSale:
    """Everybody wants one of the same."""

    def commands(self, count: int) -> Iterator[tuple[str, bytes]]:
        """A delivery, then as many wishes as are left."""
        yield WAREHOUSE, delivery()
        for number in range(1, count):
            yield WAREHOUSE, wish(number)


def delivery() -> bytes:
    """What there is to sell."""
    return _command("ReceiveStock", "delivery", UNITS, {})


def wish(number: int) -> bytes:
    """One client wants one unit."""
    name = f"wish-{number:07d}"
    told: dict[str, str | int] = {
        "actor": f"client:{number % CLIENTS}",
        "reservation": name,
        "ttl_seconds": TTL_S,
    }
    return _command("ReserveStock", name, 1, told)


def _command(kind: str, name: str, quantity: int, told: dict[str, str | int]) -> bytes:
    head = {"type": kind, "id": name, "warehouse": WAREHOUSE}
    lines = {"lines": [{"sku": SKU, "quantity": quantity}]}
    return json.dumps(head | lines | told, separators=(",", ":")).encode()


def run(report: Report, requests: int = REQUESTS) -> None:
    """The engines first, then the locks."""
    with stage() as playing:
        warm = prepare(playing, "warm.", Workload(), min(WARM_UP, 2 * requests))
        drain(playing, OURS, warm, warm.prefix)
        playing.drop_topics(warm.topics)
        log = prepare(playing, "flash.", FlashSale(), requests + 1)
        streams = drain(playing, KAFKA_STREAMS, log, "streams.").result
        ours = drain(playing, OURS, log, log.prefix).result
        sold = _sold(log)
        report.results += [replace(one, workload="flash sale") for one in (streams, ours)]
        seconds = min(_live(playing, f"live-{number}.", requests) for number in range(TRIES))
        postgres = Postgres.start(playing)
        found = locks.measure(playing, postgres, requests, UNITS)
        report.results += [replace(one.result, workload="flash sale") for one in found]
    report.add("reservations accepted of 10,000", sold, "", f">= {UNITS}", "and by the oracle")
    note = f"{requests:,} requests, the best of {TRIES}, from the first one sent; its event read"
    report.add("flash sale as it comes, to the last decision", seconds, "s", note=note)
    for answers, what in locks.ANSWERS.items():
        best = min((one for one in found if one.answers == answers), key=lambda one: one.seconds)
        note = f"{best.result.guarantee}; to its last decision {best.seconds:.1f} s"
        target = f">= {TIMES_MIN}"
        report.add(f"times PostgreSQL, {what}", best.seconds / seconds, "x", target, note)
    report.add("times Kafka Streams", ours.commands_per_s / streams.commands_per_s, "x")


def _sold(log: Log) -> int:
    return sum(outcome == "StockReserved" for outcome in log.expected.outcomes.values())


def _live(playing: Stage, prefix: str, requests: int) -> float:
    """Seconds from the first wish sent to the last one's event read, the worker being up."""
    topics = playing.make_topics(prefix)
    worker = Worker.start(playing, prefix, home=prefix + "home", interval_ms=INTERVAL_MS)
    worker.wait_serving()
    producer = _producer(playing)
    home, tail = owner(WAREHOUSE, PARTITIONS), Tail(playing.kafka, topics.events, PARTITIONS)
    producer.produce(topics.commands, delivery(), key=WAREHOUSE, partition=home)
    producer.flush()
    wishes, decided = [wish(number) for number in range(1, requests + 1)], [0, 0]
    began = time.monotonic()
    for value in wishes:
        producer.produce(topics.commands, value, key=WAREHOUSE, partition=home)
    while sum(decided) < requests:
        for record in tail.now(0.01):
            value = record.value() or b""
            decided[0] += ACCEPTED in value
            decided[1] += REFUSED in value
        worker.child.check()
        producer.poll(0)
        if time.monotonic() - began > LIVE_S_MAX:
            raise Died(f"{decided} accepted and refused after {LIVE_S_MAX:.0f} s")
    seconds = time.monotonic() - began
    tail.close()
    worker.child.stop()
    playing.drop_topics(topics)
    if decided != [min(UNITS, requests), max(0, requests - UNITS)]:
        raise Died(f"{decided} accepted and refused")
    progress(f"  as it comes: {requests:,} decided in {seconds:.1f} s")
    return seconds


def _producer(playing: Stage) -> Producer:
    return Producer(
        {
            "bootstrap.servers": playing.kafka,
            "enable.idempotence": True,
            "linger.ms": 5,
            "batch.size": 1 << 20,
            "queue.buffering.max.messages": 2 * REQUESTS,
        }
    )
