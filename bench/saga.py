"""`bench saga`: an order from three warehouses, from produced to the event that all of it is held.

PlaceOrder plans three legs, relays carry each to its warehouse, which reserves and then promises it
for good, and what came of each is carried back: five transactions one behind the other, and four
relays between them. Orders come one by one, at a low rate; the worker of stock, that of orders and
the relays are a process each.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from confluent_kafka import Producer

from bench.child import Died, progress
from bench.latency import INTERVAL_MS
from bench.order import quantile_ms
from bench.preload import Preload
from bench.report import Report
from bench.stage import PARTITIONS, Stage, stage
from bench.tail import Tail
from bench.worker import Worker
from bench.workload import Workload, sku_name
from schemas.domains import ORDERS, STOCK

SAGAS, PER_S = 320, 4.0
WARM_UP = 20  # that do not count
LEGS = 3
WAIT_S_MAX = 30.0  # for the last ones
P99_MS_MAX = 500
HELD = "OrderAllocated"


@dataclass(slots=True)
class Sagas:
    """Orders under way, and how long those took that are held."""

    sent_s: dict[str, float] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    legs: set[int] = field(default_factory=set)  # how many, of all orders held

    def take(self, value: bytes, now_s: float) -> None:
        """An event of orders."""
        event = json.loads(value)
        if event["type"] == HELD:
            self.took_s.append(now_s - self.sent_s.pop(event["order"]))
            self.legs.add(len(event["legs"]))
        elif event["type"] in ("CommandRejected", "OrderRefused", "OrderRefusing"):
            raise Died(f"an order was refused: {value[:400]!r}")


def run(report: Report, sagas: int = SAGAS) -> None:
    """All orders, each at its time."""
    with stage() as playing:
        playing.domains = f"{STOCK},{ORDERS}"
        stock, orders = playing.make_topics("saga."), playing.make_topics("saga.", ORDERS)
        workload = Workload(opened=0)
        Preload(playing.kafka, stock.changelog, workload).write()
        workers = [
            Worker.start(playing, "saga.", home=name, interval_ms=INTERVAL_MS, domain=name)
            for name in (STOCK, ORDERS)
        ]
        _relay(playing)
        for worker in workers:
            worker.wait_serving()
        found = _place(playing, orders.commands, orders.events, workload, sagas)
    took_s = found.took_s[WARM_UP:]
    note = f"{len(took_s)} orders of {LEGS} legs, {PER_S:g}/s; held for good in every warehouse"
    report.add("saga over three warehouses, p50", quantile_ms(took_s, 0.5), "ms", note=note)
    p99_ms = quantile_ms(took_s, 0.99)
    report.add("saga over three warehouses, p99", p99_ms, "ms", f"<= {P99_MS_MAX}", note)
    report.add("orders held in three warehouses", len(found.took_s), "", f">= {sagas}")


def _relay(playing: Stage) -> None:
    environment = playing.environment("saga.", "policies")
    environment["STOCKYARD_COMMIT_INTERVAL_MS"] = str(INTERVAL_MS)
    command = [sys.executable, "-m", "agents", "--policies", "--number", "1"]
    playing.start("policies", command, environment)


def _place(playing: Stage, commands: str, events: str, workload: Workload, sagas: int) -> Sagas:
    progress(f"{sagas} orders from {LEGS} warehouses, {PER_S:g} a second")
    tail = Tail(playing.kafka, events, PARTITIONS, from_end=True)
    producer = Producer(
        {"bootstrap.servers": playing.kafka, "linger.ms": 0, "partitioner": "murmur2_random"}
    )
    found, waiting = Sagas(), placed(workload, sagas)
    begin_s, number = time.monotonic() + 1, 0
    while number < sagas or found.sent_s:
        if number < sagas and time.monotonic() >= begin_s + number / PER_S:
            order, value = next(waiting)
            found.sent_s[order] = time.monotonic()
            producer.produce(commands, value, key=order)
            producer.poll(0)
            number += 1
        for record in tail.now(0.0005):
            found.take(record.value() or b"", time.monotonic())
        if time.monotonic() > begin_s + sagas / PER_S + WAIT_S_MAX:
            raise Died(f"{len(found.sent_s)} orders are not held after {WAIT_S_MAX:.0f} s")
    tail.close()
    producer.flush()
    if found.legs != {LEGS}:
        raise Died(f"orders have {found.legs} legs instead of {LEGS}")
    return found


def placed(workload: Workload, sagas: int) -> Iterator[tuple[str, bytes]]:
    """Orders whose every line is to be had in one warehouse only."""
    names = workload.names()
    for number in range(sagas):
        order = f"saga-{number:06d}"
        skus = [sku_name((number * LEGS + leg) % workload.skus) for leg in range(LEGS)]
        places = [names[(number + leg) % len(names)] for leg in range(LEGS)]
        told = {
            "type": "PlaceOrder",
            "id": f"place-{order}",
            "order": order,
            "lines": [{"sku": sku, "quantity": 2} for sku in skus],
            "sources": [
                {"warehouse": place, "stock": [{"sku": sku, "available": 1_000}]}
                for place, sku in zip(places, skus, strict=True)
            ],
        }
        yield order, json.dumps(told, separators=(",", ":")).encode()
