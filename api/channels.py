"""The channels of a SKU, from the replicas: what each may promise, and what nobody's pool has."""

from typing import Any

from fastapi import APIRouter, Response

from api.addresses import SkuPath, WarehousePath
from api.problems import documented
from api.reading import READING, Seen, answer, not_found, position
from schemas.pools import Channel, kept_from
from schemas.rows import Policy
from schemas.stock import ChannelsView
from tables import stock as tables

router = APIRouter(tags=["stock"])


@router.get(
    "/v1/channels/{warehouse}/{sku:text}",
    summary="What each channel may promise of one SKU in one warehouse",
    response_model=ChannelsView,
    responses=documented(*READING, not_found("Warehouse LON-1 has never seen SKU 'X'.")),
)
async def channels(follower: Seen, warehouse: WarehousePath, sku: SkuPath) -> Response:
    """Its channels in their order; `quantity` is what a pool has, null where a channel has none.

    `left` is what may be promised now, to a channel or, at the top, to whoever has no channel. Of
    who waits it says nothing: see `GET /v1/backorders`.
    """
    replica = follower.of(warehouse)
    value = replica.get(tables.stock_key(warehouse, sku))
    if value is None:
        raise not_found(f"Warehouse {warehouse} has never seen SKU {sku!r}.")
    available = tables.decode_row(value).available
    kept, told = replica.get(tables.policy_key(warehouse, sku)), list[Channel]()
    policy = Policy() if kept is None else tables.decode_policy(kept)
    if (pools := replica.get(tables.channels_key(warehouse, sku))) is not None:
        told = tables.decode_channels(pools)

    def left(channel: str | None) -> int:
        return max(0, available - kept_from(told, policy.safety_stock, channel, available))

    return answer(
        {
            "warehouse": warehouse,
            "sku": sku,
            "available": available,
            "left": left(None),
            "channels": [_channel(one, left(one.channel)) for one in told],
            "position": position(replica),
        }
    )


def _channel(one: Channel, left: int) -> dict[str, Any]:
    return {
        "channel": one.channel,
        "quantity": one.quantity,
        "left": left,
        "safety_stock": one.safety_stock,
        "low_point": one.low_point,
        "recover_point": one.recover_point,
        "is_low": one.is_low,
    }
