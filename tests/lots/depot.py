"""A depot that runs the actor on bytes, told as given, when, then: rows in a dict, timers in order.

Its SKU is `A` and its warehouse `LON-1` where nothing else is said.
"""

from datetime import UTC, datetime
from typing import Any, Self

from agents.lots.agent import LotsActor
from streams.actor import Decision
from tests.hosted import START_MS, Hosted, Wish
from tests.lots.books import Books

DAY_MS = 86_400_000


class Depot(Hosted):
    """A partition of lots."""

    def __init__(self) -> None:
        super().__init__(LotsActor(), ("sku", "A"), partition=7)
        self._books: dict[str, Books] = {}  # of the rows as they are

    def then(self, kind: str, /, **fields: Any) -> Self:
        """This event, with these fields and no others; and the books are right."""
        assert (self.told["type"], self.fields()) == (kind, fields)
        self.books().check()
        return self

    def books(self, sku: str = "A") -> Books:
        """The rows, read without the code under test."""
        if sku not in self._books:
            self._books[sku] = Books(self.rows, sku)
        return self._books[sku]

    def _apply(self, decision: Decision) -> None:
        self._books.clear()
        super()._apply(decision)


def after(days: float) -> str:
    """An instant so many days after the start."""
    moment = datetime.fromtimestamp((START_MS + int(days * DAY_MS)) / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def register(lot: str, days: float | None = None, **fields: Any) -> Wish:
    """There is a lot that expires after so many days."""
    ends = {} if days is None else {"expires_at": after(days)}
    return {"type": "RegisterLot", "lot": lot} | ends | fields


def receive(lot: str, quantity: int, warehouse: str = "LON-1", **fields: Any) -> Wish:
    """Units of a lot came in."""
    told = {"type": "ReceiveLot", "lot": lot, "warehouse": warehouse, "quantity": quantity}
    return told | fields


def assign(lot: str, quantity: int, warehouse: str = "LON-1", **fields: Any) -> Wish:
    """Units are of a lot."""
    told = {"type": "AssignLot", "lot": lot, "warehouse": warehouse, "quantity": quantity}
    return told | fields


def change(source: str, target: str, quantity: int, **fields: Any) -> Wish:
    """Stock moved units."""
    told = {"type": "RecordStockChange", "cause": "3-41", "warehouse": "LON-1"}
    moved = {"from_account": source, "to_account": target, "quantity": quantity}
    return told | moved | fields


def come(lot: str, quantity: int, warehouse: str = "LON-1", account: str = "sellable") -> Wish:
    """Stock received units whose reference is a lot."""
    return change("supplier", account, quantity, reference=lot, warehouse=warehouse)


def confirm(reservation: str, quantity: int, warehouse: str = "LON-1") -> Wish:
    """Units were promised for good."""
    promised = [{"reservation": reservation, "quantity": quantity}]
    told = {"type": "RecordStockChange", "cause": "3-42", "warehouse": warehouse}
    return told | {"promised": promised}


def let_go(reservation: str) -> Wish:
    """A promise was taken back."""
    told = {"type": "RecordStockChange", "cause": "3-43", "warehouse": "LON-1"}
    return told | {"reservation": reservation, "released": True}


def pick(reservation: str, quantity: int) -> Wish:
    """Units were picked for it."""
    return change("sellable", "staged", quantity, reservation=reservation)


def unpick(reservation: str, quantity: int) -> Wish:
    """Units were put back."""
    return change("staged", "sellable", quantity, reservation=reservation)


def ship(reservation: str, quantity: int, source: str = "staged") -> Wish:
    """Units left for it."""
    return change(source, "customer", quantity, reservation=reservation)


def require(reservation: str, days: int, warehouse: str = "LON-1") -> Wish:
    """What it gets is good for so long."""
    told = {"type": "RequireShelfLife", "warehouse": warehouse}
    return told | {"reservation": reservation, "days": days}


def rebind(reservation: str, lot: str, quantity: int, **fields: Any) -> Wish:
    """It gets another lot."""
    told = {"type": "RebindLot", "warehouse": "LON-1", "reservation": reservation}
    return told | {"lot": lot, "quantity": quantity} | fields


def hold(lot: str) -> Wish:
    """Nothing of it is for sale."""
    return {"type": "HoldLot", "lot": lot, "reason": "smell"}


def release(lot: str) -> Wish:
    """It is good again."""
    return {"type": "ReleaseLot", "lot": lot}


def recall(lot: str) -> Wish:
    """It is bad."""
    return {"type": "RecallLot", "lot": lot, "reason": "glass"}


def refuse(ask: str, available: int | None = None, warehouse: str = "LON-1") -> Wish:
    """Stock refused what it was asked for."""
    told = {"type": "RecordRefusal", "cause": "3-44", "warehouse": warehouse, "ask": ask}
    more = {} if available is None else {"available": available}
    return told | {"refusal": "INSUFFICIENT_STOCK"} | more


def lines(*serials: str) -> list[dict[str, str]]:
    """Units by their serials."""
    return [{"serial": one} for one in serials]


def name(*serials: str, warehouse: str = "LON-1", **fields: Any) -> Wish:
    """Units that are there have these serials."""
    told = {"type": "RegisterSerials", "serials": lines(*serials), "warehouse": warehouse}
    return told | fields


def went(source: str, target: str, *serials: str, **fields: Any) -> Wish:
    """The units that went so were these."""
    told = {"type": "MoveSerials", "serials": lines(*serials), "warehouse": "LON-1"}
    return told | {"from_account": source, "to_account": target} | fields


def give(reservation: str, *serials: str, warehouse: str = "LON-1") -> Wish:
    """It gets these units."""
    told = {"type": "BindSerials", "serials": lines(*serials), "warehouse": warehouse}
    return told | {"reservation": reservation}


def take_back(*serials: str, warehouse: str = "LON-1") -> Wish:
    """Nobody gets these units for now."""
    return {"type": "UnbindSerials", "serials": lines(*serials), "warehouse": warehouse}


def swap(serial: str, other: str) -> Wish:
    """They were taken for each other."""
    return {"type": "SwapSerials", "serial": serial, "other": other}
