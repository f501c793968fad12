"""What a check of the books compared and where it found a difference."""

from collections.abc import Iterable
from dataclasses import dataclass, field

SHOWN = 5  # differences named per check; all are counted


@dataclass
class Check:
    """One kind of comparison: how many things were compared, how many differed, and the first."""

    name: str
    unit: str  # of what is compared
    compared: int = 0
    differences: int = 0
    first: list[str] = field(default_factory=list)

    def differ(self, text: str) -> None:
        """Note one difference."""
        self.differences += 1
        if len(self.first) < SHOWN:
            self.first.append(text)

    def differ_all(self, texts: Iterable[str]) -> None:
        """Note several."""
        for text in texts:
            self.differ(text)


@dataclass
class Findings:
    """The checks of the books, in the order in which they are told."""

    seq: Check = field(default_factory=lambda: Check("seq without gap or repeat", "events"))
    outcomes: Check = field(default_factory=lambda: Check("one outcome for each", "commands"))
    movements: Check = field(default_factory=lambda: Check("sum of movements = on hand", "SKUs"))
    accounts: Check = field(default_factory=lambda: Check("accounts sum to zero", "SKUs"))
    reserved: Check = field(
        default_factory=lambda: Check("open reservations = reserved", "reservations")
    )
    counts: Check = field(
        default_factory=lambda: Check("corrected = counted - booked", "steps of counts")
    )
    transit: Check = field(
        default_factory=lambda: Check("in transit = sent, not arrived", "steps of transfers")
    )
    transfers: Check = field(default_factory=lambda: Check("transfers sum to zero", "SKUs"))
    changelog: Check = field(default_factory=lambda: Check("changelog = events", "rows"))
    store: Check = field(default_factory=lambda: Check("RocksDB = events", "rows"))
    api: Check = field(default_factory=lambda: Check("API = events", "rows"))
    audit: Check = field(default_factory=lambda: Check("audit log = events topics", "rows"))
    places: Check = field(default_factory=lambda: Check("placed and unplaced = on site", "units"))
    orders: Check = field(
        default_factory=lambda: Check("legs of orders = reservations", "reservations")
    )
    entries: Check = field(default_factory=lambda: Check("catalogue = its events", "entries"))
    lots: Check = field(default_factory=lambda: Check("units by lot = on site", "units"))
    worth: Check = field(default_factory=lambda: Check("value of stock = costs told", "values"))

    def all(self) -> list[Check]:
        """Every check."""
        return list(vars(self).values())

    @property
    def balanced(self) -> bool:
        """Whether nothing differs."""
        return not any(check.differences for check in self.all())
