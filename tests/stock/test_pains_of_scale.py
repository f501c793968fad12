"""Pains that other systems' users have of volume and of stores that fall apart, told on ours.

What a decision reads and writes is counted, not timed: a figure of milliseconds is a machine's.
"""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from agents.stock.changes import changed
from agents.stock.decider import decide
from agents.stock.marked import load
from agents.stock.state import Stock
from schemas.stock_structs import ReceiveStock
from streams.batch import Batch
from tables.stock import decode_row, stock_key
from tests.finance.bytes_of import Office
from tests.locations.yard import Yard, create, put_away, record
from tests.stock.bytes_of import Shop
from tests.stock.engine_of import HOMES, StockWorld, recorded
from tests.stock.scenario import MOMENT, receive
from tests.stock.tables_of import Tables
from tests.streams.world import CLOCK_MS, START_MS, Record, contents, folder_in_memory

LINES_MAX = 1_000  # of one command
SCALES = (1, 100, 10_000)  # rows or events that stand there already


class CountingShop(Shop):
    """One that notes which rows a decision asked for and which it changed."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[bytes, bytes] = Counted()

    def cost(self, kind: str, **fields: Any) -> tuple[int, int]:
        """Rows read and rows written by one command that happens."""
        assert isinstance(self.rows, Counted)
        self.rows.asked.clear()
        decision = self.send(kind, **fields)
        assert decision.code == "", decision.event
        return len(self.rows.asked), len(decision.changes)


class Counted(dict[bytes, bytes]):
    """Rows that note who asks."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[bytes] = []

    def get(self, key: bytes, default: Any = None) -> Any:
        """As of any dictionary."""
        self.asked.append(key)
        return super().get(key, default)


def lines(skus: Iterator[str] | range, quantity: int = 1) -> list[dict[str, Any]]:
    return [{"sku": f"S{sku}", "quantity": quantity} for sku in skus]


def test_what_a_command_reads_does_not_grow_with_what_is_there() -> None:
    """Pain 14, slow at volume: magento2#34949 (400 ms for each look-up), erpnext#29183. Reserving
    and shipping cost the same reads beside one row, beside 100 and beside 10,000."""
    costs = set()
    for scale in SCALES:
        shop = CountingShop()
        for first in range(0, scale, LINES_MAX):
            there = range(first, min(first + LINES_MAX, scale))
            shop.send("ReceiveStock", lines=lines(there, 9))
        wish = {"reservation": "r", "ttl_seconds": 900, "lines": lines(range(1))}
        reserved = shop.cost("ReserveStock", **wish)
        costs.add((reserved, shop.cost("ShipReservation", reservation="r")))

    assert len(costs) == 1
    assert max(max(cost) for cost in costs.pop()) <= 4


def test_what_a_command_reads_does_not_grow_with_what_has_happened() -> None:
    """Pain 14: erpnext#35348 (a report dies of a million ledger entries). No history is added up
    here to know what is there: after 10,000 movements of a SKU one row says it."""
    shop = CountingShop()
    first = shop.cost("ReceiveStock", lines=lines(range(1), 10_000))
    costs = {shop.cost("ShipStock", lines=lines(range(1))) for _ in range(10_000)}

    assert costs == {first} == {(1, 1)}
    assert Tables(shop.rows).stock["LON-1", "S0"]["on_hand"] == 0


@pytest.mark.parametrize("kind", ["ReceiveStock", "ShipStock", "ReserveStock"])
def test_each_line_costs_one_row_also_of_twenty_thousand(kind: str) -> None:
    """Pain 14: odoo#43523 (20,000 lines), odoo#116803 (10,000 moves in 80 s and 46,954 queries). An
    import of 20,000 lines is 20 commands; each reads and writes a row for each of its lines, and
    at most two more."""
    shop = CountingShop()
    if kind != "ReceiveStock":
        for first in range(0, 20_000, LINES_MAX):
            shop.send("ReceiveStock", lines=lines(range(first, first + LINES_MAX), 3))
    total = 0
    for number in range(20):
        more = {"reservation": f"r{number}", "ttl_seconds": 900} if kind == "ReserveStock" else {}
        there = range(number * LINES_MAX, (number + 1) * LINES_MAX)
        read, written = shop.cost(kind, lines=lines(there), **more)
        assert LINES_MAX <= read <= LINES_MAX + 2
        assert LINES_MAX <= written <= LINES_MAX + 2
        total += written
    assert total <= 20_000 + 20 * 2


def _placed(count: int) -> int:
    """How often somebody is put in his place where all of so many SKUs are wanted at once."""
    shop, skus = Shop(), range(count)
    coming = [line | {"due": "2026-12-01T00:00:00Z"} for line in lines(skus, 9)]
    assert shop.send("ExpectSupply", supply="PO-1", lines=coming).code == ""
    told = {"reservation": "r", "by": "2027-01-01T00:00:00Z"}
    assert shop.send("PreorderStock", lines=lines(skus, 9), **told).code == ""
    placed = 0

    def profile(frame: FrameType, event: str, _: object) -> None:
        nonlocal placed
        placed += event == "call" and frame.f_code.co_name == "place"

    sys.setprofile(profile)
    try:
        urgent = shop.send("BackorderStock", lines=lines(skus), reservation="s", priority=9)
    finally:
        sys.setprofile(None)
    late = json.loads(urgent.event or b"")["late"]
    assert len(late) == count
    return placed


def test_who_is_late_by_a_command_of_many_lines_is_found_line_by_line() -> None:
    """Pain 14, slow at volume: each queue is looked at once, however many others there are."""
    few, many = _placed(20), _placed(80)

    assert 0 < many <= 5 * few


class Looked(list[Any]):
    """What an event gives, which notes how often it is looked at."""

    seen = 0

    def __iter__(self) -> Iterator[Any]:
        for one in super().__iter__():
            self.seen += 1
            yield one


def test_what_an_event_of_many_lines_gives_is_gone_through_as_often_as_of_one() -> None:
    """Pain 14, slow at volume: neither lines nor reservations look at what others were given."""
    shop, skus = Shop(), [f"S{number}" for number in range(40)]
    for sku in skus:
        wait = {"reservation": sku, "channel": "web"}
        shop.send("SetChannelPools", lines=[{"sku": sku, "pools": [{"channel": "web"}]}])
        shop.send("BackorderStock", lines=[{"sku": sku, "quantity": 1}], **wait)
    keys = {sku: stock_key("LON-1", sku) for sku in skus}
    rows = {sku: decode_row(shop.rows[key]) for sku, key in keys.items()}
    stock = Stock(rows, beside=load(ReceiveStock, "LON-1", rows, shop.rows.get, None))
    event: Any = decide(stock, receive(*((sku, 1) for sku in skus)), MOMENT)
    event.filled = Looked(event.filled)

    changed(stock, event, keys, 0)

    assert len(event.filled) == 40
    assert event.filled.seen <= 5 * 40


def test_what_is_worth_how_much_and_lies_where_is_one_row_however_long_its_history() -> None:
    """Pain 14: erpnext#35348 again, of the value of stock and of what lies in a zone. Neither is a
    report: both are in a row that each event brings on."""
    office, yard = Office(), Yard()
    yard.given(create("Z", "zone"), create("B", "bin", "Z"), record(A=5_000))
    office.bought("A", 5_000, 5_000)
    reads = set()
    for _ in range(2_000):
        office.move("shipped", ("A", 1))
        yard.given(put_away(("A", "B", 1)))
        reads.add(len(set(yard.reads)))

    assert reads == {max(reads)} and max(reads) <= 6
    assert yard.books().locations["Z"]["units"] == 2_000
    valued = [key for key in office.rows if key.startswith(b"V")]
    assert len(valued) == 1


def test_many_commands_are_one_transaction_and_each_row_is_written_once_in_it() -> None:
    """Pain 14 and 15: 300 to 500 a second because each message is a write and a commit of its own
    (robinhood/faust#563). Here what arrived together is one batch: 5,000 commands on 10 rows write
    10 rows, one record of ids and one stamp to the changelog."""
    values = [
        {"type": "ReceiveStock", "id": f"c{n}", "warehouse": HOMES[0], "lines": lines(range(10))}
        for n in range(5_000)
    ]
    with folder_in_memory() as folder:
        world = StockWorld(folder / "store", window_s=86_400)
        batch: Batch = world.run(
            [Record(at, START_MS, None, json.dumps(one).encode()) for at, one in enumerate(values)]
        )
        world.store.close()

    assert len(batch.events) == 5_000
    assert len(batch.changelog) == 10 + 1 + 1


def test_what_is_on_hand_and_what_is_reserved_are_one_row() -> None:
    """Pain 15: kafka-streams-examples#436, where both stand in stores of their own that can
    disagree. Here one row has both, and it changes with the reservation in one decision."""
    shop = Shop()
    shop.send("ReceiveStock", lines=lines(range(1), 9))
    wish = {"reservation": "r", "ttl_seconds": 900, "lines": lines(range(1), 4)}

    decision = shop.send("ReserveStock", **wish)

    assert sorted(key[:1] for key in decision.changes) == [b"S", b"r"]
    row = Tables(shop.rows).stock["LON-1", "S0"]
    assert (row["on_hand"], row["reserved"]) == (9, 4)


@pytest.mark.parametrize("seed", range(20))
def test_a_compacted_changelog_gives_back_the_same_store(seed: int, tmp_path: Path) -> None:
    """Pain 15: faust#176 and faust#373 (recovery from a compacted changelog stops or is wrong),
    faust#333 (a lost RocksDB). Whatever part of the log Kafka has compacted, a store made anew of
    the rest is the same, and goes on with the next seq."""
    rng = random.Random(seed)
    entries = recorded((seed, 60))
    with folder_in_memory() as folder:
        world = StockWorld(folder / "store", window_s=86_400)
        for at in range(0, len(entries), 7):
            world.run(entries[at : at + 7], now_ms=CLOCK_MS + 86_400_000)
        before, told = _contents(world), len(world.log.events)
        world.store.close()

        world.log.changelog = _compacted(world.log.changelog, rng)
        world.path = folder / "anew"
        world.recover()

        assert _contents(world) == before
        last = Record(len(entries), entries[-1].timestamp, None, entries[0].value)
        fresh = {
            "type": "ReceiveStock",
            "id": "new",
            "warehouse": HOMES[0],
            "lines": lines(range(1)),
        }
        after = Record(last.offset + 1, last.timestamp, None, json.dumps(fresh).encode())
        world.run([last, after], now_ms=CLOCK_MS + 86_400_000)
        (event,) = world.log.events[told:]
        assert json.loads(event)["seq"] == told + 1, "the repeat is known, and seq has no gap"
        world.store.close()


def _contents(world: StockWorld) -> dict[bytes, bytes]:
    """All rows, ids and timers that still mean something."""
    return contents(world.store, b"S", b"B", b"P", b"Q", b"K", b"U", b"r", b"c", b"I")


def _compacted(log: list[Record], rng: random.Random) -> list[Record]:
    """What Kafka may leave of it: up to some point, of each key the last of all."""
    dirty = rng.choice(log).offset if rng.random() < 0.7 else log[-1].offset + 1
    last = {record.key: record.offset for record in log}
    return [one for one in log if one.offset >= dirty or last[one.key] == one.offset]
