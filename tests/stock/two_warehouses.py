"""Two warehouses, each a shop of its own: what one brings about at the other waits till told."""

import json
from typing import Any

from schemas.rows import Balances
from streams.actor import Decision
from tables.stock import balances_key, decode_balances, decode_row, stock_key
from tests.stock.bytes_of import Shop

HOME, AWAY = "LON-1", "PAR-1"


class TwoWarehouses:
    """Each in a shop of its own; what one brings about at the other is delivered when told to."""

    def __init__(self) -> None:
        self.shops = {HOME: Shop(), AWAY: Shop()}
        self.under_way: list[tuple[str, bytes]] = []
        self.alerts: list[tuple[str, str]] = []

    def send(self, warehouse: str, kind: str, **fields: Any) -> dict[str, Any]:
        """Decide a command; the outcome."""
        return self._told(self.shops[warehouse].send(kind, warehouse=warehouse, **fields))

    def deliver(self) -> list[dict[str, Any]]:
        """All that is under way, and what comes of it."""
        told = []
        while self.under_way:
            warehouse, value = self.under_way.pop(0)
            told.append(self._told(self.shops[warehouse].put(value)))
        return told

    def _told(self, decision: Decision) -> dict[str, Any]:
        self.under_way += decision.commands
        for _, alert in decision.alerts:
            told = json.loads(alert)
            self.alerts.append((told["warehouse"], told["type"]))
        event: dict[str, Any] = json.loads(decision.event or b"null")
        return event

    def accounts(self, warehouse: str, sku: str = "A") -> dict[str, int]:
        """All accounts of a SKU that are not 0, from the bytes."""
        rows = self.shops[warehouse].rows
        row = rows.get(stock_key(warehouse, sku))
        if row is None:
            return {}
        found = decode_row(row)
        others = rows.get(balances_key(warehouse, sku))
        balances = Balances() if others is None else decode_balances(others)
        told = {name: getattr(balances, name) for name in Balances.__struct_fields__}
        assert sum(told.values()) == found.elsewhere
        told |= {"sellable": found.on_hand, "supplier": found.supplier}
        told |= {"customer": found.customer, "gain_loss": found.gain_loss}
        assert sum(told.values()) == 0
        return {name: value for name, value in told.items() if value}


def dispatched(quantity: int = 10) -> TwoWarehouses:
    """Ten of A are on their way, and the receiver knows."""
    both = TwoWarehouses()
    both.send(HOME, "ReceiveStock", lines=[{"sku": "A", "quantity": quantity}])
    lines = [{"sku": "A", "quantity": quantity}]
    told = both.send(HOME, "DispatchTransfer", transfer="t", to_warehouse=AWAY, lines=lines)
    assert told["type"] == "TransferDispatched"
    assert [event["type"] for event in both.deliver()] == ["TransferExpected"]
    return both


def arrive(both: TwoWarehouses, quantity: int, sku: str = "A") -> dict[str, Any]:
    lines = [{"sku": sku, "quantity": quantity}]
    return both.send(AWAY, "ReceiveTransfer", transfer="t", from_warehouse=HOME, lines=lines)


def send_off(both: TwoWarehouses, *lines: tuple[str, int], **fields: Any) -> dict[str, Any]:
    """A dispatch from home of these (SKU, quantity)."""
    told = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    named = {"transfer": "t", "to_warehouse": AWAY} | fields
    return both.send(HOME, "DispatchTransfer", lines=told, **named)


def one_line(sku: str, quantity: int) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": quantity}]}
