"""Mistakes between domains: in how a relay carries, in what it says, and in who is told."""

from typing import Any
from unittest.mock import patch

from agents.finance import evolve as worth
from agents.finance.policy import _MOVES as TO_FINANCE
from agents.locations import policy as sites
from agents.lots import effects
from agents.lots.policy import _READINGS as TO_LOTS
from agents.orders import policy
from schemas.domains import FINANCE, LOCATIONS, LOTS, ORDERS
from schemas.finance_structs import ValueMoved
from schemas.stock_structs import StockPicked, StockShipped
from streams.engine import Engine
from streams.relay import Relay
from streams.told import Told
from tests.simulation.planted.patching import Bug, both, edited, edited_in

_SENT = "await asyncio.gather(*(self._send(producer, home, commands[home]) for home in commands))"
_KEPT = "await self._keep(consumer, ours, reached)"
_LISTEN = "await self._listen(home, log)"
_TAKEN = 'await within(TAKEN_S, taken, f"{self._target.commands}/{home}")'
_NOTED = "self._told.note(source, home, mark)"
_ALL = f"{_NOTED}\n    await asyncio.gather(*going)"
_BESIDE = 'going = [*locals().get("going", ()), taken]'
_CARRY = "await self._carry(consumer, producer, step, ours)"
_REMEMBER = "self._ids.remember(one, fingerprint, log_time_ms)"
_ONCE = "if not any(name == CAUSED for name, _ in record.headers):"
_MORE = "Holding(replace(after.row, quantity=after.row.quantity + line.quantity), after.layers)"


def without(table: dict[Any, Any], key: Any) -> Any:
    """A plant that leaves one out."""
    left = {one: value for one, value in table.items() if one is not key}
    return lambda: patch.dict(table, left, clear=True)


CARRYING = (
    Bug(
        "a relay keeps its position before the commands",
        edited(Relay, "_carry", (_SENT, ""), (_KEPT, f"{_KEPT}\n    {_SENT}")),
        (ORDERS,),
    ),
    Bug(
        "a relay goes on over what was refused",
        edited(Relay, "_carry", ("in commands))", "in commands), return_exceptions=True)")),
        (FINANCE,),
    ),
    Bug(
        "a relay sends the next batch before the last is taken",
        edited(
            Relay,
            "_send",
            (_TAKEN, _BESIDE),
            (_NOTED, _ALL),
        ),
        (FINANCE,),
    ),
    Bug(
        "a relay does not look at what was told",
        edited(Told, "_hear", ("if found and", "if False and")),
        (FINANCE,),
    ),
    Bug(
        "a relay that finds no position looks at nothing",
        edited(Told, "look", ("if home < len(marks) else 0", "if home < len(marks) else log.end")),
        (FINANCE,),
    ),
    Bug(
        "a relay moves its marks past what it has not kept yet",
        both(
            edited(Told, "look", (_LISTEN, f"{_LISTEN}; self.marks[home] = log.end")),
            edited(Relay, "_move_marks", ("if not any(", "if True or any(")),
        ),
        (FINANCE,),
    ),
    Bug(
        "a relay passes over a step that failed",
        edited(
            Relay, "_take", (_CARRY, f"await asyncio.wait([asyncio.ensure_future({_CARRY[6:]})])")
        ),
        (FINANCE,),
    ),
    Bug(
        "a new relay begins at the end",
        edited(Relay, "_consumer", ('"earliest"', '"latest"')),
        (FINANCE,),
    ),
    Bug(
        "a relay carries a step backwards",
        edited(Relay, "_meant_by", ("in records:", "in reversed(records):")),
        (LOTS,),
    ),
    Bug(
        "what a relay sends is taken for a producer's",
        edited(Relay, "_send", ("[(CAUSED, cause.encode()), ", "[")),
        (FINANCE,),
    ),
    Bug(
        "a relay sends to the partition of the event",
        edited(
            Relay,
            "_meant_by",
            ("owner(key, self._settings.partitions)", "source"),
        ),
        (ORDERS,),
    ),
    Bug(
        "a caused command that comes twice counts twice",
        edited(Engine, "_command", (_REMEMBER, f"{_ONCE}\n            {_REMEMBER}")),
        (FINANCE,),
    ),
)

SAYING = (
    Bug(
        "an order's steps forget the attempt in the id",
        edited(
            policy, "_step", ('f"{reservation}/{ask.step}"', 'f"order/{event.order}/{ask.step}"')
        ),
        (ORDERS,),
    ),
    Bug("finance is not told what is shipped", without(TO_FINANCE, StockShipped), (FINANCE,)),
    Bug(
        "finance moves units twice",
        edited_in(
            worth._CHANGES,
            ValueMoved,
            ("holdings[line.sku] = after", f"holdings[line.sku] = {_MORE}"),
        ),
        (FINANCE,),
    ),
    Bug("lots are not told what is picked", without(TO_LOTS, StockPicked), (LOTS,)),
    Bug(
        "lots move units twice",
        edited(effects, "move", ("add(target, one.quantity)", "add(target, 2 * one.quantity)")),
        (LOTS,),
    ),
    Bug(
        "locations are not told what is packed and shipped",
        lambda: patch.object(sites, "_OUT", frozenset((StockShipped,))),
        (LOCATIONS,),
    ),
)
RELAYS = (*CARRYING, *SAYING)
