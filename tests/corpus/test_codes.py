"""Every code that a command may be rejected with has its case, in every domain.

Stock's are in the sample that the whole system answers, those of lots in their stories; the others
have a story each, and all domains tell what the engine refuses for them.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest

from agents.composition import actor_of
from schemas.domains import DOMAINS, KEYS, LOTS, STOCK
from streams.actor import Actor, Decision, Moment, Rows
from tests.corpus import lots
from tests.corpus.case import Step
from tests.corpus.commands import text
from tests.corpus.corpus import chosen
from tests.corpus.lots import LotStory
from tests.corpus.refusals import STORIES
from tests.hosted import START_MS, Wish
from tests.streams.world import HOME, Record, World, folder_in_memory, told

OURS = {"INTERNAL"}  # a defect of ours: whoever knew an input that brings it would mend it
WINDOW_S = 86_400


class Hosting(World):
    """A partition of a domain; with a defect, no command can be decided in it."""

    def __init__(self, path: Path, domain: str, *, defect: bool = False) -> None:
        self._domain, self._defect = domain, defect
        super().__init__(path, window_s=WINDOW_S)

    def recover(self) -> None:
        """As any, with its actor."""
        self.actor = actor_of(self._domain, WINDOW_S * 1_000)
        if self._defect:
            self.actor = Defective(self.actor)
        super().recover()

    def told_of(self, wishes: list[Wish]) -> list[dict[str, Any]]:
        """The events of these commands, one after the other."""
        head = {KEYS[self._domain]: HOME}
        events = []
        for number, wish in enumerate(wishes):
            value = text({"id": f"c{number}"} | head | wish)
            record = Record(number, START_MS + number, None, value)
            events += told(self.run([record], now_ms=START_MS + number))
        self.store.close()
        return events


class Defective:
    """An actor with a defect in deciding."""

    def __init__(self, actor: Actor) -> None:
        self.decode, self.fingerprint = actor.decode, actor.fingerprint
        self.expire, self.reject = actor.expire, actor.reject

    def decide(self, command: Any, rows: Rows, moment: Moment) -> Decision:
        """Never comes to a decision."""
        raise ZeroDivisionError


def codes(domain: str) -> set[str]:
    """All that a domain's language has."""
    return {*get_args(import_module(f"schemas.{domain}_events").RejectionCode)}


def labelled(steps: list[Step]) -> set[str]:
    """The codes of steps of the corpus."""
    invalid = {"INVALID_COMMAND" for step in steps if step.verdict.kind == "invalid"}
    return invalid | {step.verdict.what for step in steps if step.verdict.kind == "rejected"}


def refusals() -> list[tuple[str, str]]:
    """Each domain that has stories here, with each of its codes."""
    return [(domain, code) for domain in STORIES for code in sorted(codes(domain) - OURS)]


def test_every_rejection_of_stock_is_in_the_sample_that_the_whole_system_answers() -> None:
    steps = [step for case in chosen() for step in case.steps]
    answers = [request.answer for case in chosen() for request in case.requests]
    refused = {answer.what for answer in answers if answer.status == 409}

    assert labelled(steps) | refused == codes(STOCK) - OURS


def test_every_rejection_of_lots_and_serials_has_its_story() -> None:
    steps: list[Step] = []
    for tell in lots.STORIES.values():
        story = LotStory(HOME)
        tell(story)
        steps += story.steps

    assert labelled(steps) == codes(LOTS) - OURS


def test_every_rejection_of_the_other_domains_has_its_story() -> None:
    assert {STOCK, LOTS, *STORIES} == {*DOMAINS}
    for domain, stories in STORIES.items():
        assert stories().keys() == codes(domain) - OURS, domain


@pytest.mark.parametrize(("domain", "code"), refusals())
def test_a_story_ends_with_its_rejection(domain: str, code: str) -> None:
    *before, last = STORIES[domain]()[code]

    with folder_in_memory() as folder:
        events = Hosting(folder / "store", domain).told_of([*before, last])

    assert len(events) == len(before) + 1
    assert [event.get("code") for event in events] == [None] * len(before) + [code]
    assert events[-1]["type"] == "CommandRejected"


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_defect_of_ours_is_told_as_one(domain: str) -> None:
    kind = next(iter(import_module(f"schemas.{domain}_commands").COMMANDS))

    with folder_in_memory() as folder:
        [event] = Hosting(folder / "store", domain, defect=True).told_of([{"type": kind.__name__}])

    assert {event["code"]} == OURS <= codes(domain)
