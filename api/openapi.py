"""The OpenAPI document: FastAPI's, with our commands and problems where it has its own errors."""

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from api.problems import ProblemDetails, documented, invalid
from schemas.catalog import Asked, CatalogCommand
from schemas.finance import FinanceCommand
from schemas.locations import LocationsCommand
from schemas.lots import LotsCommand
from schemas.orders import OrdersCommand
from schemas.stock import StockCommand

REFERENCE = "#/components/schemas/{model}"
_INVALID = documented(
    invalid("The request is outside its rules.", "path.warehouse", "is not of A-Z a-z 0-9 . _ -")
)


def install(app: FastAPI) -> None:
    """Serve the completed document at /openapi.json."""
    generate = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            schemas = document["components"]["schemas"]
            _add(schemas, "ProblemDetails", ProblemDetails)
            _add(schemas, "StockCommand", StockCommand)
            _add(schemas, "FinanceCommand", FinanceCommand)
            _add(schemas, "LocationsCommand", LocationsCommand)
            _add(schemas, "OrdersCommand", OrdersCommand)
            _add(schemas, "CatalogCommand", CatalogCommand)
            _add(schemas, "LotsCommand", LotsCommand)
            _add(schemas, "Asked", Asked)
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for path in document["paths"].values():
                for operation in path.values():
                    _correct(operation)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign] # as FastAPI documents it


def _add(schemas: dict[str, Any], name: str, model: Any) -> None:
    schema = TypeAdapter(model).json_schema(ref_template=REFERENCE)
    schemas |= schema.pop("$defs", {})
    schemas[name] = schema


def _correct(operation: dict[str, Any]) -> None:
    """FastAPI says 422 for parameters outside their rules; ours is 400."""
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
        responses.setdefault("400", _INVALID[400])
