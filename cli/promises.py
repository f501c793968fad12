"""Adds up what events promise: open and confirmed reservations, and how far each is on its way."""

from collections.abc import Callable

from cli.event_view import Event, Fill, Key
from cli.findings import Check
from schemas.rows import (
    ChannelReservation,
    Reservation,
    ReservationState,
    ReservedLine,
    WaitingLine,
)

STEPS = {  # how a line moves (picked, packed, shipped)
    "StockPicked": (1, 0, 0),
    "StockUnpicked": (-1, 0, 0),
    "StockPacked": (0, 1, 0),
    "PackedShipped": (-1, -1, 1),
}


def shelved(reservation: Reservation) -> dict[str, int]:
    """What of it still lies where it was promised, by SKU; those of which nothing does are out."""
    left = {line.sku: line.shelved for line in reservation.lines}
    return {sku: quantity for sku, quantity in left.items() if quantity}


def _made(
    channel: str | None, state: ReservationState, since: str, lines: list[ReservedLine]
) -> Reservation:
    if channel is None:
        return Reservation(state, since, lines)
    return ChannelReservation(state, since, lines, channel)


def _channel(held: Reservation) -> str | None:
    return held.channel if isinstance(held, ChannelReservation) else None


class Promises:
    """One partition's reservations, event by event."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self.held: dict[Key, Reservation] = {}  # open, waiting and confirmed
        self._expired: dict[Key, Reservation] = {}  # these may be confirmed yet
        self._takes: dict[str, Callable[[Event, Key], None]] = {
            "StockReserved": self._open,
            "ReservationSuperseded": self._supersede,
            "ReservationExtended": self._extend,
            "ReservationConfirmed": self._confirm,
            "StockBackordered": self._wait,
            "ReservationReleased": self._close,
            "ReservationExpired": self._expire,
            "StockShipped": self._close,
            **dict.fromkeys(STEPS, self._step),
        }

    def take(self, event: Event) -> None:
        """Take the next event: what it names, and what it gives to those who wait."""
        take = self._takes.get(event.type)
        if event.reservation is not None and take is not None:
            take(event, (event.warehouse, event.reservation))
        for one in event.filled:
            self._fill(event, one)

    def given_up(self, event: Event) -> dict[str, int]:
        """What the reservation held, by SKU, whose place another one takes by this event."""
        if event.replaces is None:
            return {}
        old = self.held.get((event.warehouse, event.replaces))
        return {} if old is None else shelved(old)

    def is_held(self, event: Event) -> bool:
        """Whether what an event names is reserved before it."""
        return (event.warehouse, event.reservation or "") in self.held

    def _differ(self, event: Event, key: Key, why: str) -> None:
        self._check.differ(f"event {event.id}, reservation {key[0]}/{key[1]}: {why}")

    def _open(self, event: Event, key: Key) -> None:
        if key in self.held:
            self._differ(event, key, "it opens, but is open")
        self._expired.pop(key, None)
        lines = [ReservedLine(line.sku, line.quantity) for line in event.lines if line.quantity]
        self.held[key] = _made(event.channel, "open", event.expires_at, lines)

    def _wait(self, event: Event, key: Key) -> None:
        if key in self.held:
            self._differ(event, key, "it begins to wait, but is open")
        self._expired.pop(key, None)
        missing = {line.sku: line.missing for line in event.lines}
        self._keep(key, event.channel, event.recorded_at, event.amounts, missing)

    def _fill(self, event: Event, one: Fill) -> None:
        key = (event.warehouse, one.reservation)
        held = self.held.get(key)
        if held is None or held.state != "waiting":
            self._differ(event, key, f"it is given {one.quantity} {one.sku}, but does not wait")
            return
        missing = {line.sku: line.quantity - line.shelved for line in held.lines}
        missing[one.sku] = missing.get(one.sku, 0) - one.quantity
        wanted = {line.sku: line.quantity for line in held.lines}
        self._keep(key, _channel(held), held.expires_at, wanted, missing)

    def _keep(
        self,
        key: Key,
        channel: str | None,
        since: str,
        wanted: dict[str, int],
        missing: dict[str, int],
    ) -> None:
        state: ReservationState = "waiting" if any(missing.values()) else "confirmed"
        lines = [
            WaitingLine(sku, quantity, missing=missing[sku])
            if state == "waiting"
            else ReservedLine(sku, quantity)
            for sku, quantity in wanted.items()
        ]
        self.held[key] = _made(channel, state, since, lines)

    def _supersede(self, event: Event, key: Key) -> None:
        replaced = (event.warehouse, event.replaces or "")
        old = self.held.pop(replaced, None)
        if old is None or old.state != "open":
            self._differ(event, replaced, "it is superseded, but is not open")
        elif not shelved(old).keys() <= event.amounts.keys():
            self._differ(event, replaced, f"it holds {shelved(old)}, not all of it is told of")
        self._open(event, key)

    def _extend(self, event: Event, key: Key) -> None:
        held = self.held.get(key)
        if held is None or held.state != "open":
            self._differ(event, key, "it has another end, but is not open")
            return
        self.held[key] = _made(_channel(held), "open", event.expires_at, held.lines)

    def _confirm(self, event: Event, key: Key) -> None:
        held = self.held.get(key) or self._expired.pop(key, None)
        if held is None or held.state == "confirmed" or shelved(held) != event.amounts:
            self._differ(event, key, f"it is confirmed, but is not open with {event.amounts}")
        if held is not None:
            self.held[key] = _made(_channel(held), "confirmed", held.expires_at, held.lines)

    def _close(self, event: Event, key: Key) -> None:
        held = self.held.pop(key, None)
        is_waiting = held is not None and held.state == "waiting"
        amounts = {sku: units for sku, units in event.amounts.items() if units or not is_waiting}
        if held is not None and _channel(held) != event.channel:
            self._differ(event, key, f"it ends through {event.channel}, not its own channel")
        if held is None or shelved(held) != amounts:
            self._differ(event, key, f"it ends, but does not hold {event.amounts}")
        elif event.confirmed != (held.state != "open"):
            self._differ(event, key, f"it ends as it is not: {held.state}")
        elif any(line.picked for line in held.lines):
            self._differ(event, key, "it ends while units of it are picked")

    def _expire(self, event: Event, key: Key) -> None:
        held = self.held.get(key)
        if held is not None and held.expires_at != event.expires_at:
            self._differ(event, key, f"it expires at {event.expires_at}, not {held.expires_at}")
        self._close(event, key)
        if held is not None:
            self._expired[key] = held

    def _step(self, event: Event, key: Key) -> None:
        held = self.held.get(key)
        if held is None or held.state != "confirmed":
            self._differ(event, key, f"{event.type}, but it is not confirmed")
            return
        moved, (picked, packed, shipped) = event.amounts, STEPS[event.type]
        if not moved.keys() <= {line.sku for line in held.lines}:
            self._differ(event, key, f"{event.type} of SKUs that it does not have")
        after = []
        for line in held.lines:
            by = moved.get(line.sku, 0)
            step = ReservedLine(
                line.sku,
                line.quantity,
                line.picked + picked * by,
                line.packed + packed * by,
                line.shipped + shipped * by,
            )
            if not 0 <= step.packed <= step.picked <= line.quantity - step.shipped:
                self._differ(event, key, f"{event.type} of more than the step before has left")
            after.append(step)
        if all(line.shipped == line.quantity for line in after):
            del self.held[key]
        else:
            self.held[key] = _made(_channel(held), "confirmed", held.expires_at, after)
