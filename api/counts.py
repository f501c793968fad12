"""Counts, from the replicas: what was found so far, for those who count and must not see more."""

from typing import Any

from fastapi import APIRouter, Response

from api.addresses import CountPath, WarehousePath
from api.problems import documented
from api.reading import READING, Seen, not_found, view
from schemas.rows import CountLine
from schemas.stock import CountView
from tables import stock as tables

router = APIRouter(tags=["stock"])


@router.get(
    "/v1/counts/{warehouse}/{count:text}",
    summary="One count",
    response_model=CountView,
    responses=documented(*READING, not_found("Warehouse LON-1 has no count 'count-2026-47'.")),
)
async def count(follower: Seen, warehouse: WarehousePath, count: CountPath) -> Response:
    """What was found of each SKU, and by whom; never what the books had.

    A closed one is known as long as its id is taken.
    """

    def told(value: bytes) -> dict[str, Any]:
        found = tables.decode_count(value)
        return {
            "count": count,
            "state": found.state,
            "tolerance": found.tolerance,
            "lines": [_line(line) for line in found.lines],
            "counters": found.counters,
        }

    key = tables.count_key(warehouse, count)
    return view(follower, warehouse, key, f"has no count {count!r}", told)


def _line(line: CountLine) -> dict[str, Any]:
    return {"sku": line.sku, "counted": line.counted, "is_final": line.is_final}
