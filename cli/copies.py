"""A copy of a partition's rows, compared with the ledger at the copy's own position."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.event_view import Key
from cli.findings import Check
from cli.ledger import Ledger
from schemas.pools import Channel
from schemas.rows import Balances, Count, Policy, Reservation, Row, Supply, Transfer, Waiter
from tables.stock import (
    BALANCES_KIND,
    CHANNELS_KIND,
    COUNT_KIND,
    INCOMING_KIND,
    OUTGOING_KIND,
    POLICY_KIND,
    QUEUE_KIND,
    RESERVATION_KIND,
    STOCK_KIND,
    SUPPLIES_KIND,
    decode_balances,
    decode_channels,
    decode_count,
    decode_policy,
    decode_queue,
    decode_reservation,
    decode_row,
    decode_supplies,
    decode_transfer,
    split_key,
)

Pairs = Iterable[tuple[bytes, bytes]]
Numbers = tuple[int, ...]
"""Of a row as it has them in its bytes: all of them, or the first that a copy tells."""

NAMES = (
    "on_hand",
    "reserved",
    "reorder point",
    "version",
    "allocated",
    "supplier",
    "customer",
    "gain_loss",
    "elsewhere",
    "marks",
)


@dataclass
class Beside:
    """What a copy has beside its rows: balances, and what is open of all else."""

    balances: Iterable[tuple[Key, Balances]]
    policies: Iterable[tuple[Key, Policy]]
    queues: Iterable[tuple[Key, list[Waiter]]]
    held: Iterable[tuple[Key, Reservation]]
    counts: Iterable[tuple[Key, Count]]
    outgoing: Iterable[tuple[Key, Transfer]]
    incoming: Iterable[tuple[Key, Transfer]]
    channels: Iterable[tuple[Key, list[Channel]]]
    supplies: Iterable[tuple[Key, list[Supply]]]


@dataclass
class Copy:
    """Rows, and what is beside them where it tells that, before event `next_seq`."""

    name: str
    next_seq: int
    check: Check
    rows: Iterable[tuple[Key, Numbers]]
    beside: Beside | None = None
    whole: bool = True  # whether a row that it does not tell is missing

    def compare(self, ledger: Ledger) -> None:
        """Compare both ways; the ledger stands at `next_seq`, or at its end before that."""
        if ledger.next_seq < self.next_seq:
            self.check.differ(
                f"{self.name}: it has event {self.next_seq - 1}, but the events end with "
                f"{ledger.next_seq - 1}"
            )
            return
        rows = set()
        for key, numbers in self.rows:
            self.check.compared += 1
            rows.add(key)
            row = ledger.rows.get(key)
            added = None if row is None else _numbers(row)[: len(numbers)]
            if numbers != added:
                self.check.differ(
                    f"{self.name}, {key[0]}/{key[1]}: {_shown(numbers)}; the events say "
                    f"{_shown(added)}"
                )
        if self.whole:
            self._missing("row", ledger.rows.keys(), rows)
        if self.beside is not None:
            self._compare("accounts of", self.beside.balances, ledger.balances)
            self._compare("policy of", self.beside.policies, ledger.policies)
            self._compare("queue for", self.beside.queues, ledger.queues)
            self._compare("channels of", self.beside.channels, ledger.channels)
            self._compare("supplies of", self.beside.supplies, ledger.supplies)
            self._compare("reservation", self.beside.held, ledger.held)
            self._compare("count", self.beside.counts, ledger.counts)
            self._compare("transfer", self.beside.outgoing, ledger.outgoing)
            self._compare("arrival", self.beside.incoming, ledger.incoming)

    def _compare(
        self, what: str, told: Iterable[tuple[Key, Any]], expected: Mapping[Key, Any]
    ) -> None:
        keys = set()
        for key, one in told:
            keys.add(key)
            if one != expected.get(key):
                self.check.differ(
                    f"{self.name}, {what} {key[0]}/{key[1]}: {one}; the events say "
                    f"{expected.get(key, 'there is none')}"
                )
        self._missing(what, expected.keys(), keys)

    def _missing(self, what: str, expected: Collection[Key], told: Collection[Key]) -> None:
        if len(told) >= len(expected):
            return
        for key in sorted(set(expected) - set(told)):
            self.check.differ(f"{self.name}: {what} {key[0]}/{key[1]} is missing")


def _numbers(row: Row) -> Numbers:
    return (*row.numbers(), row.marks)


def _shown(numbers: Numbers | None) -> str:
    if numbers is None:
        return "nothing"
    named = zip(NAMES, numbers, strict=False)
    return ", ".join(f"{name} {number}" for name, number in named)


def rows(pairs: Pairs) -> Iterator[tuple[Key, Row]]:
    """The rows of SKUs among keys and values of tables.stock."""
    for key, value in _of(STOCK_KIND, pairs):
        yield key, decode_row(value)


def balances(pairs: Pairs) -> Iterator[tuple[Key, Balances]]:
    """The other accounts of SKUs among them."""
    for key, value in _of(BALANCES_KIND, pairs):
        yield key, decode_balances(value)


def policies(pairs: Pairs) -> Iterator[tuple[Key, Policy]]:
    """The policies of SKUs among them."""
    for key, value in _of(POLICY_KIND, pairs):
        yield key, decode_policy(value)


def queues(pairs: Pairs) -> Iterator[tuple[Key, list[Waiter]]]:
    """The queues for SKUs among them."""
    for key, value in _of(QUEUE_KIND, pairs):
        yield key, decode_queue(value)


def channels(pairs: Pairs) -> Iterator[tuple[Key, list[Channel]]]:
    """The channels of SKUs among them."""
    for key, value in _of(CHANNELS_KIND, pairs):
        yield key, decode_channels(value)


def supplies(pairs: Pairs) -> Iterator[tuple[Key, list[Supply]]]:
    """What is to come of SKUs among them."""
    for key, value in _of(SUPPLIES_KIND, pairs):
        yield key, decode_supplies(value)


def held(pairs: Pairs) -> Iterator[tuple[Key, Reservation]]:
    """The reservations among them that hold something: open, waiting and confirmed ones."""
    for key, value in _of(RESERVATION_KIND, pairs):
        reservation = decode_reservation(value)
        if reservation.state in ("open", "waiting", "confirmed"):
            yield key, reservation


def counts(pairs: Pairs) -> Iterator[tuple[Key, Count]]:
    """The open counts among them."""
    for key, value in _of(COUNT_KIND, pairs):
        count = decode_count(value)
        if count.state == "open":
            yield key, count


def outgoing(pairs: Pairs) -> Iterator[tuple[Key, Transfer]]:
    """The open transfers among them that left a warehouse."""
    return _transfers(OUTGOING_KIND, pairs)


def incoming(pairs: Pairs) -> Iterator[tuple[Key, Transfer]]:
    """The open transfers among them that come to a warehouse, by from/transfer."""
    return _transfers(INCOMING_KIND, pairs)


def _transfers(kind: bytes, pairs: Pairs) -> Iterator[tuple[Key, Transfer]]:
    for key, value in _of(kind, pairs):
        transfer = decode_transfer(value)
        if transfer.state == "open":
            yield key, transfer


def _of(kind: bytes, pairs: Pairs) -> Iterator[tuple[Key, bytes]]:
    for key, value in pairs:
        if key.startswith(kind):
            _, warehouse, name = split_key(key)
            yield (warehouse, name), value


def whole_copy(name: str, next_seq: int, check: Check, of_kind: Callable[[bytes], Pairs]) -> Copy:
    """A copy of all that tables.stock keeps; `of_kind` gives the pairs of one kind of key."""
    return Copy(
        name,
        next_seq,
        check,
        ((key, _numbers(row)) for key, row in rows(of_kind(STOCK_KIND))),
        Beside(
            balances(of_kind(BALANCES_KIND)),
            policies(of_kind(POLICY_KIND)),
            queues(of_kind(QUEUE_KIND)),
            held(of_kind(RESERVATION_KIND)),
            counts(of_kind(COUNT_KIND)),
            outgoing(of_kind(OUTGOING_KIND)),
            incoming(of_kind(INCOMING_KIND)),
            channels(of_kind(CHANNELS_KIND)),
            supplies(of_kind(SUPPLIES_KIND)),
        ),
    )
