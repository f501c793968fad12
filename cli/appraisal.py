"""What the demo's stock is worth: the openings are told their cost, and the sales what they cost.

Nobody knows what the shop paid. The demo takes half of what each SKU mostly sold for, and says so.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote, urlencode

from cli.api_copy import PAGE_ROWS, Api
from cli.exceptions import BooksError
from cli.invoices import Command
from cli.sales import SalesLine, sku_of
from cli.tabular import read_sales

CURRENCY = "GBP"
MINOR = 100  # pence in a pound
COST_OF_PRICE = 2  # a half
VALUED_S = 60.0  # for finance to be told of what stock has moved
POLL_S = 0.1
MOVING = frozenset(("ReceiveStock", "ShipStock", "AdjustStock", "ShipReservation", "ShipPacked"))
"""Commands that move something of value, always, where they are accepted."""


def costs_of(sample: Path) -> dict[str, int]:
    """By stock code the assumed cost of a piece, in pence."""
    prices: dict[str, list[float]] = defaultdict(list)
    for line in read_sales(sample):
        if isinstance(line, SalesLine) and line.price > 0:
            prices[sku_of(line.code)].append(line.price)
    return {sku: round(median(of) * MINOR / COST_OF_PRICE) for sku, of in prices.items()}


class Appraisal:
    """One demo's look at finance, through the API."""

    def __init__(self, api: Api, costs: dict[str, int]) -> None:
        self._api, self._costs = api, costs

    def tell_costs(self, openings: Iterable[Command]) -> int:
        """Post what each opening receipt cost, once finance knows of it; how many receipts."""
        count = 0
        for command in openings:
            opened = json.loads(command.value)
            receipt = self._told("", opened["warehouse"], opened["id"])["id"]
            self._told("finance/", opened["warehouse"], receipt)
            cost = {
                "type": "PostCost",
                "id": f"cost-{opened['id']}",
                "warehouse": opened["warehouse"],
                "receipt": receipt,
                "currency": CURRENCY,
                "lines": list(self._lines(opened["lines"])),
                "actor": "demo",
            }
            status, told = self._api.post("/v1/finance/commands?wait=30", cost)
            if status != 200:
                raise BooksError(f"finance does not take the cost of {receipt}: {told}")
            count += 1
        return count

    def _lines(self, lines: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for line in lines:
            cost = self._costs.get(line["sku"], 0)
            yield {"sku": line["sku"], "amount": cost * line["quantity"]}

    def _told(self, domain: str, warehouse: str, command_id: str) -> Any:
        """The outcome of a command, once there is one: finance's of an event have its id."""
        deadline = time.monotonic() + VALUED_S
        path = _outcome(domain, warehouse, command_id)
        while "type" not in (outcome := self._api.get(path) or {}):
            if time.monotonic() > deadline:
                raise BooksError(f"there is no outcome at {path}: see ./stockyard status")
            time.sleep(POLL_S)
        return outcome

    def await_told(self, sent: Iterable[list[Command]]) -> None:
        """Wait until finance knows of the last that moved in each warehouse: it is told in order.

        `sent` has lists of decided commands of one warehouse each, in order.
        """
        for commands in sent:
            for command in reversed(commands):
                outcome = self._told("", command.warehouse, json.loads(command.value)["id"])
                if outcome["type"] != "CommandRejected":
                    self._told("finance/", command.warehouse, outcome["id"])
                    break

    def worth(self) -> int:
        """What all stock is worth, in pence."""
        total, query = 0, {"limit": str(PAGE_ROWS)}
        while True:
            page = self._api.get(f"/v1/finance/valuation?{urlencode(query)}")
            total += sum(int(row["value"]) for row in page["rows"])
            if page["next"] is None:
                return total
            query["after"] = page["next"]

    def ledger(self, warehouses: Iterable[str]) -> Counter[str]:
        """What all months have booked on each account, in pence."""
        booked: Counter[str] = Counter()
        for warehouse in warehouses:
            found = self._api.get(f"/v1/finance/periods/{quote(warehouse)}")
            for period in found["periods"] if found else ():
                for line in period["sums"]:
                    booked[line["account"]] += line["amount"]
        return booked


def _outcome(domain: str, warehouse: str, command_id: str) -> str:
    return f"/v1/{domain}commands/{quote(warehouse)}/{quote(command_id)}"


def in_pounds(pence: int) -> str:
    """An amount as people write it."""
    return f"£{pence / MINOR:,.2f}"
