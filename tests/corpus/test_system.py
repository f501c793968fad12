"""Every record and every request of the corpus, through a real broker, worker, sink and API."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from schemas.domains import FINANCE, STOCK
from tests.chaos.checker import Logs, check
from tests.chaos.logs import read_all
from tests.chaos.records import Record
from tests.corpus import answers, http
from tests.corpus.case import TOO_LARGE, Case, unreadable
from tests.corpus.corpus import FAMILIES, SEED, chosen
from tests.corpus.fates import Fates
from tests.corpus.system import System, running
from tests.corpus.topic import Place, Topic, good_cases
from tests.integration.processes import until

GOOD = 400  # commands among the cases
AT_A_TIME = 16  # requests
CAUGHT_UP_S = 30.0


@dataclass
class Run:
    """One run of all cases: what differed, by case, and what the topics held in the end."""

    system: System
    cases: tuple[Case, ...]
    topic: Topic
    wrong: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def go(self) -> None:
        """Send everything, wait until it is decided, then read it back."""
        self._timed("records", lambda: asyncio.run(self.topic.send(self.cases, SEED)))
        commands, asked = self._split()
        self._timed("commands to the API", lambda: self._ask(commands))
        self._timed("decided", self.system.installation.drain)
        self._timed("history", self._caught_up)
        self._timed("reads", lambda: self._ask(asked))
        self._timed("read back", self._read_back)
        self._timed("topics", self._read)

    def _timed(self, name: str, work: Callable[[], object]) -> None:
        began = time.monotonic()
        work()
        self.seconds[name] = round(time.monotonic() - began, 1)
        print(name, self.seconds[name], flush=True)

    def _split(self) -> tuple[list[Case], list[Case]]:
        """Cases of the API that send commands, and those that only read."""
        given = [case for case in self.cases if case.channel == "api"]
        commands = [case for case in given if case.requests[0].value.startswith(b"POST ")]
        return commands, [case for case in given if case not in commands]

    def _ask(self, given: list[Case]) -> None:
        async def ask(connection: http.Connection, case: Case) -> None:
            self.wrong += await answers.ask(connection, case)

        asyncio.run(http.each(self.system.port, given, ask, AT_A_TIME))

    def _read_back(self) -> None:
        async def read(connection: http.Connection, case: Case) -> None:
            try:
                self.wrong += await answers.read_back(connection, case)
            except (KeyError, ValueError) as error:
                self.wrong.append(f"{case.id} ({case.name}): read back: {error!r}")

        given = [case for case in self.cases if case.channel in ("kafka", "api")]
        asyncio.run(http.each(self.system.port, given, read, AT_A_TIME))

    def _caught_up(self) -> None:
        """Until the API's reads show every event there is."""
        events = self.system.installation.read(self.system.installation.topics.events)
        seen: dict[int, int] = {}
        for record in events:
            seen[record.partition() or 0] = json.loads(record.value() or b"")["seq"]
        position = ",".join(f"{partition}:{seq}" for partition, seq in seen.items())
        target = "/v1/movements?warehouse=W&sku=A"
        headers = {"X-Min-Position": position}
        for path in (target, "/v1/stock?limit=1"):
            ask = partial(self.system.api.get, path, headers=headers)
            until(f"{path} shows all", CAUGHT_UP_S, lambda: ask().status_code == 200)  # noqa: B023

    def too_large(self) -> set[Place]:
        """Records that are dead letters by their size, of which the oracle knows nothing."""
        return {
            self.topic.places[case.id, number]
            for case in self.cases
            for number, step in enumerate(case.steps)
            if step.verdict in (TOO_LARGE, unreadable("headers"))
        }

    def _read(self) -> None:
        installation = self.system.installation
        names = installation.topics
        commands, events, alerts, letters, changelog = (
            read_all(installation.kafka, name)
            for name in (
                names.commands, names.events, names.alerts, names.dead_letters, names.changelog,
            )
        )  # fmt: skip
        window_s = 86_400
        self.logs = Logs(
            installation.prefix, commands, events, alerts, letters, changelog, window_s
        )
        self.fates = Fates(self.logs)


def without(logs: Logs, places: set[Place]) -> Logs:
    """The same topics, but for these records and their dead letters."""

    def source(letter: Record) -> Place:
        given = dict(letter.headers)
        return int(given["source_partition"] or 0), int(given["source_offset"] or 0)

    commands = {
        partition: [one for one in records if (partition, one.offset) not in places]
        for partition, records in logs.commands.items()
    }
    letters = {
        partition: [one for one in records if source(one) not in places]
        for partition, records in logs.dead_letters.items()
    }
    return replace(logs, commands=commands, dead_letters=letters)


@pytest.fixture(scope="module")
def run(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """All cases, sent and decided."""
    with running(kafka, tmp_path_factory.mktemp("corpus"), (STOCK, FINANCE)) as system:
        everything = (*chosen(), *good_cases(GOOD))
        made = Run(system, everything, Topic(system.installation))
        made.go()
        print(f"\nseconds: {made.seconds}")
        yield made


@pytest.mark.parametrize("family", [*(one.name for one in FAMILIES), "good"])
def test_every_case_has_its_answer(run: Run, family: str) -> None:
    given = [case for case in run.cases if case.family == family]
    wrong = [text for text in run.wrong if text.startswith(f"{family}-")]
    for case in given:
        wrong += run.fates.differences(case, run.topic.places)
    assert given
    assert not wrong, f"{len(wrong)} differ:\n" + "\n".join(wrong[:40])


def test_nothing_else_came_of_them(run: Run) -> None:
    """The whole log refolded by an oracle that shares no code with the product."""
    report, _ = check(without(run.logs, run.too_large()))
    assert report.right, str(report)
    assert report.counts["events"] > GOOD


def test_what_the_api_refused_never_reached_the_topic(run: Run) -> None:
    sent = {
        case.id.encode()
        for case in run.cases
        if case.channel == "api"
        and all(one.answer.status not in (200, 409) for one in case.requests)
    }
    found = {record.key for records in run.logs.commands.values() for record in records}
    assert len(sent) > 300
    assert not sent & found


def test_no_process_was_harmed(run: Run) -> None:
    run.system.unharmed()
