"""Tells an order what the API believes of the stock of its sources, where the order does not say.

It is as old as the replica is, and no part of what is asked for: a repeat of an order with other
hints is a repeat. An order whose hints would not fit goes as it came.
"""

import json
from dataclasses import replace
from typing import Any, Final

from fastapi import Request

from api.bodies import BODY_BYTES_MAX, Sent
from api.desk import desk
from api.follower import Follower
from api.problems import Problem
from schemas import json_text
from schemas.domains import ORDERS, STOCK
from tables.stock import decode_row, stock_key

_PLACES: Final = "PlaceOrder"


def told_of_stock(request: Request, sent: Sent) -> Sent:
    """The command, and of an order what is believed of its sources; any other as it is."""
    if desk(request).domain != ORDERS:
        return sent
    fields = json_text.read(sent.value)
    if fields["type"] != _PLACES:
        return sent
    follower: Follower = request.app.state.desks[STOCK].follower
    try:
        value = json.dumps(hinted(fields, follower), separators=(",", ":")).encode()
    except Problem:  # the replica is behind: an order without hints is planned as well
        return sent
    return replace(sent, value=value) if len(value) <= BODY_BYTES_MAX else sent


def hinted(fields: dict[str, Any], follower: Follower) -> dict[str, Any]:
    """A valid PlaceOrder, with hints of each source that has none; Problem 503 as of any read."""
    skus = list(dict.fromkeys(line["sku"] for line in fields["lines"]))
    sources = []
    for source in fields["sources"]:
        if source.get("stock") is None:
            stock = [
                {"sku": sku, "available": available(follower, source["warehouse"], sku)}
                for sku in skus
            ]
            sources.append({**source, "stock": stock})
        else:
            sources.append(source)
    return {**fields, "sources": sources}


def available(follower: Follower, warehouse: str, sku: str) -> int:
    """What the replica has; nothing where it has never seen the SKU."""
    value = follower.of(warehouse).get(stock_key(warehouse, sku))
    return 0 if value is None else max(0, decode_row(value).available)
