"""Any history in which every unit is named: serials are where the units are, one for each."""

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import examples
from tests.lots.books import ACCOUNTS
from tests.lots.depot import (
    Depot,
    change,
    come,
    confirm,
    give,
    let_go,
    name,
    pick,
    ship,
    swap,
    take_back,
    unpick,
    went,
)

EXAMPLES = examples.count(100)
WAREHOUSES = ("LON-1", "PAR-1")
SHELVES = ("sellable", "quality_hold", "damaged")
OFF = ("customer", "supplier", "scrap", "gain_loss")
nth = st.integers(0, 10**6)
warehouses = st.sampled_from(WAREHOUSES)
Place = tuple[str, str, str | None]
"""(warehouse, account, whom it is for)."""


class Named(RuleBasedStateMachine):
    """Each unit has a serial, and whoever moves one says which: the model says where each is."""

    def __init__(self) -> None:
        super().__init__()
        self.depot = Depot()
        self.places: dict[str, Place] = {}
        self.promised: dict[tuple[str, str], int] = {}  # units without a serial, and none picked
        self.count = 0

    def at(self, *place: str | None) -> list[str]:
        """Serials in a place, by their names."""
        return sorted(serial for serial, where in self.places.items() if where == place)

    def put(self, serials: list[str], *place: Any) -> None:
        for serial in serials:
            self.places[serial] = place

    def given(self, *wishes: dict[str, Any]) -> None:
        self.depot.given(*wishes)

    @rule(warehouse=warehouses, quantity=st.integers(1, 4), account=st.sampled_from(SHELVES))
    def receive(self, warehouse: str, quantity: int, account: str) -> None:
        fresh = [f"N{self.count + number}" for number in range(quantity)]
        self.count += quantity
        self.given(come("-", quantity, warehouse, account))
        self.given(name(*fresh, warehouse=warehouse, account=account))
        self.put(fresh, warehouse, account, None)

    @initialize()
    def begin(self) -> None:
        for warehouse in WAREHOUSES:
            self.receive(warehouse, 5, "sellable")

    @rule(warehouse=warehouses, quantity=st.integers(1, 3), first=nth)
    def promise(self, warehouse: str, quantity: int, first: int) -> None:
        owed = sum(units for (at, _), units in self.promised.items() if at == warehouse)
        if owed + quantity <= len(self.at(warehouse, "sellable", None)):
            reservation = f"r{len(self.depot.events)}"
            self.given(confirm(reservation, quantity, warehouse))
            self.promised[warehouse, reservation] = quantity
            if first % 4:
                self._bind(warehouse, reservation, first)

    @precondition(lambda self: any(self.promised.values()))
    @rule(which=nth, first=nth)
    def bind(self, which: int, first: int) -> None:
        self._bind(*self._promise(which), first)

    def _bind(self, warehouse: str, reservation: str, first: int) -> None:
        units = self.promised[warehouse, reservation]
        free = self.at(warehouse, "sellable", None)
        start = first % (len(free) - units + 1)
        chosen = free[start : start + units]
        if chosen:
            self.given(give(reservation, *chosen, warehouse=warehouse))
            self.put(chosen, warehouse, "sellable", reservation)
            self.promised[warehouse, reservation] = 0

    def _promise(self, which: int) -> tuple[str, str]:
        found = sorted(self.promised)
        return found[which % len(found)]

    @precondition(lambda self: any(not units for units in self.promised.values()))
    @rule(which=nth)
    def unbind(self, which: int) -> None:
        warehouse, reservation = self._promise(which)
        bound = self.at(warehouse, "sellable", reservation)[:1]
        if bound:
            self.given(take_back(*bound, warehouse=warehouse))
            self.put(bound, warehouse, "sellable", None)
            self.promised[warehouse, reservation] += 1

    @precondition(lambda self: self.promised)
    @rule(which=nth, units=st.integers(1, 3))
    def pick(self, which: int, units: int) -> None:
        self._go(which, units, "sellable", "staged")

    @precondition(lambda self: self.promised)
    @rule(which=nth, units=st.integers(1, 3))
    def put_back(self, which: int, units: int) -> None:
        self._go(which, units, "staged", "sellable")

    def _go(self, which: int, units: int, source: str, target: str) -> None:
        """Some are picked, or put back: all that are there go along, of a part it is said."""
        warehouse, reservation = self._promise(which)
        there = self.at(warehouse, source, reservation)
        if self.promised[warehouse, reservation] or not there:
            return
        gone = there[-units:]
        step = pick if target == "staged" else unpick
        self.given(step(reservation, len(gone)) | {"warehouse": warehouse})
        if gone != there:
            named = {"reservation": reservation, "warehouse": warehouse}
            self.given(went(source, target, *gone, **named))
        self.put(gone, warehouse, target, reservation)

    @precondition(lambda self: self.promised)
    @rule(which=nth, units=st.integers(1, 3), is_named_first=st.booleans())
    def ship(self, which: int, units: int, is_named_first: bool) -> None:
        picked = [
            (warehouse, reservation)
            for warehouse, reservation in sorted(self.promised)
            if self.at(warehouse, "staged", reservation)
        ]
        if not picked:
            return
        warehouse, reservation = picked[which % len(picked)]
        there = self.at(warehouse, "staged", reservation)
        gone = there[:units]
        named = {"reservation": reservation, "warehouse": warehouse}
        steps = [ship(reservation, len(gone)) | {"warehouse": warehouse}]
        if gone != there:
            steps.insert(int(not is_named_first), went("staged", "customer", *gone, **named))
        self.given(*steps)
        self.put(gone, warehouse, "customer", reservation)
        self._tidy(warehouse, reservation)

    @precondition(lambda self: self.promised)
    @rule(which=nth)
    def cancel(self, which: int) -> None:
        warehouse, reservation = self._promise(which)
        if not self.at(warehouse, "staged", reservation) and not which % 3:
            self.given(let_go(reservation) | {"warehouse": warehouse})
            self.put(self.at(warehouse, "sellable", reservation), warehouse, "sellable", None)
            del self.promised[warehouse, reservation]

    def _tidy(self, warehouse: str, reservation: str) -> None:
        shelf = self.at(warehouse, "sellable", reservation)
        if not (shelf or self.at(warehouse, "staged", reservation)):
            del self.promised[warehouse, reservation]

    def _free(self, warehouse: str, account: str, which: int) -> list[str]:
        """One that is promised to nobody, where not all that are free are owed to somebody."""
        there = self.at(warehouse, account, None)
        owed = sum(units for (at, _), units in self.promised.items() if at == warehouse)
        if len(there) <= (owed if account == "sellable" else 0):
            return []
        return [there[which % len(there)]]

    @rule(
        warehouse=warehouses,
        which=nth,
        ends=st.tuples(st.sampled_from(SHELVES), st.sampled_from((*SHELVES, *OFF))),
        is_named_first=st.booleans(),
    )
    def move(self, warehouse: str, which: int, ends: tuple[str, str], is_named_first: bool) -> None:
        """One changes its account or leaves; what leaves may be named before stock tells of it."""
        source, target = ends
        one = self._free(warehouse, source, which)
        if not one or source == target:
            return
        steps = [
            change(source, target, 1, warehouse=warehouse),
            went(source, target, *one, warehouse=warehouse),
        ]
        is_named_first = is_named_first and target in OFF
        self.given(*(reversed(steps) if is_named_first else steps))
        self.put(one, warehouse, target, None)

    @rule(which=nth, account=st.sampled_from(SHELVES), warehouse=warehouses)
    def come_back(self, which: int, account: str, warehouse: str) -> None:
        gone = [
            name for name, (_, at, _) in sorted(self.places.items()) if at in OFF and at != "scrap"
        ]
        if gone:
            one = gone[which % len(gone)]
            source = self.places[one][1]
            self.given(
                change(source, account, 1, warehouse=warehouse),
                went(source, account, one, warehouse=warehouse),
            )
            self.put([one], warehouse, account, None)

    @rule(ends=st.permutations(WAREHOUSES), which=nth)
    def send(self, ends: list[str], which: int) -> None:
        """One goes to the other warehouse, and arrives."""
        source, target = ends
        one = self._free(source, "sellable", which)
        if not one:
            return
        transfer = {"transfer": f"t{len(self.depot.events)}"}
        way = {"warehouse": source, "counterpart": target} | transfer
        back = {"warehouse": target, "counterpart": source} | transfer
        self.given(
            went("sellable", "in_transit", *one, warehouse=source),
            change("sellable", "in_transit", 1, **way),
            change("transfers", "sellable", 1, **back),
            went("in_transit", "sellable", *one, warehouse=target),
        )
        self.put(one, target, "sellable", None)

    @precondition(lambda self: len(self.places) > 1)
    @rule(which=nth, by=nth)
    def take_for_each_other(self, which: int, by: int) -> None:
        known = sorted(self.places)
        one = known[which % len(known)]
        other = known[(which + 1 + by % (len(known) - 1)) % len(known)]
        self.given(swap(one, other))
        self.places[one], self.places[other] = self.places[other], self.places[one]

    @precondition(lambda self: self.places)
    @rule(which=nth, warehouse=warehouses)
    def see_twice(self, which: int, warehouse: str) -> None:
        known = sorted(self.places)
        one = known[which % len(known)]
        self.depot.when(name(one, warehouse=warehouse))
        self._refused("SERIAL_SEEN_TWICE", one)
        at, account, reservation = self.places[one]
        if reservation is not None and account not in OFF:
            self.given(confirm("greedy", 1, at))
            self.depot.when(give("greedy", one, warehouse=at))
            self._refused("SERIAL_ELSEWHERE" if account == "staged" else "SERIAL_BOUND", one)
            self.given(let_go("greedy") | {"warehouse": at})

    def _refused(self, code: str, serial: str) -> None:
        at, account, reservation = self.places[serial]
        his = {} if reservation is None else {"reservation": reservation}
        self.depot.then_rejected(code, serial=serial, warehouse=at, account=account, **his)

    @invariant()
    def each_serial_is_in_one_place_and_each_unit_has_one(self) -> None:
        books = self.depot.books()
        books.check()
        fields = ("warehouse", "account", "reservation")
        assert {
            serial: tuple(map(one.get, fields)) for serial, one in books.serials.items()
        } == self.places
        for warehouse in WAREHOUSES:
            counts = Counter(account for at, account, _ in self.places.values() if at == warehouse)
            there = {account: counts[account] for account in ACCOUNTS}
            assert books.on_site(warehouse) == there


def test_a_serial_is_in_one_place_and_an_account_has_as_many_as_units() -> None:
    rules = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)
    run_state_machine_as_test(Named, settings=rules)
