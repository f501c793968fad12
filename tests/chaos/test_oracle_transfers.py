"""The oracle against docs/stock.md: transfers between two warehouses."""

import json
from typing import Any, Self

from tests.chaos.caused import wrong
from tests.chaos.command_log import TOPIC, Log, kinds, lines
from tests.chaos.oracle import Oracle
from tests.chaos.records import Prediction, Record
from tests.chaos.routing import owner
from tests.chaos.synthetic import caused_record

HERE, THERE = "LON-1", "PAR-1"


class TwoEnds(Log):
    """Both warehouses in one partition; what one brings about at the other waits for `deliver`."""

    def __init__(self, **quantities: int) -> None:
        super().__init__()
        self.delivered = 0
        self.command("ReceiveStock", lines=lines(**quantities))

    def dispatch(self, **quantities: int) -> Self:
        """Transfer `t` leaves."""
        named = {"transfer": "t", "to_warehouse": THERE}
        return self.command("DispatchTransfer", lines=lines(**quantities), **named)

    def receive(self, **quantities: int) -> Self:
        """Of transfer `t` this arrives."""
        named = {"transfer": "t", "from_warehouse": HERE, "warehouse": THERE}
        return self.command("ReceiveTransfer", lines=lines(**quantities), **named)

    def close(self) -> Self:
        """Of transfer `t` nothing more will come."""
        named = {"transfer": "t", "from_warehouse": HERE, "warehouse": THERE}
        return self.command("CloseTransfer", **named)

    def settle(self, there: str, **more: Any) -> Self:
        """A settlement that somebody forged."""
        named = {"transfer": "t", "to_warehouse": there}
        return self.command("SettleTransfer", **named, **more)

    def deliver(self) -> Self:
        """What events have brought about is in the log too."""
        caused = self.told().caused
        for partition, key, value, headers in map(caused_record, caused[self.delivered :]):
            at = len(self.records)
            self.records.append(Record(partition, at, self.now_ms, key, value, headers))
        self.delivered = len(caused)
        return self


def _accounts(told: Prediction, warehouse: str, sku: str) -> dict[str, int]:
    return {name: units for name, units in told.rows[warehouse, sku].accounts.items() if units}


def test_a_dispatch_announces_itself_to_the_owner_of_the_other_warehouse() -> None:
    log = TwoEnds(A=9)
    named = {"transfer": "t", "to_warehouse": THERE, "time": "2026-11-20T10:00:00Z"}
    more = {"actor": "ann", "correlation_id": "c-1"}
    log.command("DispatchTransfer", lines=lines(A=4, B=1), **named)
    told = log.command("DispatchTransfer", lines=lines(A=4), **named, **more).told()
    assert kinds(told) == ["StockReceived", "INSUFFICIENT_STOCK", "TransferDispatched"]
    (line,) = told.events[-1].fields["lines"]
    assert (line["quantity"], line["on_hand"], line["version"]) == (4, 5, 2)
    (caused,) = told.caused
    assert (caused.event, caused.target, caused.key) == ("0-3", 0, b"PAR-1")
    assert caused.fields == more | {
        "type": "ExpectTransfer",
        "id": "0-3/expect",
        "warehouse": THERE,
        "transfer": "t",
        "from_warehouse": HERE,
    }
    assert caused.lines == {"A": 4}
    home = owner(HERE, 12)
    records = [one._replace(partition=home) for one in log.records]
    (caused,) = Oracle(TOPIC, home, 12, 1).fold(records).caused
    assert caused.target == owner(THERE, 12) != home


def test_a_transfer_that_arrives_in_parts_is_closed_at_both_ends() -> None:
    log = TwoEnds(A=9, B=2).dispatch(A=5, B=2).deliver()
    told = log.receive(A=3).deliver().told()
    assert _accounts(told, HERE, "A") == {
        "sellable": 4,
        "in_transit": 2,
        "transfers": 3,
        "supplier": -9,
    }
    told = log.receive(B=2, A=2).deliver().told()
    assert kinds(told)[2:] == ["TransferExpected", *["TransferReceived", "TransferSettled"] * 2]
    expected, _, first, whole, last = told.events[2:]
    assert expected.fields["lines"] == lines(A=5, B=2)
    assert "is_final" not in first.fields
    assert whole.fields["is_closed"] is last.fields["is_final"] is True
    assert [(one["sku"], one["version"]) for one in last.fields["lines"]] == [("B", 3), ("A", 4)]
    assert _accounts(told, HERE, "A") == {"sellable": 4, "transfers": 5, "supplier": -9}
    assert _accounts(told, THERE, "A") == {"sellable": 5, "transfers": -5}
    assert kinds(log.receive(A=1).told())[-1] == "TRANSFER_CLOSED"
    assert kinds(log.dispatch(A=1).told())[-1] == "TRANSFER_EXISTS"


def test_what_is_missing_at_the_close_is_lost() -> None:
    log = TwoEnds(A=9, B=2).dispatch(A=5, B=2).deliver().receive(A=3, B=2).deliver()
    told = log.close().deliver().told()
    assert kinds(told)[-2:] == ["TransferClosed", "TransferSettled"]
    closed, settled = told.events[-2:]
    assert closed.fields["lines"] == lines(A=2)
    (line,) = settled.fields["lines"]
    assert (line["quantity"], line["short"], "over" in line) == (0, 2, False)
    assert told.caused[-1].lines == {}
    assert _accounts(told, HERE, "A") == {
        "sellable": 4,
        "transfers": 3,
        "gain_loss": 2,
        "supplier": -9,
    }
    assert told.transfers[HERE, "t"].state == told.arrivals[THERE, f"{HERE}/t"].state == "closed"
    assert kinds(log.close().told())[-1] == "TRANSFER_CLOSED"


def test_what_comes_beyond_is_found_also_what_nobody_sent() -> None:
    log = TwoEnds(A=9).dispatch(A=5).deliver().receive(Z=2).deliver()
    told = log.receive(A=8).deliver().told()
    stray, over = (told.events[at].fields["lines"][0] for at in (4, 6))
    assert (stray["quantity"], stray["over"], stray["on_hand"], stray["version"]) == (2, 2, 0, 1)
    assert (over["quantity"], over["over"]) == (8, 3)
    assert _accounts(told, HERE, "Z") == {"transfers": 2, "gain_loss": -2}
    assert _accounts(told, HERE, "A") == {
        "sellable": 4,
        "transfers": 8,
        "gain_loss": -3,
        "supplier": -9,
    }
    assert not told.unmatched


def test_what_is_refused_in_the_order_of_the_document() -> None:
    log = TwoEnds(A=9)
    log.command("DispatchTransfer", transfer="t", to_warehouse=HERE, lines=lines(A=99))
    log.settle(THERE, lines=[])
    log.dispatch(A=5).receive(A=5).close()
    log.dispatch(A=99).settle("ROM-1", lines=lines(A=1))
    log.deliver().receive(A=5).deliver()
    log.settle("ROM-1", lines=[]).settle(THERE, lines=[])
    assert kinds(log.told())[1:] == [
        "TRANSFER_TO_ITSELF",
        "TRANSFER_NOT_FOUND",
        "TransferDispatched",
        "TRANSFER_NOT_FOUND",
        "TRANSFER_NOT_FOUND",
        "TRANSFER_EXISTS",
        "TRANSFER_NOT_FOUND",
        "TransferExpected",
        "TransferReceived",
        "TransferSettled",
        "TRANSFER_NOT_FOUND",
        "TRANSFER_CLOSED",
    ]
    assert log.told().events[-1].among == {"transfer": "t"}


def test_what_a_warehouse_cannot_hold_does_not_arrive() -> None:
    full = [{"sku": "A", "quantity": 10**12}] * 1_000
    log = TwoEnds(A=9).dispatch(A=5).deliver()
    log.command("ReceiveStock", warehouse=THERE, lines=full)
    told = log.receive(A=5).told()
    assert (kinds(told)[-1], len(told.caused)) == ("QUANTITY_LIMIT", 1)


def test_an_id_is_free_again_after_the_window() -> None:
    log = TwoEnds(A=9).dispatch(A=1).deliver().receive(A=1).deliver()
    for wait_s in (99.999, 0.001):
        log.after(wait_s).dispatch(A=1)
        log.deliver()
    told = ["TRANSFER_EXISTS", "TransferDispatched", "TransferExpected"]
    assert kinds(log.told(100))[-3:] == told


def test_an_open_transfer_is_never_forgotten() -> None:
    log = TwoEnds(A=9).dispatch(A=1).deliver().after(400 * 86_400)
    assert kinds(log.dispatch(A=1).receive(A=1).told(100))[-2:] == [
        "TRANSFER_EXISTS",
        "TransferReceived",
    ]


def test_more_of_a_sku_than_a_line_may_name_takes_several() -> None:
    most = [{"sku": "A", "quantity": 10**12}, {"sku": "B", "quantity": 1}]
    most.append({"sku": "A", "quantity": 5})
    log = TwoEnds().command("ReceiveStock", lines=most)
    log.command("DispatchTransfer", transfer="t", to_warehouse=THERE, lines=most)
    (caused,) = log.told().caused
    _, key, value, headers = caused_record(caused)
    assert wrong(caused, Record(0, 9, 0, key, value, headers)) == ""
    assert [line["quantity"] for line in json.loads(value)["lines"]] == [10**12, 5, 1]
    assert kinds(log.deliver().told())[-1] == "TransferExpected"


def test_a_forged_settlement_leaves_the_accounts_unmatched() -> None:
    log = TwoEnds(A=9).dispatch(A=5).deliver().settle(THERE, lines=lines(A=2), is_final=True)
    assert log.told().unmatched == {"A": 2}
    told = log.receive(A=4).deliver().told()
    assert kinds(told)[-2:] == ["TransferReceived", "TRANSFER_CLOSED"]
    assert told.unmatched == {"A": -2}
    sums = [_accounts(told, warehouse, "A").get("transfers") for warehouse in (HERE, THERE)]
    assert sums == [2, -4]


def test_a_settlement_says_itself_whether_it_is_the_last() -> None:
    log = TwoEnds(A=9).dispatch(A=5).settle(THERE, id="s", lines=[])
    told = log.settle(THERE, id="s", lines=[], is_final=False).told()
    assert (told.duplicates, kinds(told)[-1]) == (1, "TransferSettled")
    assert told.events[-1].fields["lines"] == []
