"""What holds of any history of a catalogue, against plain dictionaries."""

import json
from collections import Counter
from typing import Any

from hypothesis import given

from agents.catalog.evolve import evolve
from agents.catalog.state import Catalog
from schemas.catalog_structs import decode_event
from streams.actor import Rows
from tests.catalog.histories import BUILT, LENGTH_MAX, History, numbers
from tests.catalog.oracle import Oracle, decoded
from tests.catalog.registry import Registry
from tests.examples import EXAMPLES
from tests.hosted import Wish, folded

Numbers = tuple[int, int]


def wishes(seed: int, length: int) -> list[Wish]:
    """A history."""
    history = History(seed)
    return [*BUILT, *(history.next() for _ in range(length))]


def run(seed: int, length: int) -> Registry:
    """What a history leaves."""
    registry = Registry()
    for wish in wishes(seed, length):
        registry.send(wish)
    return registry


@EXAMPLES
@given(numbers)
def test_every_step_is_as_plain_dictionaries_have_it(of: Numbers) -> None:
    registry, oracle = Registry(), Oracle()
    for wish in wishes(*of):
        registry.send(wish)
        expected = oracle.decide(wish)
        assert registry.told.get("code", registry.told["type"]) == expected, (wish, registry.told)
        assert decoded(registry.rows) == oracle.rows(), wish


@EXAMPLES
@given(numbers)
def test_a_number_is_on_one_item_and_no_kit_is_in_itself(of: Numbers) -> None:
    rows = decoded(run(*of).rows)
    items = {key: row for key, row in rows.items() if key.startswith(b"S\0")}
    told = Counter(gtin for row in items.values() for gtin in row[-1])
    assert set(told.values()) <= {1}
    assert {f"G\0main\0{gtin}".encode() for gtin in told} == {
        key for key in rows if key.startswith(b"G\0")
    }
    kits = {key.split(b"\0")[2].decode(): row[0] for key, row in rows.items() if key[:1] == b"K"}
    left = dict(kits)
    while left:  # take away, again and again, those of which no part is a kit
        ends = [sku for sku, parts in left.items() if not set(parts) & set(left)]
        assert ends, f"a cycle in {left}"
        for sku in ends:
            del left[sku]


def begin(event: Any, rows: Rows) -> Catalog:
    return Catalog(event.catalog, rows)


@EXAMPLES
@given(numbers)
def test_the_commands_give_the_same_bytes_again_and_the_events_alone_the_same_rows(
    of: Numbers,
) -> None:
    first, second = run(*of), Registry()

    for command in first.commands:
        second.put(command)

    assert (second.events, second.rows) == (first.events, first.rows)
    assert folded(first.events, decode_event, begin, evolve) == first.rows


def test_the_histories_tell_of_all_that_can_happen() -> None:
    seen: Counter[str] = Counter()
    for seed in range(200):
        for event in map(json.loads, run(seed, LENGTH_MAX).events):
            seen[event.get("code", event["type"])] += 1

    rare = {code for code, count in seen.items() if count < 10}
    assert (len(seen), rare) == (11 + 16, set())
