"""What a decision of finance is made on."""

from typing import Final

from schemas.finance_rows import Layer, Periods, Receipt, ToldCost, Valuation


class Holding:
    """What there is of a SKU: its row, and the layers that a decision needs, by number.

    These are all there are, or the oldest, with more units than are to leave.
    """

    def __init__(self, row: Valuation, layers: dict[int, Layer]) -> None:
        self.row = row
        self.layers = layers


NOTHING: Final = Holding(Valuation(), {})


class Books:
    """What a decision needs of a warehouse. It is never changed: `evolve` makes another."""

    def __init__(
        self,
        holdings: dict[str, Holding],
        receipt: Receipt | None = None,
        told: ToldCost | None = None,
        periods: Periods | None = None,
    ) -> None:
        self.holdings = holdings  # by SKU; none: never seen
        self.receipt = receipt  # none: never seen, or forgotten
        self.told = told  # what its sender told of a receipt that has not come
        self.periods = Periods() if periods is None else periods


def initial() -> Books:
    """A warehouse in which nothing ever happened."""
    return Books({})
