"""What the documentation shows of locations: the story of stock goes on, from shelf to shelf.

`./stockyard export` has it decided: first a place for everything, then all that stock's story moves
onto the site and off it, then what is put where, of which the last command is refused.
"""

from typing import Any

from api.examples import STORY as STOCK_STORY
from api.language import Language
from api.problems import Problem
from schemas.domains import LOCATIONS
from schemas.locations import LocationsEvent

_WAREHOUSE = STOCK_STORY[0]["warehouse"]
_HANGING_HEART, _CAKESTAND = (line["sku"] for line in STOCK_STORY[0]["lines"])
_ZONE, _BIN, _OTHER, _COLD = "A", "A-12-3", "A-12-4", "C-1"
_TOTE, _CRATE = "tote-7", "crate-1"


def _command(named: str, number: str, /, **fields: Any) -> dict[str, Any]:
    command_id = f"01JD4B7C9K2M4N6P8Q0R2S4T{number}"
    return {"type": named, "id": command_id, "warehouse": _WAREHOUSE} | fields


def _hearts(quantity: int, **where: str) -> list[dict[str, Any]]:
    return [{"sku": _HANGING_HEART, **where, "quantity": quantity}]


BEFORE: tuple[dict[str, Any], ...] = (
    _command("CreateLocation", "01", location=_ZONE, kind="zone"),
    _command("CreateLocation", "02", location=_BIN, kind="bin", constraints={"units_max": 60}),
    _command("MoveLocation", "03", location=_BIN, parent=_ZONE),
    _command("CreateLocation", "04", location=_OTHER, parent=_ZONE, kind="bin"),
    _command(
        "ChangeConstraints",
        "05",
        location=_ZONE,
        constraints={"item_types": ["decoration"], "temperature_class": "ambient"},
    ),
    _command("CreateLocation", "06", location=_COLD, kind="bin"),
    _command("DeleteLocation", "07", location=_COLD),
    _command(
        "ClassifyItem",
        "08",
        lines=[
            {"sku": sku, "item_type": "decoration", "temperature_class": "ambient"}
            for sku in (_HANGING_HEART, _CAKESTAND)
        ],
    ),
)
_PUT_AWAY = _command("PutAway", "11", lines=_hearts(50, location=_BIN), actor="user:7")
_TOO_MANY = _command("PutAway", "29", lines=_hearts(25, location=_BIN))
AFTER: tuple[dict[str, Any], ...] = (
    _PUT_AWAY,
    _command("MoveUnits", "12", lines=_hearts(8, from_location=_BIN, to_location=_OTHER)),
    _command("TakeOut", "13", lines=_hearts(2, location=_OTHER)),
    _command("OpenContainer", "14", container=_TOTE, location=_BIN),
    _command("PackContainer", "15", container=_TOTE, lines=_hearts(5)),
    _command("UnpackContainer", "16", container=_TOTE, lines=_hearts(1)),
    _command("OpenContainer", "17", container=_CRATE, location=_BIN),
    _command("NestContainer", "18", container=_TOTE, into=_CRATE),
    _command("MoveContainer", "19", container=_CRATE, to_location=_OTHER),
    _command("NestContainer", "20", container=_TOTE),
    _command("CloseContainer", "21", container=_CRATE),
    _TOO_MANY,
)

COMMAND_EXAMPLES: dict[str, dict[str, Any]] = {}
"""By its type the first command of each, as OpenAPI wants it."""
for _told in (*BEFORE, *AFTER):
    COMMAND_EXAMPLES.setdefault(_told["type"], {"value": _told})

EVENT: dict[str, Any] = {
    "type": "UnitsPutAway",
    "id": "3-20",
    "partition": 3,
    "seq": 20,
    "command_id": _PUT_AWAY["id"],
    "warehouse": _WAREHOUSE,
    "lines": [
        {"sku": _HANGING_HEART, "location": _BIN, "quantity": 50, "there": 50, "unplaced": 24}
    ],
    "time": "2026-11-20T10:00:17.000Z",
    "recorded_at": "2026-11-20T10:00:17.000Z",
    "actor": _PUT_AWAY["actor"],
    "source": {"partition": 3, "offset": 19},
}
REFUSED: dict[str, Any] = {
    "type": "CommandRejected",
    "id": "3-31",
    "partition": 3,
    "seq": 31,
    "command_id": _TOO_MANY["id"],
    "warehouse": _WAREHOUSE,
    "code": "CONSTRAINT_FORBIDS",
    "message": "85123A: units_max of location A-12-3 forbids that",
    "details": {"location": _BIN, "constraint": "units_max", "sku": _HANGING_HEART},
    "time": "2026-11-20T10:00:28.000Z",
    "recorded_at": "2026-11-20T10:00:28.000Z",
    "source": {"partition": 3, "offset": 30},
}
REJECTION = Problem(
    409, REFUSED["code"], REFUSED["message"], details=REFUSED["details"], event=REFUSED
)

LANGUAGE = Language(
    LOCATIONS, "LocationsCommand", LocationsEvent, COMMAND_EXAMPLES, EVENT, REJECTION
)
