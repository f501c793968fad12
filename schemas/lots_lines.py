"""The parts of lots' commands and events: names, bases of their key, and lines."""

from collections.abc import Iterable
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field

from schemas.accounts import Account, ReasonCode
from schemas.envelope import Closed, Command, Event, Language, Outcome
from schemas.fields import STOCK_MAX, Label, Sku, Warehouse
from schemas.locations_lines import Name

DAYS_MAX = 36_500  # a century: no lot is asked for more
SERIALS_MAX = 200  # of a command: each has four rows or five

LotName = Name
SerialName = Name
Units = Annotated[int, Field(ge=0, le=STOCK_MAX)]
SomeUnits = Annotated[int, Field(ge=1, le=STOCK_MAX)]
Days = Annotated[int, Field(ge=0, le=DAYS_MAX)]
SiteAccount = Literal["sellable", "quality_hold", "damaged", "expired", "recalled"]
ArrivalAccount = Literal["sellable", "quality_hold"]
SerialSource = Literal[
    SiteAccount, "staged", "in_transit", "supplier", "customer", "gain_loss", "production"
]
SerialTarget = Literal[SerialSource, "scrap"]


class _Serial(Protocol):
    @property
    def serial(self) -> str: ...


Serials = TypeVar("Serials", bound=Iterable[_Serial])


def no_serial_twice(lines: Serials) -> Serials:
    """The lines themselves where no serial is named again, else ValueError."""
    seen: set[str] = set()
    for line in lines:
        if line.serial in seen:
            raise ValueError("has a serial twice")
        seen.add(line.serial)
    return lines


class SkuCommand(Command):
    """A wish to whoever keeps the lots of a SKU."""

    KEY = "sku"

    sku: Sku


class SkuEvent(Event):
    """What happened to the lots of a SKU."""

    KEY = "sku"

    sku: Sku


class SkuOutcome(Outcome, SkuEvent):
    """What one command brought about to the lots of a SKU."""


class PromisedLine(Closed):
    """So many units are a reservation's, for good."""

    reservation: Label
    quantity: SomeUnits


class SerialLine(Closed):
    """One unit, by its serial."""

    serial: SerialName


SerialLines = Annotated[
    list[SerialLine],
    Field(min_length=1, max_length=SERIALS_MAX),
    AfterValidator(no_serial_twice),
]


class LotMoved(Language):
    """Units of a lot, or of none that is known, went from one of stock's accounts to another.

    Of a reservation where they were picked, put back or shipped for it; `bound` where they were
    bound to it, or are again.
    """

    warehouse: Warehouse
    lot: str | None = None
    from_account: Account
    to_account: Account
    quantity: int
    reservation: Label | None = None
    bound: bool = False


class LotBinding(Language):
    """Units that a reservation is to get are of another lot than before, or of none for now."""

    warehouse: Warehouse
    reservation: Label
    quantity: int
    from_lot: str | None = None
    to_lot: str | None = None


class LotAssignment(Language):
    """Units in an account are known to be of a lot, of which that was not known, or of another."""

    warehouse: Warehouse
    account: SiteAccount
    quantity: int
    from_lot: str | None = None
    lot: str


class MoveAsked(Language):
    """What stock is asked to move; the command has the id `lots/<event id>/<number>`."""

    number: int
    warehouse: Warehouse
    lot: str
    quantity: int
    from_account: Account
    to_account: Account
    reason: ReasonCode
    attempt: int = 0  # how often stock has refused it before


class LotThere(Language):
    """How many units of a lot are in a warehouse, by stock's accounts."""

    warehouse: Warehouse
    sellable: int = 0
    quality_hold: int = 0
    damaged: int = 0
    expired: int = 0
    recalled: int = 0
    staged: int = 0
    bound: int = 0  # of the sellable ones: to reservations
    arriving: int = 0  # announced, and not received by stock yet


class LotGone(Language):
    """Units of a lot that left by the event of stock `cause`, to an account off the site."""

    warehouse: Warehouse
    to_account: Account
    quantity: int
    cause: str
    reservation: str | None = None


class StagedFor(Language):
    """Units of a lot that are picked for a reservation."""

    warehouse: Warehouse
    reservation: str
    quantity: int


class SerialMoved(Language):
    """A serial is in an account now; `warehouse` has it, or is the one that it left.

    With `reservation` it is bound to that, or has left for it. Without `from_account` nobody had
    seen it before.
    """

    serial: str
    lot: str | None = None
    warehouse: Warehouse
    from_account: Account | None = None
    to_account: Account
    reservation: str | None = None


class SerialThere(Language):
    """A serial, and where it is: in a warehouse, or where it went from there."""

    serial: str
    warehouse: Warehouse
    account: Account
    reservation: str | None = None
