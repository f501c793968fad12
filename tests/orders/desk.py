"""A partition of orders that runs the actor on bytes, told as given, when, then."""

from typing import Any, Self

from agents.orders.agent import OrdersActor
from tests.hosted import START_MS as START_MS
from tests.hosted import Hosted, Wish


class Desk(Hosted):
    """A partition of orders."""

    def __init__(self) -> None:
        super().__init__(OrdersActor(), ("order", "o-1"), partition=7)

    def then(self, kind: str, state: str, /, *asks: str) -> Self:
        """This event, with these asks as `step attempt warehouse`, in their order."""
        assert (self.told["type"], self.told["state"]) == (kind, state), self.told
        assert self.asks() == list(asks)
        return self

    def then_legs(self, **legs: str) -> Self:
        """These legs and no others: `L1="confirmed A2 B1"`, of warehouse L and attempt 1."""
        assert self.legs() == legs
        return self

    def asks(self) -> list[str]:
        """What the last event asks for."""
        return [
            f"{ask['step']} {ask['attempt']} {ask['warehouse']}"
            for ask in self.told.get("asks", ())
        ]

    def legs(self) -> dict[str, str]:
        """The legs of the last event."""
        found = {}
        for leg in self.told["legs"]:
            lines = [
                f"{line['sku']}{line['quantity']}"
                + (f"-{line['missing']}" if line.get("missing") else "")
                + (f">{line['shipped']}" if line.get("shipped") else "")
                for line in leg["lines"]
            ]
            found[f"{leg['warehouse']}{leg['attempt']}"] = " ".join([leg["state"], *lines])
        return found


def source(warehouse: str, /, **fields: Any) -> dict[str, Any]:
    """A warehouse; `A=3` is a hint of a SKU."""
    stock = [{"sku": sku, "available": fields.pop(sku)} for sku in list(fields) if len(sku) == 1]
    told = {"warehouse": warehouse} | fields
    return told | ({"stock": stock} if stock else {})


def place(wanted: dict[str, int], *sources: dict[str, Any], **fields: Any) -> Wish:
    """Somebody wants so many of each SKU."""
    lines = [{"sku": sku, "quantity": units} for sku, units in wanted.items()]
    return {"type": "PlaceOrder", "lines": lines, "sources": list(sources)} | fields


def record(leg: str, told: str, /, **lines: int) -> Wish:
    """A warehouse tells of a leg, `L1`: of warehouse L and attempt 1."""
    return {
        "type": "RecordLeg",
        "cause": "3-41",
        "warehouse": leg[0],
        "attempt": int(leg[1:]),
        "told": told,
        "lines": [{"sku": sku, "quantity": units} for sku, units in lines.items()],
    }


def refusal(leg: str, step: str, code: str = "INSUFFICIENT_STOCK", /, **available: int) -> Wish:
    """A warehouse refuses a step of a leg: so much is available of what is short."""
    told: Wish = {
        "type": "RecordLegRefusal",
        "cause": "3-41",
        "warehouse": leg[0],
        "attempt": int(leg[1:]),
        "step": step,
        "code": code,
    }
    short = [{"sku": sku, "available": units} for sku, units in available.items()]
    told |= short[0] if short else {}
    return told | ({"short": short} if len(short) > 1 else {})


CANCEL: Wish = {"type": "CancelOrder"}
