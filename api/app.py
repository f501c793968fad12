"""Puts the API together: its routes, and what they answer from, started and stopped with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from fastapi import FastAPI

from api import (
    accounts,
    commands,
    counts,
    docs,
    health,
    movements,
    openapi,
    problems,
    reservations,
    stock,
    transfers,
)
from api.bodies import Bodies
from api.edge import Edge
from api.follower import Follower
from api.health import Readiness
from api.history import History
from api.intake import Intake
from api.offsets import Offsets
from api.outcomes import Outcomes
from api.telemetry import REGISTRY, Positions
from streams.settings import Settings
from streams.topics import Topics
from tables.postgres import dsn

ABOUT = """
Current stock, accounts, reservations, counts, transfers and history of every warehouse, and the
way in for commands.

Every answer shows committed state only, each transaction whole, and says its position. Errors are
[RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem details.
"""


def build(settings: Settings, failed: Callable[[BaseException], None]) -> Edge:
    """The ASGI application; `failed` is told when it cannot go on answering.

    Raises ConfigurationError.
    """
    address = dsn("reader")

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        topics = Topics.of("stock", settings.topic_prefix)
        follower, outcomes = Follower(settings, topics), Outcomes(settings, topics)
        history, intake = History(address), Intake(settings, topics)
        offsets = Offsets(settings, topics, follower)
        app.state.settings, app.state.bodies = settings, Bodies()
        app.state.follower, app.state.history = follower, history
        app.state.intake, app.state.outcomes, app.state.offsets = intake, outcomes, offsets
        app.state.readiness = Readiness(follower, history)
        positions = Positions(follower)
        REGISTRY.register(positions)
        tasks = [asyncio.create_task(one.run()) for one in (follower, outcomes)]
        for task in tasks:
            task.add_done_callback(_tell(failed))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await asyncio.gather(intake.close(), offsets.close(), history.close())
            REGISTRY.unregister(positions)

    app = FastAPI(
        title="Stockyard",
        version="1",
        description=ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    app.include_router(stock.single)  # first, as routes are tried in their order
    for part in (stock, accounts, reservations, counts, transfers, movements):
        app.include_router(part.router)
    for part in (commands, health, docs):
        app.include_router(part.router)
    openapi.install(app)
    return Edge(app, lambda scope: commands.refusal(scope, app.state.outcomes))


def _tell(failed: Callable[[BaseException], None]) -> Callable[[asyncio.Task[None]], None]:
    def done(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            failed(error)

    return done
