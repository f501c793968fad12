"""Lanes and windows against a list: order per key, and a position behind all that is done."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.deliveries.lanes import Lanes
from api.deliveries.windows import Window
from tests.examples import EXAMPLES
from tests.virtual import in_virtual_time


@dataclass
class One:
    lane: str
    number: int
    turns: int = 0  # of the loop that it takes


@EXAMPLES
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 5), st.booleans()), max_size=40))
def test_each_lane_keeps_its_order_and_none_waits_for_another(
    given_in: list[tuple[str, int, bool]],
) -> None:
    began: dict[str, list[int]] = defaultdict(list)
    ended: dict[str, list[int]] = defaultdict(list)

    async def carry(one: One) -> None:
        assert len(began[one.lane]) == len(ended[one.lane]), "one at a time"
        began[one.lane].append(one.number)
        for _ in range(one.turns):
            await asyncio.sleep(0)
        ended[one.lane].append(one.number)

    async def run() -> None:
        lanes: Lanes[One] = Lanes(carry)
        for number, (lane, turns, pause) in enumerate(given_in):
            lanes.put(One(lane, number, turns))
            if pause:
                await asyncio.sleep(0)
        for _ in range(7 * len(given_in) + 2):
            await asyncio.sleep(0)
        lanes.check()

    asyncio.run(run())

    expected: dict[str, list[int]] = defaultdict(list)
    for number, (lane, _, _) in enumerate(given_in):
        expected[lane].append(number)
    assert ended == expected


@in_virtual_time
async def test_a_lane_that_stands_still_holds_up_no_other() -> None:
    came: list[str] = []

    async def carry(one: One) -> None:
        if one.lane == "stuck":
            await asyncio.Event().wait()
        came.append(one.lane)

    lanes: Lanes[One] = Lanes(carry)
    for lane in ("stuck", "free", "stuck", "free"):
        lanes.put(One(lane, 0))
    await asyncio.sleep(0.01)

    assert came == ["free", "free"]
    await lanes.close(0.01)
    assert came == ["free", "free"]


@in_virtual_time
async def test_closing_ends_what_is_under_way_and_begins_nothing_more() -> None:
    came: list[int] = []

    async def carry(one: One) -> None:
        await asyncio.sleep(0.05)
        came.append(one.number)

    lanes: Lanes[One] = Lanes(carry)
    for number in range(3):
        lanes.put(One("a", number))
    await asyncio.sleep(0.01)

    await lanes.close(5.0)

    assert came == [0]


@in_virtual_time
async def test_what_a_lane_fails_by_is_told() -> None:
    async def carry(one: One) -> None:
        raise ConnectionError("Kafka is away")

    lanes: Lanes[One] = Lanes(carry)
    lanes.put(One("a", 0))
    await asyncio.sleep(0.01)

    with pytest.raises(ConnectionError, match="away"):
        lanes.check()
    await lanes.close(0)


@EXAMPLES
@given(st.lists(st.integers(1, 3), max_size=40), st.lists(st.integers(0, 39)), st.integers(1, 100))
def test_the_position_is_the_lowest_that_is_not_done(
    gaps: list[int], done: list[int], size: int
) -> None:
    window, unfinished, offset = Window(), set[int](), 0
    for gap in gaps:
        offset += gap
        window.begin(offset, size)
        unfinished.add(offset)
    for place in done:
        chosen = sorted(unfinished)
        if chosen:
            window.done(chosen[place % len(chosen)])
            unfinished.discard(chosen[place % len(chosen)])
        assert window.position(offset + 1) == min(unfinished, default=offset + 1)
        assert (len(window), window.size_bytes) == (len(unfinished), size * len(unfinished))
