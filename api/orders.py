"""Orders and their legs, from the replicas of orders; and the way in for their commands."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api import commands, movements
from api.orders_examples import LANGUAGE
from api.problems import documented
from api.reading import READING, Seen, answer, not_found, position
from schemas.orders import OrderView
from schemas.orders_lines import OrderId
from tables import orders as tables

router = commands.routes(LANGUAGE)
router.include_router(movements.routes(LANGUAGE))
_read = APIRouter(tags=["orders"])

OrderPath = Annotated[OrderId, Path(examples=["O-1001"])]


@_read.get(
    "/v1/orders/{order}",
    summary="One order",
    response_model=OrderView,
    responses=documented(*READING, not_found("There is no order 'X'.")),
)
async def one(follower: Seen, order: OrderPath) -> Response:
    """How far it is, and its legs: each is a reservation in its warehouse.

    One that is over is known as long as its id is taken.
    """
    replica = follower.of(order)
    found = tables.order_told(replica.get, order)
    if found is None:
        raise not_found(f"There is no order {order!r}.")
    return answer(found | {"position": position(replica)})


router.include_router(_read)
