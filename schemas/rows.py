"""The rows that deciders decide on: a SKU's stock in one warehouse, and a reservation."""

from typing import Literal

import msgspec

from schemas.row import Row as Row

ReservationState = Literal["open", "released", "shipped", "expired"]


class ReservedLine(msgspec.Struct, gc=False, array_like=True):
    """How much of a SKU a reservation holds."""

    sku: str
    quantity: int


class Reservation(msgspec.Struct, gc=False, array_like=True):
    """A promise on stock, open or closed; a closed one is remembered until its id is free."""

    state: ReservationState
    expires_at: str
    lines: list[ReservedLine]
