"""One event on its way, with answers that the test gives: how often, and when it is given up."""

import asyncio
from collections.abc import Callable, Iterable

import pytest

from api.deliveries.answers import Answer, Meaning
from api.deliveries.carrying import Carrier, Post
from api.deliveries.circuit import Circuit, Schedule
from api.deliveries.endpoints import Endpoint
from api.deliveries.events import Outgoing, Said
from api.deliveries.gate import Gate
from tests.virtual import in_virtual_time

TAKEN = Answer(Meaning.TAKEN, "HTTP 200")
AGAIN = Answer(Meaning.AGAIN, "HTTP 500")
REFUSED = Answer(Meaning.REFUSED, "HTTP 422")
PAUSE_S, PATIENCE_S = 0.002, 0.2


def event(name: str) -> Outgoing:
    return Outgoing("stock.events.v1", 0, 0, name.encode(), b"{}", Said(id=name))


class Way:
    """An endpoint whose answers are given, by event; after them it takes everything."""

    def __init__(self, parallel: int = 4, open_after: int = 3, tries: int = 3) -> None:
        self.endpoint = Endpoint(
            name="e", url="", topics=("t",), tries=tries, patience_s=PATIENCE_S
        )  # fmt: skip
        self.circuit = Circuit(open_after, Schedule(PAUSE_S, PAUSE_S, lambda: 0.0))
        self.gate = Gate(self.circuit, parallel)
        self.answers: dict[str, Callable[[int], Answer]] = {}
        self.posted: list[str] = []
        self.buried: list[tuple[str, str]] = []
        self.at_once = self.at_once_max = 0
        self.post: Post = self.answer

    async def answer(self, one: Outgoing) -> Answer:
        self.at_once += 1
        self.at_once_max = max(self.at_once, self.at_once_max)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.posted.append(one.said.id)
        times = self.posted.count(one.said.id)
        given = self.answers.get(one.said.id)
        return given(times) if given else TAKEN

    async def bury(self, one: Outgoing, why: str) -> None:
        self.buried.append((one.said.id, why))

    async def carry(self, names: Iterable[str]) -> None:
        schedule = Schedule(PAUSE_S, PAUSE_S, lambda: 0.0)
        carrier = Carrier(self.endpoint, self.gate, schedule, self.post, self.bury)
        await asyncio.gather(*(carrier.carry(event(name)) for name in names))


@in_virtual_time
async def test_what_is_taken_is_sent_once() -> None:
    way = Way()
    await way.carry("abc")
    assert sorted(way.posted) == list("abc")
    assert way.buried == []


@pytest.mark.parametrize("tries", [1, 2, 5])
@in_virtual_time
async def test_what_is_refused_is_buried_after_its_tries(tries: int) -> None:
    way = Way(tries=tries)
    way.answers["a"] = lambda _: REFUSED
    await way.carry("ab")
    assert way.posted.count("a") == tries
    assert way.buried == [("a", "HTTP 422")]
    assert way.circuit.state == "closed", "it answers"


@in_virtual_time
async def test_what_is_refused_once_and_then_taken_is_no_dead_letter() -> None:
    way = Way(tries=2)
    way.answers["a"] = lambda times: REFUSED if times == 1 else TAKEN
    await way.carry("a")
    assert (way.posted, way.buried) == (["a", "a"], [])


@in_virtual_time
async def test_while_the_endpoint_is_away_nothing_is_ever_buried() -> None:
    way = Way()
    for name in "abcd":
        way.answers[name] = lambda times: AGAIN if times < 60 else TAKEN
    await way.carry("abcd")
    assert way.buried == []
    assert min(way.posted.count(name) for name in "abcd") == 60


@in_virtual_time
async def test_an_event_that_fails_alone_is_buried_when_patience_is_over() -> None:
    way = Way(open_after=100)
    way.answers["a"] = lambda _: AGAIN
    carrying = asyncio.create_task(way.carry("a"))
    while not carrying.done():
        await way.carry("b")
        await asyncio.sleep(0.7 * PAUSE_S)  # out of step
    assert way.posted.count("a") > 3
    ((name, why),) = way.buried
    assert name == "a"
    assert "others were taken" in why


@in_virtual_time
async def test_an_event_that_fails_alone_for_a_while_is_not_buried_where_no_other_is_sent() -> None:
    way = Way(open_after=1_000)
    way.answers["a"] = lambda times: AGAIN if times < 150 else TAKEN
    await way.carry("a")
    assert way.buried == []


@in_virtual_time
async def test_an_outage_does_not_use_up_the_patience_with_an_event() -> None:
    way = Way(open_after=2)
    away = True
    way.answers["a"] = lambda times: AGAIN if away or times % 2 else TAKEN
    way.answers["b"] = lambda _: AGAIN if away else TAKEN
    carrying = asyncio.create_task(way.carry("ab"))
    await asyncio.sleep(2 * PATIENCE_S)
    away = False
    await carrying
    assert way.buried == []


@in_virtual_time
async def test_no_more_are_sent_at_once_than_allowed() -> None:
    way = Way(parallel=3)
    await way.carry(map(str, range(50)))
    assert way.at_once_max == 3


@in_virtual_time
async def test_while_it_rests_nothing_is_sent() -> None:
    way = Way()
    resting = Answer(Meaning.AGAIN, "HTTP 429", rest_s=0.3)
    way.answers["a"] = lambda times: resting if times == 1 else TAKEN
    first = asyncio.create_task(way.carry("a"))
    await asyncio.sleep(0.05)
    others = asyncio.create_task(way.carry("bcd"))
    await asyncio.sleep(0.1)
    assert way.posted == ["a"]
    await asyncio.gather(first, others)
    assert sorted(way.posted) == list("aabcd")


@in_virtual_time
async def test_a_trial_that_is_broken_off_leaves_the_way_to_the_next() -> None:
    way = Way(open_after=1)
    way.answers["a"] = lambda _: AGAIN
    first = asyncio.create_task(way.carry("a"))
    await asyncio.sleep(PAUSE_S / 2)
    assert not way.gate.is_closed
    first.cancel()
    tried = asyncio.Event()

    async def never(_: Outgoing) -> Answer:
        tried.set()
        await asyncio.Event().wait()
        return TAKEN

    way.post = never
    trial = asyncio.create_task(way.carry("a"))
    await tried.wait()
    trial.cancel()
    await asyncio.gather(first, trial, return_exceptions=True)
    way.post = way.answer
    await way.carry("b")
    assert way.gate.is_closed
