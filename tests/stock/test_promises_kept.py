"""Any history of supplies and pre-orders: what was promised is there on its day if supplies are."""

from typing import Any

from hypothesis import given

from tests.examples import FEW
from tests.stock.stage import DAYS, Stage, histories


@FEW
@given(histories)
def test_what_was_promised_is_there_on_its_day(history: list[tuple[Any, ...]]) -> None:
    stage = Stage()
    for number, step in enumerate(history):
        stage.take(number, step)
        stage.check()
        stage.check_sums()
    for _ in range(DAYS):
        stage.take(len(history), ("pass",))
        stage.check()
    assert not stage.coming(), "all of it is due by then"
