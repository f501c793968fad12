"""The full mix: every command a producer may send, most of them accepted, the same every time."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from bench.full_mix import FULL_MIX, FullStream, full_workload
from bench.workload import Workload
from streams.topics import owner
from tests.chaos.oracle import Oracle
from tests.chaos.records import Caused, ExpectedEvent, Record
from tests.chaos.rules import _NEEDS, read

PARTITIONS, SKUS, COUNT = 12, 1_000, 8_000
ENGINES_OWN = {"ExpectTransfer", "SettleTransfer"}


def small() -> Workload:
    return full_workload(SKUS)


def run(stream: FullStream, opening_for: int = COUNT) -> Iterator[tuple[str, bytes]]:
    yield from stream.opening(opening_for)
    yield from islice(stream.mixed(), COUNT)


class Log:
    """Twelve partitions of commands, each decided by the oracle of the chaos runs."""

    def __init__(self) -> None:
        self.oracles = [Oracle("t", number, PARTITIONS, 1) for number in range(PARTITIONS)]
        self.ends = Counter[int]()
        self.told = Counter[int]()

    def take(self, commands: Iterable[tuple[str, bytes]]) -> list[ExpectedEvent]:
        """Decide them, and then what they bring about elsewhere; their events."""
        seen = [len(oracle.told.events) for oracle in self.oracles]
        for warehouse, value in commands:
            self._append(owner(warehouse, PARTITIONS), value)
        while caused := self._caused():
            for one in caused:
                lines = [{"sku": sku, "quantity": units} for sku, units in one.lines.items()]
                headers = (("caused_by", one.event.encode()),)
                value = json.dumps(one.fields | {"lines": lines}).encode()
                self._append(one.target, value, headers)
        pairs = zip(self.oracles, seen, strict=True)
        return [event for oracle, first in pairs for event in oracle.told.events[first:]]

    def _append(
        self, partition: int, value: bytes, headers: tuple[tuple[str, bytes | None], ...] = ()
    ) -> None:
        record = Record(partition, self.ends[partition], 1, b"", value, headers)
        self.oracles[partition].fold([record])
        self.ends[partition] += 1

    def _caused(self) -> list[Caused]:
        found = []
        for number, oracle in enumerate(self.oracles):
            found += oracle.told.caused[self.told[number] :]
            self.told[number] = len(oracle.told.caused)
        return found


def test_it_is_the_same_bytes_every_time() -> None:
    assert list(run(FullStream(small()))) == list(run(FullStream(small())))


def test_it_has_every_command_of_a_producer_in_its_share() -> None:
    stream = FullStream(small())
    mixed = list(islice(stream.mixed(), COUNT))
    kinds = Counter(json.loads(value)["type"] for _, value in mixed)
    wanted = dict[str, float]()
    for name, share in FULL_MIX.items():
        kind = "ReserveStock" if name == "invalid" else name.partition("/")[0]
        wanted[kind] = wanted.get(kind, 0) + share / sum(FULL_MIX.values())
    del wanted["repeat"]
    assert kinds.keys() == wanted.keys()
    for kind, share in wanted.items():
        assert abs(kinds[kind] / COUNT - share) < 0.02, kind


def test_it_has_all_that_the_oracle_knows_but_the_engines_own() -> None:
    kinds = {name.partition("/")[0] for name in FULL_MIX} - {"invalid", "repeat"}
    assert kinds == _NEEDS.keys() - ENGINES_OWN


def test_most_of_it_is_accepted_and_each_kind_is() -> None:
    log, stream = Log(), FullStream(small())
    opened = log.take(stream.opening(COUNT))
    assert not [one for one in opened if one.codes and one.codes != ("INSUFFICIENT_STOCK",)]

    mixed = list(islice(stream.mixed(), COUNT))
    events = log.take(mixed)

    named = dict[tuple[str, str], str]()
    for _, value in mixed:
        command = read(value)
        assert command is not None
        named.setdefault((command.warehouse, command.id), command.type)
    done, refused = Counter[str](), Counter[str]()
    for event in events:
        key = event.fields["warehouse"], event.fields.get("command_id", "")
        (refused if event.codes else done)[named.get(key, event.fields["type"])] += 1
    assert named.keys() and set(named.values()) <= done.keys()
    assert refused.total() < 0.25 * len(mixed), refused
    for kind in set(named.values()):
        assert 2 * done[kind] > refused[kind], (kind, done[kind], refused[kind])
