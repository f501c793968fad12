"""The corpus itself: the same for its seed, 5,000 strong, and labelled as two readers see it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.chaos import rules
from tests.corpus import corpus
from tests.corpus.case import Case, Verdict, rejected, unreadable

READ_AS = {
    "done": "good",
    "rejected": "good",
    "invalid": "invalid",
    "unaddressed": "unreadable",
    "unreadable": "unreadable",
}
OF_THE_ROUTE = (unreadable("misrouted"), unreadable("headers"), rejected("IDEMPOTENCY_KEY_REUSED"))


def _commands(cases: tuple[Case, ...]) -> Iterator[tuple[Case, bytes | None, Verdict]]:
    for case in cases:
        for step in case.steps:
            if not step.padding and step.verdict not in OF_THE_ROUTE:
                yield case, step.value, step.verdict


def _kind(value: bytes | None) -> tuple[str, bool]:
    try:
        command = rules.read(value)
    except rules.Unreadable:
        return "unreadable", False
    if command is None:
        return "tick", False
    return ("invalid" if command.problem else "good"), command.unclear


def test_there_are_5000_cases_each_of_its_own_name() -> None:
    cases = corpus.cases()
    assert len(cases) == len({case.id for case in cases}) == 5_000
    counts = Counter(case.family for case in cases)
    assert counts == {family.name: family.size for family in corpus.FAMILIES}


def test_every_class_is_there_and_in_the_sample() -> None:
    every = {(family.name, name) for family in corpus.FAMILIES for name in family.table}
    assert {(case.family, case.name) for case in corpus.cases()} == every
    assert {(case.family, case.name) for case in corpus.chosen()} == every


def test_a_seed_gives_the_same_bytes_each_time() -> None:
    first, again = corpus.cases(), corpus.cases.__wrapped__(corpus.SEED)
    assert first == again
    assert first != corpus.cases.__wrapped__(corpus.SEED + 1)


def test_an_independent_reader_agrees_with_the_labels() -> None:
    seen = 0
    for case, value, verdict in _commands(corpus.cases()):
        kind, unclear = _kind(value)
        wanted = READ_AS.get(verdict.kind)
        assert unclear or wanted in (None, kind), f"{case.id} {case.name} {verdict}: {kind}"
        seen += 1
    assert seen > 2_000


@pytest.mark.parametrize("family", [family.name for family in corpus.FAMILIES])
def test_a_family_has_more_than_one_answer(family: str) -> None:
    given = [case for case in corpus.cases() if case.family == family]
    answers = {
        step.verdict for case in given for step in case.steps if step.verdict.details is None
    }
    answers_of_api = {
        (one.answer.status, one.answer.what) for case in given for one in case.requests
    }
    told = {case.told for case in given if case.told is not None}
    assert len(answers) + len(answers_of_api) + len(told) > 5
