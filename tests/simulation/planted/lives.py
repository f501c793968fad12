"""Mistakes in the rarer decisions: a reservation's whole life, moves between accounts, counts."""

from typing import Any

from agents.stock import counting, evolve, rarer, reservations
from agents.stock.decider import _DECISIONS
from schemas.stock_structs import (
    ApproveCount,
    ConfirmReservation,
    MoveStock,
    PickStock,
    ShipPacked,
)
from tests.simulation.planted.patching import Bug, edited, edited_in, wrapped


def _not_written(_balances: Any) -> Any:
    return lambda *_: {}


_FOUND = "Variance(line.sku, line.variance)"
_FOUND_NOW = "Variance(line.sku, line.counted - stock.rows.get(line.sku, Row()).on_hand)"
_NOW = f"from schemas.rows import Row\n    wrong = [{_FOUND_NOW}"
_RELEASED_HEAD = "elif kind is _Released:\n        "
_RELEASED = f"{_RELEASED_HEAD}row.allocated -= line.quantity if event.confirmed else 0"

LIVES = (
    Bug(
        "picked units stay on hand",
        edited_in(_DECISIONS, PickStock, ("lines, -1, -1)", "lines, 0, -1)")),
    ),
    Bug(
        "a count is compared with the books of its approval",
        edited(counting, "_corrections", (f"wrong = [{_FOUND}", _NOW)),
    ),
    Bug("who counted may approve", edited_in(_DECISIONS, ApproveCount, (".actor in", ".id in"))),
    Bug(
        "what is superseded is not given back",
        edited(
            reservations,
            "_replaced",
            ("row.reserved - returned + quantity", "row.reserved + quantity"),
            ("row.available + returned - quantity", "row.available - quantity"),
        ),
    ),
    Bug(
        "a confirmed reservation that is released stays allocated",
        edited(evolve, "_posted", (_RELEASED, f"{_RELEASED_HEAD}pass")),
    ),
    Bug("the other accounts are not written", wrapped(rarer, "_balances", _not_written)),
    Bug(
        "an expired reservation is confirmed without its stock",
        edited_in(_DECISIONS, ConfirmReservation, ("0, 1, stock.beside", "0, 0")),
    ),
    Bug(
        "a confirmed reservation is due when its id would be free",
        edited(rarer, "_promises", ('if held.state in ("confirmed", "waiting"):', "if False:")),
    ),
    Bug(
        "what is picked is shipped unpacked",
        edited_in(_DECISIONS, ShipPacked, ("line: line.packed", "line: line.picked")),
    ),
    Bug(
        "units move for any reason",
        edited_in(_DECISIONS, MoveStock, ("not is_allowed(source, target, reason)", "False")),
    ),
)
