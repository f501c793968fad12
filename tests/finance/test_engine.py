"""Histories through a real engine and store: in one batch, cut, sent twice, with the store lost."""

from random import Random

import pytest

from agents.finance.agent import FinanceActor
from streams.topics import owner
from tests.finance.bytes_of import START_MS, Office
from tests.finance.histories import run
from tests.streams.world import PARTITION, PARTITIONS, Record, World, contents, folder_in_memory

HOME = next(name for name in map("W{}".format, range(99)) if owner(name, PARTITIONS) == PARTITION)
WINDOW_S = 86_400_000  # an id is remembered for longer than any history lasts
LENGTH = 40


class FinanceWorld(World):
    """A partition of finance."""

    def recover(self) -> None:
        """As any, with our actor."""
        self.actor = FinanceActor()
        super().recover()


def recorded(office: Office) -> list[Record]:
    """What an office was told, as the records of its partition."""
    return [
        Record(offset, log_time_ms, None, value.replace(b'"LON-1"', f'"{HOME}"'.encode()))
        for offset, (log_time_ms, value) in enumerate(office.commands)
    ]


def decided(records: list[Record], cuts: Random | None = None) -> tuple[list[bytes], bytes]:
    """The events of all of them, and the rows: in one batch, or cut, with the store lost often."""
    with folder_in_memory() as folder:
        world = FinanceWorld(folder / "store", window_s=WINDOW_S)
        rest = records
        while rest:
            count = len(rest) if cuts is None else cuts.randint(1, len(rest))
            world.run(rest[:count], now_ms=records[-1].timestamp)
            rest = rest[count:]
            if cuts is not None and cuts.random() < 0.3:
                world.store.close()
                world.path = folder / f"store-{len(rest)}"
                world.recover()
        rows = contents(world.store, b"V", b"L", b"P", b"r", b"c")
        world.store.close()
        return world.log.events, repr(sorted(rows.items())).encode()


@pytest.mark.parametrize("seed", range(12))
def test_the_same_comes_of_it_however_it_is_cut_and_how_often_it_is_sent(seed: int) -> None:
    records = recorded(run(seed, LENGTH))
    twice = [
        Record(2 * record.offset + again, record.timestamp, None, record.value)
        for record in records
        for again in (0, 1)
    ]

    whole, cut, doubled = decided(records), decided(records, Random(seed)), decided(twice)

    assert cut == whole
    assert doubled[1] == whole[1]
    assert len(doubled[0]) == len(whole[0]) == len(records), "one outcome of each"
    assert records[0].timestamp == START_MS
