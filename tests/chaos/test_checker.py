"""The checker bites: every planted fault is found, and what is faultless is called right."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.changelog import STAMP_KEY
from tests.chaos.checker import Logs, check
from tests.chaos.records import Record
from tests.chaos.synthetic import faultless
from tests.chaos.traffic import Traffic, Wish

PARTITIONS = 4
COMMANDS = 3_000


@pytest.fixture(scope="module")
def good() -> Logs:
    wishes = Traffic(43, PARTITIONS, skus=200).wishes(COMMANDS)
    return faultless([Wish("tick", None, b'{"type":"Tick"}', [], 0), *wishes], PARTITIONS)


def _copy(logs: Logs) -> Logs:
    return replace(
        logs,
        commands={n: list(log) for n, log in logs.commands.items()},
        events={n: list(log) for n, log in logs.events.items()},
        alerts={n: list(log) for n, log in logs.alerts.items()},
        dead_letters={n: list(log) for n, log in logs.dead_letters.items()},
        changelog={n: list(log) for n, log in logs.changelog.items()},
    )


def test_a_faultless_run_is_right(good: Logs) -> None:
    report, _ = check(good)
    assert report.right, str(report)
    told = ("alerts", "dead letters", "forwards", "caused commands", "repeats", "ticks")
    kept = (
        "rows",
        "balances",
        "policies",
        "queues",
        "reservations",
        "counts",
        "transfers",
        "arrivals",
    )
    for name in (*told, *kept):
        assert report.counts[name] > 0, name


def test_nothing_at_all_is_not_right() -> None:
    report, _ = check(faultless([], PARTITIONS))
    assert not report.right


def _middle(log: list[Record], kind: str = "") -> int:
    found = [at for at, record in enumerate(log) if kind in (record.value or b"").decode()]
    return found[len(found) // 2]


def _edit(log: list[Record], at: int, change: Callable[[dict[str, Any]], Any]) -> None:
    event = json.loads(log[at].value or b"")
    change(event)
    log[at] = log[at]._replace(value=json.dumps(event).encode())


def _renumber(log: list[Record]) -> None:
    """Make seq and id gapless again, so that only the content is wrong."""
    for at, record in enumerate(log):
        number = at + 1
        event = json.loads(record.value or b"")
        event |= {"seq": number, "id": f"{record.partition}-{number}"}
        log[at] = record._replace(value=json.dumps(event).encode())


def _lose_event(logs: Logs, p: int) -> None:
    del logs.events[p][_middle(logs.events[p])]


def _lose_event_unseen(logs: Logs, p: int) -> None:
    _lose_event(logs, p)
    _renumber(logs.events[p])


def _lose_last_event(logs: Logs, p: int) -> None:
    logs.events[p].pop()


def _lose_first_event(logs: Logs, p: int) -> None:
    del logs.events[p][0]


def _double_event(logs: Logs, p: int) -> None:
    at = _middle(logs.events[p], "StockReceived")  # of a command: an expiry has no second outcome
    logs.events[p].insert(at, logs.events[p][at])


def _double_event_unseen(logs: Logs, p: int) -> None:
    _double_event(logs, p)
    _renumber(logs.events[p])


def _swap_events(logs: Logs, p: int) -> None:
    at, log = _middle(logs.events[p]), logs.events[p]
    log[at], log[at + 1] = log[at + 1], log[at]
    _renumber(log)


def _wrong_on_hand(logs: Logs, p: int) -> None:
    at = _middle(logs.events[p], "StockReceived")
    _edit(logs.events[p], at, lambda e: e["lines"][0].update(on_hand=e["lines"][0]["on_hand"] + 1))


def _wrong_version(logs: Logs, p: int) -> None:
    at = _middle(logs.events[p], "StockShipped")
    _edit(logs.events[p], at, lambda e: e["lines"][0].update(version=e["lines"][0]["version"] + 1))


def _wrong_code(logs: Logs, p: int) -> None:
    at = _middle(logs.events[p], "INSUFFICIENT_STOCK")
    _edit(logs.events[p], at, lambda e: e.update(code="QUANTITY_LIMIT"))


def _wrong_source(logs: Logs, p: int) -> None:
    at = _middle(logs.events[p])
    _edit(logs.events[p], at, lambda e: e["source"].update(offset=e["source"]["offset"] + 1))


def _wrong_expiry(logs: Logs, p: int) -> None:
    at = _middle(logs.events[p], "StockReserved")
    _edit(logs.events[p], at, lambda e: e.update(expires_at="2026-11-20T10:15:02.000Z"))


def _wrong_warehouse(logs: Logs, p: int) -> None:
    _edit(logs.events[p], _middle(logs.events[p]), lambda e: e.update(warehouse="elsewhere"))


def _lost_actor(logs: Logs, p: int) -> None:
    _edit(logs.events[p], _middle(logs.events[p], '"actor"'), lambda e: e.pop("actor"))


def _unknown_field(logs: Logs, p: int) -> None:
    _edit(logs.events[p], _middle(logs.events[p]), lambda e: e.update(worker=1))


def _gap_in_seq(logs: Logs, p: int) -> None:
    log = logs.events[p]
    for at in range(_middle(log), len(log)):
        _edit(log, at, lambda e: e.update(seq=e["seq"] + 1, id=f"{e['partition']}-{e['seq'] + 1}"))


def _no_event(logs: Logs, p: int) -> None:
    at = _middle(logs.events[p])
    logs.events[p][at] = logs.events[p][at]._replace(value=b"{")


def _wrong_event_key(logs: Logs, p: int) -> None:
    at = _middle(logs.events[p])
    logs.events[p][at] = logs.events[p][at]._replace(key=b"elsewhere")


def _lose_alert(logs: Logs, p: int) -> None:
    del logs.alerts[p][_middle(logs.alerts[p])]


def _double_alert(logs: Logs, p: int) -> None:
    logs.alerts[p].append(logs.alerts[p][-1])


def _wrong_alert(logs: Logs, p: int) -> None:
    at = _middle(logs.alerts[p], "LowStock")
    _edit(logs.alerts[p], at, lambda alert: alert.update(type="OutOfStock"))


def _lose_dead_letter(logs: Logs, p: int) -> None:
    logs.dead_letters[p].pop()


def _change_dead_letter(logs: Logs, p: int) -> None:
    at = next(at for at, one in enumerate(logs.dead_letters[p]) if one.value)
    letter = logs.dead_letters[p][at]
    logs.dead_letters[p][at] = letter._replace(value=(letter.value or b"")[:-1])


def _anonymous_dead_letter(logs: Logs, p: int) -> None:
    logs.dead_letters[p][0] = logs.dead_letters[p][0]._replace(headers=())


def _change_row(logs: Logs, p: int) -> None:
    at = next(at for at, one in enumerate(logs.changelog[p]) if (one.key or b"")[:1] == b"S")
    value = bytearray(logs.changelog[p][at].value or b"")
    value[7] += 1
    logs.changelog[p][at] = logs.changelog[p][at]._replace(value=bytes(value))


def _lose_row(logs: Logs, p: int) -> None:
    del logs.changelog[p][0]


def _lose_reservation(logs: Logs, p: int) -> None:
    at = next(at for at, one in enumerate(logs.changelog[p]) if (one.key or b"")[:1] == b"r")
    del logs.changelog[p][at]


def _torn_changelog(logs: Logs, p: int) -> None:
    assert logs.changelog[p][-1].key == STAMP_KEY
    logs.changelog[p].append(logs.changelog[p][0])


def _stamp_behind(logs: Logs, p: int) -> None:
    stamp = bytearray(logs.changelog[p][-1].value or b"")
    offset = int.from_bytes(stamp[16:24], "big") - 3
    stamp[16:24] = offset.to_bytes(8, "big")
    logs.changelog[p][-1] = logs.changelog[p][-1]._replace(value=bytes(stamp))


def _forward(logs: Logs, p: int) -> int:
    log = logs.commands[p]
    origin = f"{logs.topic}/".encode()
    sources = (dict(record.headers).get("forwarded_from") or b"" for record in log)
    return next(at for at, source in enumerate(sources) if source.startswith(origin))


def _lose_forward_and_outcome(logs: Logs, p: int) -> None:
    """The last that was forwarded, with all behind it."""
    log, origin = logs.commands[p], f"{logs.topic}/".encode()
    while not (dict(log.pop().headers).get("forwarded_from") or b"").startswith(origin):
        continue
    left, log = len(log), logs.events[p]
    log[:] = [one for one in log if json.loads(one.value or b"")["source"]["offset"] < left]


def _strip_forward(logs: Logs, p: int) -> None:
    at = _forward(logs, p)
    origin = [one for one in logs.commands[p][at].headers if one[0] == "forwarded_from"]
    logs.commands[p][at] = logs.commands[p][at]._replace(key=b"?", headers=tuple(origin))


def _undecided(logs: Logs, p: int) -> None:
    last = logs.commands[p][-1]
    logs.commands[p].append(last._replace(offset=last.offset + 1))


PLANTS = {
    plant.__name__.strip("_"): (plant, sort)
    for plant, sort in (
        (_lose_event, "gap in seq"),
        (_lose_event_unseen, "event"),
        (_lose_last_event, "events too few"),
        (_lose_first_event, "next seq in the stamp"),
        (_double_event, "second outcome"),
        (_double_event_unseen, "second outcome"),
        (_swap_events, "event"),
        (_wrong_on_hand, "event"),
        (_wrong_version, "event"),
        (_wrong_code, "event"),
        (_wrong_source, "event"),
        (_wrong_expiry, "event"),
        (_wrong_warehouse, "event"),
        (_lost_actor, "event"),
        (_unknown_field, "event"),
        (_gap_in_seq, "gap in seq"),
        (_no_event, "gap in seq"),
        (_wrong_event_key, "event"),
        (_lose_alert, "alert"),
        (_double_alert, "number of alerts"),
        (_wrong_alert, "alert"),
        (_lose_dead_letter, "number of dead letters"),
        (_change_dead_letter, "dead letter"),
        (_anonymous_dead_letter, "dead letter"),
        (_change_row, "row"),
        (_lose_row, "row"),
        (_lose_reservation, "reservation"),
        (_torn_changelog, "changelog"),
        (_stamp_behind, "undecided"),
        (_lose_forward_and_outcome, "number of forwards"),
        (_strip_forward, "forward"),
        (_undecided, "undecided"),
    )
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_fault_is_found(good: Logs, name: str) -> None:
    plant, sort = PLANTS[name]
    logs = _copy(good)
    plant(logs, max(logs.dead_letters, key=lambda n: len(logs.dead_letters[n])))
    report, _ = check(logs)
    assert not report.right
    assert report.found[sort] > 0, str(report)
    assert sort in str(report)
