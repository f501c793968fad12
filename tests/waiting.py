"""Waits for what other processes bring about, of which no event tells."""

import asyncio
from collections.abc import Callable

PATIENCE_S, PAUSE_S = 40.0, 0.02


async def until(holds: Callable[[], object]) -> None:
    """Look again and again; raises TimeoutError in the end."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - nothing here could set an event
            await asyncio.sleep(PAUSE_S)
