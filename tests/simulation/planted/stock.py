"""Mistakes in the stock decisions themselves."""

from hashlib import blake2b
from typing import Any

from agents.stock import agent, changes, decider, levels
from agents.stock.agent import StockActor
from tests.simulation.planted.patching import Bug, edited, wrapped


def _whole_command(_fingerprint: Any) -> Any:
    """What a command asks for, and when it happened and by whom too."""

    def fingerprint(_self: Any, command: Any) -> bytes:
        hashed: bytes = blake2b(agent._pack(command), digest_size=8).digest()
        return hashed

    return fingerprint


def _as_they_are(_distinct: Any) -> Any:
    return lambda lines, _amount: lines


STOCK = (
    Bug(
        "a repeat with another time is refused", wrapped(StockActor, "fingerprint", _whole_command)
    ),
    Bug("lines of one SKU are not summed", wrapped(levels, "distinct", _as_they_are)),
    Bug(
        "AdjustStock may take what is reserved",
        edited(decider, "corrected", ("if available < 0 and delta < 0:", "if on_hand < 0:")),
    ),
    Bug(
        "a reservation is closed twice",
        edited(
            decider,
            "_closable",
            ('if held.state in ("open", "waiting"):', 'if held.state != "expired":'),
        ),
    ),
    Bug(
        "an alert is sent on a row's first change",
        edited(
            agent,
            "changed",
            ("None if before is None else alert_on(before, row)", "alert_on(before or Row(), row)"),
        ),
    ),
    Bug(
        "an alert is sent again while stock is low",
        edited(
            changes,
            "alert_on",
            ("return LowStock if was > before.reorder_point else None", "return LowStock"),
        ),
    ),
)
