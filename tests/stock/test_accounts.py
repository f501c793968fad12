"""Moves between a SKU's accounts: what may go where for which reason, and what both have after."""

import itertools

import pytest

from agents.stock.rejections import Rejection
from schemas import accounts
from schemas.fields import STOCK_MAX
from schemas.rows import Balances, Row
from tests.stock.reasons import ACCOUNTS, ALLOWED, may_move
from tests.stock.scenario import adjust, given, move, receive, ship, short

FORBIDDEN = {  # a pair that somebody might take for allowed
    "RECEIVED": ("customer", "sellable"),
    "ORDERED": ("supplier", "sellable"),
    "ORDER_CANCELLED": ("on_order", "scrap"),
    "VENDOR_RETURN": ("on_order", "supplier"),
    "RETURN": ("supplier", "sellable"),
    "QC_HOLD": ("supplier", "quality_hold"),
    "QC_RELEASE": ("quality_hold", "damaged"),
    "DAMAGED": ("staged", "damaged"),
    "EXPIRED": ("sellable", "damaged"),
    "RECALL": ("customer", "recalled"),
    "CORRECTION": ("staged", "sellable"),
    "OPENING": ("supplier", "sellable"),
    "FOUND": ("gain_loss", "staged"),
    "LOST": ("staged", "gain_loss"),
    "THEFT": ("sellable", "scrap"),
    "SCRAP": ("scrap", "sellable"),
    "SAMPLE": ("sellable", "customer"),
    "PROMO": ("staged", "scrap"),
    "INTERNAL": ("sellable", "production"),
    "KIT": ("sellable", "scrap"),
}


def everywhere() -> given:
    """A SKU with 5 units in every account that must have some before one leaves it."""
    return given(A=Row(5, 0, 0, 1)).beside(balances={"A": Balances(5, 5, 5, 5, 5, 5)})


def test_the_table_names_every_account_and_reason() -> None:
    assert list(accounts.ACCOUNTS) == ACCOUNTS
    assert set(ALLOWED) == set(FORBIDDEN) == set(accounts.REASONS)
    assert {reason: told[2] for reason, told in ALLOWED.items()} == {
        reason: found.gl_account for reason, found in accounts.REASONS.items()
    }


@pytest.mark.parametrize("reason", ALLOWED)
def test_a_reason_allows_the_pairs_of_the_table_and_no_other(reason: str) -> None:
    for source, target in itertools.product(ACCOUNTS, ACCOUNTS):
        scenario = everywhere().when(move(source, target, reason, ("A", 2)))
        if may_move(source, target, reason):
            assert not isinstance(scenario.outcome, Rejection), (source, target)
        else:
            scenario.then_rejected(
                "MOVE_FORBIDDEN", from_account=source, to_account=target, reason=reason
            )


@pytest.mark.parametrize(("reason", "pair"), FORBIDDEN.items())
def test_a_reason_forbids_what_is_not_in_its_row(reason: str, pair: tuple[str, str]) -> None:
    source, target = pair

    everywhere().when(move(source, target, reason, ("A", 1))).then_rejected(
        "MOVE_FORBIDDEN", from_account=source, to_account=target, reason=reason
    )


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("reason", ["CORRECTION", "KIT", "QC_HOLD"])
def test_nothing_moves_from_an_account_to_itself(account: str, reason: str) -> None:
    everywhere().when(move(account, account, reason, ("A", 1))).then_rejected(
        "MOVE_FORBIDDEN", from_account=account, to_account=account, reason=reason
    )


def test_a_forbidden_move_is_refused_before_its_lines_are_looked_at() -> None:
    given().when(move("sellable", "customer", "SCRAP", ("A", 1))).then_rejected(
        "MOVE_FORBIDDEN", from_account="sellable", to_account="customer", reason="SCRAP"
    )


def test_an_order_of_a_sku_never_seen_begins_its_row() -> None:
    scenario = given().when(move("supplier", "on_order", "ORDERED", ("A", 9), reference="PO-7"))

    scenario.then("StockMoved", A=Row(0, 0, 0, 1))
    scenario.then_accounts("A", supplier=-9, on_order=9)
    event = scenario.outcome
    assert (event.from_account, event.to_account, event.reason, event.reference) == (
        "supplier",
        "on_order",
        "ORDERED",
        "PO-7",
    )
    assert (event.lines[0].from_balance, event.lines[0].to_balance) == (-9, 9)


def test_ordered_units_come_in_and_are_for_sale() -> None:
    scenario = given(A=Row(1, 0, 4, 3)).beside(balances={"A": Balances(on_order=9)})

    scenario.when(move("on_order", "sellable", "RECEIVED", ("A", 6)))

    scenario.then("StockMoved", A=Row(7, 0, 4, 4))
    scenario.then_accounts("A", sellable=7, on_order=3, supplier=-10)


def test_more_than_was_ordered_does_not_come_in_as_ordered() -> None:
    scenario = given(A=Row(1, 0, 0, 3)).beside(balances={"A": Balances(on_order=9)})

    scenario.when(move("on_order", "sellable", "RECEIVED", ("A", 10))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=10, available=9, account="on_order"
    )


def test_reserved_units_do_not_leave_the_shelf() -> None:
    row = Row(10, 4, 0, 7)

    given(A=row).when(move("sellable", "damaged", "DAMAGED", ("A", 7))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=7, available=6
    )
    given(A=row).when(move("sellable", "damaged", "DAMAGED", ("A", 6))).then(
        "StockMoved", A=Row(4, 4, 0, 8)
    ).then_accounts("A", sellable=4, damaged=6, supplier=-10)


def test_a_move_between_other_accounts_leaves_the_shelf_and_counts_as_a_change() -> None:
    scenario = given(A=Row(10, 4, 2, 7, 3)).beside(balances={"A": Balances(quality_hold=5)})

    scenario.when(move("quality_hold", "expired", "EXPIRED", ("A", 5)))

    scenario.then("StockMoved", A=Row(10, 4, 2, 8, 3))
    scenario.then_accounts("A", sellable=10, expired=5, supplier=-15)


def test_a_sku_on_several_lines_moves_with_its_sum_on_one_line() -> None:
    scenario = given(A=Row(5, 0, 0, 1), B=Row(5, 0, 0, 1))

    scenario.when(move("sellable", "scrap", "SCRAP", ("B", 1), ("A", 2), ("B", 3)))

    scenario.then("StockMoved", B=Row(1, 0, 0, 2), A=Row(3, 0, 0, 2))
    assert [line.quantity for line in scenario.outcome.lines] == [4, 2]


def test_the_sum_of_lines_must_be_there() -> None:
    given(A=Row(5, 0, 0, 1)).when(
        move("sellable", "scrap", "SCRAP", ("A", 3), ("A", 3))
    ).then_rejected("INSUFFICIENT_STOCK", sku="A", requested=6, available=5)


def test_all_lines_move_or_none() -> None:
    scenario = given(A=Row(5, 0, 0, 1), C=Row(5, 0, 0, 1))

    scenario.when(move("sellable", "scrap", "SCRAP", ("A", 1), ("B", 1), ("C", 9))).then_rejected(
        "INSUFFICIENT_STOCK",
        sku="B",
        requested=1,
        available=0,
        short=[short("B", 1, 0), short("C", 9, 5)],
    )
    scenario.then_accounts("A", sellable=5, supplier=-5)


@pytest.mark.parametrize("account", ["supplier", "customer", "gain_loss", "production"])
def test_units_come_from_outside_without_having_been_there(account: str) -> None:
    reason = {"supplier": "RECEIVED", "customer": "RETURN", "gain_loss": "FOUND"}.get(
        account, "KIT"
    )

    given().when(move(account, "sellable", reason, ("A", 3))).then(
        "StockMoved", A=Row(3, 0, 0, 1)
    ).then_accounts("A", sellable=3, **{account: -3})


def test_no_balance_passes_the_limit_on_either_side() -> None:
    full = {"A": Balances(damaged=STOCK_MAX)}

    given(A=Row(5, 0, 0, 1)).beside(balances=full).when(
        move("sellable", "damaged", "DAMAGED", ("A", 1))
    ).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="damaged", value=STOCK_MAX + 1, limit=STOCK_MAX
    )
    owed = Row(STOCK_MAX, 0, 0, 1)
    given(A=owed).when(move("supplier", "damaged", "RECEIVED", ("A", 1))).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="supplier", value=-STOCK_MAX - 1, limit=STOCK_MAX
    )


def test_the_account_that_loses_is_looked_at_first() -> None:
    full = {"A": Balances(damaged=STOCK_MAX)}

    given(A=Row(0, 0, 0, 1)).beside(balances=full).when(
        move("sellable", "damaged", "DAMAGED", ("A", 1))
    ).then_rejected("INSUFFICIENT_STOCK", sku="A", requested=1, available=0)
    given(A=Row(0, 0, 0, 1)).beside(balances=full).when(
        move("supplier", "damaged", "RECEIVED", ("A", 1))
    ).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="supplier", value=-STOCK_MAX - 1, limit=STOCK_MAX
    )


def test_stock_moves_up_to_the_limit() -> None:
    row = Row(1, 0, 0, 1)

    given(A=row).beside(balances={"A": Balances(damaged=STOCK_MAX - 1)}).when(
        move("sellable", "damaged", "DAMAGED", ("A", 1))
    ).then("StockMoved", A=Row(0, 0, 0, 2)).then_accounts(
        "A", damaged=STOCK_MAX, supplier=-STOCK_MAX
    )


def test_the_contracts_commands_post_to_both_sides() -> None:
    scenario = given().when(receive(("A", 9))).when(ship(("A", 2))).when(adjust(("A", -3)))

    scenario.then_accounts("A", sellable=4, supplier=-9, customer=2, gain_loss=3)
