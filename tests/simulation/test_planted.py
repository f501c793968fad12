"""The checks bite: a sample of the planted bugs is caught, and what fails is made small."""

from tests.simulation.campaign import caught, pool, shrunk, stale
from tests.simulation.planted import BUGS

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
    "a dispatch is announced before it is taken",
    "a settlement counts twice",
    "a caused command stays in the partition of its cause",
    "a caused command is dropped",
    "what is to come is not written",
    "what is promised may be owed",
    "a relay carries a step backwards",
    "a transaction is given up before brokers can have been replaced",
    "lots move units twice",
)
SEEDS_MAX = 24
SMALL = "AdjustStock may take what is reserved"


def test_there_are_thirty_and_none_is_there_twice() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 30


def test_every_bug_can_be_planted() -> None:
    """Where this fails, the product reads otherwise by now: plant the bug anew."""
    with pool(1) as there:
        assert there.submit(stale).result() == []


def test_a_sample_of_the_planted_bugs_is_caught() -> None:
    catches = caught(QUICK, 2, lambda _: None)

    assert {one.bug: one.seeds for one in catches if not one.sort or one.seeds > SEEDS_MAX} == {}


def test_a_failing_run_is_made_small_and_fails_again() -> None:
    with pool(1) as there:
        had, left, same = there.submit(shrunk, SMALL, 0).result()

    assert sum(name[0] == "c" and name != "calm" for name in left) <= 8 < had
    assert not any(name[0] == "f" for name in left), "no fault is needed"
    assert same
