"""The oracle against docs/stock.md: who waits, in what order, and what each of them is given."""

from typing import Any

import pytest

from tests.chaos.command_log import Log, details, kinds, lines, stocked
from tests.chaos.oracle_queues import ordered
from tests.chaos.records import Prediction, Waiting


def _wait(log: Log, name: str, units: int, **how: Any) -> Log:
    return log.command("BackorderStock", reservation=name, lines=lines(A=units), **how)


def _queue(told: Prediction) -> list[tuple[str, int]]:
    return [(one.reservation, one.missing) for one in ordered(told.rows["LON-1", "A"].queue)]


def _filled(told: Prediction) -> list[tuple[str, int]]:
    filled = told.events[-1].fields.get("filled", ())
    return [(one["reservation"], one["quantity"]) for one in filled]


def test_what_is_missing_is_waited_for_and_given_in_the_same_event() -> None:
    log = _wait(_wait(stocked(A=10), "r", 14), "s", 3)
    told = log.told()
    assert told.events[1].fields["lines"][0]["missing"] == 4
    assert _queue(told) == [("r", 4), ("s", 3)]

    told = log.command("ReceiveStock", lines=lines(A=6)).told()
    assert _filled(told) == [("r", 4), ("s", 2)]
    line = told.events[-1].fields["lines"][0]
    assert (line["reserved"], line["available"], line["version"]) == (16, 0, 4)
    assert [told.reservations["LON-1", name].state for name in "rs"] == ["confirmed", "waiting"]
    row = told.rows["LON-1", "A"]
    assert (row.allocated, _queue(told)) == (16, [("s", 1)])


def test_the_order_of_a_queue() -> None:
    log = _wait(Log(), "late", 1)
    _wait(log, "same day", 1, promised="2026-12-01T00:00:00Z")
    _wait(log, "same day again", 1, promised="2026-12-01t00:00:00.00+00:00")
    _wait(log, "a moment before", 1, promised="2026-11-30T23:59:59.9z")
    _wait(log, "urgent", 1, priority=1)
    names = ["urgent", "a moment before", "same day", "same day again", "late"]
    assert [name for name, _ in _queue(log.told())] == names


def test_nobody_overtakes_who_takes_nothing_in_parts() -> None:
    log = _wait(_wait(stocked(A=4), "whole", 6, partial=False), "small", 1)
    assert _queue(log.told()) == [("whole", 6), ("small", 1)]
    log.command("ShipStock", lines=lines(A=1))
    assert details(log) == {"sku": "A", "requested": 1, "available": 0, "waiting": 7}
    assert _filled(log.command("ReceiveStock", lines=lines(A=1)).told()) == []
    assert _filled(log.command("ReceiveStock", lines=lines(A=1)).told()) == [("whole", 6)]


def test_who_gives_up_lets_the_next_come() -> None:
    log = _wait(_wait(stocked(A=4), "whole", 6, partial=False), "small", 1)
    told = log.command("ReleaseReservation", reservation="whole").told()
    assert told.events[-1].fields["confirmed"] is True
    assert told.events[-1].fields["lines"][0]["quantity"] == 0
    assert (_filled(told), _queue(told)) == ([("small", 1)], [])


def test_safety_stock_is_given_to_nobody() -> None:
    log = stocked(A=5).command("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 2}])
    assert _queue(_wait(log, "r", 4).told()) == [("r", 1)]
    told = log.command("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 1}]).told()
    assert _filled(told) == [("r", 1)]


@pytest.mark.parametrize("kind", ["ConfirmReservation", "ShipReservation", "PickStock"])
def test_what_waits_goes_no_step_further(kind: str) -> None:
    log = _wait(stocked(A=5), "r", 9)
    more = {"lines": lines(A=1)} if kind == "PickStock" else {}
    log.command(kind, reservation="r", **more)
    assert kinds(log.told())[-1] == "RESERVATION_WAITING"


def test_a_queue_has_a_limit() -> None:
    log = Log()
    for number in range(1_001):
        _wait(log, f"r{number}", 1)
    assert details(log) == {"sku": "A", "limit": 1_000}
    assert kinds(log.told())[-1] == "QUEUE_FULL"


def test_fractions_of_a_second_are_in_order() -> None:
    texts = ["2026-12-01T00:00:00.1Z", "2026-12-01T00:00:00.09Z"]
    waiting = [Waiting(text, 1, 0, text, 1, True) for text in texts]
    assert [one.reservation for one in ordered(waiting)] == texts[::-1]


def test_a_backorder_in_other_words_is_a_repeat() -> None:
    log = _wait(Log(), "r", 1, id="b")
    _wait(log, "r", 1, id="b", priority=0, promised=None, partial=True)
    assert (log.told().duplicates, kinds(log.told())) == (1, ["StockBackordered"])


@pytest.mark.parametrize(
    "how", [{"priority": 10}, {"priority": True}, {"promised": "soon"}, {"partial": None}]
)
def test_a_backorder_outside_its_rules(how: dict[str, Any]) -> None:
    assert kinds(_wait(Log(), "r", 1, **how).told()) == ["INVALID_COMMAND"]
