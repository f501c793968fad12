"""The contract told once more: refolds a partition of commands into what must have come of it."""

from collections.abc import Container, Iterable
from typing import Any

from tests.chaos import (
    oracle_counts,
    oracle_queues,
    oracle_reservations,
    oracle_stock,
    oracle_supplies,
    oracle_transfers,
)
from tests.chaos.oracle_books import Books, Granted, Refused, Wish, refused
from tests.chaos.records import (
    Caused,
    ExpectedAlert,
    ExpectedEvent,
    Forward,
    Pool,
    Prediction,
    Record,
    Row,
)
from tests.chaos.routing import owner as owner
from tests.chaos.routing import rfc3339
from tests.chaos.rules import Command, Unreadable, read

DAY_S = 86_400
TICK = b'{"type":"Tick"}'
LEVELS = ("ok", "low", "out")
ALERTS = {"low": "LowStock", "out": "OutOfStock", "ok": "StockRecovered"}


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
        self.seq = first_seq
        self.told = Prediction(partition)
        self.books = Books(self.told, window_s)
        self.known: dict[tuple[str, str, bool], tuple[int, tuple[str, Any]]] = {}

    def fold(self, records: Iterable[Record]) -> Prediction:
        """Decide every record, in the order of their offsets."""
        for record in records:
            assert record.offset >= self.told.next_offset, "records must come in order"
            self._record(record)
            self.told.next_offset = record.offset + 1
            self.told.records += 1
        self.told.log_time_ms = self.books.now_ms
        return self.told

    def _record(self, record: Record) -> None:
        self.books.now_ms = max(self.books.now_ms, record.timestamp_ms)
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
            return
        is_done = self._decide(record, command)
        if command.type == "SettleTransfer" and not command.problem:
            is_caused = any(name == "caused_by" for name, _ in record.headers)
            oracle_transfers.match(self.told, command, is_caused, is_done)

    def _misrouted(self, record: Record, command: Command, target: int) -> None:
        if any(name == "forwarded_from" for name, _ in record.headers):
            self.told.dead_letters.append(record)
            return
        assert record.value is not None
        origin = f"{self.topic}/{record.partition}/{record.offset}"
        self.told.forwards.append(
            Forward(origin, target, command.warehouse.encode(), record.value, record.headers)
        )

    def _decide(self, record: Record, command: Command) -> bool:
        """Whether anything is done now."""
        is_caused = any(name == "caused_by" for name, _ in record.headers)  # ids of their own
        identity, now_ms = (command.warehouse, command.id, is_caused), self.books.now_ms
        first = self.known.get(identity)
        if first is not None and now_ms - first[0] < self.books.window_ms:
            if first[1] == command.payload:
                self.told.duplicates += 1
            else:
                self._reject(record, command, refused("IDEMPOTENCY_KEY_REUSED"))
            return False
        self.known[identity] = (now_ms, command.payload)
        if command.problem:
            self._reject(record, command, refused("INVALID_COMMAND"))
            return False
        return self._do(record, command)

    def _do(self, record: Record, command: Command) -> bool:
        """What has passed as a command, by what it is about; whether it is done."""
        if "reservation" in command.fields:
            decision = oracle_reservations.decide(self.books, command, self.seq)
        else:
            parts = (part for name, part in _ABOUT.items() if name in command.fields)
            decision = next(parts, oracle_stock.decide)(self.books, command)
        if isinstance(decision, Refused):
            self._reject(record, command, decision)
            return False
        event = self._event(decision.event, record, command, decision.fields)
        self._complete(event, command.warehouse, decision)
        if decision.causes is not None:
            self._cause(event.fields, decision.causes)
        return True

    def _cause(self, event: dict[str, Any], wish: Wish) -> None:
        named = {
            "type": wish.type,
            "id": f"{event['id']}/{wish.suffix}",
            "warehouse": wish.warehouse,
        }
        told = {name: event[name] for name in ("actor", "correlation_id") if name in event}
        target, key = owner(wish.warehouse, self.partitions), wish.warehouse.encode()
        self.told.caused.append(
            Caused(event["id"], target, key, named | told | wish.fields, wish.lines)
        )

    def _expire(self, record: Record) -> None:
        self.books.forget()
        for (warehouse, name), found in self.books.overdue():
            ended = oracle_reservations.expire(self.books, (warehouse, name), found)
            event = self._event(ended.event, record, None, ended.fields)
            event.fields["warehouse"] = warehouse
            self._complete(event, warehouse, ended)

    def _complete(self, event: ExpectedEvent, warehouse: str, granted: Granted) -> None:
        """Change the rows, tell their values after it, and alert of each crossing."""
        event.may |= granted.may
        if granted.changes is None:
            return
        lines = event.fields["lines"] = []
        filled: list[dict[str, Any]] = []
        owed = {sku: self.books.row(warehouse, sku).owed for sku in granted.changes}
        for sku, change in granted.changes.items():
            row = self.books.row(warehouse, sku)
            before, first = _level(row), row.version == 0
            channels = {name: _channel_level(row, one) for name, one in row.pools.items()}
            if change.is_one:
                self.told.rows[warehouse, sku] = row
                change.apply(row)
                if event.fields["type"] in oracle_queues.GIVES:
                    late = event.fields.get("late", ())
                    most = oracle_queues.FILLS_MAX - len(late) - len(filled)
                    filled += oracle_queues.serve(self.books, (warehouse, sku), row, most)
                _mark(row, was_low=not first and before != "ok")
                _mark_channels(row, channels)
            line = {"sku": sku} | change.said | {"on_hand": row.on_hand}
            line |= {"reserved": row.reserved, "available": row.available, "version": row.version}
            lines.append(line)
            if not first:
                self._alert(event, warehouse, sku, row, before, _level(row))
            for name, pool in row.pools.items():  # in the order that they have now
                level = channels.get(name)
                if level is not None:
                    more = {"channel": name, "left": row.free(name), "low_point": pool.low_point}
                    self._alert(event, warehouse, sku, row, level, _channel_level(row, pool), more)
        if filled:
            event.fields["filled"] = filled
        self._true_up(event, warehouse, owed)

    def _true_up(self, event: ExpectedEvent, warehouse: str, before: dict[str, int]) -> None:
        """Tell what came in for those who had it already; `before`: what was owed."""
        by = {sku: owed - self.books.row(warehouse, sku).owed for sku, owed in before.items()}
        filled = [{"sku": sku, "quantity": units} for sku, units in by.items() if units > 0]
        if filled:
            event.fields["trued_up"] = filled

    def _alert(
        self,
        event: ExpectedEvent,
        warehouse: str,
        sku: str,
        row: Row,
        before: str,
        after: str,
        more: dict[str, Any] | None = None,
    ) -> None:
        fell = LEVELS.index(after) > LEVELS.index(before)
        if not fell and not (after == "ok" and before != "ok"):
            return
        fields = {
            "type": ALERTS[after],
            "id": "/".join((event.fields["id"], sku, *([more["channel"]] if more else ()))),
            "warehouse": warehouse,
            "sku": sku,
            "available": row.available,
            "on_hand": row.on_hand,
            "reserved": row.reserved,
            "reorder_point": row.reorder_point,
            "event_id": event.fields["id"],
            "time": event.fields["time"],
        } | (more or {})
        self.told.alerts.append(ExpectedAlert(f"{warehouse}/{sku}".encode(), fields))

    def _reject(self, record: Record, command: Command, why: Refused) -> None:
        event = self._event("CommandRejected", record, command, {})
        event.codes, event.among = why.codes, why.among
        if why.details:
            event.fields["details"] = why.details
        if command.problem:  # an invalid command's time and names may be unfit to be told
            del event.fields["time"]
            for name in ("actor", "correlation_id"):
                event.fields.pop(name, None)
            event.anything = ("time", "actor", "correlation_id")

    def _event(
        self, kind: str, record: Record, command: Command | None, more: dict[str, Any]
    ) -> ExpectedEvent:
        partition, now = record.partition, rfc3339(self.books.now_ms)
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


_ABOUT = {
    "count": oracle_counts.decide,
    "transfer": oracle_transfers.decide,
    "supply": oracle_supplies.decide,
}
"""Who decides a command that has this field."""


def _level(row: Row) -> str:
    if row.available <= 0:
        return "out"
    return "low" if row.is_low or row.available <= row.reorder_point else "ok"


def _channel_level(row: Row, pool: Pool) -> str:
    if row.free(pool.channel) == 0:
        return "out"
    return "low" if pool.is_low else "ok"


def _mark_channels(row: Row, before: dict[str, str]) -> None:
    """Low as a row is, by what is left to each; `before`: how each of them was."""
    for name, pool in row.pools.items():
        left, up = row.free(name), pool.recover_point
        was_low = before.get(name, "ok") != "ok"
        pool.is_low = left <= pool.low_point or (was_low and up is not None and left <= up)


def _mark(row: Row, was_low: bool) -> None:
    """Low until it is above its recover point, where it has one."""
    point = row.recover_point
    down = row.available <= row.reorder_point
    row.is_low = point is not None and (down or (was_low and row.available <= point))
