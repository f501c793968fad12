"""The accounts of a SKU, from the replicas: where its units are, came from and went to."""

from fastapi import APIRouter, Response

from api.addresses import SkuPath, WarehousePath
from api.problems import documented
from api.reading import READING, Seen, answer, not_found, position
from schemas.accounts import ACCOUNTS, Account
from schemas.rows import Balances, Row
from schemas.stock import AccountsView
from tables import stock as tables

router = APIRouter(tags=["stock"])
_NONE_ELSEWHERE = Balances()


@router.get(
    "/v1/accounts/{warehouse}/{sku:text}",
    summary="The accounts of one SKU in one warehouse",
    response_model=AccountsView,
    responses=documented(*READING, not_found("Warehouse LON-1 has never seen SKU 'X'.")),
)
async def accounts(follower: Seen, warehouse: WarehousePath, sku: SkuPath) -> Response:
    """All fourteen, which sum to 0: every unit came from one account and is in another.

    `sellable` is what `GET /v1/stock` calls on_hand. Below zero are only accounts outside the
    warehouse: what the supplier has given, or what was found that no book knew of.
    """
    replica = follower.of(warehouse)
    value = replica.get(tables.stock_key(warehouse, sku))
    if value is None:
        raise not_found(f"Warehouse {warehouse} has never seen SKU {sku!r}.")
    other = replica.get(tables.balances_key(warehouse, sku))
    balances = _NONE_ELSEWHERE if other is None else tables.decode_balances(other)
    return answer(
        {
            "warehouse": warehouse,
            "sku": sku,
            "accounts": _all(tables.decode_row(value), balances),
            "position": position(replica),
        }
    )


def _all(row: Row, balances: Balances) -> dict[Account, int]:
    in_row = {
        "sellable": row.on_hand,
        "supplier": row.supplier,
        "customer": row.customer,
        "gain_loss": row.gain_loss,
    }
    return {
        account: in_row[account] if account in in_row else getattr(balances, account)
        for account in ACCOUNTS
    }
