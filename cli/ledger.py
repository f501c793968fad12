"""Adds up a partition's events: what every row and account must be, from movements only.

Nothing here is shared with the decider. An event also says what its rows were after it; the ledger
checks that, but never takes it over.
"""

from cli.event_view import Event, Key, Line
from cli.findings import Findings
from cli.promises import Promises
from cli.tallies import Tallies
from schemas.accounts import CONTRA, Account
from schemas.rows import Balances, Row

# from which account to which a line's quantity or delta goes
POSTINGS: dict[str, tuple[Account, Account]] = {
    "StockReceived": ("supplier", "sellable"),
    "StockShipped": ("sellable", "customer"),
    "StockAdjusted": ("gain_loss", "sellable"),
    "CountApproved": ("gain_loss", "sellable"),
    "StockPicked": ("sellable", "staged"),
    "StockUnpicked": ("staged", "sellable"),
    "PackedShipped": ("staged", "customer"),
}
PROMISED = {  # how a line's quantity moves reserved and allocated
    "StockReserved": (1, 0),
    "ReservationSuperseded": (1, 0),
    "ReservationReleased": (-1, 0),
    "ReservationExpired": (-1, 0),
    "ReservationConfirmed": (0, 1),
    "StockPicked": (-1, -1),
    "StockUnpicked": (1, 1),
}
QUIET = frozenset(("StockPacked", "CountOpened"))  # they tell rows, and change none
IN_ROW: dict[Account, str] = {
    "sellable": "on_hand",
    "supplier": "supplier",
    "customer": "customer",
    "gain_loss": "gain_loss",
}


class Ledger:
    """One partition's rows, accounts, reservations and counts, event by event."""

    def __init__(self, partition: int, findings: Findings) -> None:
        self._partition = partition
        self._findings = findings
        self._promises = Promises(findings.reserved)
        self._tallies = Tallies(findings.counts)
        self.next_seq = 1
        self.rows: dict[Key, Row] = {}
        self.balances: dict[Key, Balances] = {}
        self.held = self._promises.held
        self.counts = self._tallies.open

    def add(self, event: Event) -> None:
        """Take the next event."""
        check = self._findings.seq
        check.compared += 1
        if event.seq != self.next_seq or event.partition != self._partition:
            check.differ(
                f"partition {self._partition}: event {event.id} where seq {self.next_seq} must be"
            )
        self.next_seq = event.seq + 1
        posting = POSTINGS.get(event.type)
        if event.from_account is not None and event.to_account is not None:
            posting = event.from_account, event.to_account
        promised = self._promised(event)
        given_up = self._promises.given_up(event)
        if event.type != "CountRecorded":  # it says nothing of the books
            for line in event.lines:
                self._move(event, line, posting, promised, given_up.get(line.sku, 0))
        self._promises.take(event)
        self._tallies.take(event)

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
        posting: tuple[Account, Account] | None,
        promised: tuple[int, int],
        given_up: int,
    ) -> None:
        key = (event.warehouse, line.sku)
        if event.type in QUIET:
            self._check_told(event, line, self.rows.get(key) or Row())
            return
        row = self.rows.setdefault(key, Row())
        amount = line.quantity + line.delta
        row.reserved += promised[0] * amount - given_up
        row.allocated += promised[1] * amount
        row.version += 1
        if line.reorder_point is not None:
            row.reorder_point = line.reorder_point
        if posting is not None:
            source, target = posting
            left = self._post(key, row, source, -amount)
            come = self._post(key, row, target, amount)
            self._check_balances(event, line, (source, left), (target, come))
        self._check_told(event, line, row)
        if row.available < 0 or row.reserved < 0:
            self._findings.movements.differ(
                f"event {event.id}, {event.warehouse}/{line.sku}: on_hand {row.on_hand} with "
                f"{row.reserved} reserved: more was given away than there was"
            )
        if not 0 <= row.allocated <= row.reserved:
            self._findings.reserved.differ(
                f"event {event.id}, {event.warehouse}/{line.sku}: {row.allocated} allocated of "
                f"{row.reserved} reserved"
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

    def _check_balances(
        self, event: Event, line: Line, source: tuple[Account, int], target: tuple[Account, int]
    ) -> None:
        told = (line.from_balance, line.to_balance)
        if told not in ((None, None), (source[1], target[1])):
            self._findings.accounts.differ(
                f"event {event.id}, {event.warehouse}/{line.sku}: it says {source[0]} {told[0]}, "
                f"{target[0]} {told[1]}; the movements up to it say {source[1]}, {target[1]}"
            )
        for account, balance in (source, target):
            if balance < 0 and account not in CONTRA:
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
