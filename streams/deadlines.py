"""Every wait for Kafka ends: aiokafka retries without limit, and its stops can hang."""

import asyncio
from collections.abc import Awaitable
from typing import Protocol, TypeVar

from streams.exceptions import StreamsError

STEP_S = 5.0  # for one step of a transaction, and for any stop

T = TypeVar("T")


class Indefinite(StreamsError):
    """Nobody can say from here whether a step took effect."""


class Client(Protocol):
    """A consumer or producer."""

    async def stop(self) -> None: ...


async def within(seconds: float, step: Awaitable[T], what: str) -> T:
    """Wait for a step; raises Indefinite when its deadline passes."""
    try:
        async with asyncio.timeout(seconds):
            return await step
    except TimeoutError:
        raise Indefinite(f"{what}: no answer within {seconds:.0f} s") from None


async def stop(client: Client) -> None:
    """Close a client's connections; one that does not end in time is abandoned."""
    task = asyncio.ensure_future(client.stop())
    await asyncio.wait([task], timeout=STEP_S)
    if not task.done():
        task.cancel()
