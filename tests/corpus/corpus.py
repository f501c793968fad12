"""The corpus: every family's classes in turn, over the channels in turn, the same for a seed."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from random import Random
from typing import Any, NamedTuple

from tests.corpus import (
    arguments,
    business,
    command_files,
    counts,
    identifiers,
    injection,
    instants,
    json_texts,
    keeping,
    moves,
    numbers,
    owed,
    parameters,
    promises,
    records,
    shapes,
    supplies,
    transfers,
)
from tests.corpus.case import (
    NOTHING,
    Answer,
    Body,
    Case,
    Make,
    Request,
    Seat,
    Step,
    Verdict,
)
from tests.corpus.requests import Ask, post
from tests.corpus.sales_files import MakeFile

SEED = 20_261_120
SAMPLE_EVERY = 3  # cases of a class; all of them take some 90 s of two cores
OFTEN = 4  # turns of a class of many values, for one of the others
FEW_MAX = 4  # cases of a class that is large: a mebibyte each, or a bomb
WAYS = ("kafka", "api", "file", "kafka", "api")  # of a body
STORY_WAYS = ("kafka", "kafka", "api")
THE_ENGINES = (b"ExpectTransfer", b"SettleTransfer")
ADDRESSED = ("done", "rejected", "invalid")
NOT_ASKED = Answer(422, "INVALID_COMMAND", "type")
OF_THE_TOPIC = business.OF_THE_TOPIC | supplies.LARGE.keys()
STORIES = (
    business.STORIES
    | promises.STORIES
    | moves.STORIES
    | counts.STORIES
    | transfers.STORIES
    | keeping.STORIES
    | supplies.STORIES
    | owed.STORIES
)

Build = Callable[[Seat], Case]


class Family(NamedTuple):
    """A part of the corpus: so many cases, from these classes in turn."""

    name: str
    size: int
    table: Mapping[str, Build]
    few: frozenset[str] = frozenset()
    often: tuple[str, ...] = ()  # classes of many values


def answer_of(verdict: Verdict) -> Answer:
    """What the API answers to a command with ?wait."""
    kind, what, details = verdict
    if kind == "done":
        return Answer(200, what)
    if kind == "rejected":
        return Answer(409, what, "", details)
    if kind in ("invalid", "unaddressed"):
        return Answer(422, "INVALID_COMMAND", what)
    if kind == "too large":
        return Answer(413, "CONTENT_TOO_LARGE")
    assert kind == "unreadable", "a repeat is answered as its first was"
    return Answer(400, "INVALID_REQUEST", "body")


def _is_the_engines(value: bytes | None) -> bool:
    """Whether a command is one that the engine alone brings about: the API knows none of them."""
    return value is not None and any(b'"type": "%s"' % kind in value for kind in THE_ENGINES)


def _by_body(make: Make, index: int) -> Build:
    def build(seat: Seat) -> Case:
        body = make(seat)
        way = WAYS[(seat.turn + index) % len(WAYS)]
        if way == "file" and not _is_line(body):
            way = "kafka"
        if way == "file":
            file = command_files.around(seat, body)
            return Case(seat.id, "", "file", file=file.value, told=file.told)
        if way == "api":
            request = Request(post(body.value), answer_of(body.verdict), body.shown)
            if body.verdict.kind in ADDRESSED and _is_the_engines(body.value):
                request = Request(post(body.value), NOT_ASKED)
            return Case(seat.id, "", "api", requests=(request,))
        return Case(seat.id, "", "kafka", (Step(body.value, body.verdict, body.shown),))

    return build


def _is_line(body: Body) -> bool:
    value = body.value
    return b"\n" not in value and value == value.strip() and value != b""


def _by_request(ask: Ask) -> Build:
    def build(seat: Seat) -> Case:
        return Case(seat.id, "", "api", requests=(Request(*ask(seat)),))

    return build


def _by_step(make: records.MakeStep) -> Build:
    return lambda seat: Case(seat.id, "", "kafka", (make(seat),))


def _by_story(tell: business.Tell, index: int, name: str) -> Build:
    def build(seat: Seat) -> Case:
        story = tell(business.Story(seat))
        steps = tuple(story.steps)
        way = STORY_WAYS[(seat.turn + index) % len(STORY_WAYS)]
        is_of_the_topic = name in OF_THE_TOPIC or any(_is_the_engines(step.value) for step in steps)
        if way == "kafka" or is_of_the_topic:
            return Case(seat.id, "", "kafka", steps, rows=story.rows)
        return Case(seat.id, "", "api", requests=tuple(_requests(steps)), rows=story.rows)

    return build


def _requests(steps: tuple[Step, ...]) -> Iterator[Request]:
    """The steps as requests; a repeat is answered as its first was."""
    first: dict[str, Answer] = {}
    for step in steps:
        assert step.value is not None
        name = json.loads(step.value)["id"]
        answer = first[name] if step.verdict == NOTHING else answer_of(step.verdict)
        first.setdefault(name, answer)
        yield Request(post(step.value), answer, step.shown)


def _by_file(make: MakeFile) -> Build:
    def build(seat: Seat) -> Case:
        file = make(seat)
        return Case(seat.id, "", "file", file=file.value, suffix=file.suffix, told=file.told)

    return build


def _by_line(make: arguments.MakeLine) -> Build:
    def build(seat: Seat) -> Case:
        line = make(seat)
        return Case(
            seat.id,
            "",
            "arguments",
            file=line.file,
            suffix=line.suffix,
            arguments=line.arguments,
            environment=line.environment,
            told=line.told,
        )

    return build


def _bodies(table: Mapping[str, Make]) -> dict[str, Build]:
    return {name: _by_body(make, index) for index, (name, make) in enumerate(table.items())}


def _asked(table: Mapping[str, Ask]) -> dict[str, Build]:
    return {name: _by_request(ask) for name, ask in table.items()}


def _stories() -> dict[str, Build]:
    told = enumerate(STORIES.items())
    return {name: _by_story(tell, index, name) for index, (name, tell) in told}


FAMILIES = (
    Family(
        "json",
        600,
        _bodies(json_texts.TABLE) | _asked(parameters.MEDIA),
        json_texts.FEW,
        tuple(parameters.MEDIA),
    ),
    Family(
        "numbers",
        500,
        _bodies(numbers.TABLE) | _asked(parameters.NUMBERS),
        often=tuple(parameters.NUMBERS),
    ),
    Family(
        "identifiers",
        500,
        _bodies(identifiers.BODIES) | _asked(identifiers.ASKED) | _asked(parameters.KEYS),
        often=tuple(parameters.KEYS),
    ),
    Family("injection", 600, _bodies(injection.BODIES) | _asked(injection.ASKED)),
    Family("business", 880, _stories(), frozenset(supplies.LARGE)),
    Family("shapes", 420, _bodies(shapes.TABLE)),
    Family("time", 250, _bodies(instants.BODIES) | _asked(instants.ASKED)),
    Family(
        "kafka",
        550,
        {name: _by_step(make) for name, make in records.TABLE.items()},
        records.FEW,
    ),
    Family(
        "files",
        500,
        {name: _by_file(make) for name, make in command_files.TABLE.items()},
        often=command_files.OFTEN,
    ),
    Family("arguments", 200, {name: _by_line(make) for name, make in arguments.TABLE.items()}),
)


def _family(family: Family, seed: int) -> Iterator[Case]:
    turns = dict.fromkeys(family.table, 0)
    order = [name for name in family.table for _ in range(OFTEN if name in family.often else 1)]
    number = at = 0
    while number < family.size:
        name = order[at % len(order)]
        at += 1
        if name in family.few and turns[name] == FEW_MAX:
            continue
        number += 1
        case_id = f"{family.name}-{number:04}"
        seat = Seat(Random(f"{seed}/{case_id}"), case_id, turns[name])
        turns[name] += 1
        yield _named(family.table[name](seat), name)


def _named(case: Case, name: str) -> Case:
    changed: dict[str, Any] = {field: getattr(case, field) for field in Case.__slots__}
    return Case(**(changed | {"name": name}))


def chosen() -> tuple[Case, ...]:
    """The cases that the tests run: a third of every class, or all with STOCKYARD_CORPUS=all."""
    if os.environ.get("STOCKYARD_CORPUS") == "all":
        return cases()
    seen: Counter[tuple[str, str]] = Counter()
    some = []
    for case in cases():
        if seen[case.family, case.name] % SAMPLE_EVERY == 0:
            some.append(case)
        seen[case.family, case.name] += 1
    return tuple(some)


@cache
def cases(seed: int = SEED) -> tuple[Case, ...]:
    """All cases."""
    return tuple(case for family in FAMILIES for case in _family(family, seed))
