"""Decisions told as given, when, then: a warehouse as it stands, a command, what comes of it."""

import json
from typing import Any, Self

from agents.stock.accounts import NONE_ELSEWHERE, balance
from agents.stock.beside import evolve_beside, evolve_marked
from agents.stock.counting import evolve_count
from agents.stock.decider import decide
from agents.stock.evolve import evolve_balances, evolve_replaced, evolve_reservation
from agents.stock.queues import given_by
from agents.stock.rejections import Rejection
from agents.stock.state import NOTHING_BESIDE, Beside, Stock
from schemas.accounts import ACCOUNTS
from schemas.row import HAS_POLICY
from schemas.rows import Balances, Count, Policy, Reservation, ReservationState, ReservedLine, Row
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


def short(sku: str, requested: int, available: int) -> dict[str, Any]:
    """What a refusal tells of each of several SKUs that have too little."""
    return {"sku": sku, "requested": requested, "available": available}


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


def extend(name: str, ttl_seconds: int) -> Any:
    """Keep a promise for longer, or shorter."""
    return command("ExtendReservation", reservation=name, ttl_seconds=ttl_seconds)


def supersede(name: str, replaces: str, *lines: tuple[str, int], ttl_seconds: int = 900) -> Any:
    """Put a promise in the place of another."""
    return command(
        "SupersedeReservation",
        reservation=name,
        replaces=replaces,
        ttl_seconds=ttl_seconds,
        lines=_quantities(lines),
    )


def confirm(name: str) -> Any:
    """Promise for good."""
    return command("ConfirmReservation", reservation=name)


def pick(name: str, *lines: tuple[str, int]) -> Any:
    """Take units from the shelf."""
    return command("PickStock", reservation=name, lines=_quantities(lines))


def unpick(name: str, *lines: tuple[str, int]) -> Any:
    """Put units back on the shelf."""
    return command("UnpickStock", reservation=name, lines=_quantities(lines))


def pack(name: str, *lines: tuple[str, int]) -> Any:
    """Pack picked units."""
    return command("PackStock", reservation=name, lines=_quantities(lines))


def ship_packed(name: str, *lines: tuple[str, int]) -> Any:
    """Ship packed units."""
    return command("ShipPacked", reservation=name, lines=_quantities(lines))


def move(source: str, target: str, reason: str, *lines: tuple[str, int], **fields: Any) -> Any:
    """Units go from one account to another."""
    return command(
        "MoveStock",
        from_account=source,
        to_account=target,
        reason=reason,
        lines=_quantities(lines),
        **fields,
    )


def open_count(name: str, *skus: str, **fields: Any) -> Any:
    """Begin a count."""
    return command("OpenCount", count=name, lines=[{"sku": sku} for sku in skus], **fields)


def record(name: str, *lines: tuple[str, int], actor: str | None = "ann") -> Any:
    """Tell what was found: (sku, counted) pairs."""
    return command("RecordCount", count=name, lines=_lines(lines, "counted"), actor=actor)


def approve(name: str, actor: str | None = "bob") -> Any:
    """Correct stock by what was found."""
    return command("ApproveCount", count=name, actor=actor)


def cancel(name: str, actor: str | None = "bob") -> Any:
    """End a count without a correction."""
    return command("CancelCount", count=name, actor=actor)


def set_reorder_point(*lines: tuple[str, int]) -> Any:
    """Set the level from which down a SKU is low."""
    return command("SetReorderPoint", lines=_lines(lines, "reorder_point"))


def set_policy(sku: str, **policy: Any) -> Any:
    """Set how a SKU is kept."""
    return command("SetStockPolicy", lines=[{"sku": sku} | policy])


def dispatch(transfer: str, *lines: tuple[str, int]) -> Any:
    """Send stock to another warehouse."""
    return command(
        "DispatchTransfer", transfer=transfer, to_warehouse="PAR-1", lines=_quantities(lines)
    )


def held(state: ReservationState = "open", **quantities: int) -> Reservation:
    """A reservation of these quantities."""
    lines = [ReservedLine(sku, quantity) for sku, quantity in quantities.items()]
    return Reservation(state, "2026-11-18T12:15:00.000Z", lines)


def stepped(**lines: tuple[int, int, int, int]) -> Reservation:
    """A confirmed reservation: (quantity, picked, packed, shipped) of each SKU."""
    told = [ReservedLine(sku, *numbers) for sku, numbers in lines.items()]
    return Reservation("confirmed", "2026-11-18T12:15:00.000Z", told)


def _quantities(lines: tuple[tuple[str, int], ...]) -> list[dict[str, Any]]:
    return _lines(lines, "quantity")


def _lines(lines: tuple[tuple[str, int], ...], name: str) -> list[dict[str, Any]]:
    return [{"sku": sku, name: amount} for sku, amount in lines]


def numbers(row: Row) -> tuple[int, ...]:
    """What is known of a row without its accounts."""
    return row.numbers()[:5]


class given:  # noqa: N801  (reads as the sentence it begins)
    """`given(A=row).when(command).then("StockShipped", A=row_after)`."""

    def __init__(self, reservation: Reservation | None = None, /, **rows: Row) -> None:
        for row in rows.values():
            row.supplier -= row.imbalance  # all that is there was bought
        self.stock = Stock(rows, reservation)
        self.outcome: Any = None

    def beside(
        self,
        replaced: Reservation | None = None,
        count: Count | None = None,
        balances: dict[str, Balances] | None = None,
        policies: dict[str, Policy] | None = None,
    ) -> Self:
        """What there is beside: a promise to be replaced, a count, other accounts, policies."""
        for sku, others in (balances or {}).items():
            row = self.stock.rows[sku]
            row.elsewhere = others.total()
            row.supplier -= row.imbalance
        for sku in policies or {}:
            self.stock.rows[sku].marks |= HAS_POLICY
        beside = NOTHING_BESIDE if policies is None else Beside(policies, {})
        self.stock = Stock(
            self.stock.rows, self.stock.reservation, replaced, balances, count, beside=beside
        )
        return self

    def when(self, wish: Any, moment: Moment = MOMENT) -> Self:
        """Decide, and evolve where something happened."""
        before, beside = _told(self.stock), self.stock.beside
        if beside is not NOTHING_BESIDE:  # as it is loaded for this command
            is_sale = type(wish).__name__ == "ShipStock"
            self.stock.beside = Beside(beside.policies, {}, rows=self.stock.rows, is_sale=is_sale)
        self.outcome = decide(self.stock, wish, moment)
        assert _told(self.stock) == before, "to decide changes nothing"
        if not isinstance(self.outcome, Rejection):
            self.stock = _after(self.stock, self.outcome)
        return self

    def then(self, kind: str, **rows: Row) -> Self:
        """This event, and these rows after it: in its lines and in the stock."""
        assert type(self.outcome).__name__ == kind, self.outcome
        assert [line.sku for line in self.outcome.lines] == list(rows)
        for line in self.outcome.lines:
            row = rows[line.sku]
            assert (line.on_hand, line.reserved, line.version) == (
                row.on_hand,
                row.reserved,
                row.version,
            )
            assert line.available == row.on_hand - row.reserved
            assert numbers(self.stock.rows[line.sku]) == numbers(row)
        return self

    def then_accounts(self, sku: str, **expected: int) -> Self:
        """These accounts of a SKU, all others 0; and they sum to 0."""
        row, others = self.stock.rows[sku], self.stock.balances.get(sku, NONE_ELSEWHERE)
        found = {account: balance(row, others, account) for account in ACCOUNTS}
        assert sum(found.values()) == 0
        assert {account: value for account, value in found.items() if value} == expected
        return self

    def then_holds(self, state: ReservationState, **lines: tuple[int, int, int, int]) -> Self:
        """The reservation is in this state: (quantity, picked, packed, shipped) of each SKU."""
        held = self.stock.reservation
        assert held is not None
        assert held.state == state
        told = {
            line.sku: (line.quantity, line.picked, line.packed, line.shipped) for line in held.lines
        }
        assert told == lines
        return self

    def then_rejected(self, code: str, **details: Any) -> Self:
        """This rejection, with these details, and nothing changed."""
        assert isinstance(self.outcome, Rejection), self.outcome
        assert (self.outcome.code, self.outcome.details) == (code, details)
        assert self.outcome.message
        return self


def _told(stock: Stock) -> str:
    beside = stock.beside.policies
    parts = (stock.rows, stock.reservation, stock.replaced, stock.balances, stock.count, beside)
    return repr(parts)


def _after(stock: Stock, event: Any) -> Stock:
    """The stock of which this event is true."""
    rows, balances, beside = dict(stock.rows), dict(stock.balances), stock.beside
    if hasattr(event, "lines") and beside is not NOTHING_BESIDE:
        beside = evolve_beside(stock.rows, beside, event)
    for line in getattr(event, "lines", []):
        before = stock.rows.get(line.sku)
        version = before.version if before else 0
        if getattr(line, "version", version) == version:
            continue  # counted, packed or seen: no row changes
        rows[line.sku] = evolve_marked(before, event, line, beside, given_by(event))
        others = stock.balances.get(line.sku)
        if hasattr(line, "quantity"):
            others = evolve_balances(others, event, line)
        if others is not None:
            balances[line.sku] = others
    return Stock(
        rows,
        evolve_reservation(stock.reservation, event),
        evolve_replaced(stock.replaced, event),
        balances,
        evolve_count(stock.count, event),
        beside=beside,
    )
