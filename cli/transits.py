"""Adds up what events tell of transfers: what each end has sent or awaits, and what has arrived."""

from collections.abc import Callable

from cli.event_view import Event, Key
from cli.findings import Check
from schemas.rows import Transfer, TransferLine


class Transits:
    """One partition's open transfers, event by event: those that left here, those that come."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self.outgoing: dict[Key, Transfer] = {}
        self.incoming: dict[Key, Transfer] = {}  # by from/transfer, as the tables have it
        self._takes: dict[str, Callable[[Event, dict[Key, Transfer], Key], None]] = {
            "TransferDispatched": self._open,
            "TransferExpected": self._open,
            "TransferReceived": self._arrive,
            "TransferSettled": self._arrive,
            "TransferClosed": self._close,
        }

    def take(self, event: Event) -> None:
        """Take the next event that names a transfer."""
        take = self._takes.get(event.type)
        if event.transfer is None or take is None:
            return
        self._check.compared += 1
        if event.from_warehouse is not None:
            take(
                event, self.incoming, (event.warehouse, f"{event.from_warehouse}/{event.transfer}")
            )
        else:
            take(event, self.outgoing, (event.warehouse, event.transfer))

    def _differ(self, event: Event, key: Key, why: str) -> None:
        self._check.differ(f"event {event.id}, transfer {key[0]}/{key[1]}: {why}")

    def _open(self, event: Event, ours: dict[Key, Transfer], key: Key) -> None:
        if key in ours:
            self._differ(event, key, "it begins, but is open")
        lines = [TransferLine(line.sku, line.quantity) for line in event.lines]
        ours[key] = Transfer("open", _other(event), lines)

    def _arrive(self, event: Event, ours: dict[Key, Transfer], key: Key) -> None:
        before = ours.pop(key, None)
        if before is None or before.other != _other(event):
            self._differ(event, key, f"{event.type}, but it is not open with {_other(event)}")
            return
        if event.type == "TransferSettled":
            self._settle(event, before, key)
        lines = _after(before.lines, event)
        is_over = event.is_closed or event.is_final
        if not is_over:
            ours[key] = Transfer("open", before.other, lines)
        missing = {line.sku: line.missing for line in lines if line.missing}
        if event.type == "TransferReceived" and event.is_closed == bool(missing):
            self._differ(event, key, f"is_closed {event.is_closed}, but {missing} is missing")

    def _settle(self, event: Event, before: Transfer, key: Key) -> None:
        came = event.amounts
        gone = {line.sku: (line.short, line.over) for line in event.lines}
        for line in (*before.lines, *(TransferLine(sku, 0) for sku in came)):
            arrived = came.pop(line.sku, 0)
            short, over = gone.pop(line.sku, (0, 0))
            left = line.missing - arrived
            must = (max(0, left) if event.is_final else 0, max(0, -left))
            if (short, over) != must:
                self._differ(event, key, f"{line.sku} is short {short} and over {over}, not {must}")

    def _close(self, event: Event, ours: dict[Key, Transfer], key: Key) -> None:
        before = ours.pop(key, None)
        if before is None:
            self._differ(event, key, "it is closed, but is not open")
            return
        missing = {line.sku: line.missing for line in before.lines if line.missing}
        if missing != event.amounts:
            self._differ(event, key, f"{event.amounts} is told missing, not {missing}")


def _other(event: Event) -> str:
    return event.from_warehouse or event.to_warehouse or ""


def _after(before: list[TransferLine], event: Event) -> list[TransferLine]:
    came = event.amounts
    return [
        TransferLine(line.sku, line.quantity, line.received + came.get(line.sku, 0))
        for line in before
    ]
