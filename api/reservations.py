"""Reservations, from the replicas: what each holds, and how far it is on its way out."""

from typing import Any

from fastapi import APIRouter, Response

from api.addresses import ReservationPath, WarehousePath
from api.problems import documented
from api.reading import READING, Seen, not_found, view
from schemas.rows import ChannelReservation, ReservedLine, WaitingLine
from schemas.stock import ReservationView
from tables import stock as tables

router = APIRouter(tags=["stock"])


@router.get(
    "/v1/reservations/{warehouse}/{reservation:text}",
    summary="One reservation",
    response_model=ReservationView,
    responses=documented(*READING, not_found("Warehouse LON-1 has no reservation 'order-1001'.")),
)
async def reservation(
    follower: Seen, warehouse: WarehousePath, reservation: ReservationPath
) -> Response:
    """Its lines, state and expiry; a closed one is known as long as its id is taken.

    Lines of one that waits say what is `missing`.
    """

    def told(value: bytes) -> dict[str, Any]:
        found = tables.decode_reservation(value)
        said = {
            "reservation": reservation,
            "state": found.state,
            "expires_at": found.expires_at,
            "lines": [_line(line) for line in found.lines],
        }
        via = {"channel": found.channel} if isinstance(found, ChannelReservation) else {}
        return said | via

    key = tables.reservation_key(warehouse, reservation)
    return view(follower, warehouse, key, f"has no reservation {reservation!r}", told)


def _line(line: ReservedLine) -> dict[str, Any]:
    told = {
        "sku": line.sku,
        "quantity": line.quantity,
        "picked": line.picked,
        "packed": line.packed,
        "shipped": line.shipped,
    }
    return told | ({"missing": line.missing} if isinstance(line, WaitingLine) else {})
