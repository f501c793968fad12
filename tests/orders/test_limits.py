"""The largest orders: what they tell fits on a topic, and is planned within a moment."""

import json
import time
from typing import Any

import pytest

from schemas.orders_lines import LEARNED_MAX
from streams.topics import MESSAGE_BYTES_MAX
from tests.orders.desk import Desk

LINES, SOURCES = 200, 10
SKUS = [f"{number:03}" + "\U0001f4e6" * 61 for number in range(LINES)]
PLANNED_S = 2.0  # of a processor


def largest(strategy: str) -> dict[str, Any]:
    """All lines from all sources, with names as long as can be."""
    hints = [{"sku": sku, "available": 10**11} for sku in SKUS]
    return {
        "type": "PlaceOrder",
        "id": "i" * 128,
        "order": "o" * 64,
        "lines": [{"sku": sku, "quantity": 10**12} for sku in SKUS],
        "sources": [{"warehouse": f"{number}" * 64, "stock": hints} for number in range(SOURCES)],
        "strategy": strategy,
    }


def legs_told(desk: Desk, told: str, step: str) -> None:
    """Each leg of the last event is told of."""
    for leg in list(desk.told["legs"]):
        if leg["state"] == "reserving":
            head = {"order": "o" * 64, "cause": "1-1", "warehouse": leg["warehouse"]}
            head |= {"attempt": leg["attempt"], "id": f"{told}-{leg['warehouse']}"}
            fields = {"type": "RecordLeg", "told": told, "lines": leg["lines"]}
            if leg["warehouse"].startswith(step):
                fields = {"type": "RecordLegRefusal", "step": "reserve", "code": "QUANTITY_LIMIT"}
            desk.put(json.dumps(head | fields).encode())


@pytest.mark.parametrize("strategy", ["fewest_splits", "fefo", "cost"])
def test_the_largest_order_is_planned_and_told(strategy: str) -> None:
    wish = json.dumps(largest(strategy), ensure_ascii=False).encode()
    assert len(wish) < 1 << 20
    desk = Desk()
    began = time.process_time()

    desk.put(wish)

    assert time.process_time() - began < PLANNED_S
    assert sum(len(leg["lines"]) for leg in desk.told["legs"]) == LINES * SOURCES
    legs_told(desk, "reserved", "9")
    assert desk.told["type"] in ("OrderRefusing", "OrderPlanned")
    assert max(map(len, desk.events)) < MESSAGE_BYTES_MAX
    assert max(map(len, desk.rows.values())) < MESSAGE_BYTES_MAX


def test_what_warehouses_have_said_is_forgotten_before_it_is_too_long_to_be_told() -> None:
    desk = Desk()
    desk.put(json.dumps(largest("cost") | {"attempts_max": 20}, ensure_ascii=False).encode())
    first = list(desk.told["legs"])
    for leg in first[:1]:
        _refused(desk, leg, {"code": "QUANTITY_LIMIT"})
    for leg in first[1:]:
        short = [{"sku": sku, "available": 10**11 - 1} for sku in SKUS]
        _refused(desk, leg, {"code": "INSUFFICIENT_STOCK", "short": short} | short[0])

    learned = [(one["warehouse"][0], one.get("sku")) for one in desk.told["learned"]]

    assert (len(learned), learned[0]) == (LEARNED_MAX, ("0", None))
    assert learned[1:201] == [("2", sku) for sku in SKUS[101:]] + [("3", sku) for sku in SKUS[:101]]
    assert max(map(len, desk.events)) < MESSAGE_BYTES_MAX


def _refused(desk: Desk, leg: dict[str, Any], why: dict[str, Any]) -> None:
    head = {"type": "RecordLegRefusal", "order": "o" * 64, "cause": "1-1", "step": "reserve"}
    head |= {"warehouse": leg["warehouse"], "attempt": leg["attempt"]}
    head |= {"id": f"refused-{leg['warehouse']}"}
    desk.put(json.dumps(head | why, ensure_ascii=False).encode())
