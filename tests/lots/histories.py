"""Long random histories of stock and its lots, drawn from a number; what is told is under way."""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.lots.both import WAREHOUSES, Both
from tests.lots.depot import DAY_MS, after, register
from tests.lots.serial_steps import SerialSteps
from tests.stock.reasons import ALLOWED
from tests.stock.tables_of import Tables

LENGTH_MAX = 120
numbers = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, LENGTH_MAX))
"""(seed, length) of a history: its invariants are looked at after each of its steps."""

SKUS = ("A", "A", "A", "A", "A", "B")
LOTS = ("L1", "L2", "L3", "L4", "L5")
ENDS = (None, 1, 5, 5, 30, 90, -1)
Step = Callable[[], None]


class History:
    """Draws one step after the other, and takes it."""

    def __init__(self, seed: int, both: Both | None = None) -> None:
        self.random = Random(seed)
        self.both = Both() if both is None else both
        self._named = 0
        self._choose = self.random.choice
        self._serials = SerialSteps(self.random, self.both, LOTS)
        if self.random.random() < 0.8:  # there is something to begin with
            self._begin()

    def _begin(self) -> None:
        """Some lots, of which some came in; half the time stock has more, or owes some before."""
        if self.random.random() < 0.3:
            for warehouse in WAREHOUSES:
                lines = [{"sku": sku, "negative_limit": 5} for sku in ("A", "B")]
                self._stock("SetStockPolicy", warehouse, lines=lines)
                self._stock("ShipStock", warehouse, lines=self._lines(5))  # nothing is there yet
        if self.random.random() < 0.5:
            for warehouse in WAREHOUSES:
                self._stock("ReceiveStock", warehouse, lines=self._lines(15))
        for lot in self.random.sample(LOTS, 3):
            self.both.lots(**register(lot, self._choose(ENDS[:-1])))
            for warehouse in WAREHOUSES:
                quantity = self.random.randint(1, 9)
                told = {"type": "ReceiveLot", "sku": "A", "lot": lot, "warehouse": warehouse}
                self.both.lots(**told, quantity=quantity)
        self.both.deliver_all()

    def step(self) -> None:
        """What happens next: somebody asks for something, or something is delivered."""
        routes = self.both.routes()
        if routes and self.random.random() < 0.6:
            self.both.deliver(self._choose(routes))
            return
        steps: tuple[Step, ...] = (
            *(self._lot, self._lot, self._lot, self._lot, self._state),
            *(self._receive, self._promise, self._promise, self._go_on, self._go_on, self._go_on),
            *(self._move, self._transfer, self._transfer, self._time),
            *(self._serial, self._serial, self._serial, self._serial),
        )
        self._choose(steps)()

    def _stock(self, kind: str, warehouse: str | None = None, **fields: Any) -> dict[str, Any]:
        return self.both.stock(warehouse or self._choose(WAREHOUSES), kind, **fields)

    def _lines(self, most: int = 6) -> list[dict[str, Any]]:
        skus = self._choose((("A",), ("A",), ("A",), ("B", "A"), ("B",)))
        return [{"sku": sku, "quantity": self.random.randint(1, most)} for sku in skus]

    def _lot(self) -> None:
        sku, lot, quantity = self._choose(SKUS), self._choose(LOTS), self.random.randint(1, 9)
        at = {"sku": sku, "lot": lot, "warehouse": self._choose(WAREHOUSES), "quantity": quantity}
        kind = self._choose(("RegisterLot", "ReceiveLot", "AssignLot", "AssignLot", "RebindLot"))
        if kind == "RegisterLot":
            told = register(lot, self._choose(ENDS), sku=sku)
            if self.random.random() < 0.5:
                told["best_before"] = after(self._choose((-3, 3)))
            self.both.lots(**told)
        elif kind == "ReceiveLot":
            account = self._choose(("sellable", "sellable", "quality_hold"))
            self.both.lots(type=kind, to_account=account, **at)
        elif kind == "AssignLot":
            account = self._choose(("sellable",) * 3 + ("quality_hold", "damaged", "expired"))
            source = self._choose((None, None, None, None, *LOTS))
            few = at | {"quantity": self.random.randint(1, 3)}
            self.both.lots(type=kind, account=account, from_lot=source, **few)
        else:
            self._rebind(sku)

    def _rebind(self, sku: str) -> None:
        claims = sorted(self.both.depot.books(sku).claims.items())
        if not claims:
            return
        (warehouse, reservation), claim = self._choose(claims)
        picked = bool(claim["staged"]) and self.random.random() < 0.5
        sources = [*claim["staged" if picked else "bound"], None]
        books = self.both.depot.books(sku)
        there = [lot for place, lot in books.lying if place == warehouse]
        self.both.lots(
            type="RebindLot",
            sku=sku,
            warehouse=warehouse,
            reservation=reservation if self.random.random() < 0.9 else "never",
            lot=self._choose([*there, *LOTS[:1]]),
            from_lot=self._choose(sources) or None,
            quantity=self.random.randint(1, 3),
            picked=picked,
        )

    def _serial(self) -> None:
        for _ in range(self._choose((1, 2, 3))):
            self._serials.step(self._choose(SKUS))

    def _state(self) -> None:
        kind = self._choose(("HoldLot", "HoldLot", "ReleaseLot", "ReleaseLot", "RecallLot"))
        lots = self.both.depot.books("A").lots
        held = [lot for lot, found in lots.items() if found["held"] is not None]
        lot = self._choose(held or LOTS) if kind == "ReleaseLot" else self._choose(LOTS)
        told = {"type": kind, "sku": "A", "lot": lot}
        self.both.lots(**(told if kind == "ReleaseLot" else told | {"reason": "smell"}))

    def _receive(self) -> None:
        if self.random.random() < 0.6:
            self._stock("ReceiveStock", lines=self._lines(20))
        else:
            lines = [
                {"sku": line["sku"], "delta": self._choose((-3, -1, 2))} for line in self._lines()
            ]
            self._stock("AdjustStock", lines=lines, reason="count")

    def _promise(self) -> None:
        self._named += 1
        warehouse, name = self._choose(WAREHOUSES), f"r{self._named}"
        if self.random.random() < 0.3:
            where = (warehouse, name) if self.random.random() < 0.5 else self._promised()
            self.both.lots(
                type="RequireShelfLife",
                sku="A",
                days=self._choose((1, 4, 20)),
                warehouse=where[0],
                reservation=where[1],
            )
        if self.random.random() < 0.3:
            self._stock("BackorderStock", warehouse, reservation=name, lines=self._lines(12))
            return
        named: dict[str, Any] = {"reservation": name, "ttl_seconds": 10**6}
        told = self._stock("ReserveStock", warehouse, lines=self._lines(), **named)
        if told["type"] == "StockReserved":
            self._stock("ConfirmReservation", warehouse, reservation=name)

    def _known(self) -> str:
        return f"r{self.random.randint(max(1, self._named - 5), max(1, self._named))}"

    def _promised(self) -> tuple[str, str]:
        """A warehouse and a reservation of it that stock has confirmed, mostly."""
        found = [
            place
            for shop in self.both.shops.values()
            for place, one in Tables(shop.rows).promises.items()
            if one["state"] == "confirmed"
        ]
        if not found or self.random.random() < 0.1:
            return self._choose(WAREHOUSES), self._known()
        return self._choose(sorted(found))

    def _go_on(self) -> None:
        (warehouse, name), lines = self._promised(), self._lines(4)
        steps = ("PickStock", "PickStock", "PackStock", "UnpickStock", "ShipPacked", "ShipPacked")
        kind = self._choose((*steps, "ReleaseReservation", "ShipReservation", "ShipStock"))
        if kind == "ShipStock":
            self._stock(kind, warehouse, lines=lines)
        elif kind in ("ReleaseReservation", "ShipReservation"):
            self._stock(kind, warehouse, reservation=name)
        else:
            for line in lines:
                self._stock(kind, warehouse, reservation=name, lines=[line])

    def _move(self) -> None:
        reason = self._choose(list(ALLOWED))
        sources, targets, _ = ALLOWED[reason]
        reference = self._choose((None, *LOTS))
        named = {} if reference is None else {"reference": reference}
        self._stock(
            "MoveStock",
            from_account=self._choose(sources.split()),
            to_account=self._choose(targets.split()),
            reason=reason,
            lines=self._lines(),
            **named,
        )

    def _transfer(self) -> None:
        found = [
            (*place, one["other"])
            for shop in self.both.shops.values()
            for place, one in Tables(shop.rows).outgoing.items()
            if one["state"] == "open"
        ]
        if not found or self.random.random() < 0.3:
            source, target = self._choose((WAREHOUSES, WAREHOUSES[::-1]))
            sent = {"transfer": f"t{self.random.randint(1, 9)}", "to_warehouse": target}
            self._stock("DispatchTransfer", source, lines=self._lines(), **sent)
            return
        source, name, target = self._choose(sorted(found))
        named = {"transfer": name, "from_warehouse": source}
        if self.random.random() < 0.75:
            self._stock("ReceiveTransfer", target, lines=self._lines(), **named)
        else:
            self._stock("CloseTransfer", target, **named)

    def _time(self) -> None:
        self.both.pass_time(self._choose((1_000, 60_000, 3_600_000, DAY_MS, 3 * DAY_MS)))


def run(seed: int, length: int, check: Callable[[Both], None] = lambda _: None) -> Both:
    """What a history leaves."""
    history = History(seed)
    for _ in range(length):
        history.step()
        check(history.both)
    return history.both
