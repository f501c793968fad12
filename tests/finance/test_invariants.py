"""What holds in any history, each by its name; STOCKYARD_EXAMPLES=100000 looks further by night."""

import json
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agents.finance.costing import spread
from schemas.finance_accounts import OWNED
from tests.examples import EXAMPLES
from tests.finance.folding import fold
from tests.finance.histories import numbers, replayed, run
from tests.finance.tables_of import Tables

Numbers = tuple[int, int]


def by_currency(lines: list[dict[str, Any]]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line["currency"]] += line["amount"]
    return sums


@EXAMPLES
@given(numbers)
def test_every_journal_sums_to_zero_and_says_what_inventory_gained(of: Numbers) -> None:
    values: Counter[str] = Counter()

    def check(tables: Tables, event: dict[str, Any]) -> None:
        nonlocal values
        lines = event.get("journal", [])
        assert not any(by_currency(lines).values()), "to the cent, in each currency"
        assert all(line["amount"] for line in lines)
        after = Counter({sku: row["value"] for sku, row in tables.skus.items()})
        inventory = sum(line["amount"] for line in lines if line["account"] == "inventory")
        assert after.total() - values.total() == inventory
        values = after

    run(*of, check)


@EXAMPLES
@given(numbers)
def test_value_in_is_value_out_and_value_there(of: Numbers) -> None:
    there: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    costs: dict[tuple[str, str], int] = {}
    provisional: Counter[str] = Counter()  # of what was sold before it was there

    def moved(event: dict[str, Any], line: dict[str, Any]) -> None:
        sign = 1 if line["to_account"] in OWNED else -1
        there[line["sku"]] += sign * line["amount"]
        counts[line["sku"]] += sign * line["quantity"]
        provisional[line["sku"]] -= sign * line.get("provisional", 0)
        if sign == 1:
            cost = line["amount"] + line.get("variance", 0) + line.get("true_up", 0)
            costs[event["cause"], line["sku"]] = cost

    def adjusted(event: dict[str, Any], line: dict[str, Any]) -> None:
        there[line["sku"]] += line["to_inventory"]
        costs[event["receipt"], line["sku"]] += 0 if "basis" in event else line["amount"]
        assert line["cost"] == costs[event["receipt"], line["sku"]]
        assert 0 <= line["there"] <= line["quantity"]
        rest = line["amount"] - line["to_inventory"]
        assert line["amount"] * rest >= 0 and abs(rest) <= abs(line["amount"]), "a part of it"

    def check(tables: Tables, event: dict[str, Any]) -> None:
        for line in event.get("lines", []):
            if event["type"] == "ValueMoved":
                moved(event, line)
            elif event["type"] == "CostingSet":
                there[line["sku"]] += line["amount"]
            elif not event.get("is_pending"):
                adjusted(event, line)
            assert (line["balance"], line["value"]) == (counts[line["sku"]], there[line["sku"]])

    office = run(*of, check)

    for sku, row in Tables(office.rows).skus.items():
        assert (row["quantity"], row["value"]) == (counts[sku], there[sku])
        owes = row["quantity"] < 0 and row["method"] != "standard"
        assert provisional[sku] == (-row["value"] if owes else 0)


@EXAMPLES
@given(numbers)
def test_the_tables_hold_together_and_months_are_the_sums_of_their_journals(of: Numbers) -> None:
    booked: dict[str, Counter[tuple[str, str]]] = {}

    def check(tables: Tables, event: dict[str, Any]) -> None:
        for line in event.get("journal", []):
            sums = booked.setdefault(event["period"], Counter())
            sums[line["account"], line["currency"]] += line["amount"]

    tables = Tables(run(*of, check).rows)

    tables.check_values()
    tables.check_layers()
    tables.check_standards()
    assert sorted(tables.sums) == tables.kept
    for period, sums in tables.sums.items():
        assert sums == booked[period]


@EXAMPLES
@given(numbers)
def test_nothing_is_booked_into_a_closed_month(of: Numbers) -> None:
    closed_to, sums = "", dict[str, Any]()

    def check(tables: Tables, event: dict[str, Any]) -> None:
        nonlocal closed_to, sums
        if event.get("journal"):
            assert event["period"] > closed_to
        for period, before in sums.items():
            if period <= closed_to:
                assert tables.sums.get(period, before) == before
        assert tables.closed_to >= closed_to, "what is closed stays so"
        closed_to, sums = tables.closed_to, tables.sums

    run(*of, check)


@EXAMPLES
@given(numbers)
def test_the_same_commands_give_the_same_bytes_and_events_alone_the_same_tables(
    of: Numbers,
) -> None:
    office = run(*of)
    again = replayed(office.commands)

    assert again.events == office.events
    assert again.rows == office.rows
    folded = fold([json.loads(event) for event in office.events])
    for key, value in office.rows.items():
        if key[:1] not in b"rc":  # these are forgotten by time, which is no event
            assert folded.pop(key) == value
    assert folded == {}


@EXAMPLES
@given(
    st.integers(-(10**15), 10**15).filter(bool),
    st.lists(st.integers(0, 10**15), min_size=1, max_size=8).filter(any),
)
def test_an_amount_is_spread_to_the_cent(amount: int, weights: list[int]) -> None:
    parts = spread(amount, weights)

    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - amount * weight) < sum(weights), "by less than a cent"
        assert part == 0 or weight > 0
