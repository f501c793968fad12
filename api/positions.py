"""Positions a client wants a read to have seen: the X-Min-Position header, and waiting for them."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header

from api.problems import Problem, invalid, unavailable

WAIT_S_MAX = 5.0  # the contract's
SEQ_MAX = 2**63 - 1
HEADER_LENGTH_MAX = 8_192  # some hundred partitions

MinPosition = Annotated[
    str | None,
    Header(
        alias="X-Min-Position",
        description=(
            "Events this read must have seen, `partition:seq`, several separated by commas. "
            f"It waits up to {WAIT_S_MAX:.0f} s for them, else answers 503 with Retry-After."
        ),
        examples=["3:123"],
    ),
]

NOT_REACHED = unavailable(
    "POSITION_NOT_REACHED", "Position 3:123 is not reached yet; ask again with the same header."
)
MALFORMED = invalid(
    "X-Min-Position is malformed.", "header.X-Min-Position", "'x' is no partition:seq"
)
_POSITION = re.compile(r"[ \t]*([0-9]{1,9}):([0-9]{1,19})[ \t]*", re.ASCII)


def parse(header: str, partitions: int) -> dict[int, int]:
    """Read the header: partition -> seq, the largest where one is named twice; else Problem 400."""
    if len(header) > HEADER_LENGTH_MAX:
        raise _malformed(f"it has more than {HEADER_LENGTH_MAX} characters")
    wanted: dict[int, int] = {}
    for part in header.split(","):
        match = _POSITION.fullmatch(part)
        if match is None:
            raise _malformed(f"{part.strip()[:40]!r} is no partition:seq")
        partition, seq = int(match[1]), int(match[2])
        if partition >= partitions:
            raise _malformed(f"there is no partition {partition}, only 0 to {partitions - 1}")
        if seq > SEQ_MAX:
            raise _malformed(f"seq {seq} is out of range")
        wanted[partition] = max(seq, wanted.get(partition, 0))
    return wanted


def _malformed(problem: str) -> Problem:
    return invalid(MALFORMED.detail, "header.X-Min-Position", problem)


async def reach(
    header: str, partitions: int, reached: Callable[[int, int], Awaitable[None]]
) -> None:
    """Wait until `reached(partition, seq)` returns for all that the header names; Problem 503."""
    wanted = parse(header, partitions)
    try:
        async with asyncio.timeout(WAIT_S_MAX):
            for partition, seq in wanted.items():
                await reached(partition, seq)
    except TimeoutError:
        text = ", ".join(f"{partition}:{seq}" for partition, seq in wanted.items())
        detail = f"Position {text} is not reached yet; ask again with the same header."
        raise unavailable(NOT_REACHED.code, detail) from None
