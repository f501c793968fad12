"""A SKU's stock in one warehouse: the row that deciders read and write most."""

from typing import Final

HAS_POLICY: Final = 1
IS_AWAITED: Final = 2
IS_LOW: Final = 4
HAS_CHANNELS: Final = 8
"""Marks, a bit each: there is a policy row; there is a queue, as somebody waits for it; it fell
low, and has not come to its recover point; there is a row of its channels."""


class Row:  # noqa: PLW1641  (it changes)
    """Stock of one SKU in one warehouse, in base units.

    Double entry: what is on hand came from somewhere. The accounts that move most stand here, all
    others by their sum, `elsewhere`, and one by one in the SKU's `Balances`.
    """

    def __init__(
        self,
        on_hand: int = 0,
        reserved: int = 0,
        reorder_point: int = 0,
        version: int = 0,
        allocated: int = 0,
        supplier: int = 0,
        customer: int = 0,
        gain_loss: int = 0,
        elsewhere: int = 0,
        marks: int = 0,
    ) -> None:
        self.on_hand = on_hand  # what can be sold
        self.reserved = reserved  # of it, promised: the sum of the open reservations
        self.reorder_point = reorder_point
        self.version = version  # changes so far; 0: never seen
        self.allocated = allocated  # of the reserved, promised for good
        self.supplier = supplier
        self.customer = customer
        self.gain_loss = gain_loss
        self.elsewhere = elsewhere
        self.marks = marks  # what stands beside it and must be looked at; few rows have some

    @property
    def available(self) -> int:
        """What may be promised or shipped."""
        return self.on_hand - self.reserved

    @property
    def imbalance(self) -> int:
        """The sum of all accounts: 0, or a unit came from nowhere."""
        return self.on_hand + self.supplier + self.customer + self.gain_loss + self.elsewhere

    def numbers(self) -> tuple[int, int, int, int, int, int, int, int, int]:
        """As the bytes have them; the marks follow where there are some."""
        return (
            self.on_hand,
            self.reserved,
            self.reorder_point,
            self.version,
            self.allocated,
            self.supplier,
            self.customer,
            self.gain_loss,
            self.elsewhere,
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Row)
            and self.numbers() == other.numbers()
            and self.marks == other.marks
        )

    def __repr__(self) -> str:
        return f"Row{self.numbers()}" + (f" marked {self.marks}" if self.marks else "")
