"""A partition's rows, by its changelog: against the oracle's, and whether they add up."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.chaos.accounts import BESIDE, BOTTOMLESS
from tests.chaos.changelog import Counting, Held, Policy, StockRow, Supply, Table, Travelling
from tests.chaos.oracle_queues import day_of, ordered
from tests.chaos.records import Key, Prediction, Row, Transfer
from tests.chaos.routing import rfc3339
from tests.chaos.rules import LEVEL_MAX

AGAIN_MS = 365 * 86_400 * 1000  # what has no end is looked at again after so long
HAS_POLICY, IS_AWAITED, IS_LOW, HAS_CHANNELS = 1, 2, 4, 8  # marks of a row

Difference = tuple[str, str]
"""(sort, text)."""


def compare(told: Prediction, table: Table, window_s: int) -> Iterator[Difference]:
    """Every row that is not as the oracle has it."""
    rows = {key: _row(row) for key, row in told.rows.items()}
    yield from _unlike("row", rows, table.rows)
    balances = {key: _beside(row) for key, row in told.rows.items() if row.is_beside}
    yield from _unlike("balances", balances, table.balances)
    policies = {
        key: Policy(row.safety_stock, row.recover_point, row.may_owe)
        for key, row in told.rows.items()
        if row.has_policy
    }
    yield from _unlike("policy", policies, table.policies)
    queues = {key: ordered(row.queue) for key, row in told.rows.items() if row.queue}
    yield from _unlike("queue", queues, table.queues)
    channels = {key: [*row.pools.values()] for key, row in told.rows.items() if row.pools}
    yield from _unlike("channels", channels, table.channels)
    supplies = {key: supplies_of(row) for key, row in told.rows.items() if row.coming}
    yield from _unlike("supplies", supplies, table.supplies)
    window_ms, reservations, counts = window_s * 1000, {}, {}
    for key, one in told.reservations.items():
        due_ms = one.expires_at_ms if one.state == "open" else one.closed_at_ms + window_ms
        if one.state in ("confirmed", "waiting"):
            due_ms = _due_again(table.reservations.get(key), one.confirmed_at_ms, told.log_time_ms)
        reservations[key] = Held(
            due_ms, one.state, rfc3339(one.expires_at_ms), one.lines, one.channel
        )
    yield from _unlike("reservation", reservations, table.reservations)
    for key, count in told.counts.items():
        due_ms = count.closed_at_ms + window_ms
        if count.state == "open":
            due_ms = _due_again(table.counts.get(key), count.opened_at_ms, told.log_time_ms)
        counts[key] = Counting(due_ms, count.state, count.tolerance, count.lines, count.counters)
    yield from _unlike("count", counts, table.counts)
    for sort, ends, have in (
        ("transfer", told.transfers, table.transfers),
        ("arrival", told.arrivals, table.arrivals),
    ):
        want = {
            key: _travelling(end, have.get(key), told.log_time_ms, window_ms)
            for key, end in ends.items()
        }
        yield from _unlike(sort, want, have)


def _travelling(
    end: Transfer, actual: Travelling | None, now_ms: int, window_ms: int
) -> Travelling:
    due_ms = end.closed_at_ms + window_ms
    if end.state == "open":
        due_ms = _due_again(actual, end.changed_at_ms, now_ms)
    return Travelling(due_ms, end.state, end.other, end.lines)


def _unlike(sort: str, wanted: dict[Key, Any], actual: dict[Key, Any]) -> Iterator[Difference]:
    for key in wanted.keys() | actual.keys():
        want, have = wanted.get(key), actual.get(key)
        if want != have:
            yield sort, f"{key}: {have}, expected {want}"


def _due_again(actual: Held | Counting | Travelling | None, since_ms: int, now_ms: int) -> int:
    """When it is looked at again: as it says, where that is 365 days from a time it has lived."""
    if actual is not None and since_ms <= actual.due_ms - AGAIN_MS <= now_ms:
        return actual.due_ms
    return since_ms + AGAIN_MS


def _row(row: Row) -> StockRow:
    return StockRow(
        row.on_hand,
        row.reserved,
        row.reorder_point,
        row.version,
        row.allocated,
        row.accounts["supplier"],
        row.accounts["customer"],
        row.accounts["gain_loss"],
        row.elsewhere,
        HAS_POLICY * row.has_policy
        + IS_AWAITED * bool(row.queue)
        + IS_LOW * row.is_low
        + HAS_CHANNELS * bool(row.pools),
    )


def supplies_of(row: Row) -> list[Supply]:
    """What is to come of a SKU, by day and name."""
    told = [Supply(name, *due) for name, due in row.coming.items()]
    return sorted(told, key=lambda one: (day_of(one.due), one.supply))


def _beside(row: Row) -> dict[str, int]:
    return {name: row.accounts[name] for name in BESIDE}


def check_books(table: Table) -> Iterator[Difference]:
    """What must add up whatever was decided: accounts, and what is promised of them."""
    reserved, allocated, staged = _promised(table)
    in_transit = _in_transit(table)
    for key, row in table.rows.items():
        beside = table.balances.get(key, {})
        may_owe = table.policies[key].may_owe if key in table.policies else 0
        for wrong in _account_faults(row, beside, may_owe):
            yield "books", f"{key}: {wrong}: {row} {beside}"
        sums = StockRow(row.on_hand, reserved[key], *row[2:4], allocated[key], *row[5:])
        if row != sums:
            yield "books", f"{key}: {row}, by its reservations {sums}"
        if beside.get("staged", 0) != staged[key]:
            yield "books", f"{key}: {beside} by its reservations {staged[key]} staged"
        if beside.get("on_order", 0) < sum(one.quantity for one in table.supplies.get(key, ())):
            yield "books", f"{key}: {beside} by its supplies {table.supplies[key]}"
        if beside.get("in_transit", 0) != in_transit[key]:
            yield "books", f"{key}: {beside} by its transfers {in_transit[key]} in transit"
    named = {*table.balances, *+reserved, *+staged, *+in_transit}
    for key in named - table.rows.keys():
        yield "books", f"{key}: no row of its own"


def _account_faults(row: StockRow, beside: dict[str, int], may_owe: int) -> Iterator[str]:
    if row.on_hand + row.supplier + row.customer + row.gain_loss + row.elsewhere:
        yield "the accounts do not sum to 0"
    if row.elsewhere != sum(beside.values()):
        yield "elsewhere is not the sum of the balances"
    if not 0 <= row.allocated <= row.reserved <= max(0, row.on_hand) <= LEVEL_MAX:
        yield "allocated, reserved and on_hand are out of order"
    if row.on_hand < -may_owe:
        yield "more was sold than there was, and than the policy lets be"
    if any(balance < 0 for name, balance in beside.items() if name not in BOTTOMLESS):
        yield "an account is below its least"


def _in_transit(table: Table) -> Counter[Key]:
    """By SKU: what open transfers have sent and nobody has received."""
    missing: Counter[Key] = Counter()
    for (warehouse, _), sent in table.transfers.items():
        for sku, line in sent.lines.items() if sent.state == "open" else ():
            missing[warehouse, sku] += line.missing
    return missing


def transferred(table: Table) -> Counter[str]:
    """By SKU: what its accounts `transfers` in this partition sum to."""
    sums: Counter[str] = Counter()
    for (_, sku), balances in table.balances.items():
        sums[sku] += balances["transfers"]
    return sums


def _promised(table: Table) -> tuple[Counter[Key], Counter[Key], Counter[Key]]:
    """By SKU: reserved, of it allocated, and staged, as the reservations have it."""
    reserved: Counter[Key] = Counter()
    allocated: Counter[Key] = Counter()
    staged: Counter[Key] = Counter()
    for (warehouse, _), held in table.reservations.items():
        if held.state not in ("open", "waiting", "confirmed"):
            continue
        for sku, line in held.lines.items():
            reserved[warehouse, sku] += line.shelved
            staged[warehouse, sku] += line.picked
            if held.state != "open":
                allocated[warehouse, sku] += line.shelved
    return reserved, allocated, staged
