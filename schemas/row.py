"""A SKU's stock in one warehouse: the row that deciders read and write most."""


class Row:  # noqa: PLW1641  (it changes)
    """Stock of one SKU in one warehouse, in base units."""

    def __init__(
        self, on_hand: int = 0, reserved: int = 0, reorder_point: int = 0, version: int = 0
    ) -> None:
        self.on_hand = on_hand
        self.reserved = reserved  # the sum of the open reservations
        self.reorder_point = reorder_point
        self.version = version  # changes so far; 0: never seen

    @property
    def available(self) -> int:
        """What may be promised or shipped."""
        return self.on_hand - self.reserved

    def numbers(self) -> tuple[int, int, int, int]:
        """On hand, reserved, reorder point and version: as the bytes have them."""
        return self.on_hand, self.reserved, self.reorder_point, self.version

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.numbers() == other.numbers()

    def __repr__(self) -> str:
        return f"Row{self.numbers()}"
