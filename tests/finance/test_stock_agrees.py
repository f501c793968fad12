"""Finance has of every SKU what stock owns, whatever happened there."""

import json
from typing import Any

from hypothesis import given

from agents.finance.policy import told
from schemas.finance_accounts import OWNED
from tests.examples import EXAMPLES
from tests.finance.bytes_of import Office
from tests.finance.tables_of import Tables
from tests.stock import histories, tables_of
from tests.stock.bytes_of import Shop

LENGTH_MAX = 16


def owned(shop: Shop) -> dict[tuple[str, str], int]:
    """What stock has of each SKU in the accounts that are owned, from its bytes."""
    tables = tables_of.Tables(shop.rows)
    accounts = {place: tables.accounts(place) for place in tables.stock}
    return {
        place: sum(count for name, count in found.items() if name in OWNED)
        for place, found in accounts.items()
    }


@EXAMPLES
@given(histories.numbers)
def test_finance_has_what_stock_owns_after_every_event(of: tuple[int, int]) -> None:
    offices = {name: Office(name) for name in ("LON-1", "LON-2")}
    relayed = 0

    def check(shop: Shop, _: object) -> None:
        nonlocal relayed
        for event in shop.events[relayed:]:
            for warehouse, cause, command in told(event):
                outcome = offices[warehouse].put(command)
                assert outcome["type"] == "ValueMoved", outcome
                assert outcome["command_id"] == outcome["cause"] == cause
                assert cause == json.loads(event)["id"]
        relayed = len(shop.events)
        for (warehouse, sku), count in owned(shop).items():
            assert _held(offices[warehouse], sku) == count

    histories.run(of[0], min(of[1], LENGTH_MAX), check)


def _held(office: Office, sku: str) -> int:
    row: dict[str, Any] = Tables(office.rows).skus.get(sku, {"quantity": 0})
    return int(row["quantity"])
