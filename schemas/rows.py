"""The rows that deciders decide on: a SKU's stock in one warehouse, and a reservation."""

from typing import Literal

import msgspec

ReservationState = Literal["open", "released", "shipped", "expired"]


class Row(msgspec.Struct, gc=False):
    """Stock of one SKU in one warehouse, in base units."""

    on_hand: int = 0
    reserved: int = 0  # the sum of the open reservations
    reorder_point: int = 0
    version: int = 0  # changes so far; 0: never seen

    @property
    def available(self) -> int:
        """What may be promised or shipped."""
        return self.on_hand - self.reserved


class ReservedLine(msgspec.Struct, gc=False, array_like=True):
    """How much of a SKU a reservation holds."""

    sku: str
    quantity: int


class Reservation(msgspec.Struct, gc=False, array_like=True):
    """A promise on stock, open or closed; a closed one is remembered until its id is free."""

    state: ReservationState
    expires_at: str
    lines: list[ReservedLine]
