"""Any history of one warehouse, through the actor's bytes, against plain dictionaries."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.actor import Decision
from tests import examples
from tests.stock.bytes_of import Shop
from tests.stock.ledger import Ledger
from tests.stock.ledger_promises import STEPS, YEAR_MS, left_for
from tests.stock.tables_of import FINAL, Tables
from tests.stock.wishes import (
    DAYS,
    actors,
    any_moves,
    channels,
    counts,
    lines,
    mosts,
    moves,
    names,
    nth,
    policies,
    pools_of_skus,
    quantities,
    seconds,
    skus,
)

WINDOW_MS = 60_000
EXAMPLES = examples.count(300)
HUGE = [{"sku": "H", "quantity": 10**12}] * 999 + [{"sku": "H", "quantity": 10**12 - 5}]


class Warehouse(RuleBasedStateMachine):
    """Commands and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop(WINDOW_MS)
        self.ledger = Ledger(WINDOW_MS)
        self.tables = Tables({})
        self.ended: dict[bytes, bytes] = {}

    @initialize(quantity=st.integers(0, 30))
    def begin(self, quantity: int) -> None:
        if quantity:
            self.send("ReceiveStock", lines=[{"sku": sku, "quantity": quantity} for sku in "AB"])

    @precondition(lambda self: "H" not in self.ledger.stock)
    @rule()
    def receive_nearly_all_a_row_can_hold(self) -> None:
        self.send("ReceiveStock", lines=HUGE)

    @rule(lines=quantities)
    def receive(self, lines: list[dict[str, Any]]) -> None:
        self.send("ReceiveStock", lines=lines)

    @rule(lines=quantities, through=channels)
    def ship(self, lines: list[dict[str, Any]], through: dict[str, str]) -> None:
        self.send("ShipStock", lines=lines, **through)

    @rule(lines=pools_of_skus)
    def set_pools(self, lines: list[dict[str, Any]]) -> None:
        self.send("SetChannelPools", lines=lines)

    @rule(
        lines=lines("reorder_point", st.sampled_from([0, 1, 5, 10**15]))
        | lines("delta", st.sampled_from([-4, -1, 1, 3]))
    )
    def set_or_adjust(self, lines: list[dict[str, Any]]) -> None:
        sums: dict[str, int] = {}
        for line in lines:
            sums[line["sku"]] = sums.get(line["sku"], 0) + line.get("delta", 1)
        if "delta" not in lines[0]:
            self.send("SetReorderPoint", lines=lines)
        elif all(sums.values()):
            self.send("AdjustStock", lines=lines, reason="count")

    @rule(
        found=st.dictionaries(skus, st.integers(0, 30), min_size=1),
        late=st.sampled_from([0, 0, 0, 1]),
    )
    def set_stock(self, found: dict[str, int], late: int) -> None:
        lines = [
            {"sku": sku, "on_hand": units, "expected_version": self.ledger.row(sku)["version"]}
            for sku, units in found.items()
        ]
        lines[-1]["expected_version"] = max(0, int(str(lines[-1]["expected_version"])) - late)
        self.send("SetStock", lines=lines, reason="sync")

    @rule(lines=policies)
    def set_policies(self, lines: list[dict[str, Any]]) -> None:
        self.send("SetStockPolicy", lines=lines)

    @rule(name=names, lines=quantities, ttl_seconds=seconds, through=channels)
    def reserve(
        self, name: str, lines: list[dict[str, Any]], ttl_seconds: int, through: dict[str, str]
    ) -> None:
        told = {"reservation": name, "lines": lines, "ttl_seconds": ttl_seconds}
        self.send("ReserveStock", **told, **through)

    @rule(name=names, lines=quantities)
    def promise_for_good(self, name: str, lines: list[dict[str, Any]]) -> None:
        self.send("ReceiveStock", lines=lines)
        self.send("ReserveStock", reservation=name, lines=lines, ttl_seconds=20)
        self.send("ConfirmReservation", reservation=name)

    @rule(
        name=names,
        lines=quantities | lines("quantity", st.sampled_from([20, 50])),
        how=st.fixed_dictionaries(
            {},
            optional={
                "priority": st.sampled_from([0, 1, 9]),
                "promised": st.sampled_from([None, *DAYS]),
                "partial": st.booleans(),
                "channel": st.sampled_from(["web", "shop"]),
            },
        ),
    )
    def backorder(self, name: str, lines: list[dict[str, Any]], how: dict[str, Any]) -> None:
        self.send("BackorderStock", reservation=name, lines=lines, **how)

    @precondition(lambda self: self.ledger.promises)
    @rule(of=nth, ttl_seconds=seconds)
    def extend(self, of: int, ttl_seconds: int) -> None:
        self.send("ExtendReservation", reservation=self.promise(of), ttl_seconds=ttl_seconds)

    @precondition(lambda self: self.ledger.promises)
    @rule(name=names, of=nth, lines=quantities, ttl_seconds=seconds, through=channels)
    def supersede(
        self,
        name: str,
        of: int,
        lines: list[dict[str, Any]],
        ttl_seconds: int,
        through: dict[str, str],
    ) -> None:
        self.send(
            "SupersedeReservation",
            reservation=name,
            replaces=self.promise(of),
            lines=lines,
            ttl_seconds=ttl_seconds,
            **through,
        )

    @precondition(lambda self: self.ledger.promises)
    @rule(of=nth)
    def confirm(self, of: int) -> None:
        self.send("ConfirmReservation", reservation=self.promise(of))

    @precondition(lambda self: self.ledger.promises)
    @rule(of=nth, kind=st.sampled_from(list(STEPS)), lines=quantities)
    def take_any_step(self, of: int, kind: str, lines: list[dict[str, Any]]) -> None:
        self.send(kind, reservation=self.promise(of), lines=lines)

    @precondition(lambda self: "confirmed" in self.states())
    @rule(of=nth, steps=st.lists(st.sampled_from(list(STEPS)), min_size=1, max_size=5), most=mosts)
    def take_steps_that_are_left(self, of: int, steps: list[str], most: int) -> None:
        name = self.promise(of, "confirmed")
        for kind in steps:
            known = self.ledger.promises.get(name, {"lines": {}})["lines"]
            left = {sku: min(most, left_for(kind, line)) for sku, line in known.items()}
            lines = [{"sku": sku, "quantity": by} for sku, by in left.items() if by]
            if lines:
                self.send(kind, reservation=name, lines=lines)

    @precondition(lambda self: self.ledger.promises)
    @rule(of=nth, kind=st.sampled_from(["ReleaseReservation", "ShipReservation"]))
    def end(self, of: int, kind: str) -> None:
        self.send(kind, reservation=self.promise(of))

    @rule(
        move=st.one_of(moves, moves.map(tuple), any_moves),
        lines=quantities,
        reference=st.sampled_from([None, "PO-7"]),
    )
    def move(
        self, move: tuple[str, str, str], lines: list[dict[str, Any]], reference: str | None
    ) -> None:
        source, target, reason = move
        told = {} if reference is None else {"reference": reference}
        self.send(
            "MoveStock", from_account=source, to_account=target, reason=reason, lines=lines, **told
        )

    @rule(
        count=counts,
        of=st.lists(skus, min_size=1, max_size=3, unique=True),
        tolerance=st.sampled_from([None, 0, 2]),
        actor=actors,
    )
    def open_count(
        self, count: str, of: list[str], tolerance: int | None, actor: str | None
    ) -> None:
        told = {} if tolerance is None else {"tolerance": tolerance}
        lines = [{"sku": sku} for sku in of]
        self.send("OpenCount", count=count, lines=lines, actor=actor, **told)

    @precondition(lambda self: self.ledger.counts)
    @rule(
        of=nth,
        found=st.dictionaries(skus, st.sampled_from([-3, -1, 0, 0, 1, 3]), min_size=1),
        actor=actors,
    )
    def record(self, of: int, found: dict[str, int], actor: str | None) -> None:
        count, lines = self.count(of), []
        for sku, variance in found.items():
            known = self.ledger.counts.get(count, {"lines": {}})["lines"].get(sku, {"book": 1})
            lines.append({"sku": sku, "counted": min(10**15, max(0, known["book"] + variance))})
        self.send("RecordCount", count=count, lines=lines, actor=actor)

    @precondition(lambda self: self.ledger.counts)
    @rule(of=nth, variance=st.sampled_from([-1, 0, 2]), actor=actors)
    def record_what_is_left(self, of: int, variance: int, actor: str | None) -> None:
        count = self.count(of)
        known = self.ledger.counts.get(count, {"lines": {}})["lines"]
        lines = [
            {"sku": sku, "counted": min(10**15, max(0, line["book"] + variance))}
            for sku, line in known.items()
            if not line["is_final"]
        ]
        if lines:
            self.send("RecordCount", count=count, lines=lines, actor=actor)

    @precondition(lambda self: self.ledger.counts)
    @rule(of=nth, kind=st.sampled_from(["ApproveCount", "ApproveCount", "CancelCount"]), by=actors)
    def end_count(self, of: int, kind: str, by: str | None) -> None:
        self.send(kind, count=self.count(of), actor=by)

    @rule(ms=st.sampled_from([1, 1, 999, 1_000, 1_000, 19_000, 60_000, YEAR_MS]))
    def time_passes(self, ms: int) -> None:
        told = self.shop.pass_time(ms)
        now_ms = self.shop.moment.log_time_ms
        self.ledger.forget(now_ms)
        run_out = self.ledger.due(now_ms)
        first_seq = self.shop.moment.seq - len(told)
        assert len(told) == len(run_out)
        for place, (_, name) in enumerate(run_out):
            expected = self.ledger.run_out(name, now_ms)
            self.agree(told[place], expected, {}, first_seq + place, self.shop.moment.offset)

    @invariant()
    def the_tables_are_as_told(self) -> None:
        found = self.tables = Tables(self.shop.rows)
        assert {place[0] for place in (*found.stock, *found.promises, *found.counts)} <= {"LON-1"}
        for (_, sku), row in found.stock.items():
            told = self.ledger.stock[sku]
            accounts = found.accounts(("LON-1", sku))
            assert (
                accounts | row == {"elsewhere": row["elsewhere"], "on_hand": row["on_hand"]} | told
            )
        assert {sku for _, sku in found.stock} == self.ledger.stock.keys()
        policies = {sku: policy for (_, sku), policy in found.policies.items()}
        assert policies == self.ledger.kept()
        queues = {
            sku: [{**one, "number": 0, "seq": 0} for one in queue]
            for (_, sku), queue in found.queues.items()
        }
        named = {sku: told for (_, sku), told in found.channels.items()}
        assert named == self.ledger.channels()
        assert queues == {
            sku: [{**one, "number": 0, "seq": 0} for one in queue]
            for sku, queue in self.ledger.queues.items()
        }
        promises = {name: promise for (_, name), promise in found.promises.items()}
        assert promises == {
            name: promise | {"expires_at": instant(promise["expires_at"])}
            for name, promise in self.ledger.promises.items()
        }
        assert {name: count for (_, name), count in found.counts.items()} == self.ledger.counts

    @invariant()
    def what_must_hold_holds(self) -> None:
        self.tables.check_all()
        touched = set(self.tables.balances)
        assert all(
            place in touched or not row["elsewhere"] for place, row in self.tables.stock.items()
        )

    @invariant()
    def what_is_final_never_changes(self) -> None:
        for key, value in self.ended.items():
            assert self.shop.rows.get(key, value) == value
        self.ended = {
            key: value
            for key, value in self.shop.rows.items()
            if (key[:1] == b"r" and self.state(key) in FINAL)
            or (key[:1] == b"c" and self.state(key) != "open")
        }

    def states(self) -> set[str]:
        return {promise["state"] for promise in self.ledger.promises.values()}

    def promise(self, nth: int, state: str = "") -> str:
        known = [
            name
            for name, promise in sorted(self.ledger.promises.items())
            if promise["state"] == state or not state
        ]
        return known[nth % len(known)] if nth < 5 else "r9"

    def count(self, nth: int) -> str:
        known = sorted(self.ledger.counts)
        return known[nth % len(known)] if nth < 5 else "c9"

    def state(self, key: bytes) -> str:
        kind, warehouse, name = (part.decode() for part in key.split(b"\0", 2))
        found = self.tables.promises if kind == "r" else self.tables.counts
        return str(found[warehouse, name]["state"])

    def send(self, kind: str, **fields: Any) -> None:
        moment = self.shop.moment
        seq, offset = moment.seq, moment.offset
        told = {"correlation_id": f"x-{offset}"} | fields
        expected = self.ledger.decide({"type": kind} | told, moment.log_time_ms)
        by = {"command_id": f"c-{offset}", "correlation_id": f"x-{offset}"}
        if fields.get("actor") is not None:
            by["actor"] = fields["actor"]
        self.agree(self.shop.send(kind, **told), expected, by, seq, offset)

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
        assert alerts == [self.alert(*one, event) for one in self.ledger.crossings]

    def alert(
        self, kind: str, sku: str, more: dict[str, Any], event: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        row = self.ledger.stock[sku]
        return f"LON-1/{sku}", {
            "type": kind,
            "id": "/".join([event["id"], sku, *([more["channel"]] if more else [])]),
            "warehouse": "LON-1",
            "sku": sku,
            "available": row["sellable"] - row["reserved"],
            "on_hand": row["sellable"],
            "reserved": row["reserved"],
            "reorder_point": row["reorder_point"],
            "event_id": event["id"],
            "time": event["time"],
        } | more


def instant(ms: int) -> str:
    """As events write it."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


TestWarehouse = Warehouse.TestCase
TestWarehouse.settings = settings(max_examples=EXAMPLES, stateful_step_count=50, deadline=None)
