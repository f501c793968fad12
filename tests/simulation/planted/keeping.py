"""Mistakes with what is kept back, with what is owed, and with who waits."""

from typing import Any

from agents.stock import beside, decider, queues, state
from agents.stock.decider import _DECISIONS
from agents.stock.state import Beside
from schemas.stock_structs import SetStockPolicy, ShipStock
from tests.simulation.planted.patching import Bug, edited, edited_in, wrapped


def _nothing_given(_filled: Any) -> Any:
    return lambda _rows, _beside, event: event


_ALL_OF_IT = "line.on_hand - before if before < 0 else 0"

KEEPING = (
    Bug("safety stock is sold", edited_in(_DECISIONS, ShipStock, (", stock.beside)", ")"))),
    Bug(
        "what fell low is ok at once above its reorder point",
        edited(
            beside,
            "mark_policy",
            ("(was_low and row.available <= policy.recover_point)", "False"),
        ),
    ),
    Bug(
        "who waits is overtaken",
        edited(
            Beside,
            "__init__",
            ("if self.rivals(sku, channel):", "if False:"),
        ),
    ),
    Bug(
        "what is in a pool is sold to all",
        edited(state, "kept_from", ("return safety_stock + fenced", "return safety_stock")),
    ),
    Bug(
        "what a channel gives back is not in its pool",
        edited(
            beside,
            "evolve_channels",
            ("line.available + given - row.available", "min(0, line.available - row.available)"),
        ),
    ),
    Bug("what comes in is given to nobody who waits", wrapped(decider, "filled", _nothing_given)),
    Bug("a queue does not know who is urgent", edited(queues, "place", ("-waiter.priority", "0"))),
    Bug(
        "a part is given to who takes none",
        edited(queues, "share", ("== waiter.missing or waiter.partial", "> 0")),
    ),
    Bug("what is promised may be owed", edited(Beside, "may_owe", ("self.is_sale and ", ""))),
    Bug(
        "a sale that may be owed takes what is promised",
        edited(Beside, "__init__", ("0 if rows[sku].reserved else ", "")),
    ),
    Bug(
        "all that comes in is told as owed",
        edited(beside, "told_owed", ("min(line.on_hand, 0) - min(before, 0)", _ALL_OF_IT)),
    ),
    Bug(
        "less may be owed than is owed",
        edited_in(_DECISIONS, SetStockPolicy, ("line.negative_limit < -row.on_hand", "False")),
    ),
    Bug(
        "a policy without a limit keeps the one before",
        edited(
            beside,
            "evolve_policy",
            ("line.negative_limit)", "line.negative_limit or policy.negative_limit)"),
        ),
    ),
    Bug(
        "who gave up stays in the queue",
        edited(beside, "evolve_queues", ("one.reservation != event.reservation", "True")),
    ),
)
