"""What all reads of current state share: what they have seen, their answers, and their problems."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Request, Response

from api.desk import desk
from api.follower import Follower
from api.positions import MALFORMED, NOT_REACHED, MinPosition, reach
from api.problems import Problem
from api.replica import Replica, not_caught_up

READING = (MALFORMED, NOT_REACHED, not_caught_up())
_json = msgspec.json.Encoder().encode


async def seen(request: Request, x_min_position: MinPosition = None) -> Follower:
    """The follower, once it has seen the positions that the request names."""
    follower = desk(request).follower
    if x_min_position is not None:
        await reach(x_min_position, len(follower.replicas), follower.reached)
    return follower


Seen = Annotated[Follower, Depends(seen)]


def not_found(detail: str) -> Problem:
    """404: there is no such row."""
    return Problem(404, "NOT_FOUND", detail)


def position(replica: Replica) -> dict[str, int]:
    """How far a replica is: what is read of it now is true there."""
    return {"partition": replica.partition, "seq": replica.seq}


def answer(view: dict[str, Any]) -> Response:
    """200 with a view, which has what its model says: it is not checked again."""
    return Response(_json(view), media_type="application/json")


def view(
    follower: Follower,
    warehouse: str,
    key: bytes,
    absent: str,
    told: Callable[[bytes], dict[str, Any]],
) -> Response:
    """200 with what is `told` of the bytes at a key, its warehouse first and the position last.

    Problem 404 where there is none: `absent` is said of the warehouse.
    """
    replica = follower.of(warehouse)
    value = replica.get(key)
    if value is None:
        raise not_found(f"Warehouse {warehouse} {absent}.")
    return answer({"warehouse": warehouse} | told(value) | {"position": position(replica)})
