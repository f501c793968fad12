"""Lines by GTIN, in any unit and of kits: made lines of SKUs and base units before Kafka has them.

So is a command of lots, which is of one item: it has no lines, and names that itself.

What is sent is what was meant: the command that Kafka gets has plain lines, and no later change of
the catalogue changes what it says.
"""

import json
from typing import Any, Final

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from api.bodies import BODY_BYTES_MAX, fields_of, too_large
from api.desk import Desk, desk
from api.positions import reach
from api.problems import Problem, invalid
from api.replica import Replica
from schemas.catalog_lines import CatalogName
from schemas.domains import CATALOG, LOCATIONS, LOTS, ORDERS, STOCK
from schemas.problems import printable, problem_of
from tables.demand import Demand, Unresolved

RESOLVES: Final = (STOCK, LOCATIONS, ORDERS, LOTS)
"""The domains whose commands may be sent with `catalog`."""
_FILLED: Final = {"ClassifyItem": ("item_type", "temperature_class")}
_NAME: Final[TypeAdapter[str]] = TypeAdapter(CatalogName)

CATALOG_PARAMETER: Final[dict[str, Any]] = {
    "name": "catalog",
    "in": "query",
    "required": False,
    "description": (
        "The catalogue in which lines are read before they are sent: `gtin` instead of `sku`, "
        '`unit` beside an amount, amounts as integers or as decimals in strings ("2.5"), and kits, '
        "which become their parts. A command of lots is read as a line is. With it X-Min-Position "
        "is of the catalogue's events."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
    "example": "main",
}


def unresolved(error: Unresolved) -> Problem:
    """422: a line that the catalogue does not know, or that comes to no whole base units."""
    flaw = {"path": printable(error.path), "problem": error.problem}
    details: dict[str, Any] = {"details": error.details} if error.details else {}
    return Problem(422, error.code, error.problem, errors=[flaw], **details)


UNRESOLVED: Final = (
    unresolved(Unresolved("ITEM_NOT_FOUND", "lines.0.sku", "item X is not known", sku="X")),
    unresolved(
        Unresolved(
            "CONVERSION_NOT_EXACT",
            "lines.0.quantity",
            "2.5 case of 85123A are no whole base units; 2 or 3 are",
            sku="85123A",
            unit="case",
            quantity="2.5",
            below="2",
            above="3",
        )
    ),
)


async def replica_of(request: Request, catalog: object) -> tuple[str, Replica]:
    """A catalogue's name and rows, once they have seen what the request names; Problem 400, 503."""
    try:
        name = _NAME.validate_python(catalog, strict=True)
    except ValidationError as error:
        raise invalid("`catalog` is no name.", "catalog", problem_of(error)[1]) from None
    desks: dict[str, Desk] = request.app.state.desks
    if CATALOG not in desks:
        raise invalid("There is no catalogue.", "catalog", "is not kept by this installation")
    follower = desks[CATALOG].follower
    header = request.headers.get("x-min-position")
    if header is not None:
        await reach(header, len(follower.replicas), follower.reached)
    return name, follower.of(name)


async def resolved(request: Request, body: bytes) -> bytes:
    """A command with its lines as the request's `catalog` has them; without one, as it came."""
    catalog, domain = request.query_params.get("catalog"), desk(request).domain
    if catalog is None or domain not in RESOLVES:
        return body
    name, replica = await replica_of(request, catalog)
    fields = fields_of(body)
    if domain != LOTS and "lines" not in fields:
        return body
    kind = fields.get("type")
    demand = Demand(replica.get, name, _FILLED.get(kind, ()) if isinstance(kind, str) else ())
    try:
        if domain == LOTS:
            fields = demand.of_a_lot(fields)
        else:
            fields["lines"] = demand.resolved(fields["lines"])
    except Unresolved as error:
        raise unresolved(error) from None
    whole = json.dumps(fields, separators=(",", ":")).encode()
    if len(whole) > BODY_BYTES_MAX:
        raise too_large()
    return whole
