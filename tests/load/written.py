"""Events, records and rows as the workers would write them, for the books."""

import json
from dataclasses import dataclass, field
from typing import Any

from cli.event_view import Event, decode_event
from cli.findings import Findings
from cli.ledger import Ledger
from schemas.rows import Reservation, ReservedLine, Row

LOG_TIME = "2026-11-20T10:00:00.000Z"
LATER = "2026-11-20T11:00:00.000Z"


@dataclass
class Story:
    """Events of partition 0, in their order, each of the next record."""

    events: list[Event] = field(default_factory=list)

    def tell(self, kind: str, *lines: dict[str, Any], **fields: Any) -> Event:
        """The next event."""
        seq = len(self.events) + 1
        body: dict[str, Any] = {
            "type": kind,
            "id": f"0-{seq}",
            "partition": 0,
            "seq": seq,
            "warehouse": "W",
            "recorded_at": LOG_TIME,
            "source": {"partition": 0, "offset": seq - 1},
            "lines": lines,
        }
        event = decode_event(json.dumps(body | fields).encode())
        self.events.append(event)
        return event


def line(
    on_hand: int, reserved: int, version: int, sku: str = "A", **amount: Any
) -> dict[str, Any]:
    """A line of an event, with the values after it."""
    after = {"on_hand": on_hand, "reserved": reserved, "available": on_hand - reserved}
    return {"sku": sku, **amount, **after, "version": version}


ROW = Row(7, 2, 5, 6, supplier=-10, customer=3)
HELD = Reservation("open", LATER, [ReservedLine("A", 2)])


def story() -> Story:
    """10 in, 2 + 3 promised, 3 shipped of that, a policy, and a correction of nothing."""
    told = Story()
    told.tell("StockReceived", line(10, 0, 1, quantity=10))
    told.tell("StockReserved", line(10, 2, 2, quantity=2), reservation="r-1", expires_at=LATER)
    told.tell("StockReserved", line(10, 5, 3, quantity=3), reservation="r-2", expires_at=LATER)
    told.tell("StockShipped", line(7, 2, 4, quantity=3), reservation="r-2")
    told.tell("CommandRejected", code="INSUFFICIENT_STOCK")
    told.tell("ReorderPointSet", line(7, 2, 5, reorder_point=5))
    told.tell("StockAdjusted", line(7, 2, 6, delta=0))
    return told


def added(told: Story) -> tuple[Ledger, Findings]:
    """The ledger after a story's events, and what differed."""
    findings = Findings()
    ledger = Ledger(0, findings)
    for event in told.events:
        ledger.add(event)
    return ledger, findings


@dataclass
class Record:
    """A record as it is consumed."""

    offset: int
    value: bytes | None
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


def command(offset: int, name: str, warehouse: str = "W", **more: Any) -> Record:
    """A record that receives one A."""
    lines = [{"sku": "A", "quantity": 1}]
    body = {"type": "ReceiveStock", "id": name, "warehouse": warehouse, "lines": lines}
    return Record(offset, json.dumps(body | more).encode())
