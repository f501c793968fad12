"""Events of other systems on the real Kafka: each has its effect once, whatever is killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from api.inbound.examples import EXAMPLES
from api.inbound.mapping import command_id
from local.inbound import ensure_topics
from local.ports import free_port
from local.processes import die_with
from schemas.domains import ORDERS, STOCK
from streams.topics import Topics, owner
from tests.integration.conftest import Install
from tests.integration.installation import Installation, headers
from tests.integration.odd_headers import put_named
from tests.integration.processes import ROOT, until

PARTITIONS = 2
TAKEN_S = 90.0
PLACED, CANCELLED = EXAMPLES[:2]
IDS = {event["type"]: command_id(event["source"], event["id"]) for event in EXAMPLES[:2]}
OWN = ["-m", "api.inbound"]
# dies by SIGKILL when its commands are there and its position is not kept yet
KILLED = ["-c", """
import os, signal
from api.inbound import __main__ as process
from api.inbound.session import Session

write = Session._write
async def written_and_killed(self, place, records):
    await write(self, place, records)
    self.is_written = True
async def keep(self):
    if hasattr(self, "is_written"):
        os.kill(os.getpid(), signal.SIGKILL)
Session._write, Session._keep = written_and_killed, keep
process.main()
"""]  # fmt: skip


@contextmanager
def running(arguments: list[str], log: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, until the end of the block."""
    parent, told = os.getpid(), {f"STOCKYARD_{name}": one for name, one in variables.items()}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | told,
            stdout=output,
            stderr=output,
            preexec_fn=lambda: die_with(parent),
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def variables(made: Installation) -> dict[str, str]:
    return {
        "HOME": str(made.home),
        "KAFKA": made.kafka,
        "TOPIC_PREFIX": made.prefix,
        "PARTITIONS": str(made.partitions),
        "DOMAINS": ",".join(made.domains),
    }


async def put(made: Installation, events: list[tuple[bytes, bytes | None]]) -> None:
    """Records of one key, in this order; the last has a header whose name is no UTF-8."""
    producer = AIOKafkaProducer(bootstrap_servers=made.kafka)
    await producer.start()
    topic, partition = made.prefix + "inbound.orders.v1", owner("S-1001", PARTITIONS)
    for key, value in events[:-1]:
        await producer.send_and_wait(topic, value, key=key, partition=partition)
    key, value = events[-1]
    await put_named(producer, topic, partition, value, [(b"\xff\xfe", b"1")], key)
    await producer.stop()


def commands(made: Installation) -> list[dict[str, Any]]:
    records = made.read(Topics.of(ORDERS, made.prefix).commands)
    found = [json.loads(record.value() or b"") for record in records]
    for record, told in zip(records, found, strict=True):
        if "order" in told:
            assert record.key() == told["order"].encode()
            assert record.partition() == owner(told["order"], PARTITIONS)
    return [told for told in found if "order" in told]


def outcomes(made: Installation) -> list[tuple[str, str]]:
    """(type, command id) of all events of orders that a command of ours brought about."""
    events = [(str(one["type"]), str(one.get("command_id"))) for one in made.all_events(ORDERS)]
    return [one for one in events if one[1] in IDS.values()]


def dead_letters(made: Installation) -> list[Mapping[str, str]]:
    return [headers(record) for record in made.read(made.prefix + "inbound.dead-letters.v1")]


def test_an_event_is_decided_once_though_its_taker_was_killed_before_it_kept_its_position(
    install: Install, tmp_path: Path
) -> None:
    made = install(PARTITIONS, domains=(STOCK, ORDERS))
    asyncio.run(ensure_topics(made.settings))
    placed, cancelled = (json.dumps(event).encode() for event in (PLACED, CANCELLED))
    unknown = json.dumps(PLACED | {"type": "invoice.paid"}).encode()
    key, junk = b"S-1001", [b"{", None, json.dumps(PLACED | {"data": {}}).encode()]
    events = [placed, junk[0], unknown, junk[1], placed, junk[2], cancelled]
    asyncio.run(put(made, [(key, event) for event in events]))

    log = tmp_path / "inbound.log"
    with running(KILLED, log, **variables(made)) as process:
        assert process.wait(TAKEN_S) == -signal.SIGKILL
    first = commands(made)
    assert [one["type"] for one in first] == ["PlaceOrder", "PlaceOrder", "CancelOrder"]

    with ExitStack() as stack:
        process = stack.enter_context(running(OWN, log, **variables(made)))
        made.process("orders-1", "--domain", ORDERS).start()
        until("all is sent again", TAKEN_S, lambda: len(commands(made)) == 2 * len(first))
        until("both are decided", TAKEN_S, lambda: len(outcomes(made)) >= 2)
        until("the junk is told of", TAKEN_S, lambda: len(dead_letters(made)) == 2 * len(junk))
        process.terminate()
        assert process.wait(TAKEN_S) == 0
    with running(OWN, log, **variables(made)) as process:
        asyncio.run(put(made, [(key, b"last")]))
        until("it goes on", TAKEN_S, lambda: len(dead_letters(made)) == 2 * len(junk) + 1)

    assert commands(made) == first * 2, "in their order, and not from the beginning once more"
    assert outcomes(made) == [
        ("OrderPlaced", IDS["order.placed"]),
        ("OrderCancelling", IDS["order.cancelled"]),
    ]
    letters = dead_letters(made)
    assert {int(one["source_offset"]): one["error"] for one in letters} == {
        1: "no JSON: a mistake at character 1",
        3: "empty: send a CloudEvent, or its data",
        5: "data.order is missing",
        7: "no JSON: a mistake at character 0",
    }
    assert {one["source_topic"] for one in letters} == {made.prefix + "inbound.orders.v1"}


def test_it_waits_for_a_kafka_that_is_away_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    log = tmp_path / "inbound.log"
    with running(OWN, log, KAFKA=f"127.0.0.1:{free_port()}") as process:
        until("it tries again", TAKEN_S, lambda: log.read_text().count("inbound_interrupted") > 1)
        process.terminate()
        assert process.wait(TAKEN_S) == 0


def test_without_its_topics_it_ends_for_good_and_says_what_to_do(
    install: Install, tmp_path: Path
) -> None:
    made, log = install(PARTITIONS), tmp_path / "inbound.log"
    with running(OWN, log, **variables(made)) as process:
        assert process.wait(TAKEN_S) == 3
    assert f"topic {made.prefix}inbound.purchasing.v1 is not there" in log.read_text()
