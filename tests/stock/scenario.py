"""Decisions told as given, when, then: a warehouse as it stands, a command, what comes of it."""

import json
from typing import Any, Self

from agents.stock.decider import Stock, decide, evolve, evolve_reservation
from agents.stock.rejections import Rejection
from schemas.rows import Reservation, ReservationState, ReservedLine, Row
from schemas.stock_structs import CODEC, Invalid
from streams.actor import Moment

NOON_MS = 1_795_003_200_000  # 2026-11-18T12:00:00Z
MOMENT = Moment(partition=3, seq=123, offset=991, log_time_ms=NOON_MS)


def command(kind: str, **fields: Any) -> Any:
    """A command's struct, by way of the definition."""
    told = {"type": kind, "id": "c-1", "warehouse": "LON-1"} | fields
    found = CODEC.define(json.dumps(told).encode())
    assert not isinstance(found, Invalid), (found.path, found.problem)
    return found


def receive(*lines: tuple[str, int]) -> Any:
    """Stock came in: (sku, quantity) pairs."""
    return command("ReceiveStock", lines=_quantities(lines))


def ship(*lines: tuple[str, int]) -> Any:
    """Stock is to leave."""
    return command("ShipStock", lines=_quantities(lines))


def adjust(*lines: tuple[str, int], reason: str = "count") -> Any:
    """The count was wrong: (sku, delta) pairs."""
    return command("AdjustStock", reason=reason, lines=_lines(lines, "delta"))


def reserve(name: str, *lines: tuple[str, int], ttl_seconds: int = 900) -> Any:
    """Promise stock."""
    return command(
        "ReserveStock", reservation=name, ttl_seconds=ttl_seconds, lines=_quantities(lines)
    )


def release(name: str) -> Any:
    """Take a promise back."""
    return command("ReleaseReservation", reservation=name)


def ship_reservation(name: str) -> Any:
    """Ship what was promised."""
    return command("ShipReservation", reservation=name)


def set_reorder_point(*lines: tuple[str, int]) -> Any:
    """Set the level from which down a SKU is low."""
    return command("SetReorderPoint", lines=_lines(lines, "reorder_point"))


def held(state: ReservationState = "open", **quantities: int) -> Reservation:
    """A reservation of these quantities."""
    lines = [ReservedLine(sku, quantity) for sku, quantity in quantities.items()]
    return Reservation(state, "2026-11-18T12:15:00.000Z", lines)


def _quantities(lines: tuple[tuple[str, int], ...]) -> list[dict[str, Any]]:
    return _lines(lines, "quantity")


def _lines(lines: tuple[tuple[str, int], ...], name: str) -> list[dict[str, Any]]:
    return [{"sku": sku, name: amount} for sku, amount in lines]


class given:  # noqa: N801  (reads as the sentence it begins)
    """`given(A=row).when(command).then("StockShipped", A=row_after)`."""

    def __init__(self, reservation: Reservation | None = None, **rows: Row) -> None:
        self.stock = Stock(rows, reservation)
        self.outcome: Any = None

    def when(self, wish: Any, moment: Moment = MOMENT) -> Self:
        """Decide, and evolve where something happened."""
        before = repr(self.stock)
        self.outcome = decide(self.stock, wish, moment)
        assert repr(self.stock) == before, "to decide changes nothing"
        if not isinstance(self.outcome, Rejection):
            rows = self.stock.rows
            after = {line.sku: evolve(rows.get(line.sku), line) for line in self.outcome.lines}
            held = evolve_reservation(self.stock.reservation, self.outcome)
            self.stock = Stock(rows | after, held)
        return self

    def then(self, kind: str, **rows: Row) -> Self:
        """This event, and these rows after it: in its lines and in the stock."""
        assert type(self.outcome).__name__ == kind
        assert [line.sku for line in self.outcome.lines] == list(rows)
        for line in self.outcome.lines:
            row = rows[line.sku]
            assert (line.on_hand, line.reserved, line.version) == (
                row.on_hand,
                row.reserved,
                row.version,
            )
            assert line.available == row.on_hand - row.reserved
            assert self.stock.rows[line.sku] == row
        return self

    def then_rejected(self, code: str, **details: Any) -> Self:
        """This rejection, with these details, and nothing changed."""
        assert isinstance(self.outcome, Rejection), self.outcome
        assert (self.outcome.code, self.outcome.details) == (code, details)
        assert self.outcome.message
        return self
