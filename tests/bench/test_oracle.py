"""The benchmark's judge: right by the contract on small logs, and blind to no planted fault."""

import json
from typing import Any

import pytest

from bench.oracle import Expected, Row, refold
from bench.preload import ROW
from bench.tail import Record
from bench.verdict import changelog_rows, check_events, check_rows
from bench.workload import Workload
from streams.topics import owner

WAREHOUSE, SECOND_MS = "WH-001", 1_000


def command(kind: str, number: int, **fields: Any) -> bytes:
    lines = {"lines": [{"sku": "A", **fields.pop("line")}]} if "line" in fields else {}
    told = {"type": kind, "id": f"c{number}", "warehouse": WAREHOUSE, **lines, **fields}
    return json.dumps(told).encode()


def folded(*commands: tuple[int, bytes]) -> Expected:
    return refold((0, append_ms, value) for append_ms, value in commands)


def row(expected: Expected) -> Row:
    return expected.rows[WAREHOUSE, "A"]


RECEIVED = (0, command("ReceiveStock", 1, line={"quantity": 10}))
RESERVED = (
    0,
    command("ReserveStock", 2, line={"quantity": 4}, reservation="r", ttl_seconds=1),
)


def test_a_reservation_expires_by_log_time_before_the_next_record() -> None:
    expected = folded(
        RECEIVED, RESERVED, (SECOND_MS, command("ShipStock", 3, line={"quantity": 10}))
    )
    assert expected.outcomes[WAREHOUSE, "c3"] == "StockShipped"
    assert expected.expired == {(WAREHOUSE, "r"): 1}
    assert row(expected) == (0, 0, 0, 4)
    assert expected.events_count == 4


def test_stock_that_is_reserved_is_not_shipped() -> None:
    expected = folded(RECEIVED, RESERVED, (0, command("ShipStock", 3, line={"quantity": 7})))
    assert expected.outcomes[WAREHOUSE, "c3"] == "CommandRejected/INSUFFICIENT_STOCK"
    assert row(expected) == (10, 4, 0, 2)


def test_a_tick_only_moves_the_clock() -> None:
    expected = folded(RECEIVED, RESERVED, (SECOND_MS, b'{"type":"Tick"}'))
    assert expected.commands == 2
    assert row(expected) == (10, 0, 0, 3)


def test_a_repeat_tells_nothing_and_another_payload_is_refused_each_time() -> None:
    repeated = (0, command("ReceiveStock", 1, line={"quantity": 10}, time="2026-11-20T10:00:00Z"))
    reused = (0, command("ReceiveStock", 1, line={"quantity": 11}))
    expected = folded(RECEIVED, repeated, reused, reused)
    assert expected.outcomes == {(WAREHOUSE, "c1"): "StockReceived"}
    assert expected.reused == {(WAREHOUSE, "c1"): 2}
    assert row(expected) == (10, 0, 0, 1)


def test_a_closed_reservation_is_remembered() -> None:
    expected = folded(
        RECEIVED,
        RESERVED,
        (0, command("ShipReservation", 3, reservation="r")),
        (0, command("ReleaseReservation", 4, reservation="r")),
        (0, command("ReleaseReservation", 5, reservation="never")),
        (0, command("ReserveStock", 6, line={"quantity": 1}, reservation="r", ttl_seconds=9)),
    )
    told = [expected.outcomes[WAREHOUSE, f"c{number}"] for number in range(3, 7)]
    assert told == [
        "StockShipped",
        "CommandRejected/RESERVATION_CLOSED",
        "CommandRejected/RESERVATION_NOT_FOUND",
        "CommandRejected/RESERVATION_EXISTS",
    ]
    assert row(expected) == (6, 0, 0, 3)


def event(kind: str, seq: int, number: int, on_hand: int, reserved: int, version: int) -> Record:
    line = {"sku": "A", "on_hand": on_hand, "reserved": reserved, "version": version}
    told = {"type": kind, "seq": seq, "command_id": f"c{number}", "warehouse": WAREHOUSE}
    return Record(0, seq, seq, b"", json.dumps(told | {"lines": [line]}).encode())


def right() -> list[Record]:
    return [event("StockReceived", 1, 1, 10, 0, 1), event("StockReserved", 2, 2, 10, 4, 2)]


def test_what_is_right_is_called_correct() -> None:
    verdict = check_events(folded(RECEIVED, RESERVED), right())
    assert (verdict.correct, verdict.outcomes) == (True, 2)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(right()[:1], id="an outcome is missing"),
        pytest.param([*right(), event("StockReserved", 3, 2, 10, 4, 2)], id="told twice"),
        pytest.param([right()[0], event("StockReserved", 3, 2, 10, 4, 2)], id="a gap in seq"),
        pytest.param([right()[0], event("StockShipped", 2, 2, 10, 4, 2)], id="another outcome"),
        pytest.param([right()[0], event("StockReserved", 2, 2, 10, 5, 2)], id="a wrong row"),
        pytest.param([right()[0], event("StockReserved", 2, 2, 10, 4, 3)], id="a wrong version"),
        pytest.param([*right(), event("StockShipped", 3, 9, 10, 4, 2)], id="of no command"),
    ],
)
def test_a_planted_fault_is_found(events: list[Record]) -> None:
    assert not check_events(folded(RECEIVED, RESERVED), events).correct


def test_a_row_that_did_not_reach_the_changelog_is_found() -> None:
    expected = folded(RECEIVED)
    key, value = f"S\0{WAREHOUSE}\0A".encode(), bytes(7) + b"\x0a" + bytes(23) + b"\x01"
    kept = changelog_rows([Record(0, 0, 0, key, value), Record(0, 1, 0, b"r\0" + key[2:], b"-")])
    for found, correct in ((kept, True), ({}, False)):
        verdict = check_events(expected, right()[:1])
        check_rows(verdict, expected, found)
        assert verdict.correct is correct


def test_the_workload_is_the_same_bytes_every_time_and_mostly_accepted() -> None:
    workload = Workload()
    commands = list(workload.commands(30_000))
    assert commands == list(Workload().commands(30_000))
    owners = {owner(name, workload.partitions) for name in workload.names()}
    assert owners == set(range(workload.partitions)), "no partition is idle"
    expected = refold((owner(w, workload.partitions), 0, value) for w, value in commands)
    rejected = sum(one.startswith("CommandRejected") for one in expected.outcomes.values())
    assert rejected < 0.35 * len(commands)
    assert 0.01 < 1 - len(expected.outcomes) / len(commands) < 0.03, "2 % repeats"


def test_rows_that_stood_before_the_run_count() -> None:
    expected = refold([(0, 0, command("ShipStock", 1, line={"quantity": 1}))], ROW)
    assert row(expected) == (ROW[0] - 1, 0, 0, 2)
