"""Mistakes with what is kept back, and with who waits."""

from typing import Any

from agents.stock import beside, decider, queues, state
from agents.stock.decider import _DECISIONS
from agents.stock.state import Beside
from schemas.stock_structs import ShipStock
from tests.simulation.planted.patching import Bug, edited, edited_in, wrapped


def _nothing_given(_filled: Any) -> Any:
    return lambda _rows, _beside, event: event


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
    Bug(
        "who gave up stays in the queue",
        edited(beside, "evolve_queues", ("one.reservation != event.reservation", "True")),
    ),
)
