"""The rows that deciders decide on, beside a SKU's stock: reservations, other accounts, counts."""

from typing import Literal

import msgspec

from schemas.row import Row as Row

ReservationState = Literal[
    "open", "waiting", "confirmed", "released", "shipped", "expired", "superseded"
]
TransferState = Literal["open", "closed"]
CountState = Literal["open", "approved", "cancelled"]


class ReservedLine(msgspec.Struct, gc=False, array_like=True):
    """How much of a SKU a reservation holds, and how far it is on its way out."""

    sku: str
    quantity: int
    picked: int = 0  # staged, and not shipped yet
    packed: int = 0  # of the picked
    shipped: int = 0

    @property
    def shelved(self) -> int:
        """What of it still lies where it was promised."""
        return self.quantity - self.picked - self.shipped


class WaitingLine(ReservedLine, gc=False, array_like=True):
    """A line of a reservation that waits: what is not missing is promised, and nothing picked."""

    missing: int = 0

    @property
    def shelved(self) -> int:
        """What of it is there by now."""
        return self.quantity - self.missing


class Waiter(msgspec.Struct, gc=False, array_like=True):
    """A reservation's place in the queue for a SKU."""

    reservation: str
    missing: int
    priority: int  # 0 to 9, higher first
    promised: str | None  # to whoever waits: the earlier first, none last
    seq: int  # of the event by which it waits: the earlier first
    partial: bool  # else it takes nothing until it can be whole
    channel: str | None = None  # through which it was sold


class Supply(msgspec.Struct, gc=False, array_like=True):
    """What is still to come of a SKU by one supply, and when."""

    supply: str
    due: str
    quantity: int


class Reservation(msgspec.Struct, gc=False, array_like=True):
    """A promise on stock, open or closed; a closed one is remembered until its id is free."""

    state: ReservationState
    expires_at: str
    lines: list[ReservedLine]


class ChannelReservation(Reservation, gc=False, array_like=True):
    """A promise that was made through a channel."""

    channel: str = ""


class Balances(msgspec.Struct, gc=False, array_like=True):
    """The accounts of a SKU that do not stand in its row; a SKU without has none of this."""

    quality_hold: int = 0
    damaged: int = 0
    expired: int = 0
    recalled: int = 0
    staged: int = 0
    on_order: int = 0
    scrap: int = 0
    production: int = 0
    in_transit: int = 0
    transfers: int = 0  # received from other warehouses below zero, received there above

    def total(self) -> int:
        """What the SKU's row has as `elsewhere`."""
        on_site = self.quality_hold + self.damaged + self.expired + self.recalled + self.staged
        off_site = self.on_order + self.in_transit
        return on_site + off_site + self.scrap + self.production + self.transfers


class Policy(msgspec.Struct, gc=False, array_like=True):
    """How a SKU's stock is to be kept; a SKU without one has none of this."""

    safety_stock: int = 0  # units that are not promised to whoever comes next
    recover_point: int | None = None  # above it a low SKU is ok again; none: the reorder point
    negative_limit: int = 0  # units that may be sold before they are there


class TransferLine(msgspec.Struct, gc=False, array_like=True):
    """How much of a SKU was dispatched, and how much of it has arrived."""

    sku: str
    quantity: int
    received: int = 0

    @property
    def missing(self) -> int:
        """What has not arrived."""
        return max(0, self.quantity - self.received)


class Transfer(msgspec.Struct, gc=False, array_like=True):
    """Stock on its way between two warehouses, as one of them sees it."""

    state: TransferState
    other: str  # the warehouse at the other end
    lines: list[TransferLine]


class CountLine(msgspec.Struct, gc=False, array_like=True):
    """What a count says of one SKU."""

    sku: str
    book: int  # on hand when the count was opened
    counted: int | None = None
    is_final: bool = False  # no further counting: within tolerance, or counted twice

    @property
    def variance(self) -> int:
        """Counted minus book."""
        assert self.counted is not None, "it was counted"
        return self.counted - self.book


class Count(msgspec.Struct, gc=False, array_like=True):
    """A count of some SKUs, open or closed; a closed one is remembered until its id is free."""

    state: CountState
    tolerance: int
    lines: list[CountLine]
    counters: list[str] = []  # who counted: none of them may approve
