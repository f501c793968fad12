"""The checker bites at transfers: what one end brings about at the other, and what each has."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.caused import actual
from tests.chaos.checker import Logs, check
from tests.chaos.command_log import lines
from tests.chaos.messagepack import unpack
from tests.chaos.records import Caused
from tests.chaos.routing import owner
from tests.chaos.synthetic import Sent, caused_record, faultless, packed
from tests.chaos.traffic import Wish

PARTITIONS = 4
HERE, NEAR, FAR = "LON-1", "OSL-2", "LON-2"

Writer = Callable[[Caused], list[Sent]]
"""What an engine writes of a caused command."""


def _wishes() -> list[Wish]:
    """Two transfers: one in parts and closed short, one whole; and one that is under way."""
    told: list[dict[str, Any]] = [{"type": "ReceiveStock", "lines": lines(A=40, B=20)}]
    for name, there in (("far", FAR), ("near", NEAR), ("away", FAR)):
        sent = {"type": "DispatchTransfer", "transfer": name, "to_warehouse": there}
        told.append(sent | {"lines": lines(A=9, B=5), "actor": "ann"})
    for name, there, came in (("far", FAR, lines(A=4, Z=1)), ("near", NEAR, lines(A=9, B=6))):
        arrived = {"type": "ReceiveTransfer", "transfer": name, "from_warehouse": HERE}
        told.append(arrived | {"warehouse": there, "lines": came})
    closed = {"type": "CloseTransfer", "transfer": "far", "from_warehouse": HERE}
    told.append(closed | {"warehouse": FAR})
    return [_wish({"id": f"c{at}", "warehouse": HERE} | command) for at, command in enumerate(told)]


def _wish(command: dict[str, Any]) -> Wish:
    value = json.dumps(command).encode()
    return Wish(command["type"], command["warehouse"].encode(), value, [], None)


def _history(write: Writer | None = None) -> Logs:
    return faultless(_wishes(), PARTITIONS, 1, write)


def test_a_faultless_history_is_right() -> None:
    assert owner(HERE, PARTITIONS) == owner(NEAR, PARTITIONS) != owner(FAR, PARTITIONS)
    report, truth = check(_history())
    assert report.right, str(report)
    assert report.counts["caused commands"] == 6
    events = [one.value or b"" for log in _history().events.values() for one in log]
    kinds = {json.loads(event)["type"] for event in events}
    assert "CommandRejected" not in kinds
    assert len(kinds) == 6
    assert not any(told.unmatched for told in truth.predictions.values())


def _edited(one: Caused, suffix: str, change: Callable[[dict[str, Any]], None]) -> list[Sent]:
    """The record, with its command changed if its id ends so."""
    target, key, value, headers = caused_record(one)
    command = json.loads(value)
    if command["id"].endswith(suffix):
        change(command)
    return [(target, key, json.dumps(command).encode(), headers)]


def _none(suffix: str) -> Writer:
    return lambda one: [] if one.fields["id"].endswith(suffix) else [caused_record(one)]


def _doubled(suffix: str) -> Writer:
    return lambda one: [caused_record(one)] * (1 + one.fields["id"].endswith(suffix))


def _more(suffix: str) -> Writer:
    def change(command: dict[str, Any]) -> None:
        for line in command["lines"][:1]:
            line["quantity"] += 1

    return lambda one: _edited(one, suffix, change)


def _with(**fields: Any) -> Writer:
    return lambda one: _edited(one, "", lambda command: command.update(fields))


def _unsigned(one: Caused) -> list[Sent]:
    return _edited(one, "", lambda command: command.pop("actor", None))


def _reversed_lines(one: Caused) -> list[Sent]:
    return _edited(one, "", lambda command: command["lines"].reverse())


def _without_header(one: Caused) -> list[Sent]:
    target, key, value, _ = caused_record(one)
    return [(target, key, value, ())]


def _of_another_event(one: Caused) -> list[Sent]:
    target, key, value, _ = caused_record(one)
    return [(target, key, value, (("caused_by", b"0-999"),))]


def _with_one_more_header(one: Caused) -> list[Sent]:
    target, key, value, headers = caused_record(one)
    return [(target, key, value, (*headers, ("trace", b"1")))]


def _with_another_key(one: Caused) -> list[Sent]:
    target, _, value, headers = caused_record(one)
    return [(target, b"?", value, headers)]


def _to_another_partition(one: Caused) -> list[Sent]:
    target, key, value, headers = caused_record(one)
    return [((target + 1) % PARTITIONS, key, value, headers)]


def _swapped() -> Writer:
    """What goes to the far warehouse first goes behind what goes there next."""
    held: list[Sent] = []

    def write(one: Caused) -> list[Sent]:
        if one.key != FAR.encode():
            return [caused_record(one)]
        held.append(caused_record(one))
        return held[::-1] if len(held) == 2 else []

    return write


WRITERS: dict[str, tuple[Writer, str]] = {
    "no announcement": (_none("expect"), "caused command missing"),
    "no settlement": (_none("settle"), "caused command missing"),
    "announced twice": (_doubled("expect"), "caused command doubled"),
    "settled twice": (_doubled("settle"), "caused command doubled"),
    "more announced": (_more("expect"), "caused command"),
    "more settled": (_more("settle"), "caused command"),
    "final too early": (_with(is_final=True), "caused command"),
    "another id": (_with(id="x"), "caused command"),
    "with a time": (_with(time="2026-11-20T10:00:00Z"), "caused command"),
    "another actor": (_with(actor="bob"), "caused command"),
    "nobody's": (_unsigned, "caused command"),
    "other order of lines": (_reversed_lines, "caused command"),
    "no header": (_without_header, "caused command missing"),
    "another event's": (_of_another_event, "caused command of no event"),
    "one more header": (_with_one_more_header, "caused command"),
    "another key": (_with_another_key, "caused command"),
    "another partition": (_to_another_partition, "caused command"),
    "out of order": (_swapped(), "order of caused commands"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_an_engine_brings_about_wrongly_is_found(name: str) -> None:
    write, sort = WRITERS[name]
    report, _ = check(_history(write))
    assert report.found[sort] > 0, str(report)


def test_what_is_received_and_never_let_go_does_not_sum_to_zero() -> None:
    report, _ = check(_history(_none("settle")))
    assert report.found["books"] == 3, str(report)
    assert "the accounts transfers sum to -13, not 0" in str(report)


def test_a_producer_that_claims_an_event_is_found() -> None:
    claimed = _wish({"type": "ShipStock", "id": "x", "warehouse": HERE, "lines": lines(A=1)})
    claimed.headers.append(("caused_by", b"0-1"))
    report, _ = check(faultless([*_wishes(), claimed], PARTITIONS, 1))
    assert report.found["caused command of no event"] + report.found["caused command"] == 1


def _rewritten(kind: bytes, change: Callable[[Any], None]) -> Logs:
    """A faultless history, but for the first row of the kind."""
    logs = _history()
    for log in logs.changelog.values():
        for at, record in enumerate(log):
            value = record.value or b""
            head, rest = (value[:8], value[8:]) if kind.islower() else (b"", value)
            if (record.key or b"").startswith(kind + b"\0"):
                row = unpack(rest)
                change(row)
                log[at] = record._replace(value=head + packed(row))
                return logs
    raise AssertionError("there is none")


def _keep_in_transit(balances: list[int]) -> None:
    """What has arrived is not let go: in transit, and not yet among the transfers."""
    balances[8:10] = balances[8] + 1, balances[9] - 1


def _arrive_once_more(row: list[Any]) -> None:
    row[2][0][2] += 1


def _reopen(row: list[Any]) -> None:
    row[0] = "open"


def _lead_elsewhere(row: list[Any]) -> None:
    row[1] = "ROM-1"


@pytest.mark.parametrize(
    ("kind", "change", "sort"),
    [
        (b"B", _keep_in_transit, "books"),
        (b"B", _keep_in_transit, "balances"),
        (b"t", _arrive_once_more, "transfer"),
        (b"t", _reopen, "books"),
        (b"t", _lead_elsewhere, "transfer"),
        (b"i", _arrive_once_more, "arrival"),
        (b"i", _reopen, "arrival"),
        (b"i", _lead_elsewhere, "arrival"),
    ],
)
def test_a_wrong_row_is_found(kind: bytes, change: Callable[[Any], None], sort: str) -> None:
    report, _ = check(_rewritten(kind, change))
    assert report.found[sort] > 0, str(report)


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ("TransferDispatched", "on_hand"),
        ("TransferExpected", "quantity"),
        ("TransferReceived", "quantity"),
        ("TransferClosed", "quantity"),
        ("TransferSettled", "over"),
        ("TransferSettled", "short"),
        ("TransferSettled", "version"),
    ],
)
def test_an_event_that_tells_otherwise_is_found(event: str, name: str) -> None:
    logs = _history()
    for log in logs.events.values():
        for at, record in enumerate(log):
            told = json.loads(record.value or b"")
            if told["type"] == event and told["lines"]:
                told["lines"][0][name] = told["lines"][0].get(name, 0) + 1
                log[at] = record._replace(value=json.dumps(told).encode())
    report, _ = check(logs)
    assert report.found["event"] > 0, str(report)


def test_every_caused_command_names_its_event() -> None:
    logs = _history()
    found = actual(logs.commands)
    events = [json.loads(one.value or b"") for log in logs.events.values() for one in log]
    ids = {event["id"]: event["type"] for event in events}
    assert {ids[event] for event in found} == {
        "TransferDispatched",
        "TransferReceived",
        "TransferClosed",
    }
