"""The checks bite: a sample of the planted bugs is caught, and what fails is made small."""

import pytest

from tests.simulation.campaign import catch
from tests.simulation.plan import plan_of
from tests.simulation.planted import BUGS
from tests.simulation.planted.patching import Bug
from tests.simulation.run import run
from tests.simulation.shrink import Shrinking

QUICK = (
    "the store is written before the commit",
    "recovery reads what is not committed",
    "the stamp stands before its rows",
    "a seq is used again after a restart",
    "rows of a failed batch stay in the cache",
    "a timer is lost on replay",
    "ids of the batch under way are not seen",
    "the audit sink moves its position outside the transaction",
    "a dead letter does not name its source",
    "an alert is sent on a row's first change",
)
SEEDS_MAX = 8


def test_there_are_thirty_and_none_is_there_twice() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 30


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_can_be_planted(bug: Bug) -> None:
    """Where this fails, the product reads otherwise by now: plant the bug anew."""
    with bug.plant():
        pass


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_bug_is_caught(name: str) -> None:
    found = catch(name, 0)

    assert found.sort, "no check has seen it"
    assert found.seeds <= SEEDS_MAX


def test_a_failing_run_is_made_small_and_fails_again() -> None:
    bug = next(one for one in BUGS if one.name == "AdjustStock may take what is reserved")
    failing = next(
        outcome
        for outcome in (run(plan_of(seed), [bug.plant]) for seed in range(20))
        if not outcome.right
    )

    shrinking = Shrinking(failing, [bug.plant])
    best = shrinking.run()
    again = run(failing.plan.only(shrinking.names), [bug.plant])

    assert len(best.plan.wishes) <= 8 < len(failing.plan.wishes)
    assert not best.plan.faults
    assert again.digest == best.digest
    assert set(again.sorts) & set(failing.sorts)
