"""Every code that a command may be rejected with has its case, of stock as of lots."""

from typing import get_args

from schemas.lots_events import RejectionCode as LotsCode
from schemas.stock_events import RejectionCode as StockCode
from tests.corpus import lots
from tests.corpus.case import Step
from tests.corpus.corpus import chosen
from tests.corpus.lots import LotStory
from tests.streams.world import HOME

OURS = {"INTERNAL"}  # a defect of ours: whoever knew an input that brings it would mend it


def _codes(steps: list[Step]) -> set[str]:
    invalid = {"INVALID_COMMAND" for step in steps if step.verdict.kind == "invalid"}
    return invalid | {step.verdict.what for step in steps if step.verdict.kind == "rejected"}


def test_every_rejection_of_stock_is_in_the_sample_that_the_whole_system_answers() -> None:
    steps = [step for case in chosen() for step in case.steps]
    answers = [request.answer for case in chosen() for request in case.requests]
    refused = {answer.what for answer in answers if answer.status == 409}

    assert _codes(steps) | refused == {*get_args(StockCode)} - OURS


def test_every_rejection_of_lots_and_serials_has_its_story() -> None:
    steps: list[Step] = []
    for tell in lots.STORIES.values():
        story = LotStory(HOME)
        tell(story)
        steps += story.steps

    assert _codes(steps) == {*get_args(LotsCode)} - OURS
