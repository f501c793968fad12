"""Puts the API together: its routes, and what they answer from, started and stopped with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from fastapi import FastAPI

from api import docs, health, problems, stock
from api.edge import Edge
from api.follower import Follower
from api.health import Readiness
from api.history import History
from api.telemetry import REGISTRY, Positions
from streams.settings import Settings
from streams.topics import Topics

ABOUT = """
Current stock, reservations and history of every warehouse, and the way in for commands.

Every answer shows committed state only, each transaction whole, and says its position. Errors are
[RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem details.
"""


def build(settings: Settings, failed: Callable[[BaseException], None]) -> Edge:
    """The ASGI application; `failed` is told when it cannot go on answering."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        topics = Topics.of("stock", settings.topic_prefix)
        follower, history = Follower(settings, topics), History()
        app.state.settings = settings
        app.state.follower, app.state.history = follower, history
        app.state.readiness = Readiness(follower, history)
        positions = Positions(follower)
        REGISTRY.register(positions)
        following = asyncio.create_task(follower.run())
        following.add_done_callback(_tell(failed))
        try:
            yield
        finally:
            following.cancel()
            await asyncio.wait([following])
            await history.close()
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
    for router in (stock.router, health.router, docs.router):
        app.include_router(router)
    return Edge(app)


def _tell(failed: Callable[[BaseException], None]) -> Callable[[asyncio.Task[None]], None]:
    def done(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            failed(error)

    return done
