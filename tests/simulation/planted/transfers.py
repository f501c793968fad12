"""Mistakes in what happens between two warehouses: what is told, how often, and to whom."""

from typing import Any

from agents.stock import transfers
from agents.stock.agent import StockActor
from schemas.stock_structs import DispatchTransfer, ExpectTransfer, encode
from streams.engine import Engine
from tests.simulation.planted.patching import Bug, edited, wrapped
from tests.simulation.workers import TOPICS
from tests.simulation.world import here


def _announced_first(decide: Any) -> Any:
    """What is to be dispatched is announced, then it is looked at whether it is there."""

    def wrapper(self: Any, command: Any, rows: Any, moment: Any) -> Any:
        decision = decide(self, command, rows, moment)
        if type(command) is DispatchTransfer and decision.code == "INSUFFICIENT_STOCK":
            told: dict[str, Any] = {
                "id": f"{moment.partition}-{moment.seq}/expect",
                "warehouse": command.to_warehouse,
                "transfer": command.transfer,
                "from_warehouse": command.warehouse,
                "lines": command.lines,
            }
            wish = encode(ExpectTransfer(**told))
            decision.commands = [(command.to_warehouse, wish)]
        return decision

    return wrapper


def _sent_at_once(take: Any) -> Any:
    """What a decision causes is appended while its transaction is still open."""

    def wrapper(self: Any, key: bytes, decision: Any) -> None:
        seq, kept = self._moment.seq, len(self._batch.forwards)
        take(self, key, decision)
        for at, _, wish, _ in self._batch.forwards[kept:]:
            target = decision.commands[0][0].encode()
            cause = b"%d-%d" % (self._partition, seq)
            here().broker.produce((TOPICS.commands, at), [(target, wish, [("caused_by", cause)])])
        del self._batch.forwards[kept:]

    return wrapper


TRANSFERS = (
    Bug(
        "a dispatch is announced before it is taken",
        wrapped(StockActor, "decide", _announced_first),
    ),
    Bug(
        "a settlement counts twice",
        edited(transfers, "_settled", ("received.get(sku, 0)", "2 * received.get(sku, 0)")),
    ),
    Bug(
        "what came in parts is settled with the first part again",
        edited(transfers, "_settled", ("line.missing - (quantity", "line.quantity - (quantity")),
    ),
    Bug(
        "a caused command is sent outside the transaction", wrapped(Engine, "_take", _sent_at_once)
    ),
    Bug(
        "a caused command is dropped",
        edited(Engine, "_take", ("in decision.commands:", "in decision.commands[1:]:")),
    ),
    Bug(
        "a caused command stays in the partition of its cause",
        edited(Engine, "_take", ("(self._owners[target], ", "(self._partition, ")),
    ),
)
