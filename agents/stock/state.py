"""What a decision of stock is made on."""

from collections.abc import Callable
from typing import Final

from schemas.fields import STOCK_MAX
from schemas.rows import Balances, Count, Policy, Reservation, Row, Transfer, Waiter

NO_POLICY: Final = Policy()
REVIEW_MS: Final = 365 * 86_400_000  # what has no end of its own is due again after so long


def nobody(name: str) -> Reservation:
    """Where nobody waits."""
    raise AssertionError(f"{name} does not wait")


class Beside:
    """What stands beside marked rows, by SKU: how each of them is to be kept, and who waits."""

    def __init__(
        self,
        policies: dict[str, Policy],
        queues: dict[str, list[Waiter]],
        waiting: Callable[[str], Reservation] = nobody,
    ) -> None:
        self.policies = policies
        self.queues = queues  # each in its order, and somebody in each
        self.waiting = waiting  # a reservation that is in one of them
        # how much must be left available of a SKU after something was promised of it or sold: more
        # than there can be where somebody waits, as nobody overtakes them
        self.least = {sku: policy.safety_stock for sku, policy in policies.items()}
        self.least.update(dict.fromkeys(queues, STOCK_MAX + 1))

    def policy(self, sku: str) -> Policy:
        """The policy of a SKU; one that asks for nothing where it has none."""
        return self.policies.get(sku, NO_POLICY)

    def promisable(self, sku: str, available: int) -> int:
        """How much of what is available may be promised to whoever comes next."""
        return max(0, available - self.least.get(sku, 0))

    def reasons(self, sku: str) -> dict[str, int]:
        """What keeps the rest of it back."""
        safety_stock = self.policy(sku).safety_stock
        missing = sum(one.missing for one in self.queues.get(sku, ()))
        kept = {"safety_stock": safety_stock, "waiting": missing}
        return {name: units for name, units in kept.items() if units}


NOTHING_BESIDE: Final = Beside({}, {})


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
        beside: Beside = NOTHING_BESIDE,
    ) -> None:
        self.rows = rows  # by SKU; none: never seen
        self.reservation = reservation  # none: the id is unused
        self.replaced = replaced  # the reservation whose place another one takes
        self.balances = {} if balances is None else balances  # by SKU; none: all are 0
        self.count = count  # none: the id is unused
        self.transfer = transfer  # the same, of the end that is here
        self.beside = beside  # nothing where no row is marked


def initial() -> Stock:
    """A warehouse in which nothing ever happened."""
    return Stock({})
