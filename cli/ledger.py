"""Adds up a partition's events: what every row and account must be, from movements only.

Nothing here is shared with the decider. An event also says what its rows were after it; the ledger
checks that, but never takes it over.
"""

from cli.event_view import Event, Key, Line
from cli.findings import Findings
from cli.policies import Policies, is_low
from cli.pools import Pools, is_sale
from cli.promises import Promises
from cli.queues import Queues
from cli.supplies import Supplies
from cli.tallies import Tallies
from cli.transits import Transits
from schemas.accounts import CONTRA, Account
from schemas.row import HAS_CHANNELS, IS_AWAITED
from schemas.rows import Balances, Policy, Row

# from which account to which a line's quantity or delta goes
POSTINGS: dict[str, tuple[Account, Account]] = {
    "StockReceived": ("supplier", "sellable"),
    "StockShipped": ("sellable", "customer"),
    "StockAdjusted": ("gain_loss", "sellable"),
    "CountApproved": ("gain_loss", "sellable"),
    "StockPicked": ("sellable", "staged"),
    "StockUnpicked": ("staged", "sellable"),
    "PackedShipped": ("staged", "customer"),
    "SupplyExpected": ("supplier", "on_order"),
    "TransferDispatched": ("sellable", "in_transit"),
    "TransferReceived": ("transfers", "sellable"),
}
PROMISED = {  # how a line's quantity moves reserved and allocated
    "StockReserved": (1, 0),
    "ReservationSuperseded": (1, 0),
    "ReservationReleased": (-1, 0),
    "ReservationExpired": (-1, 0),
    "ReservationConfirmed": (0, 1),
    "StockBackordered": (1, 1),
    "StockPicked": (-1, -1),
    "StockUnpicked": (1, 1),
}
QUIET = frozenset(("StockPacked", "CountOpened"))  # they tell rows, and change none
SILENT = frozenset(("CountRecorded", "TransferExpected", "TransferClosed"))  # nothing of rows
IN_ROW: dict[Account, str] = {
    "sellable": "on_hand",
    "supplier": "supplier",
    "customer": "customer",
    "gain_loss": "gain_loss",
}


class Ledger:
    """One partition's rows, accounts, reservations, counts and transfers, event by event."""

    def __init__(self, partition: int, findings: Findings) -> None:
        self._partition = partition
        self._findings = findings
        self._promises = Promises(findings.reserved)
        self._tallies = Tallies(findings.counts)
        self._policies = Policies()
        self.pools = Pools(findings.reserved)
        self._queues = Queues(findings.reserved, self.pools)
        self._supplies = Supplies(findings.accounts)
        self.next_seq = 1
        self.rows: dict[Key, Row] = {}
        self.balances: dict[Key, Balances] = {}
        self.policies = self._policies.held
        self.queues = self._queues.waiting
        self.channels = self.pools.held
        self.supplies = self._supplies.coming
        self.held = self._promises.held
        self.counts = self._tallies.open
        self._transits = Transits(findings.transit)
        self.outgoing = self._transits.outgoing
        self.incoming = self._transits.incoming

    def add(self, event: Event) -> None:
        """Take the next event."""
        check = self._findings.seq
        check.compared += 1
        if event.seq != self.next_seq or event.partition != self._partition:
            check.differ(
                f"partition {self._partition}: event {event.id} where seq {self.next_seq} must be"
            )
        self.next_seq = event.seq + 1
        promised = self._promised(event)
        given_up = self._promises.given_up(event)
        self.pools.set(event)
        self._queues.take(event, self.policies)
        if event.type not in SILENT:
            for line in event.lines:
                self._move(event, line, promised, given_up.get(line.sku, 0))
        self._promises.take(event)
        self._tallies.take(event)
        self._transits.take(event)

    def _promised(self, event: Event) -> tuple[int, int]:
        reserved, allocated = PROMISED.get(event.type, (0, 0))
        if event.type == "StockShipped" and event.reservation is not None:
            reserved = -1
        if event.type == "ReservationConfirmed" and not self._promises.is_held(event):
            reserved = 1  # it had expired
        return reserved, -1 if event.confirmed else allocated

    def _move(
        self,
        event: Event,
        line: Line,
        promised: tuple[int, int],
        given_up: int,
    ) -> None:
        key = (event.warehouse, line.sku)
        if event.type in QUIET:
            self._check_told(event, line, self.rows.get(key) or Row())
            return
        row = self.rows.setdefault(key, Row())
        amount, was_low, was = line.quantity + line.delta, is_low(row), row.available
        owed = max(0, -row.on_hand)
        filled = sum(one.quantity for one in event.filled if one.sku == line.sku)
        row.reserved += promised[0] * (amount - line.missing) - given_up + filled
        row.allocated += promised[1] * (amount - line.missing) + filled
        row.version += 1
        if line.reorder_point is not None:
            row.reorder_point = line.reorder_point
        after = [
            (account, self._post(key, row, account, by)) for account, by in legs_of(event, line)
        ]
        self._supplies.take(event, line, self.balances.get(key, Balances()).on_order)
        self._policies.take(event, line, was_low, row)
        self._check_balances(event, line, after)
        policy = self.policies.get(key, Policy())
        self.pools.take(event, line, was, row.available, policy)
        row.marks &= ~(IS_AWAITED | HAS_CHANNELS)
        row.marks |= IS_AWAITED if key in self.queues else 0
        row.marks |= HAS_CHANNELS if key in self.channels else 0
        self._queues.check_served(event, line, row, policy)
        self._check_told(event, line, row)
        self._check_owed(event, line, owed, max(0, -row.on_hand))
        if not 0 <= row.reserved <= max(0, row.on_hand):
            self._findings.movements.differ(
                f"event {event.id}, {event.warehouse}/{line.sku}: on_hand {row.on_hand} with "
                f"{row.reserved} reserved: more was given away than there was"
            )
        if not 0 <= row.allocated <= row.reserved:
            self._findings.reserved.differ(
                f"event {event.id}, {event.warehouse}/{line.sku}: {row.allocated} allocated of "
                f"{row.reserved} reserved"
            )

    def _check_owed(self, event: Event, line: Line, before: int, after: int) -> None:
        """Only a sale makes it more, within the policy; what makes it less is told."""
        where = f"event {event.id}, {event.warehouse}/{line.sku}"
        if after > before and not is_sale(event):
            self._findings.movements.differ(f"{where}: {after} are owed, and nothing was sold")
        told = sum(one.quantity for one in event.trued_up if one.sku == line.sku)
        if told != max(0, before - after):
            self._findings.movements.differ(
                f"{where}: it says that {told} were owed; the movements up to it say "
                f"{max(0, before - after)}"
            )

    def _post(self, key: Key, row: Row, account: Account, amount: int) -> int:
        """The account's balance after it."""
        name = IN_ROW.get(account)
        holder: Row | Balances = row
        if name is None:
            row.elsewhere += amount
            name, holder = account, self.balances.setdefault(key, Balances())
        after: int = getattr(holder, name) + amount
        setattr(holder, name, after)
        return after

    def _check_balances(self, event: Event, line: Line, after: list[tuple[Account, int]]) -> None:
        told, added = (line.from_balance, line.to_balance), tuple(balance for _, balance in after)
        if told not in ((None, None), added):
            named = ", ".join(f"{one[0]} {says}" for one, says in zip(after, told, strict=False))
            self._findings.accounts.differ(
                f"event {event.id}, {event.warehouse}/{line.sku}: it says {named}; the movements "
                f"up to it say {', '.join(map(str, added))}"
            )
        limit = self.policies.get((event.warehouse, line.sku), Policy()).negative_limit
        for account, balance in after:
            least = -limit if account == "sellable" else 0
            if balance < least and account not in CONTRA:
                self._findings.accounts.differ(
                    f"event {event.id}, {event.warehouse}/{line.sku}: {account} is {balance}"
                )

    def _check_told(self, event: Event, line: Line, row: Row) -> None:
        told = (line.on_hand, line.reserved, line.available, line.version)
        if told != (row.on_hand, row.reserved, row.available, row.version):
            self._findings.movements.differ(
                f"event {event.id}, {event.warehouse}/{line.sku}: it says on_hand {line.on_hand}, "
                f"reserved {line.reserved}, version {line.version}; the movements up to it say "
                f"{row.on_hand}, {row.reserved}, {row.version}"
            )


def legs_of(event: Event, line: Line) -> list[tuple[Account, int]]:
    """What a line adds to each account; all of it sums to zero."""
    if event.type == "TransferSettled":
        legs: list[tuple[Account, int]] = [
            ("in_transit", line.over - line.quantity - line.short),
            ("transfers", line.quantity),
            ("gain_loss", line.short - line.over),
        ]
        return [(account, by) for account, by in legs if by]
    posting = POSTINGS.get(event.type)
    if event.from_account is not None and event.to_account is not None:
        posting = event.from_account, event.to_account
    if posting is None:
        return []
    amount = line.quantity + line.delta
    return [(posting[0], -amount), (posting[1], amount)]
