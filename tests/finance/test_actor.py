"""The actor as the runtime sees it: identity, repeats, what falls due, and the layers it reads."""

import json
from typing import Any

import pytest

from agents.finance.agent import FinanceActor
from streams.actor import Moment, Unreadable
from tables.finance import LAYERS, VALUATIONS, layer_name
from tests.finance.bytes_of import START_MS, WAREHOUSE, Office

MOVEMENT: dict[str, Any] = {
    "type": "RecordMovement",
    "id": "3-7",
    "warehouse": WAREHOUSE,
    "cause": "3-7",
    "movement": "StockReceived",
    "lines": [{"sku": "A", "quantity": 6, "from_account": "supplier", "to_account": "sellable"}],
    "time": "2026-11-17T10:00:00Z",
    "actor": "user:42",
    "correlation_id": "x",
}


def encoded(**change: Any) -> bytes:
    fields = {name: told for name, told in (MOVEMENT | change).items() if told is not None}
    return json.dumps(fields).encode()


def fingerprint(value: bytes) -> bytes:
    actor = FinanceActor()
    return actor.fingerprint(actor.decode(value)[2])


def test_an_outcome_is_told_with_its_place() -> None:
    office = Office()
    command = office.actor.decode(encoded())[2]

    told = office.actor.decide(command, office.rows.get, Moment(11, 2**40, 2**41, START_MS + 123))

    assert json.loads(told.event or b"") == {
        "type": "ValueMoved",
        "id": "11-1099511627776",
        "partition": 11,
        "seq": 2**40,
        "command_id": "3-7",
        "warehouse": WAREHOUSE,
        "cause": "3-7",
        "movement": "StockReceived",
        "lines": [MOVEMENT["lines"][0] | {"amount": 0, "balance": 6, "value": 0}],
        "period": "2026-11",
        "journal": [],
        "time": "2026-11-17T10:00:00Z",
        "recorded_at": "2026-11-18T12:00:00.123Z",
        "actor": "user:42",
        "correlation_id": "x",
        "source": {"partition": 11, "offset": 2**41},
    }
    assert (told.outcome, told.code, told.alerts, list(told.commands)) == ("ValueMoved", "", [], [])


def test_decode_tells_where_a_command_belongs() -> None:
    assert FinanceActor().decode(encoded(lines=None))[:2] == (WAREHOUSE, "3-7")


def test_what_names_no_command_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="id is longer than 128 characters"):
        FinanceActor().decode(encoded(id="i" * 129))


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2026-11-20T10:00:01Z"},
        {"time": None, "actor": None, "correlation_id": None},
        {"id": "3-8"},
    ],
)
def test_a_repeat_may_differ_in_when_by_whom_and_why(change: dict[str, Any]) -> None:
    assert fingerprint(encoded(**change)) == fingerprint(encoded())


@pytest.mark.parametrize(
    "change",
    [
        {"cause": "3-8"},
        {"movement": "RECEIVED"},
        {"reference": "t"},
        {"gl_account": "scrap"},
        {"lines": [MOVEMENT["lines"][0] | {"quantity": 7}]},
        {"lines": []},
        {"lines": [], "time": None},
    ],
)
def test_another_payload_is_another_command(change: dict[str, Any]) -> None:
    assert fingerprint(encoded(**change)) != fingerprint(encoded())


def test_invalid_commands_are_the_same_where_their_bytes_are() -> None:
    bad = encoded(lines=[])

    assert fingerprint(bad) == fingerprint(bytes(bytearray(bad)))
    assert fingerprint(bad) != fingerprint(bad + b" ")


@pytest.mark.parametrize("value", [encoded(), encoded(lines=[])])
def test_the_runtime_refuses_in_our_words(value: bytes) -> None:
    office = Office()
    command = office.actor.decode(value)[2]

    told = office.actor.reject(command, "INTERNAL", "a defect", {"offset": 1}, office.moment)

    event = json.loads(told.event or b"")
    assert (event["code"], event["message"], event["details"]) == (
        "INTERNAL",
        "a defect",
        {"offset": 1},
    )
    assert (event["command_id"], told.code, told.changes) == ("3-7", "INTERNAL", {})


class Counting:
    """Rows that say which of them were asked for."""

    def __init__(self, rows: dict[bytes, bytes]) -> None:
        self.rows = rows
        self.asked: list[bytes] = []

    def __call__(self, key: bytes) -> bytes | None:
        self.asked.append(key)
        return self.rows.get(key)


def layers_asked(office: Office, quantity: int, **fields: Any) -> list[int]:
    """The numbers of the layers that are read to ship so many."""
    rows = Counting(office.rows)
    line = {"sku": "A", "quantity": quantity, "from_account": "sellable", "to_account": "customer"}
    command = office.actor.decode(encoded(lines=[line], **fields))[2]
    office.actor.decide(command, rows, office.moment)
    start = LAYERS.key(WAREHOUSE, layer_name("A", 0))[:-16]
    return [int(key[-16:], 16) for key in rows.asked if key.startswith(start)]


@pytest.mark.parametrize("method", ["fifo", "specific"])
def test_no_more_layers_are_read_than_leave_and_one(method: str) -> None:
    office = Office()
    office.cost("A", method)
    for _ in range(9):
        office.bought("A", 5, 500)

    assert layers_asked(office, 4) == [1]
    assert layers_asked(office, 5) == [1, 2]
    office.move("shipped", ("A", 12))
    assert layers_asked(office, 2) == [3]
    assert layers_asked(office, 33) == [3, 4, 5, 6, 7, 8, 9]


def test_a_named_layer_is_looked_for_among_all() -> None:
    office = Office()
    office.cost("A", "specific")
    receipts = [office.bought("A", 5, 500) for _ in range(3)]
    office.move("shipped", ("A", 5), reference=receipts[1])

    assert layers_asked(office, 1, reference=receipts[2]) == [1, 2, 3]
    assert layers_asked(office, 6) == [1, 2, 3]


def test_average_reads_no_layer_and_writes_none() -> None:
    office = Office()
    office.bought("A", 5, 500)

    assert layers_asked(office, 4) == []
    assert VALUATIONS.key(WAREHOUSE, "A") in office.rows
    assert not any(key.startswith(b"L") for key in office.rows)
