"""On which terms an order is placed: told to each warehouse, and to lots before units are bound."""

import json
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import msgspec
import pytest

from agents.composition import policies_of
from agents.orders.policy import asked, required
from schemas.domains import LOTS, ORDERS, STOCK
from tests.lots.depot import Depot, register
from tests.orders.desk import Desk, place, record, refusal, source
from tests.stock.bytes_of import Shop

PROMISED = "2026-12-01T00:00:00Z"
TERMS: dict[str, Any] = {
    "channel": "web",
    "priority": 7,
    "promised": PROMISED,
    "shelf_life_days": 20,
}
DAY_MS = 86_400_000
Policy = Callable[[bytes], Sequence[tuple[str, str, bytes]]]


def wishes(policy: Policy, event: bytes) -> list[dict[str, Any]]:
    """What an event asks for."""
    return [json.loads(value) for _, _, value in policy(event)]


def requires(desk: Desk) -> list[tuple[int, str]]:
    """Of which legs the last event asks lots for a shelf life."""
    return [(one["attempt"], one["warehouse"]) for one in desk.told.get("requires", ())]


def test_a_leg_is_reserved_for_its_channel_alone() -> None:
    desk = Desk().when(place({"A": 3}, source("L"), **TERMS))

    (wish,) = wishes(asked, desk.events[-1])

    assert wish["channel"] == "web"
    assert not {"priority", "promised"} & wish.keys()


def test_what_is_missing_is_waited_for_on_the_orders_terms() -> None:
    desk = Desk().given(place({"A": 5}, source("L", A=3), backorder=True, **TERMS))

    desk.when(record("L1", "reserved", A=3))

    backorder, confirm = wishes(asked, desk.events[-1])
    assert [backorder[name] for name in ("channel", "priority", "promised")] == ["web", 7, PROMISED]
    assert not TERMS.keys() & confirm.keys()
    assert requires(desk) == [(2, "L")]


def test_lots_are_asked_for_each_sku_of_each_leg() -> None:
    desk = Desk().when(
        place({"A": 5, "B": 1}, source("L", A=3), source("M", A=9, B=1), **TERMS, actor="ann")
    )

    told = required(desk.events[-1])

    assert [(sku, cause) for sku, cause, _ in told] == [("A", "7-1"), ("A", "7-1"), ("B", "7-1")]
    assert wishes(required, desk.events[-1]) == [
        {
            "type": "RequireShelfLife",
            "id": f"7-1/1/{warehouse}",
            "sku": sku,
            "warehouse": warehouse,
            "reservation": "order/o-1/1",
            "days": 20,
            "time": desk.told["time"],
            "actor": "ann",
        }
        for sku, warehouse in (("A", "L"), ("A", "M"), ("B", "M"))
    ]


@pytest.mark.parametrize("terms", [{}, TERMS | {"shelf_life_days": 0}])
def test_an_order_that_requires_no_shelf_life_asks_lots_for_nothing(terms: dict[str, Any]) -> None:
    desk = Desk().when(place({"A": 3}, source("L"), **terms))
    assert not required(desk.events[-1])
    assert not required(desk.when(place({"A": 1}, source("L"), **TERMS)).events[-1])


def test_another_plan_is_on_the_same_terms() -> None:
    desk = Desk().given(place({"A": 3}, source("L", priority=1), source("M"), **TERMS))

    desk.when(refusal("L1", "reserve", A=0))

    (wish,) = wishes(asked, desk.events[-1])
    assert (wish["warehouse"], wish["channel"], requires(desk)) == ("M", "web", [(2, "M")])


def test_a_shelf_life_is_required_again_once_a_leg_that_waited_is_whole() -> None:
    desk = Desk().given(place({"A": 5}, source("L", A=0), backorder=True, **TERMS))
    desk.given(record("L1", "waiting", A=5))
    assert requires(desk) == []

    assert requires(desk.when(record("L1", "filled", A=4))) == []
    desk.when(record("L1", "filled", A=1))

    assert (desk.told["type"], requires(desk)) == ("OrderAllocated", [(1, "L")])
    (wish,) = wishes(required, desk.events[-1])
    assert (wish["id"], wish["days"]) == (f"{desk.told['id']}/1/L", 20)


class Chain:
    """Orders, a warehouse and lots, with every relay between them; `ends` are carried in turn."""

    def __init__(self, ends: Sequence[tuple[str, str]]) -> None:
        self.desk, self.shop, self.depot = Desk(), Shop(), Depot()
        self._hosts: dict[str, Any] = {ORDERS: self.desk, STOCK: self.shop, LOTS: self.depot}
        policies = policies_of((STOCK, ORDERS, LOTS))
        assert {*ends} == policies.keys()
        self._policies = {one: policies[one] for one in ends}
        self._carried = dict.fromkeys(ends, 0)
        self._seen: set[tuple[str, str, str]] = set()

    def stock(self, kind: str, **fields: Any) -> None:
        """A command of stock, and all that comes of it."""
        assert self.shop.send(kind, **fields).code == ""
        self.settle()

    def settle(self) -> None:
        """Carry until nothing is left, the first relay that has something first."""
        while any(self._carry(*ends) for ends in self._policies):
            pass

    def _carry(self, source: str, target: str) -> bool:
        at, events = self._carried[source, target], self._hosts[source].events
        if at == len(events):
            return False
        self._carried[source, target] = at + 1
        for key, _, value in self._policies[source, target](events[at]):
            name = target, key, json.loads(value)["id"]
            if name not in self._seen:
                self._seen.add(name)
                self._hosts[target].put(value)
        return True

    def claim(self, attempt: int) -> dict[str, Any]:
        """What a leg has of the SKU's lots."""
        return self.depot.books().claims["LON-1", f"order/o-1/{attempt}"]

    def pass_days(self, days: int) -> None:
        """Time goes on everywhere."""
        for host in (self.shop, self.depot):
            host.pass_time(days * DAY_MS)
        self.desk.moment.log_time_ms += days * DAY_MS
        self.settle()


ENDS = ((ORDERS, LOTS), (ORDERS, STOCK), (STOCK, ORDERS), (STOCK, LOTS), (LOTS, STOCK))
LATEST = (*ENDS[1:], ENDS[0])


def stocked(ends: Sequence[tuple[str, str]]) -> Chain:
    """Four units that end soon, four that end late; one of all is the channel's."""
    chain = Chain(ends)
    chain.depot.given(register("soon", 50), register("late", 900))
    for lot in ("soon", "late"):
        fields = {"from_account": "supplier", "to_account": "sellable", "reason": "RECEIVED"}
        lines = [{"sku": "A", "quantity": 4}]
        chain.stock("MoveStock", **fields, reference=lot, lines=lines)
    refill(chain, 1)
    return chain


def refill(chain: Chain, quantity: int) -> None:
    """So many are the channel's from now on."""
    pools = [{"channel": "web", "quantity": quantity}]
    chain.stock("SetChannelPools", lines=[{"sku": "A", "pools": pools}])


@pytest.mark.parametrize("ends", [*permutations(ENDS[:2] + ENDS[3:4])], ids=str)
def test_an_order_is_served_on_its_terms_by_stock_and_by_lots(
    ends: tuple[tuple[str, str], ...],
) -> None:
    chain = stocked((*ends, *(one for one in ENDS if one not in ends)))
    terms = TERMS | {"shelf_life_days": 100, "backorder": True}

    chain.desk.given(place({"A": 3}, source("LON-1", A=1), **terms))
    chain.settle()

    assert chain.desk.told["state"] == "backordered"
    claim = chain.claim(1)
    assert (claim["days"], claim["bound"], claim["unbound"]) == (100, {"late": 1}, 0)
    [[waits, missing, priority, promised, *_, channel]] = queue(chain)
    assert (waits, missing) == ("order/o-1/2", 2)
    assert (priority, promised, channel) == (7, PROMISED, "web")

    refill(chain, 2)

    assert chain.desk.told["state"] == "allocated"
    claim = chain.claim(2)
    assert (claim["days"], claim["bound"], claim["unbound"]) == (100, {"late": 2}, 0)
    chain.depot.books().check()


def queue(chain: Chain) -> list[Any]:
    """Who waits, as the row has it."""
    found: list[Any] = msgspec.msgpack.decode(chain.shop.rows[b"Q\0LON-1\0A"])
    return found


@pytest.mark.parametrize("ends", [ENDS, LATEST], ids=["first", "last"])
def test_what_comes_after_lots_have_forgotten_lives_long_enough_all_the_same(
    ends: tuple[tuple[str, str], ...],
) -> None:
    chain = stocked(ends)
    refill(chain, 8)
    everything = [{"sku": "A", "quantity": 8}]
    chain.stock("BackorderStock", reservation="r", lines=everything, channel="web")
    terms = TERMS | {"shelf_life_days": 100, "backorder": True}
    chain.desk.given(place({"A": 2}, source("LON-1", A=0), **terms))
    chain.settle()
    chain.pass_days(31)

    chain.stock("ReleaseReservation", reservation="r")

    claim = chain.claim(1)
    assert (claim["days"], claim["bound"]) == (100, {"late": 2})
