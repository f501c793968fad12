"""The invariants of the tables: every unit is in one account, every promise has its sum.

What is to come is on order, and no more is owed than a policy lets be.

Read with the product's own codecs: the oracle reads the same bytes by its own.
"""

from collections import defaultdict
from collections.abc import Iterator

from schemas.accounts import CONTRA
from schemas.rows import Balances, Reservation, Row, Transfer
from tables.stock import (
    BALANCES_KIND,
    INCOMING_KIND,
    OUTGOING_KIND,
    POLICY_KIND,
    RESERVATION_KIND,
    STOCK_KIND,
    SUPPLIES_KIND,
    decode_balances,
    decode_policy,
    decode_reservation,
    decode_row,
    decode_supplies,
    decode_transfer,
    split_key,
)

Place = tuple[str, str]  # (warehouse, SKU)


class _Promised:
    """What reservations hold of a row, open transfers have sent, supplies bring, and it may owe."""

    def __init__(self) -> None:
        self.reserved = self.allocated = self.staged = self.in_transit = 0
        self.to_come = self.may_owe = 0

    def told(self, kind: bytes, value: bytes) -> None:
        """What stands beside the row."""
        if kind == POLICY_KIND:
            self.may_owe = decode_policy(value).negative_limit
        else:
            self.to_come = sum(one.quantity for one in decode_supplies(value))

    def add(self, held: Reservation, at: int) -> None:
        """One of a reservation's lines."""
        line = held.lines[at]
        self.staged += line.picked
        if held.state in ("open", "waiting", "confirmed"):
            self.reserved += line.shelved
        if held.state in ("waiting", "confirmed"):
            self.allocated += line.shelved


def wrong_sums(rows: dict[bytes, bytes]) -> Iterator[tuple[str, str]]:
    """(sort, text) of every row of the tables that is not the sum of what it should be."""
    stock: dict[Place, Row] = {}
    balances: dict[Place, Balances] = defaultdict(Balances)
    promised: dict[Place, _Promised] = defaultdict(_Promised)
    for key, value in rows.items():
        kind = key.partition(b"\0")[0]
        if kind == STOCK_KIND:
            stock[split_key(key)[1:]] = decode_row(value)
        elif kind in (POLICY_KIND, SUPPLIES_KIND):
            promised[split_key(key)[1:]].told(kind, value)
        elif kind == BALANCES_KIND:
            balances[split_key(key)[1:]] = decode_balances(value)
        elif kind == RESERVATION_KIND:
            held = decode_reservation(value)
            for at, line in enumerate(held.lines):
                promised[split_key(key)[1], line.sku].add(held, at)
        elif kind == OUTGOING_KIND:
            sent = decode_transfer(value)
            for under_way in sent.lines if sent.state == "open" else ():
                promised[split_key(key)[1], under_way.sku].in_transit += under_way.missing
    for place in sorted(stock.keys() | balances.keys() | promised.keys()):
        yield from _wrong(place, stock.get(place, Row()), balances[place], promised[place])


def _wrong(
    place: Place, row: Row, balances: Balances, promised: _Promised
) -> Iterator[tuple[str, str]]:
    if row.imbalance:
        yield "imbalance", f"{place}: the accounts of {row} sum to {row.imbalance}"
    if row.elsewhere != balances.total():
        yield "balances", f"{place}: {row} has {row.elsewhere} elsewhere, {balances}"
    if any(
        getattr(balances, account) < 0
        for account in Balances.__struct_fields__
        if account not in CONTRA
    ):
        yield "balances", f"{place}: one of {balances} is below 0"
    if balances.on_order < promised.to_come:
        yield "on order", f"{place}: {balances}, of which supplies bring {promised.to_come}"
    if not 0 <= row.allocated <= row.reserved <= max(0, row.on_hand):
        yield "promised", f"{place}: {row} has promised what is not there"
    if row.on_hand < -promised.may_owe:
        yield "owed", f"{place}: {row} may owe {promised.may_owe}"
    for name, has, sums in (
        ("reserved", row.reserved, promised.reserved),
        ("allocated", row.allocated, promised.allocated),
        ("staged", balances.staged, promised.staged),
        ("in transit", balances.in_transit, promised.in_transit),
    ):
        if has != sums:
            yield name, f"{place}: {has} of {row}, by what was promised and sent {sums}"


def unsettled(rows: dict[bytes, bytes]) -> Iterator[tuple[str, str]]:
    """(sort, text) of what the two ends of transfers have not settled, of all partitions' rows.

    True once nothing is under way between them.
    """
    sums: dict[str, int] = defaultdict(int)
    sent: dict[tuple[str, str], Transfer] = {}
    for key, value in rows.items():
        kind = key.partition(b"\0")[0]
        if kind == BALANCES_KIND:
            sums[split_key(key)[2]] += decode_balances(value).transfers
        elif kind == OUTGOING_KIND:
            sent[split_key(key)[1:]] = decode_transfer(value)
    for sku, total in sorted(sums.items()):
        if total:
            yield "transfers", f"of {sku} the warehouses' accounts sum to {total}"
    for key, value in rows.items():
        if key.partition(b"\0")[0] != INCOMING_KIND:
            continue
        _, receiver, name = split_key(key)
        here, sender = decode_transfer(value), name.partition("/")[0]
        there = sent.get((sender, name.partition("/")[2]))
        if here.state == "open" and (there is None or there.lines != here.lines):
            yield "arrivals", f"{receiver} has {here} from {sender}, which has {there}"
