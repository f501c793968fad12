"""Our decider in a peer's table: right with all rows in reach, and with those of the key alone."""

from collections import defaultdict
from functools import cache

import pytest

from bench.oracle import Expected, refold
from bench.peers.hosted import Partition
from bench.tail import Record
from bench.verdict import check_events
from bench.workload import Workload
from streams.topics import owner

COMMANDS, APART_MS = 1_500, 4
WORKLOAD = Workload(skus=40, opened=40, partitions=2)
LINE = '{"sku":"10000A","quantity":1}'


def log() -> list[tuple[int, int, str, bytes]]:
    """(partition, append time, warehouse, value); the last one comes an hour after the others.

    So all is due then, of its partition's warehouses, and the others among them stay silent.
    """
    placed = [
        (owner(name, WORKLOAD.partitions), number * APART_MS, name, value)
        for number, (name, value) in enumerate(WORKLOAD.commands(COMMANDS))
    ]
    place, append_ms, name, _ = placed[-1]
    last = f'{{"type":"ReceiveStock","id":"last","warehouse":"{name}","lines":[{LINE}]}}'
    return [*placed, (place, append_ms + 3_600_000, name, last.encode())]


@cache
def decided(by_key: bool) -> list[Record]:
    """What a peer tells, its rows in one table or in one for each key."""
    tables: dict[str, dict[bytes, bytes]] = defaultdict(dict)
    partitions = [Partition(number, tables[""].get) for number in range(WORKLOAD.partitions)]
    events: list[Record] = []
    for offset, (place, append_ms, name, value) in enumerate(log()):
        scope = name if by_key else ""
        table = tables[scope]
        put = table.__setitem__
        told, _ = partitions[place].take(value, offset, append_ms, table.get, put, scope)
        events += [Record(place, len(events), append_ms, b"", event) for event in told]
    return events


@cache
def wanted(by_key: bool) -> Expected:
    """What the oracle says."""
    records = ((place, append_ms, value) for place, append_ms, _, value in log())
    return refold(records, by_warehouse=by_key)


@pytest.mark.parametrize("by_key", [False, True])
def test_a_peer_is_right_by_what_its_state_lets_it_do(by_key: bool) -> None:
    verdict = check_events(wanted(by_key), decided(by_key))
    assert verdict.correct, verdict.told()
    assert verdict.outcomes > 0.9 * COMMANDS


def test_state_by_key_delays_expiries_and_changes_nothing_else() -> None:
    whole, by_key = wanted(by_key=False), wanted(by_key=True)
    assert whole.outcomes == by_key.outcomes
    assert by_key.expired < whole.expired, "some wait for a record of their warehouse"
    assert by_key.expired.total() > 0
    assert not check_events(whole, decided(by_key=True)).correct, "the contract's oracle sees it"
