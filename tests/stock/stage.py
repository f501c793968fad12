"""A shop to which supplies come on their days, and what it has promised to whom."""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from streams.actor import Decision
from tests.stock.bytes_of import Shop
from tests.stock.expecting import DAY_MS, day, expect, late, preorder, receive
from tests.stock.expecting import supplies as supplies_in
from tests.stock.tables_of import Tables
from tests.stock.waiting import PLACE, of, wait

DAYS = 8
OWED_MAX = 15

units = st.integers(1, 12)
days = st.integers(1, DAYS)
names = st.sampled_from(["PO-1", "PO-2", "PO-3", "PO-4"])
priorities = st.sampled_from([0, 0, 0, 1, 9])
partial = st.booleans()
_steps = st.one_of(
    st.tuples(st.just("expect"), names, st.integers(0, 20), days),
    st.tuples(st.just("expect"), names, st.integers(0, 20), days),
    st.tuples(st.just("preorder"), units, days, priorities, partial),
    st.tuples(st.just("preorder"), units, days, priorities, partial),
    st.tuples(st.just("preorder"), units, days, priorities, partial),
    st.tuples(st.just("wait"), units, priorities, partial),
    st.tuples(st.just("receive"), names, units, st.sampled_from(["sellable", "quality_hold"])),
    st.tuples(st.just("come"), units),
    st.tuples(st.just("keep"), st.integers(0, 4)),
    st.tuples(st.just("sell"), units),
    st.tuples(st.just("pass")),
)
histories = st.lists(_steps, max_size=14)


class Recorded(Shop):
    """A shop that keeps what it is given: (log time, command)."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[int, bytes]] = []

    def put(self, value: bytes) -> Decision:
        self.records.append((self.moment.log_time_ms, value))
        return super().put(value)


class Stage:
    """A shop, and the days that it has promised and not taken back."""

    def __init__(self) -> None:
        self.shop = Recorded()
        self.today = 0
        self.promised: dict[str, str] = {}
        self.kept_back = 0
        self._set_policy(0)

    def take(self, number: int, step: tuple[Any, ...]) -> None:
        """Do it, and believe what is told of it."""
        getattr(self, f"_{step[0]}")(number, *step[1:])

    def _expect(self, number: int, supply: str, quantity: int, due: int) -> None:
        found = {one["supply"]: one["quantity"] for one in self.coming()}
        told = expect(self.shop, supply, quantity, self.today + due, found.get(supply, 0))
        assert not told.code
        self._told(late(told))

    def _preorder(self, number: int, quantity: int, by: int, priority: int, partial: bool) -> None:
        how = {"priority": priority, "partial": partial}
        told = preorder(self.shop, f"r{number}", quantity, self.today + by, **how)
        if told.code:
            assert told.code == "NOT_PROMISABLE"
            return
        line = json.loads(told.event or b"")["lines"][0]
        if "promised" in line:
            self.promised[f"r{number}"] = line["promised"]
            assert line["promised"] <= day(self.today + by)

    def _wait(self, number: int, quantity: int, priority: int, partial: bool) -> None:
        how = {"priority": priority, "partial": partial}
        self._told({one["reservation"]: None for one in self._late(number, quantity, how)})

    def _late(self, number: int, quantity: int, how: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = wait(self.shop, f"b{number}", quantity, **how).get("late", [])
        return found

    def _receive(self, number: int, supply: str, quantity: int, target: str) -> None:
        told = receive(self.shop, supply, quantity, to_account=target)
        self._told({} if told.code else late(told))

    def _come(self, number: int, quantity: int) -> None:
        self.shop.send("ReceiveStock", lines=of(quantity))

    def _keep(self, number: int, safety_stock: int) -> None:
        """Less is kept back, never more: of that nobody is told."""
        if number == 0:
            self.kept_back = safety_stock
        self.kept_back = min(self.kept_back, safety_stock)
        self._set_policy(self.kept_back)

    def _set_policy(self, safety_stock: int) -> None:
        line = {"sku": "A", "safety_stock": safety_stock, "negative_limit": OWED_MAX}
        assert not self.shop.send("SetStockPolicy", lines=[line]).code

    def _sell(self, number: int, quantity: int) -> None:
        """At a till: it has happened, whoever waits."""
        told = self.shop.send("ShipStock", lines=of(quantity))
        self._told({} if told.code else late(told))

    def _pass(self, number: int) -> None:
        """A day on which all that is due comes."""
        self.today += 1
        self.shop.pass_time(DAY_MS)
        now_s = self.shop.moment.log_time_ms / 1_000
        for one in self.coming():
            if datetime.fromisoformat(one["due"]).timestamp() <= now_s:
                told = receive(self.shop, one["supply"], one["quantity"])
                assert (told.code, late(told)) == ("", {})

    def _told(self, late: dict[str, Any]) -> None:
        for name in late:
            self.promised.pop(name, None)

    def coming(self) -> list[dict[str, Any]]:
        """What is to come of A."""
        return supplies_in(Tables(self.shop.rows))

    def check(self) -> None:
        """Whoever was promised this day, and was told nothing else, has it all."""
        tables = Tables(self.shop.rows)
        tables.check_all()
        for name, promised in self.promised.items():
            if promised <= day(self.today):
                state = tables.promises["LON-1", name]["state"]
                assert state == "confirmed", (name, promised, tables.queues)

    def check_sums(self) -> None:
        """By no day more is promised than there is and is to come by then."""
        tables = Tables(self.shop.rows)
        free = tables.free(PLACE, None) if PLACE in tables.stock else 0
        missing = {one["reservation"]: one["missing"] for one in tables.queues.get(PLACE, [])}
        promised: defaultdict[str, int] = defaultdict(int)
        for name, promised_day in self.promised.items():
            promised[promised_day] += missing.get(name, 0)
        for one in promised:
            due = sum(told["quantity"] for told in self.coming() if told["due"] <= one)
            wanted = sum(units for other, units in promised.items() if other <= one)
            assert not wanted or wanted <= free + due
