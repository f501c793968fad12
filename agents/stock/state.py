"""What a decision of stock is made on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from schemas.fields import STOCK_MAX
from schemas.pools import Channel, kept_from, pool_of
from schemas.rows import (
    Balances,
    ChannelReservation,
    Count,
    Policy,
    Reservation,
    ReservationState,
    ReservedLine,
    Row,
    Supply,
    Transfer,
    Waiter,
)

NO_POLICY: Final = Policy()
NO_CHANNELS: Final[list[Channel]] = []
NO_ROWS: Final[dict[str, Row]] = {}
NO_SUPPLIES: Final[dict[str, list[Supply]]] = {}
REVIEW_MS: Final = 365 * 86_400_000  # what has no end of its own is due again after so long


def nobody(name: str) -> Reservation:
    """Where nobody waits."""
    raise AssertionError(f"{name} does not wait")


def channel_of(held: Reservation | None) -> str | None:
    """Through which channel a reservation was made; none of most."""
    return held.channel if isinstance(held, ChannelReservation) else None


def promise(
    channel: str | None, state: ReservationState, expires_at: str, lines: list[ReservedLine]
) -> Reservation:
    """A reservation, of a channel where it was made through one."""
    if channel is None:
        return Reservation(state, expires_at, lines)
    return ChannelReservation(state, expires_at, lines, channel)


def drawn(channels: Sequence[Channel], by: Mapping[str | None, int]) -> list[Channel]:
    """The channels with so much more, or less, in their pools, where they have one."""
    return [_moved(one, by.get(one.channel, 0)) for one in channels]


def _moved(one: Channel, units: int) -> Channel:
    if not units or one.quantity is None:
        return one
    quantity = min(STOCK_MAX, one.quantity + units)
    assert quantity >= 0, "a channel promises no more than its pool has"
    return msgspec.structs.replace(one, quantity=quantity)


class Beside:
    """What stands beside marked rows, by SKU: policies, who waits, and channels.

    `channel` is the one that a command comes through, and `rows` are those that it is decided on.
    A sale (`is_sale`) has happened: where it may owe units, only promises and the limit are asked.
    """

    def __init__(
        self,
        policies: dict[str, Policy],
        queues: dict[str, list[Waiter]],
        waiting: Callable[[str], Reservation] = nobody,
        channels: dict[str, list[Channel]] | None = None,
        channel: str | None = None,
        rows: Mapping[str, Row] = NO_ROWS,
        is_sale: bool = False,
    ) -> None:
        self.policies = policies
        self.queues = queues  # each in its order, and somebody in each
        self.waiting = waiting  # a reservation that is in one of them
        self.channels = {} if channels is None else channels  # in their order, and some of each
        self.channel = channel
        self.is_sale = is_sale
        # how much must be left available of a SKU after something was promised of it or sold: more
        # than there can be where somebody waits, as nobody overtakes them
        self.least = {sku: policy.safety_stock for sku, policy in policies.items()}
        for sku in self.channels:
            if sku in rows:
                self.least[sku] = self.kept(sku, channel, rows[sku].available)
        for sku in queues:
            if self.rivals(sku, channel):
                self.least[sku] = STOCK_MAX + 1
        for sku, policy in policies.items():
            if self.may_owe(sku):
                self.least[sku] = 0 if rows[sku].reserved else -policy.negative_limit

    def policy(self, sku: str) -> Policy:
        """The policy of a SKU; one that asks for nothing where it has none."""
        return self.policies.get(sku, NO_POLICY)

    def may_owe(self, sku: str) -> bool:
        """Whether it is a sale of what need not be there."""
        return self.is_sale and self.policy(sku).negative_limit > 0

    def kept(self, sku: str, channel: str | None, available: int) -> int:
        """How much of what is available is not for a channel, whoever waits."""
        channels = self.channels.get(sku, NO_CHANNELS)
        return kept_from(channels, self.policy(sku).safety_stock, channel, available)

    def left(self, sku: str, channel: str | None, available: int) -> int:
        """How much of what is available is for a channel, whoever waits."""
        return max(0, available - self.kept(sku, channel, available))

    def rivals(self, sku: str, channel: str | None) -> list[Waiter]:
        """Who waits for the units that a channel would promise, in order."""
        queue, channels = self.queues.get(sku, []), self.channels.get(sku)
        if channels is None:
            return queue
        pool = pool_of(channels, channel)
        return [one for one in queue if pool_of(channels, one.channel) == pool]

    def promisable(self, sku: str, available: int) -> int:
        """How much of what is available may be promised to whoever comes next."""
        return max(0, available - self.least.get(sku, 0))

    def reasons(self, sku: str) -> dict[str, int | str]:
        """What keeps the rest of it back."""
        if self.may_owe(sku):
            return {"negative_limit": self.policy(sku).negative_limit}
        channels = self.channels.get(sku, NO_CHANNELS)
        mine = next((one for one in channels if one.channel == self.channel), None)
        kept = {
            "safety_stock": max(self.policy(sku).safety_stock, mine.safety_stock if mine else 0),
            "waiting": sum(one.missing for one in self.rivals(sku, self.channel)),
        }
        told: dict[str, int | str] = {name: units for name, units in kept.items() if units}
        if mine is not None:
            told["channel"] = mine.channel
        if mine is not None and mine.quantity is not None:
            told["pool"] = mine.quantity
        else:
            fenced = sum(one.quantity or 0 for one in channels)
            told |= {"fenced": fenced} if fenced else {}
        return told


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
        supplies: dict[str, list[Supply]] = NO_SUPPLIES,
    ) -> None:
        self.rows = rows  # by SKU; none: never seen
        self.reservation = reservation  # none: the id is unused
        self.replaced = replaced  # the reservation whose place another one takes
        self.balances = {} if balances is None else balances  # by SKU; none: all are 0
        self.count = count  # none: the id is unused
        self.transfer = transfer  # the same, of the end that is here
        self.beside = beside  # nothing where no row is marked
        self.supplies = supplies  # by SKU, by day; only for what asks for it
