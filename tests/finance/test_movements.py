"""Units come in and leave: what they are worth by each method, and what that is booked on."""

import pytest

from tests.finance.bytes_of import Office, journal, refused
from tests.finance.tables_of import Tables

CONTRAS = [
    ("supplier", "sellable", None, "goods_received_not_invoiced"),
    ("on_order", "quality_hold", None, "goods_received_not_invoiced"),
    ("customer", "damaged", None, "cost_of_goods_sold"),
    ("gain_loss", "sellable", None, "inventory_adjustments"),
    ("gain_loss", "expired", "opening_balance", "opening_balance"),
    ("production", "sellable", "work_in_process", "work_in_process"),
    ("transfers", "sellable", None, "transfer_clearing"),
    ("customer", "sellable", "scrap", "cost_of_goods_sold"),
    ("sellable", "supplier", None, "accounts_payable"),
    ("recalled", "on_order", None, "accounts_payable"),
    ("staged", "customer", None, "cost_of_goods_sold"),
    ("sellable", "customer", "scrap", "cost_of_goods_sold"),
    ("sellable", "gain_loss", None, "inventory_adjustments"),
    ("sellable", "gain_loss", "shrinkage", "shrinkage"),
    ("damaged", "scrap", None, "scrap"),
    ("sellable", "scrap", "marketing", "marketing"),
    ("sellable", "scrap", "internal_use", "internal_use"),
    ("sellable", "production", None, "work_in_process"),
    ("in_transit", "transfers", None, "transfer_clearing"),
]


@pytest.fixture
def office() -> Office:
    """Ten of A were bought for 1,000."""
    office = Office()
    office.bought("A", 10, 1_000)
    return office


@pytest.mark.parametrize(("source", "target", "reasoned", "contra"), CONTRAS)
def test_inventory_is_booked_against_where_units_come_from_or_go_to(
    office: Office, source: str, target: str, reasoned: str | None, contra: str
) -> None:
    line = {"sku": "A", "quantity": 4, "from_account": source, "to_account": target}

    event = office.record([line], gl_account=reasoned)

    comes_in = source not in ("sellable", "recalled", "staged", "damaged", "in_transit")
    by = 400 if comes_in else -400
    assert journal(event) == {"inventory": by, contra: -by}
    assert event["lines"] == [
        line | {"amount": 400, "currency": "EUR", "balance": 10 + by // 100, "value": 1_000 + by}
    ]


def test_a_movement_says_what_it_was_and_of_which_month(office: Office) -> None:
    event = office.move(
        "sent",
        ("A", 1),
        reference="t-1",
        counterpart="PAR-1",
        receipt="5-41",
        time="2026-09-30T23:59:59Z",
        actor="ann",
        correlation_id="x",
    )

    assert event["type"] == "ValueMoved"
    assert (event["cause"], event["movement"]) == ("3-2", "sent")
    assert (event["reference"], event["counterpart"], event["receipt"]) == ("t-1", "PAR-1", "5-41")
    assert (event["period"], event["time"]) == ("2026-09", "2026-09-30T23:59:59Z")
    assert (event["actor"], event["correlation_id"]) == ("ann", "x")


def test_what_nobody_told_a_cost_of_is_worth_nothing_in_no_currency() -> None:
    office = Office()
    office.move("received", ("A", 5))

    event = office.move("shipped", ("A", 2))

    assert event["journal"] == []
    assert event["lines"][0] == {
        "sku": "A",
        "quantity": 2,
        "from_account": "sellable",
        "to_account": "customer",
        "amount": 0,
        "balance": 3,
        "value": 0,
    }


def test_the_last_unit_takes_what_rounding_left() -> None:
    office = Office()
    office.bought("A", 3, 100)

    amounts = [office.move("shipped", ("A", 1))["lines"][0]["amount"] for _ in range(3)]

    assert amounts == [33, 33, 34]


def test_average_mixes_what_was_bought_at_other_prices(office: Office) -> None:
    office.bought("A", 10, 2_000)

    assert journal(office.move("shipped", ("A", 5)))["cost_of_goods_sold"] == 750


def test_fifo_takes_the_oldest_layers_first() -> None:
    office = Office()
    office.cost("A", "fifo")
    first, second = office.bought("A", 3, 100), office.bought("A", 10, 2_000)

    amounts = [office.move("shipped", ("A", n))["lines"][0]["amount"] for n in (1, 4, 5)]

    assert amounts == [33, 67 + 400, 1_000]
    assert Tables(office.rows).layers["A"] == [(second, 3, 600)]
    assert first != second


def test_standard_leaves_at_the_standard_whatever_was_paid() -> None:
    office = Office()
    office.cost("A", "standard", standard_amount=100, standard_per=3)

    event = office.move("received", ("A", 10))
    assert journal(event) == {"inventory": 333, "goods_received_not_invoiced": -333}
    event = office.post(event["cause"], ("A", 400))
    assert journal(event) == {"purchase_price_variance": 67, "goods_received_not_invoiced": -67}
    amounts = [office.move("shipped", ("A", n))["lines"][0]["amount"] for n in (1, 3, 6)]

    assert amounts == [33, 100, 200]


def test_specific_takes_the_layer_that_is_named_and_then_the_oldest() -> None:
    office = Office()
    office.cost("A", "specific")
    first, second = office.bought("A", 4, 400), office.bought("A", 4, 800)
    third = office.bought("A", 4, 1_200)

    by_name = office.move("shipped", ("A", 1), reference=second)
    by_age = office.move("shipped", ("A", 1), reference="nothing is called so")
    beyond = office.move("shipped", ("A", 5), reference=second)

    amounts = [event["lines"][0]["amount"] for event in (by_name, by_age, beyond)]
    assert amounts == [200, 100, 600 + 200]
    assert Tables(office.rows).layers["A"] == [(first, 1, 100), (third, 4, 1_200)]
    assert office.move("shipped", ("A", 2))["lines"][0]["amount"] == 100 + 300


def test_specific_finds_a_layer_by_what_its_receipt_was_called_too() -> None:
    office = Office()
    office.cost("A", "specific")
    for lot, amount in (("lot-1", 100), ("lot-2", 200), ("lot-2", 300)):
        receipt = office.move("received", ("A", 1), reference=lot)["cause"]
        office.post(receipt, ("A", amount))

    amounts = [
        office.move("shipped", ("A", count), reference=lot)["lines"][0]["amount"]
        for lot, count in (("lot-2", 1), ("lot-2", 2))
    ]

    assert amounts == [200, 300 + 100]


@pytest.mark.parametrize("method", ["fifo", "average"])
def test_no_other_method_asks_for_a_reference(method: str) -> None:
    office = Office()
    office.cost("A", method)
    office.bought("A", 1, 100)
    second = office.bought("A", 1, 200)

    event = office.move("shipped", ("A", 1), reference=second)

    assert event["lines"][0]["amount"] == (100 if method == "fifo" else 150)


def test_a_return_costs_what_left_last(office: Office) -> None:
    office.bought("A", 10, 2_000)
    office.move("shipped", ("A", 4))
    office.bought("A", 4, 9_000)

    assert journal(office.move("returned", ("A", 2))) == {
        "inventory": 300,
        "cost_of_goods_sold": -300,
    }


def test_a_return_of_what_never_left_costs_what_is_there(office: Office) -> None:
    assert journal(office.move("returned", ("A", 2)))["inventory"] == 200


@pytest.mark.parametrize("method", ["average", "fifo", "specific"])
def test_what_is_found_is_worth_what_is_there_else_what_left_last(method: str) -> None:
    office = Office()
    office.cost("A", method)
    office.bought("A", 10, 1_005)

    assert journal(office.move("found", ("A", 1)))["inventory"] == 100
    office.move("shipped", ("A", 11))
    assert journal(office.move("found", ("A", 2)))["inventory"] == 1_105 * 2 // 11


def test_lines_are_reckoned_one_after_the_other(office: Office) -> None:
    lines = [
        {"sku": "A", "quantity": 2, "from_account": "gain_loss", "to_account": "in_transit"},
        {"sku": "A", "quantity": 9, "from_account": "in_transit", "to_account": "transfers"},
        {"sku": "A", "quantity": 3, "from_account": "in_transit", "to_account": "gain_loss"},
    ]

    event = office.record(lines)

    assert [line["amount"] for line in event["lines"]] == [200, 900, 300]
    assert [line["balance"] for line in event["lines"]] == [12, 3, 0]
    assert journal(event) == {
        "inventory": -1_000,
        "inventory_adjustments": 100,
        "transfer_clearing": 900,
    }


def test_more_than_came_in_does_not_leave(office: Office) -> None:
    refused(
        office.move("shipped", ("A", 11)), "QUANTITY_MISMATCH", sku="A", requested=11, quantity=10
    )
    refused(office.move("shipped", ("B", 1)), "QUANTITY_MISMATCH", sku="B", requested=1, quantity=0)


def test_the_sum_of_lines_must_be_there(office: Office) -> None:
    refused(
        office.move("shipped", ("A", 6), ("A", 6)),
        "QUANTITY_MISMATCH",
        sku="A",
        requested=6,
        quantity=4,
    )


def test_a_movement_is_never_refused_for_its_value() -> None:
    office = Office()
    office.bought("A", 1, 10**15)

    event = office.move("found", ("A", 1))

    assert event["journal"] == []
    assert (event["lines"][0]["balance"], event["lines"][0]["value"]) == (2, 10**15)


def test_a_standard_has_no_more_room_than_a_row() -> None:
    office = Office()
    office.cost("A", "standard", standard_amount=10**15)

    amounts = [office.move(what, ("A", 2))["lines"][0]["amount"] for what in ("found", "shipped")]

    assert amounts == [10**15, 10**15]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([("sellable", "staged")], "has a line of which not exactly one side is owned"),
        ([("supplier", "on_order")], "has a line of which not exactly one side is owned"),
        ([("supplier", "sellable")] * 2, "has a SKU that comes in twice"),
    ],
)
def test_a_line_brings_or_takes(lines: list[tuple[str, str]], problem: str) -> None:
    told = [
        {"sku": "A", "quantity": 1, "from_account": source, "to_account": target}
        for source, target in lines
    ]

    refused(Office().record(told), "INVALID_COMMAND", path="lines", problem=problem)
