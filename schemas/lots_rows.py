"""The rows that decisions on lots are made on: lots, where they are, and who gets them."""

from typing import Final

import msgspec

from schemas.accounts import ON_SITE, Account

NOWHERE: Final = ""  # no lot's name: units of which nobody knows the lot
ACCOUNTS: Final[tuple[Account, ...]] = (
    "sellable",
    "quality_hold",
    "damaged",
    "expired",
    "recalled",
    "staged",
)
assert frozenset(ACCOUNTS) == ON_SITE, "what is on site is of a lot, or of none that is known"


class Header(msgspec.Struct, gc=False, array_like=True):
    """A SKU that has lots."""

    lots: int = 0  # ever registered
    numbered: int = 0  # of them, units came in: they are numbered in that order
    serials: int = 0  # ever registered


class Lot(msgspec.Struct, gc=False, array_like=True):
    """A lot, wherever it is."""

    expires_at: str | None = None
    best_before: str | None = None
    manufactured_at: str | None = None
    number: int = 0  # in the order of the first receipt; 0: nothing of it came in
    is_expired: bool = False
    held: str | None = None  # why
    recalled: str | None = None  # why
    warehouses: list[str] = []  # that have some of it, in order
    in_transit: int = 0
    gone: int = 0  # lines of its trace
    serials: int = 0  # that are of it
    holders: int = 0  # reservations that it is bound to, in all warehouses

    @property
    def is_good(self) -> bool:
        """Whether units of it may be bound and sold."""
        return not self.is_expired and self.held is None and self.recalled is None


class Lying(msgspec.Struct, gc=False, array_like=True):
    """Units of a lot in a warehouse, by stock's accounts."""

    sellable: int = 0
    quality_hold: int = 0
    damaged: int = 0
    expired: int = 0
    recalled: int = 0
    staged: int = 0
    bound: int = 0  # of the sellable ones: to reservations
    asked: int = 0  # of the sellable ones: stock was asked to move them, and has not answered
    arriving: int = 0  # announced to stock, which has not answered
    returning: int = 0  # of those on hold: stock was asked to sell them again, and has not answered

    def of(self, account: Account) -> int:
        """Units in an account."""
        return int(getattr(self, account))

    def add(self, account: Account, quantity: int) -> None:
        """So many more in an account, or fewer."""
        setattr(self, account, self.of(account) + quantity)

    def free(self, account: Account) -> int:
        """Units in an account that are bound to nobody."""
        return self.of(account) - (self.bound if account == "sellable" else 0)


class Site(msgspec.Struct, gc=False, array_like=True):
    """A warehouse: units of which the lot is not known, and units by lot."""

    unassigned: Lying = msgspec.field(default_factory=Lying)
    lots: dict[str, Lying] = {}


class Claim(msgspec.Struct, gc=False, array_like=True):
    """What a reservation is promised of a SKU for good, and is not shipped yet."""

    days: int = 0  # for so long at least what is bound must be good
    unbound: int = 0  # promised, of no lot yet
    bound: dict[str, int] = {}  # by lot
    staged: dict[str, int] = {}  # picked, by lot

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is left."""
        return not (self.unbound or self.bound or self.staged)


class Ask(msgspec.Struct, gc=False, array_like=True):
    """What stock was asked to move, and has not answered."""

    warehouse: str
    lot: str
    quantity: int
    from_account: Account
    to_account: Account
    attempt: int = 0


class Transit(msgspec.Struct, gc=False, array_like=True):
    """A transfer's units of the SKU, as far as its two ends have told of them.

    The ends are told in any order: what came before its dispatch was told is `early`.
    """

    lots: dict[str, int] = {}  # sent, and not come
    early: int = 0  # come, and not sent
    short: int = 0  # sent, and it is told that it will never come
    over: int = 0  # it is told that it came and was never sent


class Gone(msgspec.Struct, gc=False, array_like=True):
    """Units of a lot that left."""

    warehouse: str
    to_account: Account
    quantity: int
    cause: str
    reservation: str | None = None


class Serial(msgspec.Struct, gc=False, array_like=True):
    """The one unit that has a serial: where it is, or was seen last."""

    lot: str | None
    warehouse: str  # that has it, or that it left
    account: Account
    reservation: str | None = None  # on site it is bound to it; else it left for it
    steps: int = 0  # of its history

    @property
    def is_here(self) -> bool:
        """Whether it is on a site."""
        return self.account in ON_SITE

    @property
    def bound_to(self) -> str | None:
        """Who gets it, while it is here."""
        return self.reservation if self.is_here else None


class Step(msgspec.Struct, gc=False, array_like=True):
    """A part of a serial's history: where it was then, and the event that says so."""

    event: str
    recorded_at: str
    warehouse: str
    account: Account
    reservation: str | None = None
    reference: str | None = None


class Expiry(msgspec.Struct, gc=False, array_like=True):
    """The time of a lot will be over."""

    expires_at: str


class Again(msgspec.Struct, gc=False, array_like=True):
    """Stock will be asked again for units of a lot."""

    attempt: int


class Required(msgspec.Struct, gc=False, array_like=True):
    """A shelf life that was asked for a reservation to which nothing is promised yet."""

    days: int
