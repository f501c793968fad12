"""Puts the API together: its routes, and what they answer from, started and stopped with it."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable

from fastapi import FastAPI

from api import (
    accounts,
    backorders,
    catalog,
    channels,
    commands,
    counts,
    docs,
    finance,
    health,
    locations,
    lots,
    movements,
    openapi,
    orders,
    problems,
    promises,
    reservations,
    stock,
    transfers,
)
from api.bodies import Bodies
from api.desk import Desk
from api.edge import Edge
from api.examples import LANGUAGE
from api.health import Readiness
from api.telemetry import REGISTRY, Positions
from schemas.domains import CATALOG, FINANCE, LOCATIONS, LOTS, ORDERS
from streams.settings import Settings
from tables.postgres import dsn

ABOUT = """
Current stock, accounts, reservations, backorders, promises, counts, transfers, value, places,
lots and history of every warehouse, orders over several of them, the catalogue of what is in them,
and the way in for commands.

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
        desks = {domain: Desk(domain, settings, address) for domain in settings.domains}
        app.state.settings, app.state.bodies, app.state.desks = settings, Bodies(), desks
        app.state.waiting = {domain: one.outcomes for domain, one in desks.items()}
        app.state.readiness = Readiness(desks.values())
        positions = Positions([one.follower for one in desks.values()])
        REGISTRY.register(positions)
        tasks = [task for one in desks.values() for task in one.tasks()]
        for task in tasks:
            task.add_done_callback(_tell(failed))
        gc.collect()
        gc.freeze()  # what lives as long as the process is not looked at again and again
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await asyncio.gather(*(one.close() for one in desks.values()))
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
    for part in (stock, accounts, reservations, backorders, promises, channels, counts, transfers):
        app.include_router(part.router)
    for routes in (movements.routes, commands.routes):
        app.include_router(routes(LANGUAGE))
    others = {
        FINANCE: finance,
        LOCATIONS: locations,
        ORDERS: orders,
        CATALOG: catalog,
        LOTS: lots,
    }
    for domain, part in others.items():
        if domain in settings.domains:
            app.include_router(part.router)
    for part in (health, docs):
        app.include_router(part.router)
    openapi.install(app)
    return Edge(app, lambda scope: commands.refusal(scope, app.state.waiting))


def _tell(failed: Callable[[BaseException], None]) -> Callable[[asyncio.Task[None]], None]:
    def done(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            failed(error)

    return done
