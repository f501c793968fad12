"""Any history of one warehouse, through the actor's bytes, against plain dictionaries."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from streams.actor import Decision
from tables.stock import decode_reservation, decode_row, split_key
from tests.stock.bytes_of import Shop
from tests.stock.ledger import Ledger

WINDOW_MS = 60_000
ROW_FIELDS = ("on_hand", "reserved", "reorder_point", "version")
HUGE = [{"sku": "A", "quantity": 10**12}] * 999 + [{"sku": "A", "quantity": 10**12 - 5}]

skus = st.sampled_from(["A", "B", "\u00c4 1"])
names = st.sampled_from(["r1", "r2", "r3"])


def lines(amount: str, amounts: st.SearchStrategy[int]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """One to four lines, a SKU perhaps on several."""
    return st.lists(st.fixed_dictionaries({"sku": skus, amount: amounts}), min_size=1, max_size=4)


quantities = lines("quantity", st.integers(1, 6))


class Warehouse(RuleBasedStateMachine):
    """Commands and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop(WINDOW_MS)
        self.ledger = Ledger(WINDOW_MS)

    @rule(lines=quantities)
    def receive(self, lines: list[dict[str, Any]]) -> None:
        self.send("ReceiveStock", lines=lines)

    @rule()
    def receive_nearly_all_a_row_can_hold(self) -> None:
        self.send("ReceiveStock", lines=HUGE)

    @rule(lines=quantities)
    def ship(self, lines: list[dict[str, Any]]) -> None:
        self.send("ShipStock", lines=lines)

    @rule(lines=lines("delta", st.sampled_from([-4, -1, 1, 3])))
    def adjust(self, lines: list[dict[str, Any]]) -> None:
        sums: dict[str, int] = {}
        for line in lines:
            sums[line["sku"]] = sums.get(line["sku"], 0) + line["delta"]
        if all(sums.values()):
            self.send("AdjustStock", lines=lines, reason="count")

    @rule(lines=lines("reorder_point", st.sampled_from([0, 1, 5, 10**15])))
    def set_reorder_point(self, lines: list[dict[str, Any]]) -> None:
        self.send("SetReorderPoint", lines=lines)

    @rule(name=names, lines=quantities, ttl_seconds=st.sampled_from([1, 20, 90]))
    def reserve(self, name: str, lines: list[dict[str, Any]], ttl_seconds: int) -> None:
        self.send("ReserveStock", reservation=name, lines=lines, ttl_seconds=ttl_seconds)

    @rule(name=names)
    def release(self, name: str) -> None:
        self.send("ReleaseReservation", reservation=name)

    @rule(name=names)
    def ship_reservation(self, name: str) -> None:
        self.send("ShipReservation", reservation=name)

    @rule(ms=st.sampled_from([1, 999, 1_000, 19_000, 60_000]))
    def time_passes(self, ms: int) -> None:
        told = self.shop.pass_time(ms)
        now_ms = self.shop.moment.log_time_ms
        self.ledger.forget(now_ms)
        run_out = self.ledger.due(now_ms)
        first_seq = self.shop.moment.seq - len(told)
        assert len(told) == len(run_out)
        for place, (due, name) in enumerate(run_out):
            expected = self.ledger.run_out(name, now_ms) | {"expires_at": due}
            self.agree(told[place], expected, {}, first_seq + place, self.shop.moment.offset)

    @invariant()
    def rows_and_reservations_are_as_told(self) -> None:
        stock, promises = {}, {}
        for key, value in self.shop.rows.items():
            kind, warehouse, name = split_key(key)
            assert warehouse == "LON-1"
            if kind == b"S":
                row = decode_row(value)
                stock[name] = {field: getattr(row, field) for field in ROW_FIELDS}
            else:
                held = decode_reservation(value)
                sums = {line.sku: line.quantity for line in held.lines}
                due = int.from_bytes(value[:8])
                promises[name] = {"state": held.state, "due": due, "lines": sums}
        assert stock == self.ledger.stock
        assert promises == self.ledger.promises

    @invariant()
    def reserved_is_the_sum_of_the_open_promises(self) -> None:
        held: dict[str, int] = {}
        for promise in self.ledger.promises.values():
            for sku, quantity in promise["lines"].items():
                held[sku] = held.get(sku, 0) + quantity * (promise["state"] == "open")
        for sku, row in self.ledger.stock.items():
            assert 0 <= row["reserved"] == held.get(sku, 0) <= row["on_hand"] <= 10**15

    def send(self, kind: str, **fields: Any) -> None:
        moment = self.shop.moment
        seq, offset = moment.seq, moment.offset
        command = {"type": kind, "correlation_id": f"x-{offset}"} | fields
        expected = self.ledger.decide(command, moment.log_time_ms)
        told = self.shop.send(**{"kind": kind, "correlation_id": f"x-{offset}"} | fields)
        by = {"command_id": f"c-{offset}", "correlation_id": f"x-{offset}"}
        self.agree(told, expected, by, seq, offset)

    def agree(
        self, told: Decision, expected: dict[str, Any], by: dict[str, Any], seq: int, offset: int
    ) -> None:
        """The event, and its alerts, are what the ledger says."""
        now = instant(self.shop.moment.log_time_ms)
        expected |= by | {
            "id": f"3-{seq}",
            "partition": 3,
            "seq": seq,
            "warehouse": "LON-1",
            "time": now,
            "recorded_at": now,
            "source": {"partition": 3, "offset": offset},
        }
        if "expires_at" in expected:
            expected["expires_at"] = instant(expected["expires_at"])
        event = json.loads(told.event or b"null")
        event.pop("message", None)
        assert event == expected
        assert told.outcome == expected["type"]
        assert told.code == expected.get("code", "")
        alerts = [(key.decode(), json.loads(value)) for key, value in told.alerts]
        assert alerts == [self.alert(kind, sku, event) for kind, sku in self.ledger.crossings]

    def alert(self, kind: str, sku: str, event: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        row = self.ledger.stock[sku]
        return f"LON-1/{sku}", {
            "type": kind,
            "id": f"{event['id']}/{sku}",
            "warehouse": "LON-1",
            "sku": sku,
            "available": row["on_hand"] - row["reserved"],
            "on_hand": row["on_hand"],
            "reserved": row["reserved"],
            "reorder_point": row["reorder_point"],
            "event_id": event["id"],
            "time": event["time"],
        }


def instant(ms: int) -> str:
    """As events write it."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


TestWarehouse = Warehouse.TestCase
TestWarehouse.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
