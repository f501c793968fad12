"""What an event brings about elsewhere is met there, whichever is read first; all else is found."""

from typing import Any

import pytest

from cli.causes import Causes
from cli.event_view import Event
from cli.findings import Check, Findings
from cli.ledger import Ledger
from streams.topics import owner
from tests.load.written import Story, line

PARTITIONS = 12
TO = {"transfer": "t-1", "warehouse": "W", "to_warehouse": "V"}
FROM = {"transfer": "t-1", "warehouse": "V", "from_warehouse": "W"}


class Log(Story):
    """Events of another partition."""

    def __init__(self, partition: int) -> None:
        super().__init__()
        self.partition = partition

    def tell(self, kind: str, *lines: dict[str, Any], **fields: Any) -> Event:
        seq = len(self.events) + 1
        place = {"id": f"{self.partition}-{seq}", "partition": self.partition}
        return super().tell(kind, *lines, **place | fields)


def both() -> tuple[Log, Log]:
    """Sender and receiver of 4, of which 3 arrive; the events by partition."""
    sender, receiver = Log(0), Log(1)
    sender.tell("StockReceived", line(9, 0, 1, quantity=9))
    sender.tell("TransferDispatched", line(5, 0, 2, quantity=4), **TO)
    bare = {"sku": "A", "quantity": 4}
    receiver.tell("TransferExpected", bare, **FROM, command_id="0-2/expect")
    receiver.tell("TransferReceived", line(3, 0, 1, quantity=3), **FROM)
    settled = line(5, 0, 3, quantity=3)
    sender.tell("TransferSettled", settled, **TO, command_id="1-2/settle")
    receiver.tell("TransferClosed", {"sku": "A", "quantity": 1}, **FROM)
    lost = line(5, 0, 4, quantity=0, short=1)
    sender.tell("TransferSettled", lost, **TO, command_id="1-3/settle", is_final=True)
    return sender, receiver


def read(*logs: Log) -> Causes:
    """All of them added up, one after the other."""
    causes = Causes()
    for log in logs:
        ledger = Ledger(log.partition, Findings())
        for event in log.events:
            ledger.add(event)
            causes.take(event)
        causes.added(log.partition, ledger)
    return causes


def told(causes: Causes) -> Check:
    check = Check("", "")
    causes.check(check)
    return check


def test_what_was_brought_about_is_met_in_either_order() -> None:
    sender, receiver = both()
    for logs in ((sender, receiver), (receiver, sender)):
        causes = read(*logs)
        assert causes.waiting(PARTITIONS) == set()
        check = told(causes)
        assert (check.compared, check.first) == (1, [])


def test_what_is_decided_behind_what_was_read_is_met_too() -> None:
    sender, receiver = both()
    late = [sender.events.pop(), sender.events.pop()]
    causes = read(sender, receiver)
    assert causes.waiting(PARTITIONS) == {owner("W", PARTITIONS)}
    for event in reversed(late):
        causes.late(event)
    assert causes.waiting(PARTITIONS) == set()
    assert told(causes).first == []


def test_what_is_brought_about_by_an_event_behind_what_was_read_is_no_difference() -> None:
    sender, receiver = both()
    del receiver.events[1:]
    assert told(read(sender, receiver)).first == []


def test_what_never_comes_about_is_found() -> None:
    sender, receiver = both()
    del sender.events[2:]
    assert told(read(sender, receiver)).first == [
        "TransferReceived 1-2: W has not decided 1-2/settle",
        "TransferClosed 1-3: W has not decided 1-3/settle",
        "A: transfers sum to -3 over all warehouses, not to 0",
    ]


@pytest.mark.parametrize("name", ["1-9/settle", "7-9/settle", "mine", None])
def test_what_nothing_brought_about_is_found(name: str | None) -> None:
    sender, receiver = both()
    for number in range(9):
        receiver.tell("StockReceived", line(4 + number, 0, 2 + number, quantity=1))
    sender.tell("TransferSettled", line(5, 0, 5, quantity=2), **TO, command_id=name)
    assert told(read(receiver, sender)).first == [
        f"TransferSettled 0-5: nothing brought {name or ''} about",
        "A: transfers sum to 2 over all warehouses, not to 0",
    ]


def test_what_was_refused_at_the_other_end_is_found() -> None:
    sender, receiver = both()
    refused = {"command_id": "0-2/expect", "code": "TRANSFER_EXISTS", "warehouse": "V"}
    del receiver.events[:]
    receiver.tell("CommandRejected", **refused)
    del sender.events[2:]
    assert told(read(sender, receiver)).first == [
        "TransferDispatched 0-2 was refused as TRANSFER_EXISTS: event 1-1"
    ]


def test_a_refusal_of_what_nothing_brought_about_is_no_difference() -> None:
    sender, receiver = both()
    sender.tell("CommandRejected", command_id="7-7/settle", code="TRANSFER_NOT_FOUND")
    assert told(read(sender, receiver)).first == []


@pytest.mark.parametrize(
    ("end", "at", "fields", "wrong"),
    [
        ("receiver", 0, {"quantity": 5}, "quantities {'A': 5}, not {'A': 4}"),
        ("receiver", 0, {"transfer": "t-2"}, "transfer t-2, not t-1"),
        ("receiver", 0, {"from_warehouse": "X"}, "other end X, not W"),
        ("sender", 2, {"quantity": 2}, "quantities {'A': 2}, not {'A': 3}"),
        ("sender", 2, {"is_final": True}, "is_final True, not False"),
        ("sender", 3, {"short": 2}, "short {'A': 2}, not {'A': 1}"),
        ("sender", 3, {"quantity": 1}, "received {'A': 1}, not {}"),
        ("sender", 3, {"is_final": False}, "is_final False, not True"),
        ("sender", 3, {"type": "TransferExpected"}, "type TransferExpected, not TransferSettled"),
    ],
)
def test_what_came_about_otherwise_is_found(
    end: str, at: int, fields: dict[str, Any], wrong: str
) -> None:
    sender, receiver = both()
    event = (sender if end == "sender" else receiver).events[at]
    for name, value in fields.items():
        setattr(event if hasattr(event, name) else event.lines[0], name, value)
    assert any(text.endswith(wrong) for text in told(read(sender, receiver)).first)
