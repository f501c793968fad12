"""Property 16 of the second seed by its name; STOCKYARD_EXAMPLES=100000 looks further by night."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agents.stock.agent import StockActor
from streams.actor import Unreadable
from streams.batch import Batch
from streams.stamp import Stamp
from tests.audit.log import EventLog
from tests.audit.sinks import audit_rows, tasks
from tests.examples import EXAMPLES, count
from tests.integration.refolding import WINDOW_S, Read, refolded
from tests.stock.bytes_of import START_MS
from tests.stock.written import broken, good, nearly_good, written
from tests.stores import Database

STEP_MS = 500
WRITTEN_S = 60.0 + count(1_000) / 100
ID = b'"c-1"'  # of a quarter of what is drawn; the others' ids are used again and again


def drawn() -> list[bytes]:
    """What producers send: good commands, nearly good ones, repeats, and what is none."""
    sent: list[bytes] = []

    @EXAMPLES
    @given(written(good()) | written(nearly_good()) | broken() | st.binary(max_size=40))
    def draw(value: bytes) -> None:
        sent.append(value.replace(ID, b'"c-%d"' % len(sent)))

    draw()
    return sent


def decided(sent: list[bytes], topic: str, folder: Path) -> list[Batch]:
    """What the engine makes of it, on the only partition that there is."""
    records = [
        Read(offset, START_MS + offset * STEP_MS, b"by anyone", value, [])
        for offset, value in enumerate(sent)
    ]
    at = Stamp(b"\0" * 16, 0, 1, 0, 1)
    return refolded(StockActor(WINDOW_S * 1_000), topic, 0, at, records, folder / "store")


def commit(log: EventLog, batches: list[Batch]) -> None:
    """Each batch in a transaction, as a worker sends it."""
    producer = log.producer()
    for batch in batches:
        producer.begin_transaction()
        for key, value in batch.events:
            producer.produce(log.topics.events, value, key, 0)
        for named, letter, headers in batch.dead_letters:
            producer.produce(log.topics.dead_letters, letter, named, 0, headers=[*headers])
        producer.commit_transaction()


async def stored(database: Database, log: EventLog, number: int) -> list[list[Any]]:
    """(key, value, headers) of all events and of all dead letters, once there are so many."""
    deadline = asyncio.get_running_loop().time() + WRITTEN_S
    async with tasks(database, log):
        while len(rows := await audit_rows(database)) < number:
            assert asyncio.get_running_loop().time() < deadline, f"{len(rows)} of {number}"
            await asyncio.sleep(0.1)
    topics = (log.topics.events, log.topics.dead_letters)
    return [[row[1:] for at, row in sorted(rows.items()) if at[0] == topic] for topic in topics]


def names(sent: list[bytes]) -> dict[int, tuple[str, str]]:
    """By offset the warehouse and the id of what has both."""
    actor, found = StockActor(WINDOW_S * 1_000), {}
    for offset, value in enumerate(sent):
        try:
            _, _, command = actor.decode(value)
        except Unreadable:
            continue
        found[offset] = (command.warehouse, command.id)
    return found


async def test_property_16_comprehensive_audit_logging(
    database: Database, log: EventLog, tmp_path: Path
) -> None:
    """Every command that is drawn has its outcome or its dead letter in the audit log, with its
    bytes, exactly once; a repeat has the outcome of the command that it repeats."""
    sent = drawn()
    batches = decided(sent, log.topics.commands, tmp_path)
    told = [one for batch in batches for one in batch.events]
    letters = [one for batch in batches for one in batch.dead_letters]
    await asyncio.to_thread(commit, log, batches)

    events, dead = await stored(database, log, len(told) + len(letters))

    assert [(key, value) for key, value, _ in events] == told
    outcomes = [one for one in (json.loads(value) for _, value in told) if "command_id" in one]
    ends = Counter(one["source"]["offset"] for one in outcomes)
    for _, value, headers in dead:
        offset = int(headers[headers.index(b"source_offset") + 1])
        assert value == sent[offset]
        ends[offset] += 1
    first: dict[tuple[str, str], int] = {}
    for one in outcomes:
        first.setdefault((one["warehouse"], one["command_id"]), one["source"]["offset"])
    named = names(sent)
    for offset, value in enumerate(sent):
        repeats = offset in named and first[named[offset]] < offset
        assert ends[offset] == 1 or (ends[offset] == 0 and repeats), value
    assert len(outcomes) > len(sent) / 4
    assert len(dead) > len(sent) / 20
