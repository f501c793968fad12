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
            receipt = self._api.get(_outcome("", opened["warehouse"], opened["id"]))["id"]
            self._valued(opened["warehouse"], receipt)
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

    def _valued(self, warehouse: str, event: str) -> None:
        """Wait until finance has recorded what an event of stock moved."""
        deadline = time.monotonic() + VALUED_S
        while "type" not in (self._api.get(_outcome("finance/", warehouse, event)) or {}):
            if time.monotonic() > deadline:
                raise BooksError(f"finance was not told of {event}: see ./stockyard status")
            time.sleep(POLL_S)

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
