"""The checker bites at accounts, reservations and counts too: what is planted there is found."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.checker import Logs, check
from tests.chaos.command_log import confirmed, counted, lines, opened
from tests.chaos.messagepack import unpack
from tests.chaos.records import Record
from tests.chaos.synthetic import faultless, packed
from tests.chaos.traffic import Wish

Plant = Callable[[Logs], None]


def _history() -> Logs:
    """One of each, as a faultless engine leaves it."""
    log = confirmed(A=9, B=5)
    for kind in ("PickStock", "PackStock", "ShipPacked"):
        log.command(kind, reservation="r", lines=lines(A=4))
    log.command("PickStock", reservation="r", lines=lines(A=2, B=1))
    log.command("ReceiveStock", lines=lines(A=30))
    moved = {"from_account": "sellable", "to_account": "scrap", "reason": "SCRAP"}
    log.command("MoveStock", lines=lines(A=3), **moved)
    log.command("SetStockPolicy", lines=[{"sku": "A", "safety_stock": 2, "recover_point": 40}])
    for name, units in (("w", 100), ("x", 3)):
        log.command("BackorderStock", reservation=name, lines=lines(B=units))
    log.command("ReceiveStock", lines=lines(B=2))
    counted(opened(log, "A", "B", tolerance=90), "ann", A=27, B=6)
    log.command("ApproveCount", count="c", actor="bob")
    wishes = [Wish("", None, record.value, [], 0) for record in log.records]
    return faultless(wishes, 1)


def test_a_faultless_history_is_right() -> None:
    report, _ = check(_history())
    assert report.right, str(report)
    kinds = [json.loads(one.value or b"")["type"] for one in _history().events[0]]
    assert "CommandRejected" not in kinds
    assert len(set(kinds)) == 12


def _edit(log: list[Record], kind: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the one event of the kind, or its first."""
    at = next(at for at, one in enumerate(log) if f'"{kind}"'.encode() in (one.value or b""))
    event = json.loads(log[at].value or b"")
    change(event)
    log[at] = log[at]._replace(value=json.dumps(event).encode())


def _rewrite(log: list[Record], kind: bytes, change: Callable[[Any], None]) -> None:
    """Write the first row of the kind anew."""
    for at, record in enumerate(log):
        key, value = record.key or b"", record.value or b""
        due, rest = (value[:8], value[8:]) if kind.islower() else (b"", value)
        if key.startswith(kind + b"\0"):
            row = unpack(rest)
            change(row)
            log[at] = record._replace(value=due + packed(row))
            return
    raise AssertionError("there is none")


def _unbalance(logs: Logs) -> None:
    def change(row: list[int]) -> None:
        row[5] += 1

    _rewrite(logs.changelog[0], b"S", change)


def _move_beside_the_row(logs: Logs) -> None:
    def change(balances: list[int]) -> None:
        balances[0] += 1

    _rewrite(logs.changelog[0], b"B", change)


def _move_between_balances(logs: Logs) -> None:
    """Both sums are right."""

    def change(balances: list[int]) -> None:
        balances[6:8] = balances[6] + 1, balances[7] - 1

    _rewrite(logs.changelog[0], b"B", change)


def _keep_less(logs: Logs) -> None:
    def change(policy: list[int]) -> None:
        policy[0] -= 1

    _rewrite(logs.changelog[0], b"P", change)


def _recover_too_early(logs: Logs) -> None:
    def change(row: list[int]) -> None:
        row[9] ^= 4

    _rewrite(logs.changelog[0], b"S", change)


def _overtake(logs: Logs) -> None:
    _rewrite(logs.changelog[0], b"Q", lambda queue: queue.reverse())


def _miss_more(logs: Logs) -> None:
    def change(queue: list[list[Any]]) -> None:
        queue[0][1] += 1

    _rewrite(logs.changelog[0], b"Q", change)


def _give_to_another(logs: Logs) -> None:
    def change(event: dict[str, Any]) -> None:
        event["filled"][0]["reservation"] = "x"

    _edit(logs.events[0], "filled", change)


def _pick_too_far(logs: Logs) -> None:
    def change(row: list[Any]) -> None:
        row[2][0][2] += row[2][0][1]

    _rewrite(logs.changelog[0], b"r", change)


def _end_a_confirmed_one(logs: Logs) -> None:
    def change(row: list[Any]) -> None:
        row[0] = "expired"

    _rewrite(logs.changelog[0], b"r", change)


def _count_twice(logs: Logs) -> None:
    def change(row: list[Any]) -> None:
        row[2][0][2] = (row[2][0][2] or 0) + 1

    _rewrite(logs.changelog[0], b"c", change)


def _forget_who_counted(logs: Logs) -> None:
    def change(row: list[Any]) -> None:
        row[3] = []

    _rewrite(logs.changelog[0], b"c", change)


def _tell_otherwise(kind: str, **line: int) -> Plant:
    """An event of the kind, with so much more in its first line."""

    def plant(logs: Logs) -> None:
        def change(event: dict[str, Any]) -> None:
            for name, by in line.items():
                event["lines"][0][name] = event["lines"][0].get(name, 0) + by

        _edit(logs.events[0], kind, change)

    return plant


def _lose(kind: bytes) -> Plant:
    def plant(logs: Logs) -> None:
        log = logs.changelog[0]
        log[:] = [one for one in log if not (one.key or b"").startswith(kind + b"\0")]

    return plant


PLANTS: dict[str, tuple[Plant, str]] = {
    f"{plant.__name__.strip('_')}: {sort}": (plant, sort)
    for plant, sort in (
        (_unbalance, "books"),
        (_unbalance, "row"),
        (_move_beside_the_row, "books"),
        (_move_between_balances, "balances"),
        (_keep_less, "policy"),
        (_recover_too_early, "row"),
        (_overtake, "queue"),
        (_miss_more, "queue"),
        (_give_to_another, "event"),
        (_pick_too_far, "books"),
        (_pick_too_far, "reservation"),
        (_end_a_confirmed_one, "books"),
        (_count_twice, "count"),
        (_forget_who_counted, "count"),
    )
}
PLANTS |= {
    f"{kind} with another {next(iter(line))}": (_tell_otherwise(kind, **line), "event")
    for kind, line in (
        ("StockMoved", {"to_balance": 1}),
        ("StockMoved", {"from_balance": 1}),
        ("StockPolicySet", {"safety_stock": 1}),
        ("StockPolicySet", {"recover_point": 1}),
        ("StockPicked", {"quantity": 1}),
        ("StockPacked", {"version": 1}),
        ("PackedShipped", {"on_hand": 1}),
        ("ReservationConfirmed", {"reserved": 1}),
        ("CountApproved", {"delta": 1}),
        ("CountRecorded", {"book": 1}),
        ("CountOpened", {"on_hand": 1}),
    )
}
PLANTS |= {
    f"no {kind.decode()} row: {sort}": (_lose(kind), sort)
    for kind, sort in (
        (b"S", "books"),
        (b"B", "books"),
        (b"B", "balances"),
        (b"P", "policy"),
        (b"Q", "queue"),
        (b"r", "books"),
        (b"r", "reservation"),
        (b"c", "count"),
    )
}


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_is_found(name: str) -> None:
    plant, sort = PLANTS[name]
    logs = _history()
    plant(logs)
    report, _ = check(logs)
    assert report.found[sort] > 0, str(report)
