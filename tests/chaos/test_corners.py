"""Corners of time and size that traffic by chance seldom reaches, on a real worker."""

import json
import time
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.chaos.experiment import SEED, stop_all, traffic, verdict
from tests.chaos.installation import installation
from tests.chaos.traffic import WAREHOUSES, Traffic, Wish

WINDOW_S = 4
DECIDED_S = 240.0
CROWD = 12_000  # reservations of one partition that are due at one moment
NAMES = ("a", "a\0", "a\0b", "ab", "b", "\u00e9", "z", "\U0001f4e6", "A", "~")


def _wish(kind: str, identity: str, warehouse: str, **fields: Any) -> Wish:
    named = {"type": kind, "id": identity, "warehouse": warehouse} | fields
    return Wish(kind, warehouse.encode(), json.dumps(named).encode(), [], None)


def _stocked(warehouse: str) -> Wish:
    lines = [{"sku": "A1", "quantity": 10**6}]
    return _wish("ReceiveStock", "stock", warehouse, lines=lines)


def _reserved(warehouse: str, name: str, ttl_s: int) -> Wish:
    lines = [{"sku": "A1", "quantity": 1}]
    more = {"reservation": name, "ttl_seconds": ttl_s}
    return _wish("ReserveStock", f"r{name.encode().hex()}", warehouse, lines=lines, **more)


def test_ids_and_reservations_are_forgotten_after_their_window_and_not_before() -> None:
    with installation(partitions=4, window_s=WINDOW_S) as made:
        made.start_kafka()
        worker = made.worker(1)
        worker.start()
        wishes = Traffic(SEED + 4, 4, skus=100, repeated=0.4).wishes(4_000)
        with traffic(made, wishes, 300.0):
            time.sleep(8)
            worker.restart()
        settled_ms = made.settle(DECIDED_S)
        stop_all(made, [worker])
        report, _, _ = verdict(made, min_events=2_500, settled_ms=settled_ms)
        print(f"\nwindow of {WINDOW_S} s: {report}")
        assert report.right, str(report)
        assert report.counts["outcomes anew"] > 50


def _simultaneous(rng: Random) -> Iterator[Wish]:
    """Reservations of all warehouses with one expiry, their names mixed up between them."""
    for warehouse in WAREHOUSES:
        yield _stocked(warehouse)
    names = [f"{name}{number}" for name in NAMES for number in range(60)] + list(NAMES)
    rng.shuffle(names)
    for name in names:
        yield _reserved(rng.choice(WAREHOUSES), name, 2)


def test_what_is_due_at_one_moment_expires_in_the_order_of_its_names() -> None:
    with installation(partitions=2) as made:
        made.start_kafka()
        worker = made.worker(1)
        with traffic(made, _simultaneous(Random(SEED)), 0.0):
            pass
        worker.start()
        settled_ms = made.settle(DECIDED_S)
        stop_all(made, [worker])
        report, logs, _ = verdict(made, min_events=1_000, settled_ms=settled_ms)
        assert report.right, str(report)
        events = [json.loads(one.value or b"") for log in logs.events.values() for one in log]
        expired = [event for event in events if event["type"] == "ReservationExpired"]
        assert len(expired) == len(NAMES) * 61


def test_a_crowd_that_is_due_at_once_is_let_go_whole() -> None:
    warehouse = WAREHOUSES[0]
    with installation(partitions=1) as made:
        made.start_kafka()
        worker = made.worker(1)
        crowd = (_reserved(warehouse, f"c{number}", 5) for number in range(CROWD))
        with traffic(made, (wish for part in ([_stocked(warehouse)], crowd) for wish in part), 0.0):
            worker.start()
        made.wait_decided(DECIDED_S)
        time.sleep(5)
        worker.restart()
        settled_ms = made.settle(DECIDED_S)
        stop_all(made, [worker])
        report, _, truth = verdict(made, min_events=2 * CROWD, settled_ms=settled_ms)
        print(f"\n{CROWD:,} reservations due at once: {report}")
        assert report.right, str(report)
        assert truth.tables[0].rows[warehouse, "A1"].reserved == 0
