"""Events, records and rows as the workers would write them, for the books."""

import json
from dataclasses import dataclass, field
from typing import Any

from cli.ledger import Event, decode_event

LOG_TIME = "2026-11-20T10:00:00.000Z"


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
    on_hand: int, reserved: int, version: int, sku: str = "A", **amount: int
) -> dict[str, Any]:
    """A line of an event, with the values after it."""
    after = {"on_hand": on_hand, "reserved": reserved, "available": on_hand - reserved}
    return {"sku": "A", **amount, **after, "version": version}


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
