"""What the requests of one domain are answered from, started and stopped with the API."""

import asyncio
from collections.abc import Sequence

from fastapi import Request
from starlette.types import Scope

from api.follower import Follower
from api.history import History
from api.intake import Intake
from api.offsets import Offsets
from api.outcomes import Outcomes
from schemas import (
    catalog_commands,
    finance_commands,
    locations_commands,
    lots_commands,
    orders_commands,
    stock_commands,
)
from schemas.codec import CommandCodec
from schemas.domains import CATALOG, FINANCE, LOCATIONS, LOTS, ORDERS, STOCK
from schemas.envelope import Command
from streams.settings import Settings
from streams.topics import Topics
from tables.history import schema_of


def _accepted(models: Sequence[type[Command]], caused: Sequence[type[Command]]) -> CommandCodec:
    return CommandCodec(model for model in models if model not in caused)


CODECS = {
    STOCK: _accepted(stock_commands.COMMANDS, stock_commands.CAUSED),
    FINANCE: _accepted(finance_commands.COMMANDS, finance_commands.CAUSED),
    LOCATIONS: _accepted(locations_commands.COMMANDS, locations_commands.CAUSED),
    ORDERS: _accepted(orders_commands.COMMANDS, orders_commands.CAUSED),
    CATALOG: _accepted(catalog_commands.COMMANDS, catalog_commands.CAUSED),
    LOTS: _accepted(lots_commands.COMMANDS, lots_commands.CAUSED),
}
"""The commands that requests may carry: all but those that events bring about."""


class Desk:
    """A domain's replicas, history, and way in."""

    def __init__(self, domain: str, settings: Settings, address: str) -> None:
        topics = Topics.of(domain, settings.topic_prefix)
        self.domain, self.codec = domain, CODECS[domain]
        self.follower = Follower(settings, domain)
        self.outcomes = Outcomes(settings, topics, self.codec.key)
        self.history = History(address, schema_of(domain))
        self.intake = Intake(settings, topics)
        self.offsets = Offsets(settings, topics, self.follower)

    def tasks(self) -> list[asyncio.Task[None]]:
        """What follows Kafka for ever, started."""
        return [asyncio.create_task(one.run()) for one in (self.follower, self.outcomes)]

    async def close(self) -> None:
        """Close the connections; its tasks have ended."""
        await asyncio.gather(self.intake.close(), self.offsets.close(), self.history.close())


def desk_at(scope: Scope) -> Desk:
    """The desk of a path: that of `/v1/finance/...` where there is one so called, else stock's."""
    desks: dict[str, Desk] = scope["app"].state.desks
    return desks.get(scope["path"].split("/", 3)[2], desks[STOCK])


def desk(request: Request) -> Desk:
    """The desk of a request."""
    return desk_at(request.scope)
