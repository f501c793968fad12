"""What stock moved into a part of its accounts or out of it, and what another domain made of it."""

from collections import Counter
from collections.abc import Set as AbstractSet

from cli.event_view import Event
from cli.findings import Check
from cli.ledger import legs_of
from schemas.accounts import Account


class Movements:
    """One partition: each movement of stock waits until the domain has told it, once and whole."""

    def __init__(
        self, partition: int, domain: str, check: Check, accounts: AbstractSet[Account]
    ) -> None:
        self._name = f"{domain}, partition {partition}"
        self._check, self._accounts = check, accounts
        self._waiting: dict[str, Counter[str]] = {}  # event of stock -> SKU -> units more
        self._read_to = 0  # seq of stock's events
        self._next_seq = 1

    @property
    def waiting(self) -> int:
        """Movements that the domain has not told yet."""
        return len(self._waiting)

    def moved(self, event: Event) -> None:
        """Take an event of stock."""
        self._read_to = event.seq
        moved: Counter[str] = Counter()
        passes = False  # whether units cross the border, be it in both directions
        settles = event.type == "TransferSettled"  # what is over is found, and leaves at once
        for line in event.lines:
            legs = legs_of(event, line)
            for account, by in legs:
                moved[line.sku] += by if account in self._accounts else 0
            sides = {account in self._accounts for account, _ in legs}
            passes |= len(sides) == 2 or (settles and False in sides)
        if passes and self._counts(moved):
            self._waiting[event.id] = moved

    def _counts(self, moved: Counter[str]) -> bool:
        """Whether the domain is told of it."""
        return bool(moved)

    def take(self, event_id: str, seq: int, cause: str, told: Counter[str]) -> None:
        """What an event of the domain says was moved; without a cause it says nothing of that."""
        self._check.compared += 1
        if seq != self._next_seq:
            self._check.differ(f"{self._name}: event {event_id} where seq {self._next_seq} must be")
        self._next_seq = seq + 1
        if not cause:
            return
        expected = self._waiting.pop(cause, None)
        if expected is None:
            if int(cause.rpartition("-")[2] or 0) <= self._read_to:
                self._check.differ(
                    f"{self._name}, event {event_id}: {cause} moved nothing, or is told twice"
                )
        elif told != expected:
            self._check.differ(
                f"{self._name}, event {event_id}: {dict(told)} units; stock moved {dict(expected)}"
            )

    def missing(self) -> None:
        """Tell what has not been told in time."""
        if self._waiting:
            first = next(iter(self._waiting))
            self._check.differ(
                f"{self._name}: {len(self._waiting)} movements were not told, {first} first: see "
                "./stockyard status and the log of policies-1"
            )
