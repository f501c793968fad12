"""The demo's sales through a whole installation: the books balance, planted errors are found."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from confluent_kafka import Producer

from cli import bookkeeping, domain_books, scenes
from cli.api_copy import Api as ApiClient
from cli.bookkeeping import check_books
from cli.demo import SAMPLE
from cli.findings import Check, Findings
from cli.installation import Installation as Where
from cli.invoices import Command
from cli.play import JUNK
from cli.sales_load import SalesFile
from cli.sending import Sender
from schemas.domains import DOMAINS, STOCK
from schemas.rows import Row
from streams import stamp as stamps
from streams.settings import Settings
from streams.store import Memory, Store
from streams.topics import Topics, ensure_topics, owner
from tables.stock import decode_row, encode_row, stock_key
from tests.api.processes import Api, Installation, Process
from tests.audit.conftest import bring_to_version, clear
from tests.integration.installation import read
from tests.integration.processes import until
from tests.stores import Database

PARTITIONS = 4
PREFIX = "books."
SAMPLE_COMMANDS = 2_450
EXPIRING = scenes.TICKETS - scenes.SHIPPED - scenes.RELEASED - scenes.HELD
READY_S = 40.0
SHOWN_S = 20.0
WAREHOUSE, SKU = "EIRE", "22423"  # a row of the sample
PLACE = owner(WAREHOUSE, PARTITIONS)


@dataclass
class House:
    """A whole installation, and its books."""

    installation: Installation
    database: Database
    api: Api
    worker: Process

    @property
    def settings(self) -> Settings:
        return self.installation.settings

    @property
    def topics(self) -> Topics:
        return Topics.of("stock", PREFIX)

    def check(self) -> Findings:
        """The books, as `./stockyard books` checks them."""
        where = Where(self.settings, self.database.reader, self.api.address)
        return asyncio.run(check_books(where, lambda partitions: None))

    def load(self) -> dict[str, int]:
        """What `./stockyard load` says of the sample."""
        told = subprocess.run(
            [sys.executable, "-m", "cli", "load", str(SAMPLE), "--json"],
            env=os.environ | self.installation.environment(),
            check=True,
            capture_output=True,
        )
        summary: dict[str, int] = json.loads(told.stdout)
        return summary

    def send(self, commands: Iterable[Command], partition: int | None = None) -> None:
        """Commands to their topic, as `./stockyard load` sends them."""

        async def produce() -> None:
            async with Sender(self.settings) as sender:
                for command in commands:
                    await sender.send(command, partition)
                await sender.flush()

        asyncio.run(produce())

    def produce(self, topic: str, *records: tuple[bytes, bytes]) -> None:
        """Forge records on the planted row's partition of a topic."""
        producer = Producer({"bootstrap.servers": self.settings.kafka})
        for key, value in records:
            producer.produce(topic, value, key, PLACE)
        assert producer.flush(READY_S) == 0

    def last(self, topic: str, key: bytes | None = None) -> bytes:
        """The last value on that partition of a topic, of a key where one is named."""
        values = [
            record.value()
            for record in read(self.settings.kafka, topic, PARTITIONS)
            if record.partition() == PLACE and key in (None, record.key())
        ]
        assert values[-1] is not None
        return values[-1]

    def stop_worker(self) -> None:
        """End it, so that its store is free."""
        assert self.worker.stop() == 0

    def start_worker(self) -> None:
        """Start it again and wait until it serves all partitions."""
        self.worker = self.installation.worker()
        until("the worker serves", READY_S, self._serves)

    def _serves(self) -> bool:
        path = self.settings.home / "run" / "worker-1.json"
        told = json.loads(path.read_text()) if path.exists() else {}
        states = list(told.get("states", {}).values())
        return told.get("pid") == self.worker.pid and states == ["serving"] * PARTITIONS


@pytest.fixture(scope="module")
def house(
    kafka: str, postgres: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Everything started, the sample and the demo's scenes sent."""
    home = tmp_path_factory.mktemp("books")
    (home / "run").mkdir()
    settings = Settings(home, kafka, PREFIX, PARTITIONS, 1, 86_400, 10, 0, "127.0.0.1")
    asyncio.run(prepare(settings, postgres))
    installation = Installation(settings, postgres)
    sink, worker = installation.sink(), installation.worker()
    others = [installation.worker_of(domain) for domain in DOMAINS if domain != STOCK]
    others.append(installation.policies())
    house = House(installation, postgres, installation.start_api(), worker)
    try:
        house.api.until_ready()
        assert house.load()["commands"] == SAMPLE_COMMANDS
        house.send([*scenes.run_on_tickets("1"), *scenes.refusals("1")])
        house.send([JUNK], 0)
        stray, *_ = scenes.refusals("2")
        house.send([stray], (owner(scenes.SHOP, PARTITIONS) + 1) % PARTITIONS)
        yield house
    finally:
        house.api.client.close()
        for process in (house.worker, house.api, sink, *others):
            process.stop()


async def prepare(settings: Settings, postgres: Database) -> None:
    for domain in DOMAINS:
        await ensure_topics(settings, Topics.of(domain, PREFIX))
    await clear(postgres)
    await bring_to_version(postgres)


def differing(findings: Findings) -> list[Check]:
    return [check for check in findings.all() if check.differences]


@pytest.fixture(scope="module")
def findings(house: House) -> Findings:
    """What the books say once nothing is under way."""
    until("tickets expire", SHOWN_S, lambda: expired(house) == EXPIRING)
    return house.check()


def test_the_books_of_the_demo_balance(house: House, findings: Findings) -> None:
    assert differing(findings) == []
    outcomes = SAMPLE_COMMANDS + 1 + scenes.BUYERS + scenes.SHIPPED + scenes.RELEASED + 5 + 1
    assert findings.seq.compared == outcomes + EXPIRING
    assert findings.outcomes.compared == outcomes + 2  # junk, and a command that was forwarded
    assert findings.reserved.compared == scenes.HELD
    rows = findings.movements.compared
    assert rows == findings.store.compared == findings.api.compared == findings.changelog.compared
    assert rows > 6_000
    of_all = [Topics.of(domain, PREFIX).events for domain in DOMAINS]
    events = sum(len(read(house.settings.kafka, topic, PARTITIONS)) for topic in of_all)
    assert findings.audit.compared == events + 1  # the dead letter
    assert findings.worth.compared > findings.movements.compared
    assert findings.places.compared > findings.movements.compared


def expired(house: House) -> int:
    events = read(house.settings.kafka, house.topics.events, PARTITIONS)
    return sum(b'"ReservationExpired"' in (record.value() or b"") for record in events)


def test_the_same_file_again_changes_nothing(house: House, findings: Findings) -> None:
    assert house.load()["commands"] == SAMPLE_COMMANDS
    after = house.check()
    assert differing(after) == []
    assert after.seq.compared == findings.seq.compared
    assert after.outcomes.compared == findings.outcomes.compared + SAMPLE_COMMANDS


def test_a_row_that_was_changed_in_rocksdb_is_found(house: House) -> None:
    house.stop_worker()
    right = change_store(house, None)
    row = decode_row(right)
    change_store(house, encode_row(Row(row.on_hand + 1, row.reserved, 0, row.version)))
    house.start_worker()
    (check,) = differing(house.check())
    (difference,) = check.first
    assert check.name == "RocksDB = events"
    assert f"{WAREHOUSE}/{SKU}: on_hand {row.on_hand + 1}" in difference
    house.stop_worker()
    change_store(house, right)  # that this is so, the next test sees
    house.start_worker()


def change_store(house: House, value: bytes | None) -> bytes:
    """Put a row's bytes into the stopped worker's store; the bytes that were there."""
    path = house.settings.home / "store" / "worker-1" / f"{house.topics.commands}-{PLACE}"
    store = Store(path, Memory())
    before, position = store.get(stock_key(WAREHOUSE, SKU)), store.position()
    assert before is not None
    assert position is not None
    if value is not None:
        rows = {stock_key(WAREHOUSE, SKU): value}
        store.write(rows, [], [], position.stamp, position.next_offset)
    store.close()
    return before


def test_a_row_that_was_changed_in_the_changelog_is_found_there_and_in_the_api(
    house: House,
) -> None:
    key, topic = stock_key(WAREHOUSE, SKU), house.topics.changelog
    right, stamp = house.last(topic, key), house.last(topic, stamps.KEY)
    row = decode_row(right)
    wrong = Row(row.on_hand + 7, row.reserved, row.reorder_point, row.version)
    house.produce(topic, (key, encode_row(wrong)), (stamps.KEY, stamp))
    until("the API follows", SHOWN_S, lambda: shown(house) == wrong.on_hand)
    found = {check.name: check.first for check in differing(house.check())}
    assert set(found) == {
        "sum of movements = on hand",
        "accounts sum to zero",
        "changelog = events",
        "API = events",
    }
    assert found["sum of movements = on hand"] == [
        f"{WAREHOUSE}/{SKU}: on hand {wrong.on_hand}, but its movements add up to {row.on_hand}"
    ]
    house.produce(topic, (key, right), (stamps.KEY, stamp))
    until("the API follows", SHOWN_S, lambda: shown(house) == row.on_hand)


def shown(house: House) -> int:
    client = ApiClient(house.api.address)
    row = client.get(f"/v1/stock/{WAREHOUSE}/{SKU}")
    client.close()
    return int(row["on_hand"])


def test_commands_that_nobody_decides_are_found(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeping, "DECIDED_S", 1.0)
    house.stop_worker()
    sales = SalesFile.read(SAMPLE, lambda refusal: None, lambda lines: None)
    repeats = sales.commands(lambda lines: None)
    house.send([command for command in repeats if command.warehouse == WAREHOUSE][:3])
    (check,) = differing(house.check())
    assert check.first == [f"partition {PLACE}: 3 records wait to be decided: see the worker's log"]
    house.start_worker()


def test_a_row_that_was_put_into_the_audit_log_is_found(house: House) -> None:
    asyncio.run(insert(house))
    (check,) = differing(house.check())
    assert check.name == "audit log = events topics"
    assert check.first == [
        f"{house.topics.dead_letters}/3: offset 17 in the audit log, but the topic ends at 0"
    ]


async def insert(house: House) -> None:
    connection = await asyncpg.connect(house.database.writer)
    await connection.execute(
        'INSERT INTO audit.log (appended_at, "offset", partition, topic, value)'
        " VALUES (now(), 17, 3, $1, $2)",
        house.topics.dead_letters,
        b"never said",
    )
    await connection.close()


def test_what_is_no_store_cannot_be_checked(house: House, tmp_path: Path) -> None:
    settings = Settings(tmp_path, house.settings.kafka, PREFIX, PARTITIONS, 1, 60, 10, 0, "x")
    where = Where(settings, house.database.reader, house.api.address)
    findings = asyncio.run(check_books(where, lambda partitions: None))
    assert findings.store.differences == PARTITIONS
    assert findings.store.first[0] == f"partition 0: no worker of {tmp_path} has it"


def test_an_event_that_no_command_brought_about_is_found(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain_books, "TOLD_S", 1.0)  # no domain takes it a second time, ever
    house.produce(house.topics.events, (WAREHOUSE.encode(), house.last(house.topics.events)))
    found = {check.name: check for check in differing(house.check())}
    (difference,) = found["seq without gap or repeat"].first
    assert difference.startswith(f"partition {PLACE}: event {PLACE}-")
    assert found["one outcome for each"].differences == 1
