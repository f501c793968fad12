"""Names, and who owns which warehouse: as Kafka's Java client would choose."""

from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import NodeNotReadyError
from aiokafka.partitioner import murmur2

from streams import topics as module
from streams.exceptions import Unreachable
from streams.settings import Settings
from streams.topics import Topics, _configs, check_topics, owner

JAVA = {  # org.apache.kafka.common.utils.UtilsTest.testMurmur2
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


@pytest.mark.parametrize(("key", "hashed"), JAVA.items())
def test_the_hash_is_javas(key: str, hashed: int) -> None:
    assert murmur2(key.encode()) == hashed % (1 << 32)
    for partitions in (1, 2, 12, 64, 1_000):
        assert owner(key, partitions) == (hashed & 0x7FFFFFFF) % partitions


def test_names_carry_the_prefix() -> None:
    topics = Topics.of("stock", "tenant.")

    assert topics.commands == "tenant.stock.commands.v1"
    assert topics.dead_letters == "tenant.stock.dead-letters.v1"
    assert Topics.of("stock").changelog == "stock.changelog.v1"


@pytest.mark.parametrize(("copies", "least"), [(1, "1"), (2, "2"), (3, "2"), (5, "3")])
def test_a_majority_of_the_copies_has_what_is_acknowledged(copies: int, least: str) -> None:
    for name, config in _configs(Topics.of("stock"), copies).items():
        assert config["min.insync.replicas"] == least, name


class _GoesAway:
    """A broker that dies behind its first answer."""

    def __init__(self, **_: Any) -> None:
        self.closed = False

    async def start(self) -> None: ...

    async def close(self) -> None:
        self.closed = True

    async def describe_topics(self, _names: list[str]) -> list[Any]:
        raise NodeNotReadyError("the node is not ready")


async def test_a_broker_that_goes_away_meanwhile_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[_GoesAway] = []

    def client(**given: Any) -> _GoesAway:
        made.append(_GoesAway(**given))
        return made[-1]

    monkeypatch.setattr(module, "AIOKafkaAdminClient", client)
    settings = Settings(Path("home"), "127.0.0.1:9", "", 12, 1, 86_400, 10, 0, "127.0.0.1")

    with pytest.raises(Unreachable, match=r"no Kafka answers at 127.0.0.1:9"):
        await check_topics(settings, Topics.of("stock"))
    assert made[0].closed
