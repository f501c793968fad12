"""What a decision of stock is made on."""

from schemas.rows import Balances, Count, Reservation, Row, Transfer


class Stock:
    """What a decision needs of a warehouse: the rows it touches, and what it names."""

    def __init__(
        self,
        rows: dict[str, Row],
        reservation: Reservation | None = None,
        replaced: Reservation | None = None,
        balances: dict[str, Balances] | None = None,
        count: Count | None = None,
        transfer: Transfer | None = None,
    ) -> None:
        self.rows = rows  # by SKU; none: never seen
        self.reservation = reservation  # none: the id is unused
        self.replaced = replaced  # the reservation whose place another one takes
        self.balances = {} if balances is None else balances  # by SKU; none: all are 0
        self.count = count  # none: the id is unused
        self.transfer = transfer  # the same, of the end that is here


def initial() -> Stock:
    """A warehouse in which nothing ever happened."""
    return Stock({})
