"""Dead letters on their way again, with a consumer by hand: Kafka goes away, and that is told."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from api.deliveries import redrive
from api.deliveries.answers import Answer, Meaning
from api.deliveries.dead_letters import DeadLetters, topic_name
from api.deliveries.endpoints import Endpoint
from api.deliveries.events import Outgoing
from streams.deadlines import Indefinite
from streams.settings import Settings

SETTINGS = Settings(Path(), "127.0.0.1:9", "", 1, 1, 100, 10, 0, "127.0.0.1")
SHOP = Endpoint(name="shop", url="http://shop.example.com", topics=("stock.events.v1",))
SOURCE = TopicPartition(topic_name(SETTINGS), 0)
HEADERS = (
    ("source_topic", b"stock.events.v1"),
    ("source_partition", b"0"),
    ("source_offset", b"7"),
    ("endpoint", b"shop"),
)


@dataclass
class Letter:
    """A record of dead letters."""

    offset: int
    topic: str = SOURCE.topic
    partition: int = 0
    key: bytes = b"LON-1"
    value: bytes = b"{}"
    headers: tuple[tuple[str, bytes | None], ...] = HEADERS


class Consumer:
    """Gives so many letters, then nothing; it keeps positions, unless Kafka is away by then."""

    def __init__(self, letters: int, keeps: bool = True) -> None:
        self._letters, self._keeps = letters, keeps
        self._position = 0
        self.kept = 0

    async def getmany(self, source: TopicPartition, timeout_ms: int) -> dict[Any, list[Letter]]:
        await asyncio.sleep(0)
        if self._position == self._letters:
            return {}
        self._position += 1
        return {source: [Letter(self._position - 1)]}

    async def position(self, _source: TopicPartition) -> int:
        return self._position

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if not self._keeps:
            await asyncio.Event().wait()
        self.kept = offsets[SOURCE]


async def sent_again(consumer: Consumer, end: int) -> redrive.Redriven:
    """What comes of a partition's dead letters up to an end; the endpoint takes all."""

    async def post(_event: Outgoing) -> Answer:
        return Answer(Meaning.TAKEN, "HTTP 204")

    writer: Any = None  # nothing is refused
    one = redrive.Redrive(SETTINGS, SHOP, DeadLetters(SETTINGS, "shop", writer), post)
    by_hand: Any = consumer
    async with asyncio.timeout(10):
        await one._partition(by_hand, SOURCE, 0, end)
    return one._told


async def test_each_is_sent_once_and_then_done_with() -> None:
    consumer = Consumer(letters=3)
    assert (await sent_again(consumer, end=3)).taken == 3
    assert consumer.kept == 3


async def test_where_no_more_comes_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrive, "STALLED_S", 0.01)
    consumer = Consumer(letters=2)
    with pytest.raises(Indefinite, match=r"no more of deliveries\.dead-letters\.v1/0 comes"):
        await sent_again(consumer, end=3)
    assert consumer.kept == 2


async def test_where_no_position_is_kept_nobody_waits_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redrive, "STEP_S", 0.01)
    with pytest.raises(Indefinite, match="no answer within"):
        await sent_again(Consumer(letters=1, keeps=False), end=1)
