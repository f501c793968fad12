"""The contract told once more: refolds a partition of commands into what must have come of it."""

import heapq
import time
from collections.abc import Container, Iterable
from functools import lru_cache
from typing import Any

from tests.chaos.records import (
    ExpectedAlert,
    ExpectedEvent,
    Forward,
    Prediction,
    Record,
    Reservation,
    Row,
)
from tests.chaos.rules import LEVEL_MAX, Command, Unreadable, read

DAY_S = 86_400
TICK = b'{"type":"Tick"}'
LEVELS = ("ok", "low", "out")
Step = tuple[int, int, int | None]
"""A change of a row: (on_hand by, reserved by, reorder point to, or None)."""
ALERTS = {"low": "LowStock", "out": "OutOfStock", "ok": "StockRecovered"}


def murmur2(key: bytes) -> int:
    """Kafka's hash of a record key, written from its description: 32 bits, seed 0x9747b28c."""
    multiplier, mask = 0x5BD1E995, 0xFFFFFFFF
    mixed = 0x9747B28C ^ len(key)
    whole = len(key) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(key[at : at + 4], "little") * multiplier & mask
        word = (word ^ (word >> 24)) * multiplier & mask
        mixed = (mixed * multiplier & mask) ^ word
    if len(key) != whole:
        mixed = (mixed ^ int.from_bytes(key[whole:], "little")) * multiplier & mask
    mixed = (mixed ^ (mixed >> 13)) * multiplier & mask
    return mixed ^ (mixed >> 15)


@lru_cache(maxsize=1 << 16)
def owner(warehouse: str, partitions: int) -> int:
    """Partition that owns a warehouse."""
    return (murmur2(warehouse.encode()) & 0x7FFFFFFF) % partitions


@lru_cache(maxsize=1 << 16)
def rfc3339(time_ms: int) -> str:
    """UTC with milliseconds, as events carry log time."""
    second, millisecond = divmod(time_ms, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)) + f".{millisecond:03d}Z"


class Oracle:
    """One partition of commands, decided in order."""

    def __init__(
        self,
        topic: str,
        partition: int,
        partitions: int,
        first_seq: int,
        window_s: int = 30 * DAY_S,
        dead: Container[int] = (),
    ) -> None:
        """`dead`: offsets seen as dead letters, asked only where the contract leaves it open."""
        self.topic, self.partitions, self.dead = topic, partitions, dead
        self.seq, self.window_ms = first_seq, window_s * 1000
        self.told = Prediction(partition)
        self.now_ms = 0
        self.open: list[tuple[int, str, str]] = []  # (expires_at, reservation, warehouse)
        self.closed: list[tuple[int, str, str]] = []  # (forgotten at, warehouse, reservation)
        self.known: dict[tuple[str, str], tuple[int, tuple[str, Any]]] = {}

    def fold(self, records: Iterable[Record]) -> Prediction:
        """Decide every record, in the order of their offsets."""
        for record in records:
            assert record.offset >= self.told.next_offset, "records must come in order"
            self._record(record)
            self.told.next_offset = record.offset + 1
            self.told.records += 1
        self.told.log_time_ms = self.now_ms
        return self.told

    def _record(self, record: Record) -> None:
        self.now_ms = max(self.now_ms, record.timestamp_ms)
        self._expire(record)
        try:
            command = read(record.value)
        except Unreadable:
            self.told.dead_letters.append(record)
            return
        unclear = record.value != TICK if command is None else command.unclear
        if unclear and record.offset in self.dead:
            self.told.dead_letters.append(record)
            return
        if command is None:
            self.told.ticks += 1
            return
        target = owner(command.warehouse, self.partitions)
        if target != record.partition:
            self._misrouted(record, command, target)
        else:
            self._decide(record, command)

    def _misrouted(self, record: Record, command: Command, target: int) -> None:
        if any(name == "forwarded_from" for name, _ in record.headers):
            self.told.dead_letters.append(record)
            return
        assert record.value is not None
        origin = f"{self.topic}/{record.partition}/{record.offset}"
        self.told.forwards.append(
            Forward(origin, target, command.warehouse.encode(), record.value, record.headers)
        )

    def _decide(self, record: Record, command: Command) -> None:
        identity = (command.warehouse, command.id)
        first = self.known.get(identity)
        if first is not None and self.now_ms - first[0] < self.window_ms:
            if first[1] == command.payload:
                self.told.duplicates += 1
            else:
                self._reject(record, command, ("IDEMPOTENCY_KEY_REUSED",))
            return
        self.known[identity] = (self.now_ms, command.payload)
        if command.problem:
            self._reject(record, command, ("INVALID_COMMAND",))
        elif command.type in ("ReleaseReservation", "ShipReservation"):
            self._close(record, command)
        else:
            self._move(record, command)

    def _move(self, record: Record, command: Command) -> None:
        """The commands that name lines: all lines or none."""
        refusals, details = self._refusals(command)
        if refusals:
            self._reject(record, command, refusals, details)
            return
        kind, more = command.type, {}
        if kind == "ReserveStock":
            name = command.fields["reservation"]
            expires_ms = self.now_ms + command.fields["ttl_seconds"] * 1000
            key = (command.warehouse, name)
            self.told.reservations[key] = Reservation(dict(command.lines), expires_ms)
            heapq.heappush(self.open, (expires_ms, name, command.warehouse))
            more = {"reservation": name, "expires_at": rfc3339(expires_ms)}
        event = self._event(_OUTCOMES[kind], record, command, more)
        if kind == "AdjustStock":
            event.may["reason"] = command.fields["reason"]
        named = {"AdjustStock": "delta", "SetReorderPoint": "reorder_point"}.get(kind, "quantity")
        steps = {sku: _step(kind, value) for sku, value in command.lines.items()}
        self._apply(event, command.warehouse, named, command.lines, steps)

    def _refusals(self, command: Command) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Codes that apply, and the details of the first line that is short, if only that is."""
        name = (command.warehouse, command.fields.get("reservation", ""))
        if command.type == "ReserveStock" and name in self.told.reservations:
            return ("RESERVATION_EXISTS",), {}
        codes: list[str] = []
        details: dict[str, Any] = {}
        for sku, value in command.lines.items():
            row = self.told.rows.get((command.warehouse, sku)) or Row()
            on_hand, reserved, _ = _step(command.type, value)
            if row.on_hand + on_hand < row.reserved + reserved:
                requested = -value if command.type == "AdjustStock" else value
                short = {"sku": sku, "requested": requested, "available": row.available}
                details = details or short
                codes.append("INSUFFICIENT_STOCK")
            elif row.on_hand + on_hand > LEVEL_MAX:
                codes.append("QUANTITY_LIMIT")
        distinct = tuple(dict.fromkeys(codes))
        return distinct, details if distinct == ("INSUFFICIENT_STOCK",) else {}

    def _close(self, record: Record, command: Command) -> None:
        name = command.fields["reservation"]
        found = self.told.reservations.get((command.warehouse, name))
        if found is None or found.state != "open":
            code = "RESERVATION_CLOSED" if found else "RESERVATION_NOT_FOUND"
            self._reject(record, command, (code,))
            return
        shipped = command.type == "ShipReservation"
        outcome = "StockShipped" if shipped else "ReservationReleased"
        event = self._event(outcome, record, command, {"reservation": name})
        self._end(event, command.warehouse, name, found, "shipped" if shipped else "released")

    def _expire(self, record: Record) -> None:
        while self.closed and self.closed[0][0] <= self.now_ms:
            _, warehouse, name = heapq.heappop(self.closed)
            del self.told.reservations[warehouse, name]
        while self.open and self.open[0][0] <= self.now_ms:
            expires_ms, name, warehouse = heapq.heappop(self.open)
            found = self.told.reservations.get((warehouse, name))
            if found is None or found.state != "open" or found.expires_at_ms != expires_ms:
                continue
            event = self._event("ReservationExpired", record, None, {"reservation": name})
            event.fields["warehouse"] = warehouse
            event.may["expires_at"] = rfc3339(expires_ms)
            self._end(event, warehouse, name, found, "expired")

    def _end(
        self, event: ExpectedEvent, warehouse: str, name: str, found: Reservation, state: str
    ) -> None:
        found.state, found.closed_at_ms = state, self.now_ms
        heapq.heappush(self.closed, (self.now_ms + self.window_ms, warehouse, name))
        steps: dict[str, Step] = {
            sku: (-quantity if state == "shipped" else 0, -quantity, None)
            for sku, quantity in found.lines.items()
        }
        self._apply(event, warehouse, "quantity", found.lines, steps)

    def _apply(
        self,
        event: ExpectedEvent,
        warehouse: str,
        named: str,
        values: dict[str, int],
        steps: dict[str, Step],
    ) -> None:
        """Change the rows, tell their values after it, and alert of each crossing."""
        lines = event.fields["lines"] = []
        for sku, (on_hand, reserved, reorder_point) in steps.items():
            row = self.told.rows.setdefault((warehouse, sku), Row())
            before, first = _level(row), row.version == 0
            row.on_hand += on_hand
            row.reserved += reserved
            row.version += 1
            if reorder_point is not None:
                row.reorder_point = reorder_point
            assert 0 <= row.reserved <= row.on_hand <= LEVEL_MAX
            line = {"sku": sku, named: values[sku], "on_hand": row.on_hand}
            line |= {"reserved": row.reserved, "available": row.available, "version": row.version}
            lines.append(line)
            if not first:
                self._alert(event, warehouse, sku, row, before, _level(row))

    def _alert(
        self, event: ExpectedEvent, warehouse: str, sku: str, row: Row, before: str, after: str
    ) -> None:
        fell = LEVELS.index(after) > LEVELS.index(before)
        if not fell and not (after == "ok" and before != "ok"):
            return
        fields = {
            "type": ALERTS[after],
            "id": f"{event.fields['id']}/{sku}",
            "warehouse": warehouse,
            "sku": sku,
            "available": row.available,
            "on_hand": row.on_hand,
            "reserved": row.reserved,
            "reorder_point": row.reorder_point,
            "event_id": event.fields["id"],
            "time": event.fields["time"],
        }
        self.told.alerts.append(ExpectedAlert(f"{warehouse}/{sku}".encode(), fields))

    def _reject(
        self,
        record: Record,
        command: Command,
        codes: tuple[str, ...],
        details: dict[str, Any] | None = None,
    ) -> None:
        event = self._event("CommandRejected", record, command, {})
        event.codes = codes
        if details:
            event.fields["details"] = details
        if command.problem:  # an invalid command's time and names may be unfit to be told
            del event.fields["time"]
            for name in ("actor", "correlation_id"):
                event.fields.pop(name, None)
            event.anything = ("time", "actor", "correlation_id")

    def _event(
        self, kind: str, record: Record, command: Command | None, more: dict[str, Any]
    ) -> ExpectedEvent:
        partition, now = record.partition, rfc3339(self.now_ms)
        fields: dict[str, Any] = {
            "type": kind,
            "id": f"{partition}-{self.seq}",
            "partition": partition,
            "seq": self.seq,
            "time": now,
            "recorded_at": now,
            "source": {"partition": partition, "offset": record.offset},
        }
        if command is not None:
            fields |= {"command_id": command.id, "warehouse": command.warehouse}
            for name in ("time", "actor", "correlation_id"):
                if command.fields.get(name) is not None:
                    fields[name] = command.fields[name]
        self.seq += 1
        event = ExpectedEvent(fields | more)
        self.told.events.append(event)
        return event


_OUTCOMES = {
    "ReceiveStock": "StockReceived",
    "ShipStock": "StockShipped",
    "AdjustStock": "StockAdjusted",
    "ReserveStock": "StockReserved",
    "SetReorderPoint": "ReorderPointSet",
}


def _step(kind: str, value: int) -> Step:
    """What one line does to its row."""
    if kind == "SetReorderPoint":
        return 0, 0, value
    if kind == "ReserveStock":
        return 0, value, None
    return (-value if kind == "ShipStock" else value), 0, None


def _level(row: Row) -> str:
    if row.available == 0:
        return "out"
    return "low" if row.available <= row.reorder_point else "ok"
