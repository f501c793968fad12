"""Any history, and the oracle of the chaos runs beside it: both say the same of every command."""

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import given

from api.promises import promises_of
from tests.chaos.api_promises import expected
from tests.chaos.checker import compare_event
from tests.chaos.oracle import Oracle
from tests.chaos.records import Record
from tests.chaos.routing import rfc3339
from tests.examples import FEW
from tests.stock.bytes_of import START_MS, Shop
from tests.stock.histories import numbers, run
from tests.stock.stage import Stage, histories


def agree(records: Iterable[tuple[int, bytes]]) -> None:
    """Decide these, each at its log time, by the actor and by the oracle.

    In the end they promise the same of every SKU.
    """
    oracle, shop = Oracle("t", 0, 1, 1, window_s=60), Shop(window_ms=60_000)
    shop.moment.partition = 0
    for offset, (ms, value) in enumerate(records):
        shop.pass_time(ms - shop.moment.log_time_ms)
        shop.put(value)
        oracle.fold([Record(0, offset, ms, None, value)])
    for wanted, event in zip(oracle.told.events, shop.events, strict=True):
        assert not compare_event(wanted, json.loads(event)), (wanted, event)
    now = rfc3339(shop.moment.log_time_ms)
    for place, row in oracle.told.rows.items():
        for quantity, priority in ((1, 0), (9, 5)):
            told = promises_of(shop.rows.get, place, now, quantity, priority)
            head = {"warehouse": place[0], "sku": place[1]}
            assert told == head | expected(row, now, quantity, priority)


@FEW
@given(numbers)
def test_they_agree_on_any_history(of: tuple[int, int]) -> None:
    ms, records = START_MS, list[tuple[int, bytes]]()
    for entry in run(*of):
        if isinstance(entry, int):
            ms += entry
        else:
            records.append((ms, entry))
    agree(records)


@FEW
@given(histories)
def test_they_agree_on_what_is_promised_and_who_is_late(history: list[tuple[Any, ...]]) -> None:
    stage = Stage()
    for number, step in enumerate(history):
        stage.take(number, step)
    agree(stage.shop.records)
