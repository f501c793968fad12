"""Every story of business, decided by the actor on plain rows: its labels, and what stands there.

What the idempotency window answers is the engine's, and left to the whole system's test.
"""

import json
from random import Random

import pytest

from agents.stock.agent import StockActor
from streams.actor import Moment
from tables.stock import STOCK_KIND, decode_row, split_key
from tests.corpus.business import Story
from tests.corpus.case import NOTHING, Seat, Stored, rejected
from tests.corpus.corpus import STORIES
from tests.corpus.fates import of_event
from tests.simulation.sums import wrong_sums

NOON_MS = 1_795_003_200_000
WINDOW_MS = 86_400_000
TURNS = 3
OF_THE_ENGINE = (NOTHING, rejected("IDEMPOTENCY_KEY_REUSED"))


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_decided_as_its_labels_say(name: str) -> None:
    for turn in range(TURNS):
        story = STORIES[name](Story(Seat(Random(f"{name}/{turn}"), f"story-{turn}", turn)))

        rows = _decided(story)

        assert {
            Stored(split_key(key)[2], row.on_hand, row.reserved)
            for key, row in ((key, decode_row(rows[key])) for key in rows if _is_stock(key))
        } == set(story.rows)
        assert list(wrong_sums(rows)) == []


def _decided(story: Story) -> dict[bytes, bytes]:
    """The rows in the end; each step must be answered as it is labelled."""
    actor, rows = StockActor(WINDOW_MS), dict[bytes, bytes]()
    for number, step in enumerate(story.steps, 1):
        if step.verdict in OF_THE_ENGINE:
            continue
        assert step.value is not None
        _, _, command = actor.decode(step.value)
        moment = Moment(0, number, number, NOON_MS + number)
        decision = actor.decide(command, rows.get, moment)
        told = of_event(step.verdict, step.shown, json.loads(decision.event or b"{}"))
        assert not told, f"step {number}, {step.verdict}: {told}"
        changed = rows | decision.changes
        rows = {key: value for key, value in changed.items() if value is not None}
    return rows


def _is_stock(key: bytes) -> bool:
    return key.startswith(STOCK_KIND + b"\0")
