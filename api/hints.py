"""Tells an order what the API believes of the stock of its sources, where the order does not say.

It is as old as the replicas are, and no part of what is asked for: a repeat of an order with other
hints is a repeat. An order whose hints would not fit goes as it came.
"""

import json
from dataclasses import replace
from typing import Any, Final

from fastapi import Request

from api.bodies import BODY_BYTES_MAX, Sent
from api.desk import Desk, desk
from api.follower import Follower
from api.problems import Problem
from schemas import json_text
from schemas.domains import LOTS, ORDERS, STOCK
from schemas.fields import LINES_MAX
from tables.lots_told import days_of
from tables.stock import decode_row, stock_key

_PLACES: Final = "PlaceOrder"
_FEFO: Final = "fefo"  # the strategy that asks when units expire


def told_of_stock(request: Request, sent: Sent) -> Sent:
    """The command, and of an order what is believed of its sources; any other as it is."""
    if desk(request).domain != ORDERS:
        return sent
    fields = json_text.read(sent.value)
    if fields["type"] != _PLACES:
        return sent
    desks: dict[str, Desk] = request.app.state.desks
    lots = desks[LOTS].follower if fields.get("strategy") == _FEFO and LOTS in desks else None
    try:
        plain = hinted(fields, desks[STOCK].follower, lots)
        value = json.dumps(plain, separators=(",", ":")).encode()
    except Problem:  # a replica is behind: an order without hints is planned as well
        return sent
    return replace(sent, value=value) if len(value) <= BODY_BYTES_MAX else sent


def hinted(fields: dict[str, Any], stock: Follower, lots: Follower | None) -> dict[str, Any]:
    """A valid PlaceOrder, with hints of each source that has none; Problem 503 as of any read.

    With lots, a SKU has a hint for each day on which some of it expires.
    """
    skus = list(dict.fromkeys(line["sku"] for line in fields["lines"]))
    sources = []
    for source in fields["sources"]:
        if source.get("stock") is None:
            found = [
                {"sku": sku} | hint
                for sku in skus
                for hint in _hints(stock, lots, source["warehouse"], sku, LINES_MAX // len(skus))
            ]
            sources.append({**source, "stock": found})
        else:
            sources.append(source)
    return {**fields, "sources": sources}


def _hints(
    stock: Follower, lots: Follower | None, warehouse: str, sku: str, most: int
) -> list[dict[str, Any]]:
    """What is available: what expires first first, and of no known day last; so many at most."""
    left, found = available(stock, warehouse, sku), list[dict[str, Any]]()
    days = {} if lots is None else days_of(lots.of(sku).get, sku, warehouse)
    for day, units in list(days.items())[: most - 1]:
        if hinted_units := min(units, left):
            found.append({"available": hinted_units, "expires_on": day})
            left -= hinted_units
    return [*found, {"available": left}] if left or not found else found


def available(follower: Follower, warehouse: str, sku: str) -> int:
    """What the replica has; nothing where it has never seen the SKU."""
    value = follower.of(warehouse).get(stock_key(warehouse, sku))
    return 0 if value is None else max(0, decode_row(value).available)
