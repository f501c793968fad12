"""Has the documentation's story of lots decided: what lots ask of stock, stock answers at once."""

import json
from typing import Any

from agents.lots import policy, wishes
from agents.lots.agent import LotsActor
from api import lots_examples
from cli.tellings import Telling


def lots_told(stock: Telling) -> list[Any]:
    """All records of lots; `stock` has told its story, and goes on here."""
    lots = Telling(LotsActor())
    for command in lots_examples.BEFORE:
        lots.decide(json.dumps(command).encode())
    talk = _Talk(stock, lots)
    talk.answer()
    for command in lots_examples.AFTER:
        for of_stock in lots_examples.STOCK.get(command["id"], ()):
            stock.decide(json.dumps(of_stock).encode())
            talk.answer()
        lots.decide(json.dumps(command).encode())
        talk.answer()
        pause_ms = lots_examples.PAUSES.get(command["id"])
        if pause_ms is not None:
            lots.wait(pause_ms)
            talk.answer()
    return lots.records


class _Talk:
    """Stock and lots, each told of the other's events until there is nothing more to say."""

    def __init__(self, stock: Telling, lots: Telling) -> None:
        self._pairs = ((stock, lots, policy.told), (lots, stock, wishes.told))
        self._told = [0, 0]

    def answer(self) -> None:
        """Tell each of what is new to it, and of what comes of that."""
        goes_on = True
        while goes_on:
            goes_on = False
            for number, (source, target, means) in enumerate(self._pairs):
                events = source.events[self._told[number] :]
                self._told[number] += len(events)
                goes_on = goes_on or bool(events)
                for event in events:
                    for _, _, caused in means(event):
                        target.decide(caused)
