"""Transfers, from the replicas: what is under way between two warehouses, as each end knows it."""

from typing import Any

from fastapi import APIRouter, Response

from api.addresses import FromWarehousePath, TransferPath, WarehousePath
from api.problems import documented
from api.reading import READING, Seen, not_found, view
from schemas.rows import Transfer, TransferLine
from schemas.stock import ArrivalView, TransferView
from tables import stock as tables

router = APIRouter(tags=["stock"])


@router.get(
    "/v1/transfers/{warehouse}/{transfer:text}",
    summary="One transfer that left a warehouse",
    response_model=TransferView,
    responses=documented(*READING, not_found("Warehouse LON-1 has sent no transfer 'T-7'.")),
)
async def transfer(follower: Seen, warehouse: WarehousePath, transfer: TransferPath) -> Response:
    """What was sent of each SKU, and what the receiver has told of it.

    A closed one is known as long as its id is taken.
    """

    def told(value: bytes) -> dict[str, Any]:
        found = tables.decode_transfer(value)
        return {"transfer": transfer, "to_warehouse": found.other} | _told(found)

    key = tables.outgoing_key(warehouse, transfer)
    return view(follower, warehouse, key, f"has sent no transfer {transfer!r}", told)


@router.get(
    "/v1/arrivals/{warehouse}/{from_warehouse}/{transfer:text}",
    summary="One transfer that comes to a warehouse",
    response_model=ArrivalView,
    responses=documented(*READING, not_found("Warehouse PAR-1 awaits no 'T-7' of LON-1.")),
)
async def arrival(
    follower: Seen,
    warehouse: WarehousePath,
    from_warehouse: FromWarehousePath,
    transfer: TransferPath,
) -> Response:
    """What was announced of each SKU, and what has arrived of it; its id is its sender's.

    404 also while the announcement is on its way. A closed one is known as long as its id is taken.
    """

    def told(value: bytes) -> dict[str, Any]:
        found = tables.decode_transfer(value)
        return {"from_warehouse": found.other, "transfer": transfer} | _told(found)

    key = tables.incoming_key(warehouse, from_warehouse, transfer)
    return view(follower, warehouse, key, f"awaits no {transfer!r} of {from_warehouse}", told)


def _told(transfer: Transfer) -> dict[str, Any]:
    return {"state": transfer.state, "lines": [_line(line) for line in transfer.lines]}


def _line(line: TransferLine) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "quantity": line.quantity,
        "received": line.received,
        "missing": line.missing,
    }
