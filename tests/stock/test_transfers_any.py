"""Whatever is sent between two warehouses, and however late: no unit is created or lost."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.examples import EXAMPLES
from tests.stock.folding import fold
from tests.stock.tables_of import Tables
from tests.stock.two_warehouses import AWAY, HOME, TwoWarehouses

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["dispatch", "receive", "close", "deliver", "ship"]),
        st.sampled_from([(HOME, AWAY), (AWAY, HOME)]),
        st.sampled_from(["t1", "t2"]),
        st.sampled_from(["A", "B"]),
        st.integers(1, 6),
    ),
    max_size=25,
)


def happened(steps: list[Any]) -> TwoWarehouses:
    """Two warehouses after these steps, with nothing under way any more."""
    both = TwoWarehouses()
    for warehouse in (HOME, AWAY):
        lines = [{"sku": sku, "quantity": 8} for sku in "AB"]
        both.send(warehouse, "ReceiveStock", lines=lines)
    for kind, (here, there), transfer, sku, quantity in steps:
        lines = [{"sku": sku, "quantity": quantity}]
        named = {"transfer": transfer, "lines": lines}
        if kind == "dispatch":
            both.send(here, "DispatchTransfer", to_warehouse=there, **named)
        elif kind == "receive":
            both.send(here, "ReceiveTransfer", from_warehouse=there, **named)
        elif kind == "close":
            both.send(here, "CloseTransfer", from_warehouse=there, transfer=transfer)
        elif kind == "ship":
            both.send(here, "ShipStock", lines=lines)
        else:
            both.deliver()
    both.deliver()
    return both


@EXAMPLES
@given(STEPS)
def test_no_unit_is_created_or_lost_between_two_warehouses(steps: list[Any]) -> None:
    both = happened(steps)

    for sku in "AB":
        sums: Counter[str] = Counter()
        for warehouse in (HOME, AWAY):
            sums.update(both.accounts(warehouse, sku))
        assert sums["transfers"] == 0, "all that one end has received the other has let go"
        there = sums["sellable"] + sums["in_transit"] + sums["customer"] + sums["gain_loss"]
        assert there == -sums["supplier"] == 16


@EXAMPLES
@given(STEPS)
def test_both_ends_agree_once_nothing_is_under_way(steps: list[Any]) -> None:
    both = happened(steps)
    here = {place: Tables(shop.rows) for place, shop in both.shops.items()}

    for sender, receiver in ((HOME, AWAY), (AWAY, HOME)):
        left = {name: one for (_, name), one in here[sender].outgoing.items()}
        came = {name.split("/")[1]: one for (_, name), one in here[receiver].incoming.items()}
        assert left.keys() == came.keys()
        for name, one in left.items():
            other = came[name]
            assert (one["other"], other["other"]) == (receiver, sender)
            assert (one["state"], one["lines"]) == (other["state"], other["lines"])
    for tables in here.values():
        tables.check_all()


@EXAMPLES
@given(STEPS)
def test_the_events_alone_give_the_same_tables(steps: list[Any]) -> None:
    for shop in happened(steps).shops.values():
        folded = fold(shop.events)
        for key, value in shop.rows.items():
            assert folded.pop(key) == (value[8:] if key[:1] in b"ti" else value)
        assert folded == {}
