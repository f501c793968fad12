"""What the documentation shows of the catalogue: what the SKUs of stock's story are, and a kit.

`./stockyard export` has it decided; the last command is refused.
"""

from typing import Any

from api.examples import STORY as STOCK_STORY
from api.language import Language
from api.problems import Problem
from schemas.catalog import CatalogEvent
from schemas.catalog_lines import CatalogName
from schemas.domains import CATALOG

_CATALOG = "main"
_HANGING_HEART, _CAKESTAND = (line["sku"] for line in STOCK_STORY[0]["lines"])
_PRODUCT, _SAMPLES = "hearts", "samples"
_SET, _SAMPLE = "GIFT-7", "85123A-S"
_GTIN, _GTIN_OF_CASE, _MISPRINT = "5012345678900", "15012345678907", "4006381333931"


def _command(named: str, number: str, /, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    command_id = f"01JD5C7C9K2M4N6P8Q0R2S4T{number}"
    return {"type": named, "id": command_id, "catalog": _CATALOG, "lines": list(lines)} | fields


def _item(sku: str, title: str, **fields: Any) -> dict[str, Any]:
    return {"sku": sku, "base_unit": "piece", "title": title} | fields


_KNOWN = {"item_type": "decoration", "temperature_class": "ambient"}
_KIT = _command(
    "DefineKit",
    "11",
    {
        "sku": _SET,
        "components": [
            {"sku": _HANGING_HEART, "quantity": 6},
            {"sku": _CAKESTAND, "quantity": 1},
        ],
    },
    actor="user:7",
)
_IN_ITSELF = _command(
    "DefineKit",
    "29",
    {"sku": _HANGING_HEART, "components": [{"sku": _SET, "quantity": 1}]},
)

BEFORE: tuple[dict[str, Any], ...] = ()
AFTER: tuple[dict[str, Any], ...] = (
    _command(
        "DefineProduct",
        "01",
        {"product": _PRODUCT, "title": "Hanging hearts"},
        {"product": _SAMPLES, "title": "Samples"},
    ),
    _command("ChangeProduct", "02", {"product": _PRODUCT, "title": "Hanging heart holders"}),
    _command(
        "DefineItem",
        "03",
        _item(_HANGING_HEART, "White hanging heart holder", product=_PRODUCT, **_KNOWN),
        _item(_CAKESTAND, "Regency cakestand", **_KNOWN),
        _item(_SET, "Gift set"),
        _item(_SAMPLE, "Sample of a heart"),
    ),
    _command("ChangeItem", "04", {"sku": _CAKESTAND, "title": "Cakestand, 3 tiers"} | _KNOWN),
    _command(
        "SetUnits",
        "05",
        {
            "sku": _HANGING_HEART,
            "units": [
                {"unit": "case", "numerator": 12},
                {"unit": "pair", "numerator": 2},
            ],
        },
    ),
    _command(
        "AssignGtin",
        "06",
        {"sku": _HANGING_HEART, "gtin": _GTIN},
        {"sku": _HANGING_HEART, "gtin": _GTIN_OF_CASE, "unit": "case"},
        {"sku": _CAKESTAND, "gtin": _MISPRINT},
    ),
    _command("UnassignGtin", "07", {"gtin": _MISPRINT}),
    _command(
        "DefineKit",
        "08",
        {"sku": _SAMPLE, "components": [{"sku": _HANGING_HEART, "quantity": 1}]},
    ),
    _command("DissolveKit", "09", {"sku": _SAMPLE}),
    _command("RetireItem", "10", {"sku": _SAMPLE}),
    _KIT,
    _command("RetireProduct", "12", {"product": _SAMPLES}),
    _IN_ITSELF,
)

COMMAND_EXAMPLES: dict[str, dict[str, Any]] = {}
"""By its type the first command of each, as OpenAPI wants it."""
for _told in AFTER:
    COMMAND_EXAMPLES.setdefault(_told["type"], {"value": _told})

EVENT: dict[str, Any] = {
    "type": "KitDefined",
    "id": "3-11",
    "partition": 3,
    "seq": 11,
    "command_id": _KIT["id"],
    "catalog": _CATALOG,
    "lines": [_KIT["lines"][0] | {"version": 2}],
    "time": "2026-11-20T10:00:08.000Z",
    "recorded_at": "2026-11-20T10:00:08.000Z",
    "actor": _KIT["actor"],
    "source": {"partition": 3, "offset": 10},
}
REFUSED: dict[str, Any] = {
    "type": "CommandRejected",
    "id": "3-13",
    "partition": 3,
    "seq": 13,
    "command_id": _IN_ITSELF["id"],
    "catalog": _CATALOG,
    "code": "KIT_CYCLE",
    "message": "kit 85123A is in GIFT-7",
    "details": {"sku": _HANGING_HEART, "component": _SET},
    "time": "2026-11-20T10:00:10.000Z",
    "recorded_at": "2026-11-20T10:00:10.000Z",
    "source": {"partition": 3, "offset": 12},
}
REJECTION = Problem(
    409, REFUSED["code"], REFUSED["message"], details=REFUSED["details"], event=REFUSED
)
ASKED: dict[str, Any] = {
    "catalog": _CATALOG,
    "lines": [
        {"gtin": _GTIN_OF_CASE, "quantity": 2},
        {"sku": _HANGING_HEART, "unit": "pair", "quantity": "1.5"},
        {"sku": _SET, "quantity": 1},
    ],
}
"""Lines as somebody says them: 24 and 3 and 6 hearts, and a cakestand."""

LANGUAGE = Language(
    CATALOG,
    "CatalogCommand",
    CatalogEvent,
    COMMAND_EXAMPLES,
    EVENT,
    REJECTION,
    CatalogName,
    _CATALOG,
)
