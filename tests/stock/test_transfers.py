"""Transfers between two warehouses: what leaves one arrives at the other, whatever comes first."""

import json

from tables.stock import decode_transfer, due_ms, incoming_key, outgoing_key
from tests.stock.bytes_of import START_MS, WINDOW_MS, Shop
from tests.stock.ledger_promises import YEAR_MS
from tests.stock.two_warehouses import (
    AWAY,
    HOME,
    TwoWarehouses,
    arrive,
    dispatched,
    one_line,
    send_off,
)


def test_what_is_dispatched_is_in_transit_and_not_for_sale() -> None:
    both = dispatched()
    assert both.accounts(HOME) == {"in_transit": 10, "supplier": -10}
    assert both.accounts(AWAY) == {}
    lines = [{"sku": "A", "quantity": 1}]
    assert both.send(HOME, "ShipStock", lines=lines)["code"] == "INSUFFICIENT_STOCK"


def test_a_transfer_that_arrives_whole_is_closed_at_both_ends() -> None:
    both = dispatched()
    assert arrive(both, 10)["is_closed"]
    settled = both.deliver()
    assert [(event["type"], event["is_final"]) for event in settled] == [("TransferSettled", True)]
    assert both.accounts(HOME) == {"supplier": -10, "transfers": 10}
    assert both.accounts(AWAY) == {"sellable": 10, "transfers": -10}
    assert decode_transfer(both.shops[HOME].rows[outgoing_key(HOME, "t")]).state == "closed"
    assert decode_transfer(both.shops[AWAY].rows[incoming_key(AWAY, HOME, "t")]).state == "closed"
    assert arrive(both, 1)["code"] == "TRANSFER_CLOSED"


def test_a_part_arrives_and_the_rest_stays_in_transit() -> None:
    both = dispatched()
    assert "is_closed" not in arrive(both, 4)
    both.deliver()
    assert both.accounts(HOME) == {"in_transit": 6, "supplier": -10, "transfers": 4}
    assert arrive(both, 6)["is_closed"]
    both.deliver()
    assert both.accounts(HOME) == {"supplier": -10, "transfers": 10}


def test_what_is_missing_at_the_close_is_the_senders_loss() -> None:
    both = dispatched()
    arrive(both, 7)
    told = both.send(AWAY, "CloseTransfer", transfer="t", from_warehouse=HOME)
    assert (told["type"], told["lines"]) == ("TransferClosed", [{"sku": "A", "quantity": 3}])
    final = both.deliver()[-1]
    assert [(line["quantity"], line["short"]) for line in final["lines"]] == [(0, 3)]
    assert both.accounts(HOME) == {"supplier": -10, "transfers": 7, "gain_loss": 3}
    assert both.accounts(AWAY) == {"sellable": 7, "transfers": -7}


def test_what_arrives_beyond_what_was_sent_is_the_senders_gain() -> None:
    both = dispatched()
    assert arrive(both, 12)["is_closed"]
    assert [line["over"] for line in both.deliver()[-1]["lines"]] == [2]
    assert both.accounts(HOME) == {"supplier": -10, "transfers": 12, "gain_loss": -2}
    assert both.accounts(AWAY) == {"sellable": 12, "transfers": -12}


def test_a_sku_that_nobody_sent_arrives_all_the_same() -> None:
    both = dispatched()
    assert "is_closed" not in arrive(both, 2, sku="B")
    both.deliver()
    assert both.accounts(AWAY, "B") == {"sellable": 2, "transfers": -2}
    assert both.accounts(HOME, "B") == {"transfers": 2, "gain_loss": -2}
    assert both.accounts(HOME) == {"in_transit": 10, "supplier": -10}


def test_nothing_is_sent_to_itself() -> None:
    both = TwoWarehouses()
    lines = [{"sku": "A", "quantity": 1}]
    told = both.send(HOME, "DispatchTransfer", transfer="t", to_warehouse=HOME, lines=lines)
    assert told["code"] == "TRANSFER_TO_ITSELF"


def test_a_transfer_is_dispatched_once() -> None:
    both = dispatched()
    lines = [{"sku": "A", "quantity": 1}]
    told = both.send(HOME, "DispatchTransfer", transfer="t", to_warehouse=AWAY, lines=lines)
    assert told["code"] == "TRANSFER_EXISTS"
    assert both.under_way == []


def test_what_is_not_available_is_not_dispatched() -> None:
    both = TwoWarehouses()
    lines = [{"sku": "A", "quantity": 1}]
    told = both.send(HOME, "DispatchTransfer", transfer="t", to_warehouse=AWAY, lines=lines)
    assert told["code"] == "INSUFFICIENT_STOCK"
    assert both.under_way == []


def test_an_unknown_transfer_is_neither_received_nor_closed() -> None:
    both = TwoWarehouses()
    assert arrive(both, 1)["code"] == "TRANSFER_NOT_FOUND"
    told = both.send(AWAY, "CloseTransfer", transfer="t", from_warehouse=HOME)
    assert told["code"] == "TRANSFER_NOT_FOUND"


def test_a_settlement_from_a_warehouse_it_does_not_go_to_is_refused() -> None:
    both = dispatched()
    lines = [{"sku": "A", "quantity": 1}]
    told = both.send(HOME, "SettleTransfer", transfer="t", to_warehouse="ROM-1", lines=lines)
    assert told["code"] == "TRANSFER_NOT_FOUND"
    assert both.accounts(HOME) == {"in_transit": 10, "supplier": -10}
    arrive(both, 10)
    both.deliver()
    told = both.send(HOME, "SettleTransfer", transfer="t", to_warehouse="ROM-1", lines=lines)
    assert told["code"] == "TRANSFER_NOT_FOUND", "also when it is closed"


def test_more_of_a_sku_than_one_line_may_name_is_announced_on_several() -> None:
    both = TwoWarehouses()
    most = [{"sku": "A", "quantity": 10**12}, {"sku": "A", "quantity": 5}]
    both.send(HOME, "ReceiveStock", lines=most)
    both.send(HOME, "DispatchTransfer", transfer="t", to_warehouse=AWAY, lines=most)
    both.deliver()
    lines = decode_transfer(both.shops[AWAY].rows[incoming_key(AWAY, HOME, "t")]).lines
    assert [(line.sku, line.quantity) for line in lines] == [("A", 10**12 + 5)]


def test_lines_of_one_sku_count_with_their_sum_at_both_ends() -> None:
    both = TwoWarehouses()
    both.send(HOME, "ReceiveStock", lines=[{"sku": "A", "quantity": 8}])

    refused = send_off(both, ("A", 4), ("A", 5))
    assert refused["details"] == {"sku": "A", "requested": 9, "available": 8}
    assert [line["quantity"] for line in send_off(both, ("A", 4), ("A", 3))["lines"]] == [7]
    assert both.deliver()[0]["lines"] == [{"sku": "A", "quantity": 7}]
    lines = [{"sku": "A", "quantity": 3}, {"sku": "A", "quantity": 4}]
    came = both.send(AWAY, "ReceiveTransfer", transfer="t", from_warehouse=HOME, lines=lines)
    assert [line["quantity"] for line in came["lines"]] == [7]
    assert came["is_closed"]
    assert [line["quantity"] for line in both.deliver()[0]["lines"]] == [7]


def test_what_is_caused_names_its_cause_and_who_asked() -> None:
    both = TwoWarehouses()
    both.send(HOME, "ReceiveStock", lines=[{"sku": "A", "quantity": 9}])

    sent = send_off(both, ("A", 9), actor="ann", correlation_id="x-1")
    [(warehouse, expect)] = both.under_way
    wish = json.loads(expect)
    assert (warehouse, wish["warehouse"]) == (AWAY, AWAY)
    assert wish["id"] == f"{sent['id']}/expect"
    assert (wish["actor"], wish["correlation_id"]) == ("ann", "x-1")
    [expected] = both.deliver()
    assert (expected["actor"], expected["correlation_id"]) == ("ann", "x-1")
    assert expected["command_id"] == wish["id"]

    came = arrive(both, 4)
    [(warehouse, settle)] = both.under_way
    assert (warehouse, json.loads(settle)["id"]) == (HOME, f"{came['id']}/settle")
    both.deliver()
    closed = both.send(AWAY, "CloseTransfer", transfer="t", from_warehouse=HOME, actor="bob")
    [(warehouse, settle)] = both.under_way
    assert (warehouse, json.loads(settle)["id"]) == (HOME, f"{closed['id']}/settle")
    [settled] = both.deliver()
    assert (settled["actor"], settled["command_id"]) == ("bob", f"{closed['id']}/settle")


def test_rejections_come_in_their_order() -> None:
    both = TwoWarehouses()
    assert send_off(both, ("A", 1), to_warehouse=HOME)["code"] == "TRANSFER_TO_ITSELF"
    assert send_off(both, ("A", 1))["code"] == "INSUFFICIENT_STOCK"
    both = dispatched()
    assert send_off(both, ("A", 1), to_warehouse=HOME)["code"] == "TRANSFER_TO_ITSELF"
    refused = send_off(both, ("A", 99))
    assert (refused["code"], refused["details"]) == ("TRANSFER_EXISTS", {"transfer": "t"})
    again = {"transfer": "t", "from_warehouse": HOME, "lines": [{"sku": "A", "quantity": 1}]}
    assert both.send(AWAY, "ExpectTransfer", **again)["code"] == "TRANSFER_EXISTS"
    assert arrive(both, 10)["is_closed"]
    both.deliver()
    most = [{"sku": "A", "quantity": 10**12}] * 1_000
    for kind in ("ReceiveTransfer", "CloseTransfer"):
        told = {"lines": most} if kind == "ReceiveTransfer" else {}
        refused = both.send(AWAY, kind, transfer="t", from_warehouse=HOME, **told)
        assert (refused["code"], refused["details"]) == ("TRANSFER_CLOSED", {"transfer": "t"})
    refused = both.send(HOME, "SettleTransfer", transfer="t", to_warehouse=AWAY, lines=[])
    assert refused["code"] == "TRANSFER_CLOSED"
    assert both.under_way == [], "a rejection brings nothing about"


def test_no_more_arrives_than_a_row_can_hold() -> None:
    both = dispatched()
    most = [{"sku": "A", "quantity": 10**12}] * 1_000
    both.send(AWAY, "ReceiveStock", lines=most)

    refused = arrive(both, 1)

    assert refused["code"] == "QUANTITY_LIMIT"
    limits = {"sku": "A", "field": "on_hand", "value": 10**15 + 1, "limit": 10**15}
    assert refused["details"] == limits
    assert both.under_way == []


def test_the_alerts_are_of_each_ends_own_shelf() -> None:
    both = TwoWarehouses()
    for warehouse in (HOME, AWAY):
        points = [{"sku": "A", "reorder_point": 3}]
        both.send(warehouse, "SetReorderPoint", lines=points)
    both.send(HOME, "ReceiveStock", lines=[{"sku": "A", "quantity": 5}])
    both.send(HOME, "DispatchTransfer", transfer="t", to_warehouse=AWAY, **one_line("A", 2))
    assert both.alerts.pop() == (HOME, "LowStock")
    both.send(HOME, "DispatchTransfer", transfer="u", to_warehouse=AWAY, **one_line("A", 3))
    assert both.alerts.pop() == (HOME, "OutOfStock")
    both.deliver()
    both.send(AWAY, "ReceiveTransfer", transfer="t", from_warehouse=HOME, **one_line("A", 9))
    assert both.alerts.pop() == (AWAY, "StockRecovered")
    both.alerts.clear()
    both.deliver()
    assert both.alerts == [], "what is settled was on no shelf"


def test_two_senders_may_use_one_id() -> None:
    both = dispatched()
    both.shops["ROM-1"] = Shop()
    both.send("ROM-1", "ReceiveStock", **one_line("A", 3))
    both.send("ROM-1", "DispatchTransfer", transfer="t", to_warehouse=AWAY, **one_line("A", 3))
    assert [event["type"] for event in both.deliver()] == ["TransferExpected"]

    both.send(AWAY, "ReceiveTransfer", transfer="t", from_warehouse="ROM-1", **one_line("A", 3))
    both.deliver()

    assert both.accounts("ROM-1") == {"supplier": -3, "transfers": 3}
    assert both.accounts(HOME) == {"in_transit": 10, "supplier": -10}


def test_an_id_is_free_at_both_ends_when_its_window_is_over() -> None:
    both = dispatched()
    arrive(both, 10)
    both.deliver()
    for shop in both.shops.values():
        assert shop.pass_time(WINDOW_MS - 1) == []
    assert send_off(both, ("A", 1))["code"] == "TRANSFER_EXISTS"
    assert arrive(both, 1)["code"] == "TRANSFER_CLOSED"

    for shop in both.shops.values():
        assert shop.pass_time(1) == [], "of what is forgotten nothing is told"

    assert arrive(both, 1)["code"] == "TRANSFER_NOT_FOUND"
    both.send(HOME, "ReceiveStock", **one_line("A", 1))
    assert send_off(both, ("A", 1))["type"] == "TransferDispatched"
    assert [event["type"] for event in both.deliver()] == ["TransferExpected"]


def test_an_id_is_free_at_the_receiver_whenever_it_is_at_the_sender() -> None:
    both = dispatched()
    arrive(both, 10)
    both.deliver()
    both.shops[HOME].pass_time(WINDOW_MS)  # the receiver's log is behind the sender's
    both.send(HOME, "ReceiveStock", lines=[{"sku": "A", "quantity": 3}])
    lines = [{"sku": "A", "quantity": 3}]
    both.send(HOME, "DispatchTransfer", transfer="t", to_warehouse=AWAY, lines=lines)
    assert [event["type"] for event in both.deliver()] == ["TransferExpected"]
    assert arrive(both, 3)["is_closed"]


def test_what_nobody_sent_never_makes_a_transfers_row_grow() -> None:
    both = dispatched()
    keys = ((HOME, outgoing_key(HOME, "t")), (AWAY, incoming_key(AWAY, HOME, "t")))
    before = [len(both.shops[warehouse].rows[key]) for warehouse, key in keys]
    for number in range(5):
        arrive(both, 1, sku=f"unknown-{number}")
        both.deliver()
    assert [len(both.shops[warehouse].rows[key]) for warehouse, key in keys] == before


def test_an_open_transfer_is_looked_at_once_a_year_and_kept() -> None:
    both = dispatched()
    ends = {HOME: outgoing_key(HOME, "t"), AWAY: incoming_key(AWAY, HOME, "t")}
    for warehouse, key in ends.items():
        shop = both.shops[warehouse]
        before = shop.rows[key]
        assert due_ms(before) == START_MS + YEAR_MS
        assert shop.pass_time(YEAR_MS) == []
        assert due_ms(shop.rows[key]) == START_MS + 2 * YEAR_MS
        assert decode_transfer(shop.rows[key]) == decode_transfer(before)

    arrive(both, 4)
    both.deliver()

    assert {due_ms(both.shops[place].rows[key]) for place, key in ends.items()} == {
        START_MS + 2 * YEAR_MS
    }
    assert arrive(both, 6)["is_closed"]
