"""How many examples a property test draws; STOCKYARD_EXAMPLES=100000 looks further by night."""

import os

from hypothesis import settings


def count(each_run: int) -> int:
    """So many, unless the environment asks for another number."""
    return int(os.environ.get("STOCKYARD_EXAMPLES", str(each_run)))


def _of(each_run: int) -> settings:
    return settings(max_examples=count(each_run), deadline=None)


EXAMPLES = _of(1_000)  # of each property and invariant
SOME = _of(300)  # of the two readers of one schema, which the corpus compares too
FEW = _of(150)  # of long ones
