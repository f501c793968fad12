"""Serials: each names one unit and is in one place; each step from it comes about, or says why."""

import pytest
from msgspec import msgpack

from tests.hosted import Wish
from tests.lots.depot import (
    Depot,
    change,
    come,
    confirm,
    give,
    name,
    pick,
    receive,
    register,
    swap,
    take_back,
    went,
)
from tests.lots.scanned import places, three, where

SITE = ("sellable", "quality_hold", "damaged", "expired", "recalled")


def test_units_that_are_there_get_serials() -> None:
    depot = Depot().given(register("L1"), come("L1", 2))

    depot.when(name("N1", lot="L1")).then(
        "SerialsRegistered",
        warehouse="LON-1",
        lot="L1",
        serials=[{"serial": "N1", "lot": "L1", "warehouse": "LON-1", "to_account": "sellable"}],
    )


@pytest.mark.parametrize("account", SITE)
def test_no_more_get_serials_than_are_there(account: str) -> None:
    depot = Depot().given(change("supplier", account, 2), name("N1", account=account))

    depot.when(name("N2", "N3", account=account)).then_rejected(
        "INSUFFICIENT_UNITS", warehouse="LON-1", account=account, requested=2, there=1
    )


def test_a_lot_of_a_serial_is_known() -> None:
    three().when(name("N4", lot="no")).then_rejected("LOT_NOT_FOUND", lot="no")


@pytest.mark.parametrize("elsewhere", ["LON-1", "PAR-1"])
def test_a_serial_is_seen_first_once(elsewhere: str) -> None:
    depot = three().given(come("-", 1, elsewhere))

    depot.when(name("N1", warehouse=elsewhere)).then_rejected(
        "SERIAL_SEEN_TWICE", serial="N1", warehouse="LON-1", account="sellable"
    )


def test_a_sku_with_serials_and_no_lots_is_told_of_promises_too() -> None:
    depot = three().given(confirm("r", 2))

    assert depot.books().claims["LON-1", "r"]["unbound"] == 2


ALL = {
    "on site": ("LON-1", "sellable", None),
    "bound": ("LON-1", "sellable", "r"),
    "picked": ("LON-1", "staged", "r"),
    "in transit": ("LON-1", "in_transit", None),
    "sold": ("LON-1", "customer", "q"),
    "lost": ("LON-1", "gain_loss", None),
    "scrapped": ("LON-1", "scrap", None),
}


def somewhere(state: str) -> Depot:
    """A serial in this state: N1, beside units that have none; two of them are for r."""
    depot = Depot().given(come("-", 9), name("N1"), confirm("r", 2))
    if state == "bound":
        depot.given(give("r", "N1"))
    elif state == "picked":
        depot.given(give("r", "N1"), pick("r", 2))
    elif state == "sold":
        depot.given(went("sellable", "customer", "N1", reservation="q"))
    elif state != "on site":
        account = ALL[state][1]
        depot.given(went("sellable", account, "N1"))
    depot.given(change("supplier", "damaged", 1))
    assert where(depot, "N1") == ALL[state]
    return depot


OFFERED: dict[str, Wish] = {
    "registered": name("N1"),
    "broken": went("sellable", "damaged", "N1"),
    "dispatched": went("sellable", "in_transit", "N1", reference="t1"),
    "sold": went("sellable", "customer", "N1", reservation="q"),
    "shipped": went("staged", "customer", "N1", reservation="r"),
    "arrived": went("in_transit", "sellable", "N1"),
    "returned": went("customer", "damaged", "N1"),
    "found": went("gain_loss", "sellable", "N1"),
    "put back": went("staged", "sellable", "N1", reservation="r"),
    "lost under way": went("in_transit", "gain_loss", "N1"),
    "bound": give("r", "N1"),
    "unbound": take_back("N1"),
}
HERE, AWAY, GONE = "SERIAL_ELSEWHERE", "SERIAL_IN_TRANSIT", "SERIAL_GONE"
TWICE, BOUND, FREE = "SERIAL_SEEN_TWICE", "SERIAL_BOUND", "SERIAL_NOT_BOUND"
OUTCOMES: dict[str, tuple[str, ...]] = {  # "": it comes about
    #                  on site, bound, picked, in transit, sold, lost, scrapped
    "registered": (TWICE, TWICE, TWICE, TWICE, TWICE, TWICE, TWICE),
    "broken": ("", BOUND, HERE, AWAY, GONE, GONE, GONE),
    "dispatched": ("", BOUND, HERE, AWAY, GONE, GONE, GONE),
    "sold": ("", BOUND, HERE, AWAY, GONE, GONE, GONE),
    "shipped": (HERE, HERE, "", AWAY, GONE, GONE, GONE),
    "arrived": (TWICE, TWICE, TWICE, "", GONE, GONE, GONE),
    "returned": (TWICE, TWICE, TWICE, AWAY, "", GONE, GONE),
    "found": (TWICE, TWICE, TWICE, AWAY, GONE, "", GONE),
    "put back": (HERE, HERE, "INSUFFICIENT_UNITS", AWAY, GONE, GONE, GONE),
    "lost under way": (HERE, HERE, HERE, "", GONE, GONE, GONE),
    "bound": ("", BOUND, HERE, AWAY, GONE, GONE, GONE),
    "unbound": (FREE, "", HERE, AWAY, GONE, GONE, GONE),
}


@pytest.mark.parametrize("state", ALL)
@pytest.mark.parametrize("offered", OFFERED)
def test_every_step_from_every_place_comes_about_or_says_why_not(state: str, offered: str) -> None:
    expected = OUTCOMES[offered][list(ALL).index(state)]
    depot = somewhere(state)

    depot.when(OFFERED[offered])

    if not expected:
        assert depot.told["type"].startswith("Serials"), depot.told
    elif expected == "INSUFFICIENT_UNITS":
        of = {"warehouse": "LON-1", "account": "sellable", "reservation": "r"}
        depot.then_rejected(expected, requested=1, there=0, **of)
    else:
        warehouse, account, reservation = ALL[state]
        his = {} if reservation is None else {"reservation": reservation}
        depot.then_rejected(expected, serial="N1", warehouse=warehouse, account=account, **his)
    depot.books().check()


@pytest.mark.parametrize(
    "wish",
    [
        went("sellable", "customer", "no"),
        give("r", "N1", "no"),
        take_back("no"),
        swap("N1", "no"),
        swap("no", "N1"),
    ],
)
def test_what_nobody_has_registered_is_not_found(wish: Wish) -> None:
    somewhere("on site").when(wish).then_rejected("SERIAL_NOT_FOUND", serial="no")


@pytest.mark.parametrize(
    ("source", "target"),
    [("sellable", "sellable"), ("customer", "supplier"), ("customer", "in_transit")],
)
def test_some_ways_no_unit_goes(source: str, target: str) -> None:
    details = {"from_account": source, "to_account": target}

    three().when(went(source, target, "N1")).then_rejected("MOVE_FORBIDDEN", **details)


def test_a_serial_leaves_only_the_warehouse_that_has_it() -> None:
    depot = three()

    for wish in (
        went("sellable", "customer", "N1", warehouse="PAR-1"),
        give("r", "N1", warehouse="PAR-1"),
        take_back("N1", warehouse="PAR-1"),
    ):
        depot.given(confirm("r", 1, "PAR-1")).when(wish).then_rejected(
            "SERIAL_ELSEWHERE", serial="N1", warehouse="LON-1", account="sellable"
        )


def test_what_is_lost_under_way_is_lost_by_whoever_sent_it() -> None:
    depot = three().given(went("sellable", "in_transit", "N1"))
    lost = went("in_transit", "gain_loss", "N1", warehouse="PAR-1")

    depot.when(lost).then_rejected(
        "SERIAL_ELSEWHERE", serial="N1", warehouse="LON-1", account="in_transit"
    )


def test_a_serial_that_was_sent_arrives_at_another_warehouse() -> None:
    depot = three().given(went("sellable", "in_transit", "N1", reference="t1"), come("-", 1, "PAR"))

    depot.when(went("in_transit", "sellable", "N1", warehouse="PAR", reference="t1")).then(
        "SerialsMoved",
        warehouse="PAR",
        reference="t1",
        serials=[
            {
                "serial": "N1",
                "warehouse": "PAR",
                "from_account": "in_transit",
                "to_account": "sellable",
            }
        ],
    )
    assert [one["account"] for one in depot.books().steps["N1"]] == [
        "sellable",
        "in_transit",
        "sellable",
    ]


def test_a_serial_comes_only_where_a_unit_is_that_has_none() -> None:
    depot = three()

    depot.when(went("sellable", "damaged", "N1")).then_rejected(
        "INSUFFICIENT_UNITS", warehouse="LON-1", account="damaged", requested=1, there=0
    )
    depot.given(change("sellable", "damaged", 1), went("sellable", "damaged", "N1"))
    assert where(depot, "N1") == ("LON-1", "damaged", None)


@pytest.mark.parametrize("is_named_first", [True, False])
def test_what_leaves_may_be_named_before_stock_tells_of_it_or_after(is_named_first: bool) -> None:
    steps = [went("sellable", "customer", "N2"), change("sellable", "customer", 1)]
    depot = three().given(*(steps if is_named_first else reversed(steps)))

    assert where(depot, "N2") == ("LON-1", "customer", None)
    assert depot.books().nameless("LON-1", "sellable") == 0


def test_what_nobody_names_stays_where_it_was_seen_and_more_serials_than_units_are_there() -> None:
    depot = three().given(change("sellable", "customer", 1))

    assert {account for _, account, _ in places(depot).values()} == {"sellable"}
    assert depot.books().nameless("LON-1", "sellable") == -1
    depot.when(name("N4")).then_rejected(
        "INSUFFICIENT_UNITS", warehouse="LON-1", account="sellable", requested=1, there=0
    )


def test_a_serial_stands_once_in_a_command() -> None:
    depot = three().when(name("N4", "N4"))

    depot.then_rejected("INVALID_COMMAND", path="serials", problem="has a serial twice")


def test_what_arrives_of_a_lot_gets_its_serials_when_stock_has_received_it() -> None:
    depot = Depot().given(register("L1"), receive("L1", 1))
    depot.when(name("N1", lot="L1")).then_rejected(
        "INSUFFICIENT_UNITS", warehouse="LON-1", account="sellable", requested=1, there=0
    )

    depot.given(come("L1", 1) | {"ask": "7-2/0"}, name("N1", lot="L1"))

    assert where(depot, "N1") == ("LON-1", "sellable", None)


def test_rows_that_knew_of_no_serials_are_read() -> None:
    depot = Depot().given(register("L1"), come("L1", 2))
    for key, row in depot.rows.items():
        if key[:1] in b"SL":
            depot.rows[key] = msgpack.encode(msgpack.decode(row)[:-1])

    depot.given(name("N1", lot="L1"))

    depot.books().check()


def test_the_history_of_a_serial_is_kept_in_rows_of_a_hundred() -> None:
    depot = three()
    for _ in range(101):
        depot.given(swap("N1", "N2"))

    steps = depot.books().steps["N1"]
    assert len(steps) == depot.books().serials["N1"]["steps"] == 102
    rows = [key for key in depot.rows if key.startswith(b"H\0A\0N1\0")]
    assert len(rows) == 2
