"""Every story of lots, through a real engine and store: each step is answered as it is labelled."""

from pathlib import Path

import pytest

from agents.lots.agent import LotsActor
from streams import keys
from tests.corpus.case import NOTHING
from tests.corpus.fates import of_event
from tests.corpus.lots import STORIES, LotStory
from tests.hosted import START_MS
from tests.lots.books import Books
from tests.streams.world import HOME, Record, World, contents, folder_in_memory, told

WINDOW_S = 86_400


class LotsWorld(World):
    """A partition of lots."""

    def recover(self) -> None:
        """As any, with our actor."""
        self.actor = LotsActor()
        super().recover()


@pytest.mark.parametrize("name", STORIES)
def test_a_story_of_lots_is_decided_as_its_labels_say(name: str) -> None:
    story = LotStory(HOME)
    STORIES[name](story)

    with folder_in_memory() as folder:
        _decided(folder, story)


def _decided(folder: Path, story: LotStory) -> None:
    world = LotsWorld(folder / "store", window_s=WINDOW_S)
    for number, step in enumerate(story.steps):
        record = Record(number, START_MS + number, None, step.value)
        events = told(world.run([record], now_ms=START_MS + number))
        if step.verdict == NOTHING:
            assert events == []
            continue
        [event] = events
        wrong = of_event(step.verdict, step.shown, event)
        assert not wrong, f"step {number}, {step.value!r}: {step.verdict}: {wrong}"
    found = contents(world.store)
    rows = {key: row for key, row in found.items() if not key.startswith((keys.ID, keys.TIMER))}
    Books(rows, story.sku).check()
    world.store.close()
