"""Adds up what the tables keep by itself: accounts to zero, promises, and what is in transit."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from cli.copies import balances, held, outgoing, rows
from cli.event_view import Key
from cli.findings import Findings
from cli.ledger import Ledger
from schemas.rows import Balances, Row


class Promised:
    """What all reservations of a partition hold, by (warehouse, SKU)."""

    def __init__(self, pairs: Mapping[bytes, bytes]) -> None:
        self.reservations = 0
        self.reserved: Counter[Key] = Counter()
        self.allocated: Counter[Key] = Counter()
        self.picked: Counter[Key] = Counter()
        for (warehouse, _), reservation in held(pairs.items()):
            self.reservations += 1
            for line in reservation.lines:
                key = (warehouse, line.sku)
                self.reserved[key] += line.shelved
                self.allocated[key] += line.shelved if reservation.state != "open" else 0
                self.picked[key] += line.picked


def _missing(pairs: Mapping[bytes, bytes]) -> Counter[Key]:
    """What has not arrived of all that left here, by (warehouse, SKU)."""
    missing: Counter[Key] = Counter()
    for (warehouse, _), transfer in outgoing(pairs.items()):
        for line in transfer.lines:
            missing[warehouse, line.sku] += max(0, line.quantity - line.received)
    return missing


def add_up(pairs: Mapping[bytes, bytes], ledger: Ledger, findings: Findings) -> None:
    """On hand against the sum of the movements, all accounts, what is promised, and in transit."""
    promised, others = Promised(pairs), dict(balances(pairs.items()))
    missing = _missing(pairs)
    findings.reserved.compared += promised.reservations
    for key, row in rows(pairs.items()):
        other = others.pop(key, Balances())
        _movements(key, row, ledger, findings)
        _accounts(key, row, other, findings)
        _promises(key, row, other.staged, promised, findings)
        _transit(key, other.in_transit, missing[key], findings)
    for warehouse, sku in others:
        findings.accounts.differ(f"{warehouse}/{sku}: it has accounts, and no row")


def _movements(key: Key, row: Row, ledger: Ledger, findings: Findings) -> None:
    findings.movements.compared += 1
    moved = ledger.rows.get(key, Row()).on_hand
    if row.on_hand != moved:
        findings.movements.differ(
            f"{key[0]}/{key[1]}: on hand {row.on_hand}, but its movements add up to {moved}"
        )


def _accounts(key: Key, row: Row, other: Balances, findings: Findings) -> None:
    findings.accounts.compared += 1
    elsewhere = sum(msgspec.structs.astuple(other))
    total = row.on_hand + row.supplier + row.customer + row.gain_loss + elsewhere
    if total:
        findings.accounts.differ(f"{key[0]}/{key[1]}: its accounts add up to {total}")
    if row.elsewhere != elsewhere:
        findings.accounts.differ(
            f"{key[0]}/{key[1]}: {row.elsewhere} elsewhere, but those accounts add up to "
            f"{elsewhere}"
        )


def _promises(key: Key, row: Row, staged: int, promised: Promised, findings: Findings) -> None:
    for name, kept, added in (
        ("reserved", row.reserved, promised.reserved[key]),
        ("allocated", row.allocated, promised.allocated[key]),
        ("staged", staged, promised.picked[key]),
    ):
        if kept != added:
            findings.reserved.differ(
                f"{key[0]}/{key[1]}: {name} {kept}, but its reservations add up to {added}"
            )


def _transit(key: Key, kept: int, missing: int, findings: Findings) -> None:
    if kept != missing:
        findings.transit.differ(
            f"{key[0]}/{key[1]}: {kept} in transit, but {missing} of what was sent is missing"
        )
