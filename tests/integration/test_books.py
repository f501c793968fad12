"""The demo played on a whole installation: its scenes end as it says, its books balance.

Then errors are planted, and found.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cli import bookkeeping, domain_books, recall, scenes
from cli.api_copy import Api as ApiClient
from cli.bookkeeping import check_books
from cli.demo import SAMPLE
from cli.findings import Check, Findings
from cli.installation import Installation as Where
from cli.sales_load import SalesFile
from schemas.domains import DOMAINS, FINANCE, STOCK
from schemas.rows import Row
from streams import stamp as stamps
from streams.settings import Settings
from streams.store import Memory, Store
from streams.topics import Topics
from tables.stock import decode_row, encode_row, stock_key
from tests.api.processes import Installation
from tests.integration.house import PARTITIONS, PLACE, PREFIX, SKU, WAREHOUSE, House, prepare
from tests.integration.installation import read
from tests.integration.processes import until
from tests.stores import Database

SAMPLE_COMMANDS = 2_450
EXPIRING = scenes.TICKETS - scenes.SHIPPED - scenes.RELEASED - scenes.HELD
SHOWN_S = 20.0
Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def house(
    kafka: str, postgres: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Everything started, and the demo played."""
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
        repeated = house.play()
        assert (repeated.compared, repeated.first) == (SAMPLE_COMMANDS, [])
        yield house
    finally:
        house.api.client.close()
        for process in (house.worker, house.api, sink, *others):
            process.stop()


def differing(findings: Findings) -> list[Check]:
    return [check for check in findings.all() if check.differences]


@pytest.fixture(scope="module")
def findings(house: House) -> Findings:
    """What the books say once nothing is under way."""
    return house.check()


@pytest.fixture(scope="module")
def events(house: House) -> Events:
    """What stock has told by then."""
    return house.told(STOCK)


def test_the_books_of_the_demo_balance(house: House, findings: Findings) -> None:
    assert differing(findings) == []
    kafka = house.settings.kafka
    of_stock = read(kafka, house.topics.events, PARTITIONS)
    commands = read(kafka, house.topics.commands, PARTITIONS)
    wishes = [record for record in commands if b'"Tick"' not in (record.value() or b"")]
    assert findings.seq.compared == len(of_stock)
    assert findings.outcomes.compared == len(wishes) > SAMPLE_COMMANDS * 2
    assert findings.reserved.compared == scenes.HELD + 1  # what is left of the recall's order
    rows = findings.movements.compared
    assert rows == findings.store.compared == findings.api.compared == findings.changelog.compared
    assert rows > 6_000
    of_all = [Topics.of(domain, PREFIX).events for domain in DOMAINS]
    events = sum(len(read(kafka, topic, PARTITIONS)) for topic in of_all)
    assert findings.audit.compared == events + 1  # the dead letter
    assert findings.worth.compared > findings.movements.compared
    assert findings.places.compared > findings.movements.compared


def test_every_ticket_ends_once_and_odd_commands_are_refused(events: Events) -> None:
    tickets = [
        one
        for one in events
        if any(line["sku"].startswith(scenes.TICKET) for line in one.get("lines", ()))
    ]
    kinds = [one["type"] for one in tickets]
    assert kinds.count("StockReserved") == scenes.TICKETS
    assert kinds.count("ReservationExpired") == EXPIRING
    assert kinds.count("StockShipped") == scenes.SHIPPED
    codes = {one["code"] for one in events if one["type"] == "CommandRejected"}
    assert codes == {
        "INSUFFICIENT_STOCK",
        "RESERVATION_NOT_FOUND",
        "RESERVATION_CLOSED",
        "INVALID_COMMAND",
        "IDEMPOTENCY_KEY_REUSED",
        "RESERVATION_EXISTS",
    }


def test_an_order_is_split_over_two_warehouses_and_leaves_both(
    house: House, events: Events
) -> None:
    promised = {
        warehouse: int(units)
        for units, warehouse in house.found(r"  (\d+) units are promised in (.*)")
    }
    assert promised.keys() == {scenes.SHOP, scenes.BRANCH}
    assert sum(promised.values()) == scenes.WANTED
    shipped = {
        one["warehouse"]: one["lines"][0]["quantity"]
        for one in events
        if one["type"] == "StockShipped" and "-split-" in f"-{one['command_id']}"
    }
    assert shipped == promised


def test_a_recall_finds_what_has_left_and_puts_the_rest_aside(house: House, events: Events) -> None:
    ((gone, to),) = house.found(r"  (\d+) went to (.*)")
    assert int(gone) == recall.SHIPPED
    assert to.startswith("recall-")
    left = recall.CAME | {scenes.SHOP: recall.CAME[scenes.SHOP] - recall.SHIPPED}
    aside = house.found(r"  (\d+) put aside in (.*)")
    assert {warehouse: int(units) for units, warehouse in aside} == left
    held = [one for one in events if one["type"] == "StockMoved" and one["reason"] == "RECALL"]
    assert sum(line["quantity"] for one in held for line in one["lines"]) == sum(left.values())


def test_what_a_transfer_lacks_and_a_count_finds_is_booked(house: House, events: Events) -> None:
    (short,) = (
        line["short"]
        for one in events
        if one["type"] == "TransferSettled"
        for line in one["lines"]
        if line.get("short")
    )
    assert short == scenes.SENT - scenes.ARRIVED
    (approved,) = (one for one in events if one["type"] == "CountApproved")
    assert [line["delta"] for line in approved["lines"]] == [scenes.FOUND]
    caused = {one["cause"]: one for one in house.told(FINANCE) if "cause" in one}
    accounts = {line["account"] for line in caused[approved["id"]]["journal"]}
    assert accounts == {"inventory", "inventory_adjustments"}


def test_the_stock_is_worth_what_the_ledger_has_before_the_scenes_and_after(house: House) -> None:
    before, after = (
        house.found(rf"  {when} the scenes: stock worth (\S+), inventory on the ledger (\S+)")
        for when in ("before", "after")
    )
    assert before[0][0] == before[0][1] != after[0][0] == after[0][1]
    assert house.found(r"    sum +(\S+)") == ["£0.00"]
    assert house.found(r"    inventory +(\S+)") == [after[0][1]]


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
