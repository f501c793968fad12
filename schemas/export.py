"""The language of stock as JSON Schema, for those who write to the topics or read from them."""

from typing import Any

from pydantic import TypeAdapter

from schemas.stock import StockAlert, StockCommand, StockEvent

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schemas() -> dict[str, dict[str, Any]]:
    """One schema per topic, by its name."""
    return {
        "stock.commands.v1": _schema(StockCommand),
        "stock.events.v1": _schema(StockEvent),
        "stock.alerts.v1": _schema(StockAlert),
    }


def _schema(language: Any) -> dict[str, Any]:
    return {"$schema": DIALECT} | TypeAdapter(language).json_schema()
