"""`bench order`: an order of 500 lines in one warehouse, from produced to its event readable.

Orders come at a low rate, reserved and shipped by turns: this is how long one takes when nothing
else is in its way. Each is one transaction: its rows stand between two stamps of the changelog, all
of them, and its lines in one event.
"""

import time
from collections.abc import Iterator

from confluent_kafka import Producer

from bench.child import Died, progress
from bench.latency import INTERVAL_MS
from bench.preload import Preload
from bench.report import Report
from bench.stage import PARTITIONS, Stage, stage
from bench.tail import Record, Tail, read
from bench.worker import Worker
from bench.workload import Workload, lines_of
from streams import stamp
from streams.topics import Topics

LINES, ORDERS, PER_S = 500, 640, 5.0
WARM_UP = 40  # orders that do not count: a broker just started takes longer for each
KINDS = ("ReserveStock", "ShipStock")
EVENTS = ("StockReserved", "StockShipped")
WAIT_S_MAX = 10.0
P99_MS_MAX = 50


def quantile_ms(seen_s: list[float], share: float) -> float:
    """One of what was seen, by its rank."""
    ordered = sorted(seen_s)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1_000


def run(report: Report, orders: int = ORDERS) -> None:
    """All orders, one after the other, each at its time."""
    with stage() as playing:
        topics = playing.make_topics("order.")
        workload = Workload(opened=0)
        Preload(playing.kafka, topics.changelog, workload).write()
        worker = Worker.start(playing, "order.", home="order", interval_ms=INTERVAL_MS)
        worker.wait_serving()
        before = _last_offsets(playing, topics)
        seen = _place(playing, topics, workload, orders)
        worker.child.stop()
        whole = _whole(playing, topics, before)
    for kind, found in zip(KINDS, seen, strict=True):
        told = f"{kind} of {LINES} lines, {PER_S:g}/s, {len(found)} of them"
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            target = f"<= {P99_MS_MAX}" if name == "p99" else ""
            report.add(f"{kind}, {name}", quantile_ms(found, share), "ms", target, told)
    note = "between two stamps of the changelog, with all their rows"
    report.add("orders that are one transaction each", whole, "", f">= {orders}", note)


def _place(
    playing: Stage, topics: Topics, workload: Workload, orders: int
) -> tuple[list[float], list[float]]:
    progress(f"{orders} orders of {LINES} lines, {PER_S:g} a second")
    tail = Tail(playing.kafka, topics.events, PARTITIONS, from_end=True)
    producer = Producer(
        {"bootstrap.servers": playing.kafka, "linger.ms": 0, "partitioner": "murmur2_random"}
    )
    seen, begin_s = (list[float](), list[float]()), time.monotonic() + 1
    for number, (warehouse, value) in enumerate(commands(workload, orders)):
        time.sleep(max(0.0, begin_s + number / PER_S - time.monotonic()))
        sent_s = time.monotonic()
        producer.produce(topics.commands, value, key=warehouse)
        producer.poll(0)
        _await(tail, number)
        if number >= WARM_UP:
            seen[number % 2].append(time.monotonic() - sent_s)
    tail.close()
    producer.flush()
    return seen


def commands(workload: Workload, orders: int) -> Iterator[tuple[str, bytes]]:
    """Orders over the warehouses in turn, each for SKUs that lie far apart."""
    names = workload.names()
    for number in range(orders):
        warehouse = names[number // 2 % len(names)]
        first, step = number * 7 % workload.skus, workload.skus // LINES
        ranks = [(first + at * step) % workload.skus for at in range(LINES)]
        kind = KINDS[number % 2]
        rest = lines_of(ranks, lambda _rank: '"quantity":1')
        if kind == "ReserveStock":
            rest += f',"reservation":"order-{number:06d}","ttl_seconds":86400'
        told = f'{{"type":"{kind}","id":"order-{number:06d}","warehouse":"{warehouse}",{rest}}}'
        yield warehouse, told.encode()


def _await(tail: Tail, number: int) -> None:
    """Wait for an order's event, which is granted and whole."""
    until = time.monotonic() + WAIT_S_MAX
    wanted = f'"command_id":"order-{number:06d}"'.encode()
    while time.monotonic() < until:
        for record in tail.now(0.0005):
            value = record.value() or b""
            if wanted not in value:
                continue
            if EVENTS[number % 2].encode() not in value or value.count(b'"sku":') != LINES:
                raise Died(f"order {number} was not granted whole: {value[:300]!r}")
            return
    raise Died(f"no event of order {number} after {WAIT_S_MAX:.0f} s")


def _last_offsets(playing: Stage, topics: Topics) -> dict[int, int]:
    """Where each partition of the changelog ends now."""
    ends: dict[int, int] = {}
    for record in read(playing.kafka, topics.changelog, PARTITIONS):
        ends[record.partition] = record.offset
    return ends


def _whole(playing: Stage, topics: Topics, before: dict[int, int]) -> int:
    """Transactions with the rows of a whole order and no other rows."""
    return sum(
        1
        for rows in transactions(read(playing.kafka, topics.changelog, PARTITIONS), before)
        if len(rows) == LINES
    )


def transactions(records: Iterator[Record], before: dict[int, int]) -> Iterator[list[bytes]]:
    """The keys of stock rows that each transaction wrote, from its stamp to the next one."""
    rows: dict[int, list[bytes]] = {}
    for record in records:
        if record.offset <= before.get(record.partition, -1):
            continue
        pending = rows.setdefault(record.partition, [])
        if record.key == stamp.KEY:
            yield pending
            rows[record.partition] = []
        elif record.key.startswith(b"S\0"):
            pending.append(record.key)
