"""Has the documentation's story of lots decided: what lots ask of stock, stock answers at once."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from agents.lots import policy, wishes
from agents.lots.agent import LotsActor
from api import lots_examples
from cli.tellings import Papers, Telling

Command = dict[str, Any]


class LotsStory(NamedTuple):
    """What is sent to lots, what happens in stock before a command, how long nothing after it.

    Commands of `unanswered` are followed by the next before stock hears what they ask of it.
    """

    before: tuple[Command, ...]
    after: tuple[Command, ...]
    stock: Mapping[str, tuple[Command, ...]]
    pauses: Mapping[str, int]
    unanswered: frozenset[str] = frozenset()


DOCUMENTED = LotsStory(
    lots_examples.BEFORE, lots_examples.AFTER, lots_examples.STOCK, lots_examples.PAUSES
)


def lots_told(stock: Telling, story: LotsStory, papers: Papers) -> list[Any]:
    """All records of lots; `stock` has told its story, and goes on here."""
    lots = Telling(LotsActor(), papers)
    for command in story.before:
        lots.send(command)
    talk = _Talk(stock, lots)
    talk.answer()
    for command in story.after:
        for of_stock in story.stock.get(command["id"], ()):
            stock.send(of_stock)
            talk.answer()
        lots.send(command)
        if command["id"] in story.unanswered:
            continue
        talk.answer()
        pause_ms = story.pauses.get(command["id"])
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
