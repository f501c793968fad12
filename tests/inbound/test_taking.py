"""A turn of records: commands to the partitions of their keys, in order; the rest is told of."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api.inbound import taking
from api.inbound.examples import EXAMPLES
from api.inbound.taking import Place, Taking, Written
from schemas.domains import DOMAINS, ORDERS, STOCK
from schemas.inbound import INBOUND, inbound_of
from streams.settings import Settings
from streams.topics import owner

SETTINGS = Settings(Path(), "nowhere:1", "t1.", 4, 1, 86_400, 10, 0, "127.0.0.1", DOMAINS)
PLACED = EXAMPLES[0]


class Record(NamedTuple):
    value: bytes | None
    offset: int = 0
    headers: tuple[tuple[str, bytes | None], ...] = ()
    key: bytes | None = b"k"
    topic: str = "t1.inbound.orders.v1"
    partition: int = 3


def take(*records: Record) -> dict[Place, list[Written]]:
    written: defaultdict[Place, list[Written]] = defaultdict(list)
    Taking(SETTINGS, INBOUND).take(records, written)
    return dict(written)


def placed(number: int, order: str) -> bytes:
    event = PLACED | {"id": str(number), "data": PLACED["data"] | {"order": order}}
    return json.dumps(event).encode()


def test_commands_go_to_the_owners_of_their_keys_in_the_order_of_the_log() -> None:
    orders = ["a", "b", "a", "c", "a"]

    written = take(*(Record(placed(n, order), n) for n, order in enumerate(orders)))

    found = {place: [json.loads(value or b"")["order"] for _, value, _ in records]
             for place, records in written.items()}  # fmt: skip
    expected: dict[Place, list[str]] = {}
    for order in orders:
        expected.setdefault(("t1.orders.commands.v1", owner(order, 4)), []).append(order)
    assert found == expected
    assert {key for records in written.values() for key, _, _ in records} == {b"a", b"b", b"c"}


def test_junk_becomes_a_dead_letter_and_what_is_unknown_nothing() -> None:
    unknown = json.dumps(PLACED | {"type": "invoice.paid"}).encode()

    written = take(
        Record(b"{", 5, (("trace", b"1"),)), Record(unknown, 6), Record(placed(7, "a"), 7)
    )

    assert written.pop(("t1.inbound.dead-letters.v1", 3)) == [
        (
            b"k",
            b"{",
            [
                ("trace", b"1"),
                ("error", b"no JSON: a mistake at character 1"),
                ("source_topic", b"t1.inbound.orders.v1"),
                ("source_partition", b"3"),
                ("source_offset", b"5"),
            ],
        )
    ]
    assert [len(records) for records in written.values()] == [1]


def test_a_dead_letter_that_its_topic_would_not_take_is_cut() -> None:
    ((key, value, headers),) = take(Record(b"x" * (4 << 20), key=b"k" * 5_000)).popitem()[1]

    assert (len(key or b""), len(value or b"")) == (1_000, 1 << 20)
    told = dict(headers)["error"] or b""
    assert told.endswith(b"cut: the whole stands at the source")


def test_a_defect_of_ours_is_a_dead_letter_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(taking, "meant", broken)

    (((_, value, headers),),) = take(Record(placed(1, "a"))).values()

    assert value == placed(1, "a")
    assert dict(headers)["error"] == b"internal error: KeyError('ours')"


def test_topics_of_domains_that_are_not_at_work_are_not_read() -> None:
    assert [one.name for one in inbound_of((STOCK,))] == ["inbound.purchasing.v1"]
    assert [one.domain for one in inbound_of((STOCK, ORDERS))] == [ORDERS, STOCK]
    assert inbound_of(DOMAINS) == INBOUND
