"""Stock coming, going and being corrected."""

from schemas.fields import QUANTITY_MAX, STOCK_MAX
from schemas.rows import Row
from tests.stock.scenario import (
    adjust,
    given,
    receive,
    reserve,
    set_reorder_point,
    ship,
    short,
)


def test_stock_of_a_sku_never_seen_begins_with_what_is_received() -> None:
    given().when(receive(("A", 6))).then("StockReceived", A=Row(6, 0, 0, 1))


def test_received_stock_adds_to_what_is_on_hand() -> None:
    given(A=Row(10, 4, 3, 7)).when(receive(("A", 6))).then("StockReceived", A=Row(16, 4, 3, 8))


def test_a_sku_on_several_lines_counts_with_its_sum_on_one_line() -> None:
    scenario = given(A=Row(1, 0, 0, 1)).when(receive(("B", 1), ("A", 2), ("B", 3)))

    scenario.then("StockReceived", B=Row(4, 0, 0, 1), A=Row(3, 0, 0, 2))
    assert [line.quantity for line in scenario.outcome.lines] == [4, 2]


def test_stock_is_received_up_to_the_limit_of_a_row() -> None:
    full = Row(STOCK_MAX - 1, 0, 0, 1)

    given(A=full).when(receive(("A", 1))).then("StockReceived", A=Row(STOCK_MAX, 0, 0, 2))


def test_stock_above_the_limit_of_a_row_is_refused() -> None:
    full = Row(STOCK_MAX - 1, 0, 0, 1)

    given(A=full).when(receive(("B", 1), ("A", 2))).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="on_hand", value=STOCK_MAX + 1, limit=STOCK_MAX
    )


def test_lines_of_one_sku_are_summed_before_the_limit_is_looked_at() -> None:
    wish = receive(*[("A", QUANTITY_MAX)] * 1_000)

    given(A=Row(1, 0, 0, 1)).when(wish).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="on_hand", value=STOCK_MAX + 1, limit=STOCK_MAX
    )


def test_available_stock_is_shipped() -> None:
    given(A=Row(10, 4, 0, 7)).when(ship(("A", 6))).then("StockShipped", A=Row(4, 4, 0, 8))


def test_a_plain_shipment_names_no_reservation() -> None:
    assert given(A=Row(1, 0, 0, 1)).when(ship(("A", 1))).outcome.reservation is None


def test_reserved_stock_is_not_shipped_to_others() -> None:
    given(A=Row(10, 4, 0, 7)).when(ship(("A", 7))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=7, available=6
    )


def test_what_was_never_seen_is_not_shipped() -> None:
    given().when(ship(("A", 1))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=1, available=0
    )


def test_the_sum_of_lines_must_be_available() -> None:
    given(A=Row(5, 0, 0, 1)).when(ship(("A", 3), ("A", 3))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=6, available=5
    )


def test_all_lines_or_none_and_all_short_skus_are_told_in_order() -> None:
    stock = given(A=Row(5, 0, 0, 1), B=Row(1, 0, 0, 1), C=Row(0, 0, 0, 2))

    stock.when(ship(("A", 1), ("C", 1), ("B", 9))).then_rejected(
        "INSUFFICIENT_STOCK",
        sku="C",
        requested=1,
        available=0,
        short=[short("C", 1, 0), short("B", 9, 1)],
    )
    assert stock.stock.rows["A"] == Row(5, 0, 0, 1, supplier=-5)


def test_a_count_corrects_stock_both_ways() -> None:
    scenario = given(A=Row(5, 0, 2, 1), B=Row(5, 5, 0, 4))

    scenario.when(adjust(("A", -5), ("B", 2), reason="cycle count"))

    scenario.then("StockAdjusted", A=Row(0, 0, 2, 2), B=Row(7, 5, 0, 5))
    assert scenario.outcome.reason == "cycle count"
    assert [line.delta for line in scenario.outcome.lines] == [-5, 2]


def test_no_count_takes_what_is_reserved() -> None:
    given(A=Row(10, 4, 0, 1)).when(adjust(("A", -7))).then_rejected(
        "INSUFFICIENT_STOCK", sku="A", requested=7, available=6
    )


def test_deltas_of_one_sku_are_summed_before_they_are_looked_at() -> None:
    given(A=Row(1, 0, 0, 1)).when(adjust(("A", -3), ("A", 2))).then(
        "StockAdjusted", A=Row(0, 0, 0, 2)
    )


def test_no_count_passes_the_limit() -> None:
    given(A=Row(STOCK_MAX, 0, 0, 1)).when(adjust(("A", 1))).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="on_hand", value=STOCK_MAX + 1, limit=STOCK_MAX
    )


def test_the_first_line_that_fails_is_the_reason() -> None:
    rows = {"A": Row(STOCK_MAX, 0, 0, 1), "B": Row(0, 0, 0, 1)}

    given(None, **rows).when(adjust(("B", -1), ("A", 1))).then_rejected(
        "INSUFFICIENT_STOCK", sku="B", requested=1, available=0
    )
    given(None, **rows).when(adjust(("A", 1), ("B", -1))).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="on_hand", value=STOCK_MAX + 1, limit=STOCK_MAX
    )


def test_a_reorder_point_is_set_before_any_stock_came() -> None:
    given().when(set_reorder_point(("A", 5))).then("ReorderPointSet", A=Row(0, 0, 5, 1))


def test_an_equal_reorder_point_is_a_change_too() -> None:
    given(A=Row(9, 2, 5, 1)).when(set_reorder_point(("A", 5))).then(
        "ReorderPointSet", A=Row(9, 2, 5, 2)
    )


def test_a_reorder_point_of_nothing_ends_the_policy() -> None:
    given(A=Row(9, 2, 5, 1)).when(set_reorder_point(("A", 0))).then(
        "ReorderPointSet", A=Row(9, 2, 0, 2)
    )


def test_reorder_points_of_one_sku_are_summed() -> None:
    given().when(set_reorder_point(("A", 5), ("A", 6))).then("ReorderPointSet", A=Row(0, 0, 11, 1))
    given().when(set_reorder_point(("A", STOCK_MAX), ("A", 6))).then_rejected(
        "QUANTITY_LIMIT", sku="A", field="reorder_point", value=STOCK_MAX + 6, limit=STOCK_MAX
    )


def test_an_event_tells_whose_it_is_and_when() -> None:
    event = given(A=Row(9, 0, 0, 1)).when(reserve("r", ("A", 1), ttl_seconds=61)).outcome

    assert (event.id, event.partition, event.seq) == ("3-123", 3, 123)
    assert (event.source.partition, event.source.offset) == (3, 991)
    assert (event.command_id, event.warehouse) == ("c-1", "LON-1")
    assert event.time == event.recorded_at == "2026-11-18T12:00:00.000Z"
    assert event.expires_at == "2026-11-18T12:01:01.000Z"
