"""The demo's recall, on a stock and lots that answer each other at once."""

import json
from typing import Any

from cli.recall import CAME, ORDERED, SHIPPED, order
from cli.scenes import BIRD_ORNAMENT, BRANCH, SHOP
from tests.lots.both import Both


def test_what_left_is_known_and_the_rest_is_put_aside_in_both_warehouses() -> None:
    both = Both((SHOP, BRANCH))
    lot: dict[str, Any] = {"sku": BIRD_ORNAMENT, "lot": "L-1"}
    for warehouse in (SHOP, BRANCH):
        both.stock(warehouse, "ReceiveStock", lines=[{"sku": BIRD_ORNAMENT, "quantity": 50}])
    both.lots(type="RegisterLot", **lot)
    for warehouse, quantity in CAME.items():
        both.lots(type="ReceiveLot", warehouse=warehouse, quantity=quantity, **lot)
    both.deliver_all()
    for command in order("1"):
        told = json.loads(command.value)
        told.pop("warehouse")
        assert "code" not in both.stock(command.warehouse, told.pop("type"), **told)
    both.deliver_all()

    told = both.lots(type="RecallLot", reason="the paint comes off", **lot)
    both.deliver_all()

    assert [(line["reservation"], line["quantity"]) for line in told["gone"]] == [
        ("recall-1", SHIPPED)
    ]
    assert [one["quantity"] for one in told["unbound"]] == [ORDERED - SHIPPED]
    lying = both.depot.books(BIRD_ORNAMENT).lying
    assert {place: counts["recalled"] for (place, _), counts in lying.items()} == CAME | {
        SHOP: CAME[SHOP] - SHIPPED
    }
