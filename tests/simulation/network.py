"""Requests over a network that is late, cut, or loses an answer; and who notices."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from aiokafka.errors import KafkaConnectionError, KafkaError

from tests.simulation.loop import PROCESS
from tests.simulation.world import World, here, is_dead

T = TypeVar("T")
LOST = 0.004  # share of requests whose connection breaks, before or behind the broker's part
SLOW = 0.02
BREAK_S = 0.4  # until a broken connection is noticed, at most
LATE_S = 8.0  # a delayed request arrives by then
BACKOFF_S = 0.005
TRIES_MAX = 2_000
CUT_S = 2.0  # the same where no packet passes: the client's own patience


class Cuts:
    """Which processes cannot reach the cluster, and what waits for a process's next EndTxn."""

    def __init__(self) -> None:
        self.cut: set[str] = set()
        self.endings: dict[str, list[str]] = {}  # process -> fates of its next EndTxn
        self.refusals: dict[str, list[str]] = {}  # process -> fates of its next Produce
        self.steps: dict[str, list[tuple[str, str]]] = {}  # process -> (step of a relay, fate)
        self.late: list[Callable[[], Any]] = []  # requests whose connection broke long ago

    def fate(self, process: str, step: str) -> str:
        """Of this step of a relay, where one was foretold."""
        foretold = self.steps.get(process, [])
        if not foretold or foretold[0][0] != step:
            return ""
        here().note(f"{step} of {process} is {foretold[0][1]}")
        return foretold.pop(0)[1]

    def worst_moment(self, world: World) -> None:
        """Let a delayed request arrive, maybe, now that a transaction is under way."""
        if self.late and world.net.random() < 0.3:
            world.loop.outside(world.net.uniform(0, 0.004), self.arrive, self.late[0])

    def arrive(self, serve: Callable[[], Any]) -> None:
        """Serve a delayed request, once; nobody waits for its answer."""
        if serve in self.late:
            self.late.remove(serve)
            with suppress(Exception):
                serve()


def _latency(world: World) -> float:
    if world.chance(SLOW):
        return world.net.uniform(0.005, 0.25)
    return world.net.uniform(0.0003, 0.003)


async def ask(serve: Callable[[], T], fate: str = "") -> T:
    """One request: `serve` runs where it arrives. Raises what it raises, or KafkaConnectionError.

    Fates: "lost" on the way there, "unanswered", "late": it arrives after the connection broke,
    "fatal": the process dies before the answer; "deadly": nothing arrives, and then it dies.
    """
    world, process = here(), PROCESS.get()
    if is_dead():
        raise KafkaConnectionError("the process is dead")
    answer = world.loop.create_future()
    cut = process is not None and process.name in world.cuts.cut
    if not fate and world.chance(LOST):
        fate = "lost" if world.net.random() < 0.5 else "unanswered"
    broken = KafkaConnectionError("the connection broke")
    if cut or fate in ("lost", "deadly"):
        delay = CUT_S if cut else world.net.uniform(0.001, BREAK_S)
        if fate == "deadly" and process is not None:
            world.loop.outside(delay + world.net.uniform(0, 0.02), world.kill, process.name)
        world.loop.outside(delay, _settle, answer, None, broken)
        return await answer  # type: ignore[no-any-return]
    if fate == "late":
        world.loop.outside(world.net.uniform(0.001, 0.02), _settle, answer, None, broken)
        world.cuts.late.append(serve)
        world.loop.outside(LATE_S, world.cuts.arrive, serve)
        return await answer  # type: ignore[no-any-return]
    world.loop.outside(_latency(world), _serve, world, serve, answer)
    if fate == "fatal" and process is not None:
        world.loop.outside(world.net.uniform(0, 0.004), world.kill, process.name)
    if fate == "unanswered":
        given, answer = answer, world.loop.create_future()
        given.add_done_callback(lambda done: done.exception())
        world.loop.outside(world.net.uniform(0.01, BREAK_S), _settle, answer, None, broken)
    return await answer  # type: ignore[no-any-return]


async def insist(serve: Callable[[], T]) -> T:
    """Ask until there is an answer."""
    for _ in range(TRIES_MAX):
        try:
            return await ask(serve)
        except KafkaConnectionError:
            await asyncio.sleep(BACKOFF_S)
    raise KafkaError("no answer after so many tries")


def _serve(world: World, serve: Callable[[], Any], answer: Any) -> None:
    result, error = None, None
    try:
        result = serve()
    except Exception as raised:
        error = raised
    if answer is not None:
        world.loop.outside(_latency(world), _settle, answer, result, error)


def _settle(answer: Any, result: Any, error: Exception | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
