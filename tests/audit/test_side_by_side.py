"""The sinks of one process: one that fails ends the others, and each failure is told once."""

import asyncio
import gc
from typing import Any, NoReturn

import pytest

from tables.__main__ import side_by_side
from tables.exceptions import AnotherSink, TablesError, WrongVersion


async def failing(error: TablesError) -> NoReturn:
    raise error


async def working(ended: list[str]) -> NoReturn:
    try:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")
    finally:
        ended.append("ended")


async def test_two_that_fail_at_once_are_both_told(capsys: pytest.CaptureFixture[str]) -> None:
    strays: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: strays.append(context))
    sinks = [failing(WrongVersion("older")), failing(AnotherSink("taken"))]

    with pytest.raises(WrongVersion, match="older"):
        await side_by_side(sinks, asyncio.Event())

    gc.collect()
    assert "taken" in capsys.readouterr().out
    assert strays == []


async def test_one_that_fails_ends_the_others() -> None:
    ended: list[str] = []
    with pytest.raises(WrongVersion):
        await side_by_side([working(ended), failing(WrongVersion("older"))], asyncio.Event())
    assert ended == ["ended"]


async def test_they_end_when_they_are_to_stop() -> None:
    stop, ended = asyncio.Event(), list[str]()
    carried = asyncio.create_task(side_by_side([working(ended), working(ended)], stop))
    await asyncio.sleep(0)
    stop.set()
    await carried
    assert ended == ["ended", "ended"]
