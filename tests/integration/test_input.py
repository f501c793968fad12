"""Whatever stands on the topic of commands has its one outcome, its one dead letter, or none."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer

from streams.topics import owner
from tests.integration.commands import command, receive
from tests.integration.installation import Installation, headers
from tests.integration.odd_headers import put_named

UNREADABLE: dict[str, bytes | None] = {
    "tombstone": None,
    "empty": b"",
    "not UTF-8": b"\xff\xfe\x00",
    "not JSON": b"{",
    "a list": b"[1,2]",
    "nested": b"[" * 10_000 + b"]" * 10_000,
    "no id": json.dumps({"type": "ReceiveStock", "warehouse": "W"}).encode(),
    "a forged tick": b'{"type":"Tick","time":"2030-01-01T00:00:00Z"}',
    "too large": json.dumps(receive("W0", sku="x" * ((1 << 20) + 1))).encode(),
}


@pytest.fixture(scope="module")
def installation(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One for all of these: each looks at commands of its own."""
    made = Installation(kafka, tmp_path_factory.mktemp("home"))
    made.serve(made.started())
    yield made
    made.close()


def _outcomes(installation: Installation, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of these commands, in their order."""
    ids = {one["id"] for one in commands}
    return [event for event in installation.all_events() if event["command_id"] in ids]


def _once(events: list[dict[str, Any]], commands: list[dict[str, Any]]) -> bool:
    """Whether each of these commands has one outcome."""
    outcomes = Counter(event["command_id"] for event in events)
    return outcomes == Counter(one["id"] for one in commands)


def test_repeats_have_one_outcome(installation: Installation) -> None:
    """Sent three times, over all partitions' batches, and once more behind everything."""
    commands = [receive(installation.warehouse_of(n % 4), "repeated", n + 1) for n in range(200)]
    for _ in range(3):
        installation.send(commands)
    installation.drain()
    installation.send(commands)
    installation.drain()

    events = _outcomes(installation, commands)
    assert _once(events, commands)
    last = {event["warehouse"]: event["lines"][0]["on_hand"] for event in events}
    assert sum(last.values()) == sum(range(1, 201))


def test_misrouted_commands_are_decided_once_by_their_owner(installation: Installation) -> None:
    commands = [receive(f"W{n}", quantity=2) for n in range(100)]
    for number, one in enumerate(commands):
        value = json.dumps(one).encode()
        given = [("trace", str(number)), ("empty", None)]
        installation.put(value, key="any key", partition=number % 4, headers=given)
    installation.flush()
    installation.drain()

    events = _outcomes(installation, commands)
    assert all(owner(event["warehouse"], 4) == event["partition"] for event in events)
    assert _once(events, commands)
    read = installation.read(installation.topics.commands)
    forwarded = [record for record in read if "forwarded_from" in headers(record)]
    assert len(forwarded) == sum(
        owner(one["warehouse"], 4) != n % 4 for n, one in enumerate(commands)
    )
    for record in forwarded:
        assert (record.key() or b"").decode() == json.loads(record.value() or b"")["warehouse"]
        assert ("empty", None) in (record.headers() or [])
        assert int(headers(record)["trace"]) in range(100)


def test_junk_becomes_dead_letters_and_stops_nothing(installation: Installation) -> None:
    sent = [receive(installation.warehouse_of(0))]
    installation.send(sent)
    for value in UNREADABLE.values():
        installation.put(value, key=b"k", partition=0)
    installation.flush()
    bomb = _compressing(installation)
    bomb.produce(installation.topics.commands, b" " * 10_000_000, partition=0)
    assert bomb.flush(30) == 0
    installation.put(b'{"type":"Tick"}', partition=0)
    after = [
        receive(installation.warehouse_of(0)),
        command("Nonsense", installation.warehouse_of(0)),
    ]
    installation.send(after)
    installation.drain()

    events = _outcomes(installation, sent + after)
    assert [event["command_id"] for event in events] == [one["id"] for one in (*sent, *after)]
    assert events[-1]["code"] == "INVALID_COMMAND"
    letters = installation.read(installation.topics.dead_letters)
    sources = [int(headers(one)["source_offset"]) for one in letters]
    assert sources == list(range(sources[0], sources[0] + len(UNREADABLE) + 1))
    kept = [one.value() for one in letters[: len(UNREADABLE)]]
    assert kept == list(UNREADABLE.values()), "the original bytes"
    assert {one.partition() for one in letters} == {0}


async def test_a_header_of_any_name_stops_nothing(installation: Installation) -> None:
    given = receive(installation.warehouse_of(0))
    await _put_named(installation, json.dumps(given).encode(), b"\xff\xfename")
    junk = b"no command"
    await _put_named(installation, junk, b"\xff\xfename")
    installation.drain()

    assert [event["type"] for event in _outcomes(installation, [given])] == ["StockReceived"]
    letters = installation.read(installation.topics.dead_letters)
    named = [headers(one) for one in letters if one.value() == junk]
    assert [one["\\xff\\xfename"] for one in named] == ["x"]


def test_a_message_of_one_mebibyte_is_taken(installation: Installation) -> None:
    large = receive(installation.warehouse_of(0))
    room = (1 << 20) - len(json.dumps(large))
    installation.put(json.dumps(large).encode() + b" " * room, key=large["warehouse"])
    installation.flush()
    installation.drain()

    assert [event["type"] for event in _outcomes(installation, [large])] == ["StockReceived"]


def _compressing(installation: Installation) -> Producer:
    """What it sends is small on the wire, and unpacks to more than a topic takes."""
    return Producer(
        {
            "bootstrap.servers": installation.kafka,
            "compression.type": "gzip",
            "message.max.bytes": 20_000_000,
        }
    )


async def _put_named(installation: Installation, value: bytes, name: bytes) -> None:
    """A record with a header of this name."""
    producer = AIOKafkaProducer(bootstrap_servers=installation.kafka)
    await producer.start()
    await put_named(producer, installation.topics.commands, 0, value, [(name, b"x")])
    await producer.stop()
