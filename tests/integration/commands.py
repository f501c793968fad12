"""Commands as a producer outside this repository writes them."""

from typing import Any
from uuid import uuid4


def receive(warehouse: str, sku: str = "A", quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A ReceiveStock with an id of its own."""
    lines = [{"sku": sku, "quantity": quantity}]
    return command("ReceiveStock", warehouse, lines=lines, **more)


def reserve(
    warehouse: str, reservation: str, ttl_seconds: int, quantity: int = 1
) -> dict[str, Any]:
    """A ReserveStock of one line."""
    return command(
        "ReserveStock",
        warehouse,
        lines=[{"sku": "A", "quantity": quantity}],
        reservation=reservation,
        ttl_seconds=ttl_seconds,
    )


def command(kind: str, warehouse: str, /, **fields: Any) -> dict[str, Any]:
    """Any command, with an id of its own unless one is given."""
    return {"type": kind, "id": uuid4().hex, "warehouse": warehouse, **fields}
