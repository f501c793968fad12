"""Mistakes with what is to come, and with the days that are promised of it."""

from typing import Any

from agents.stock import accounts, promising, queues, rarer, supplies
from schemas.promising import Outlook
from tests.simulation.planted.patching import Bug, edited, wrapped


def _nobody_late(_late: Any) -> Any:
    return lambda *_: []


def _not_written(_to_come: Any) -> Any:
    return lambda *_: {}


_LOST = "lost = kept - after.kept()"
_NEVER_KEPT = "lost = {one.reservation for one in after.queue if one.promised} - after.kept()"

SUPPLIES = (
    Bug(
        "a unit to come is promised twice",
        edited(Outlook, "promisable", (" - self.demand(priority, day)", "")),
    ),
    Bug(
        "a day is promised that makes somebody else late",
        edited(
            Outlook,
            "promisable",
            ("self._spare[bisect_right(self._ranks, mine)]", "self._spare[-1]"),
        ),
    ),
    Bug(
        "an overdue supply is promised",
        edited(Outlook, "__init__", (" if sortable(one.due) > sortable(now)", "")),
    ),
    Bug("who will be late is not told", wrapped(promising, "_late", _nobody_late)),
    Bug("who was late before is told again", edited(promising, "_late", (_LOST, _NEVER_KEPT))),
    Bug(
        "who was promised a sooner day is not served before",
        edited(queues, "_waiter", ("line.promised or event.promised", "event.promised")),
    ),
    Bug(
        "a supply is changed by who does not know it",
        edited(supplies, "_expected", ("line.expected != before", "False")),
    ),
    Bug(
        "what has arrived of a supply is still to come",
        edited(rarer, "evolve_supplies", (" - line.quantity", "")),
    ),
    Bug(
        "what a supply brings is taken off the order by hand",
        edited(accounts, "_free", (" - dated", "")),
    ),
    Bug("what is to come is not written", wrapped(rarer, "_to_come", _not_written)),
)
