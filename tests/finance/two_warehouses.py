"""Two warehouses with stock and finance each; what goes between them is delivered when told to."""

import json
from typing import Any

from agents.finance.policy import told
from tests.finance.bytes_of import Office
from tests.finance.tables_of import Tables
from tests.stock.two_warehouses import AWAY, HOME, TwoWarehouses


class Books:
    """The offices of both, told by the relay when it comes to it, each in the order of its log."""

    def __init__(self) -> None:
        self.stock = TwoWarehouses()
        self.stock.shops[AWAY].moment.partition = 5
        self.offices = {HOME: Office(HOME), AWAY: Office(AWAY)}
        self.offices[AWAY].moment.partition = 5
        self._relayed = {HOME: 0, AWAY: 0}
        self.costs: dict[str, list[bytes]] = {HOME: [], AWAY: []}

    def relay(self, warehouse: str, most: int = 10**6) -> list[dict[str, Any]]:
        """Tell an office of so many more of its warehouse's events; what comes of it."""
        start = self._relayed[warehouse]
        events = self.stock.shops[warehouse].events[start : start + most]
        self._relayed[warehouse] += len(events)
        return [self.put(warehouse, wish[2]) for event in events for wish in told(event)]

    def put(self, warehouse: str, value: bytes) -> dict[str, Any]:
        """Decide a record, and let what it brings about wait."""
        office = self.offices[warehouse]
        outcome = office.put(value)
        for there, command in office.under_way:
            self.costs[there].append(command)
        office.under_way.clear()
        return outcome

    def deliver(self, warehouse: str, most: int = 10**6) -> list[dict[str, Any]]:
        """Tell an office so many of the costs that are under way to it."""
        waiting = self.costs[warehouse]
        taken, waiting[:most] = waiting[:most], []
        return [self.put(warehouse, command) for command in taken]

    def settle(self) -> None:
        """Let everything come to its end."""
        self.stock.deliver()
        for warehouse in (HOME, AWAY):
            self.relay(warehouse)
        for warehouse in (HOME, AWAY):
            self.deliver(warehouse)

    def clearing(self) -> dict[str, int]:
        """What the account between them has at either, by the sums of its months."""
        return {
            warehouse: sum(
                amount
                for sums in Tables(office.rows).sums.values()
                for (account, _), amount in sums.items()
                if account == "transfer_clearing"
            )
            for warehouse, office in self.offices.items()
        }


def waiting(books: Books, warehouse: str) -> list[dict[str, Any]]:
    """The costs that are under way to an office, as fields."""
    return [json.loads(command) for command in books.costs[warehouse]]
