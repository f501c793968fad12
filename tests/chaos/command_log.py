"""Small logs of commands to tell the oracle, in the order in which a warehouse gets them."""

import json
from typing import Any, Self

from tests.chaos.oracle import Oracle
from tests.chaos.records import Prediction, Record

START_MS = 1_763_632_800_000
TOPIC = "stock.commands.v1"


class Log:
    """A partition of commands of an installation with only one."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.now_ms = START_MS

    def command(self, kind: str, **fields: Any) -> Self:
        """Append a command for LON-1, with an id of its own unless it has one."""
        named = {"type": kind, "id": f"c{len(self.records)}", "warehouse": "LON-1"} | fields
        return self.bytes(json.dumps(named).encode())

    def bytes(self, value: bytes | None) -> Self:
        """Append any value."""
        self.records.append(Record(0, len(self.records), self.now_ms, None, value))
        return self

    def after(self, seconds: float) -> Self:
        """Let time pass before the next record."""
        self.now_ms += int(seconds * 1000)
        return self

    def told(self, window_s: int = 100) -> Prediction:
        """What must have come of it."""
        return Oracle(TOPIC, 0, 1, 1, window_s).fold(self.records)


def lines(**quantities: int) -> list[dict[str, Any]]:
    """A line for each SKU."""
    return [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]


def kinds(told: Prediction) -> list[str]:
    """What became of each command: its event's type, or why it was refused."""
    return ["/".join(event.codes) or event.fields["type"] for event in told.events]


def stocked(**quantities: int) -> Log:
    """So much came in."""
    return Log().command("ReceiveStock", lines=lines(**quantities))


def confirmed(**quantities: int) -> Log:
    """A reservation `r` of all that is there, confirmed."""
    log = stocked(**quantities)
    log.command("ReserveStock", reservation="r", lines=lines(**quantities), ttl_seconds=9)
    return log.command("ConfirmReservation", reservation="r")


def details(log: Log) -> dict[str, Any]:
    """What the last rejection tells beside its code, as far as that is told."""
    event = log.told().events[-1]
    told: dict[str, Any] = event.fields.get("details", event.among)
    return told


def opened(log: Log, *skus: str, **more: Any) -> Log:
    """Count `c` of these SKUs."""
    return log.command("OpenCount", count="c", lines=[{"sku": sku} for sku in skus], **more)


def counted(log: Log, actor: str | None, **found: int) -> Log:
    """So many were found of each."""
    named = [{"sku": sku, "counted": units} for sku, units in found.items()]
    return log.command("RecordCount", count="c", lines=named, actor=actor)
