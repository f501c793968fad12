"""The contract once more, plainly: one command after the other, dictionaries, no code of ours.

What an engine wrote is right when it is what this says; nothing here knows how any engine works.
"""

import heapq
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Row = tuple[int, int, int, int]  # on_hand, reserved, reorder point, version
LIMIT = 10**15
TICK = {"type": "Tick"}
REUSED = "CommandRejected/IDEMPOTENCY_KEY_REUSED"
NEW: Row = (0, 0, 0, 0)


@dataclass(slots=True)
class Expected:
    """What must stand on the events topic and in the tables after a log of commands."""

    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)  # (warehouse, id) -> outcome
    reused: Counter[tuple[str, str]] = field(default_factory=Counter)
    expired: Counter[tuple[str, str]] = field(default_factory=Counter)  # (warehouse, reservation)
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    events: Counter[int] = field(default_factory=Counter)  # per partition
    commands: int = 0

    @property
    def events_count(self) -> int:
        """Events on all partitions."""
        return self.events.total()


class Refused(Exception):
    """The command is rejected; its text is the code."""


@dataclass(slots=True)
class Reservation:
    """A promise of stock, and after its end the memory of it."""

    lines: dict[str, int]
    open: bool = True


class Oracle:
    """Refolds one log; records of a partition must come in its order.

    By the contract what is due expires before the next record of its partition; by warehouse,
    before the next one of its warehouse: the most that an engine can do whose state is by key.
    """

    def __init__(self, start: Row = NEW, by_warehouse: bool = False) -> None:
        self.start = start  # of every row
        self.by_warehouse = by_warehouse
        self.expected = Expected()
        self.payloads: dict[tuple[str, str], str] = {}
        self.reservations: dict[tuple[str, str], Reservation] = {}
        self.due: dict[int | str, list[tuple[int, str, str]]] = {}
        self.log_time_ms: Counter[int] = Counter()

    def take(self, partition: int, append_ms: int, value: bytes) -> None:
        """Decide one record of the owner's partition."""
        expected = self.expected
        self.log_time_ms[partition] = now = max(self.log_time_ms[partition], append_ms)
        command = json.loads(value)
        self._expire(partition, command.get("warehouse", "") if self.by_warehouse else partition)
        if command == TICK:
            return
        expected.commands += 1
        identity = command["warehouse"], command["id"]
        payload = _payload(command)
        known = self.payloads.get(identity)
        if known is not None:
            if known != payload:
                expected.reused[identity] += 1
                expected.events[partition] += 1
            return
        self.payloads[identity] = payload
        expected.events[partition] += 1
        try:
            expected.outcomes[identity] = self._decide(partition, command, now)
        except Refused as refused:
            expected.outcomes[identity] = f"CommandRejected/{refused}"

    def _expire(self, partition: int, scope: int | str) -> None:
        due = self.due.get(scope)
        while due and due[0][0] <= self.log_time_ms[partition]:
            _, name, warehouse = heapq.heappop(due)
            reservation = self.reservations[warehouse, name]
            if not reservation.open:
                continue
            self._close(warehouse, reservation, shipped=False)
            self.expected.expired[warehouse, name] += 1
            self.expected.events[partition] += 1

    def _decide(self, partition: int, command: dict[str, Any], now: int) -> str:
        warehouse, kind = command["warehouse"], command["type"]
        match kind:
            case "ReceiveStock":
                self._receive(warehouse, _sums(command, "quantity"))
                return "StockReceived"
            case "ShipStock":
                self._ship(warehouse, _sums(command, "quantity"))
                return "StockShipped"
            case "AdjustStock":
                self._adjust(warehouse, _sums(command, "delta"))
                return "StockAdjusted"
            case "ReserveStock":
                self._reserve(partition, command, now)
                return "StockReserved"
            case "ReleaseReservation" | "ShipReservation":
                reservation = self.reservations.get((warehouse, command["reservation"]))
                if reservation is None:
                    raise Refused("RESERVATION_NOT_FOUND")
                if not reservation.open:
                    raise Refused("RESERVATION_CLOSED")
                shipped = kind == "ShipReservation"
                self._close(warehouse, reservation, shipped)
                return "StockShipped" if shipped else "ReservationReleased"
            case "SetReorderPoint":
                for line in command["lines"]:
                    on_hand, reserved, _, _ = self._row(warehouse, line["sku"])
                    self._put(warehouse, line["sku"], on_hand, reserved, line["reorder_point"])
                return "ReorderPointSet"
        raise AssertionError(f"the workload has no {kind}")

    def _row(self, warehouse: str, sku: str) -> Row:
        return self.expected.rows.get((warehouse, sku), self.start)

    def _put(
        self, warehouse: str, sku: str, on_hand: int, reserved: int, new_point: int | None = None
    ) -> None:
        assert 0 <= reserved <= on_hand
        _, _, old_point, version = self._row(warehouse, sku)
        point = old_point if new_point is None else new_point
        self.expected.rows[warehouse, sku] = (on_hand, reserved, point, version + 1)

    def _need(self, warehouse: str, wanted: dict[str, int]) -> None:
        for sku, quantity in wanted.items():
            on_hand, reserved, _, _ = self._row(warehouse, sku)
            if on_hand - reserved < quantity:
                raise Refused("INSUFFICIENT_STOCK")

    def _receive(self, warehouse: str, wanted: dict[str, int]) -> None:
        for sku, quantity in wanted.items():
            if self._row(warehouse, sku)[0] + quantity > LIMIT:
                raise Refused("QUANTITY_LIMIT")
        for sku, quantity in wanted.items():
            on_hand, reserved, _, _ = self._row(warehouse, sku)
            self._put(warehouse, sku, on_hand + quantity, reserved)

    def _ship(self, warehouse: str, wanted: dict[str, int]) -> None:
        self._need(warehouse, wanted)
        for sku, quantity in wanted.items():
            on_hand, reserved, _, _ = self._row(warehouse, sku)
            self._put(warehouse, sku, on_hand - quantity, reserved)

    def _adjust(self, warehouse: str, deltas: dict[str, int]) -> None:
        for sku, delta in deltas.items():
            on_hand, reserved, _, _ = self._row(warehouse, sku)
            if on_hand + delta < reserved:
                raise Refused("INSUFFICIENT_STOCK")
        for sku, delta in deltas.items():
            on_hand, reserved, _, _ = self._row(warehouse, sku)
            self._put(warehouse, sku, on_hand + delta, reserved)

    def _reserve(self, partition: int, command: dict[str, Any], now: int) -> None:
        warehouse, name = command["warehouse"], command["reservation"]
        if (warehouse, name) in self.reservations:
            raise Refused("RESERVATION_EXISTS")
        wanted = _sums(command, "quantity")
        self._need(warehouse, wanted)
        for sku, quantity in wanted.items():
            on_hand, reserved, _, _ = self._row(warehouse, sku)
            self._put(warehouse, sku, on_hand, reserved + quantity)
        expires_ms = now + command["ttl_seconds"] * 1_000
        self.reservations[warehouse, name] = Reservation(wanted)
        scope = warehouse if self.by_warehouse else partition
        heapq.heappush(self.due.setdefault(scope, []), (expires_ms, name, warehouse))

    def _close(self, warehouse: str, reservation: Reservation, shipped: bool) -> None:
        reservation.open = False
        for sku, quantity in reservation.lines.items():
            on_hand, reserved, _, _ = self._row(warehouse, sku)
            self._put(warehouse, sku, on_hand - quantity * shipped, reserved - quantity)


def _sums(command: dict[str, Any], field_name: str) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for line in command["lines"]:
        sums[line["sku"]] += line[field_name]
    return dict(sums)


def _payload(command: dict[str, Any]) -> str:
    told = {k: v for k, v in command.items() if k not in ("time", "actor", "correlation_id")}
    return json.dumps(told, sort_keys=True)


def refold(
    records: Iterable[tuple[int, int, bytes]], start: Row = NEW, by_warehouse: bool = False
) -> Expected:
    """What a log of (partition, append time in ms, value) must lead to."""
    oracle = Oracle(start, by_warehouse)
    for partition, append_ms, value in records:
        oracle.take(partition, append_ms, value)
    return oracle.expected
