"""How many examples a property test draws; STOCKYARD_EXAMPLES=100000 looks further by night."""

import os

from hypothesis import settings


def _at_least(each_run: int) -> settings:
    number = int(os.environ.get("STOCKYARD_EXAMPLES", str(each_run)))
    return settings(max_examples=number, deadline=None)


EXAMPLES = _at_least(1_000)  # of each property and invariant
SOME = _at_least(300)  # of the two readers of one schema, which the corpus compares too
FEW = _at_least(150)  # of long ones
