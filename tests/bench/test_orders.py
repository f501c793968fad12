"""Orders, sagas and the flash sale as benchmarks send them: decided as they claim."""

import json

from bench.flash import SKU, UNITS, WAREHOUSE, FlashSale
from bench.oracle import refold
from bench.order import KINDS, LINES, commands, quantile_ms, transactions
from bench.preload import ROW
from bench.saga import LEGS, placed
from bench.tail import Record
from bench.workload import Workload
from streams import stamp
from streams.topics import owner
from tests.chaos.rules import read

ORDERS = 64


def test_an_order_has_500_skus_and_is_granted_on_what_is_there() -> None:
    workload = Workload(opened=0)
    sent = list(commands(workload, ORDERS))

    read_again = [read(value) for _, value in sent]
    assert all(one is not None and not one.problem for one in read_again)
    assert {len(one.lines) for one in read_again if one is not None} == {LINES}
    assert [one.type for one in read_again if one is not None] == [*KINDS] * (ORDERS // 2)
    expected = refold(((owner(w, workload.partitions), 0, value) for w, value in sent), ROW)
    told = list(expected.outcomes.values())
    assert (told.count("StockReserved"), told.count("StockShipped")) == (ORDERS // 2,) * 2


def change(offset: int, key: bytes, partition: int = 0) -> Record:
    return Record(partition, offset, 0, key, b"")


def test_a_transaction_is_the_rows_from_a_stamp_to_the_next_of_its_partition() -> None:
    records = [
        change(1, b"S\0W\0old"),
        change(2, stamp.KEY),
        change(3, b"S\0W\0a"),
        change(9, b"S\0V\0x", partition=1),
        change(4, b"r\0W\0order"),
        change(5, b"S\0W\0b"),
        change(6, stamp.KEY),
        change(7, b"S\0W\0torn"),
    ]

    assert list(transactions(iter(records), {0: 2})) == [[b"S\0W\0a", b"S\0W\0b"]]


def test_a_quantile_is_one_of_what_was_seen() -> None:
    seen_s = [0.003, 0.001, 0.002]
    assert [quantile_ms(seen_s, share) for share in (0, 0.5, 0.99, 1)] == [1, 2, 3, 3]


def test_of_a_flash_sale_as_many_are_accepted_as_there_are_units() -> None:
    expected = refold((0, 0, value) for _, value in FlashSale().commands(UNITS + 501))

    told = list(expected.outcomes.values())
    assert told.count("StockReserved") == UNITS
    assert told.count("CommandRejected/INSUFFICIENT_STOCK") == 500
    assert expected.rows[WAREHOUSE, SKU][:2] == (UNITS, UNITS)


def test_each_line_of_a_saga_is_to_be_had_in_one_warehouse_that_has_no_other() -> None:
    for order, value in placed(Workload(opened=0), ORDERS):
        told = json.loads(value)
        assert told["order"] == order
        wanted = {line["sku"] for line in told["lines"]}
        found = [one["sku"] for source in told["sources"] for one in source["stock"]]
        places = {source["warehouse"] for source in told["sources"]}
        assert len(wanted) == len(found) == len(places) == LEGS
        assert wanted == set(found)
