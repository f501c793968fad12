"""Spoiled commands decoded three times: 20,000 of them, or STOCKYARD_FUZZ."""

import os

from tests.corpus import fuzz
from tests.corpus.corpus import SEED

COUNT = int(os.environ.get("STOCKYARD_FUZZ", "20000"))


def test_all_readers_accept_and_refuse_the_same() -> None:
    kinds = fuzz.run(COUNT, SEED)

    assert kinds.total() == COUNT
    assert min(kinds[kind] for kind in ("good", "invalid", "unreadable")) > COUNT // 50, kinds
