"""Invoices as commands: whole, split, opened with what they need, and always the same."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cli.invoices import Command, Shortage, commands_of, whole_invoices
from cli.sales import Movement
from schemas.codec import CommandCodec, Invalid
from schemas.stock_commands import COMMANDS
from tests.load.lines import MORNING

SIGNS = {"ReceiveStock": 1, "ShipStock": -1, "AdjustStock": 1}


def moved(
    number: int,
    invoice: str = "489434",
    sku: str = "85048",
    delta: int = -12,
    warehouse: str = "EIRE",
    at: datetime = MORNING,
) -> Movement:
    return Movement(number, invoice, warehouse, sku, delta, at)


def read(command: Command) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(command.value)
    return body


def load(movements: list[Movement]) -> list[Command]:
    """What a file of these lines becomes, opening receipts first."""
    last = {movement.invoice: movement.number for movement in movements}
    shortage = Shortage()
    for invoice in whole_invoices(movements, last):
        shortage.add(invoice)
    sent = [command for one in whole_invoices(movements, last) for command in commands_of(one)]
    return [*shortage.receipts(), *sent]


def test_an_invoice_is_one_shipment_with_a_line_for_each_sku() -> None:
    lines = [moved(1), moved(2, sku="21232", delta=-24), moved(3, delta=-1)]
    (shipment,) = commands_of(lines)
    assert read(shipment) == {
        "type": "ShipStock",
        "id": "sale-489434-1",
        "warehouse": "EIRE",
        "lines": [{"sku": "21232", "quantity": 24}, {"sku": "85048", "quantity": 13}],
        "time": "2009-12-01T07:45:00Z",
        "actor": "load",
        "correlation_id": "489434",
    }


def test_a_cancellation_is_an_adjustment_with_its_reason() -> None:
    (returned,) = commands_of([moved(1, "C489449", delta=12)])
    body = read(returned)
    assert (body["type"], body["id"]) == ("AdjustStock", "return-C489449-1")
    assert body["reason"] == "cancellation C489449"
    assert body["lines"] == [{"sku": "85048", "delta": 12}]


def test_an_invoice_of_two_countries_is_a_shipment_from_each() -> None:
    shipments = list(commands_of([moved(1), moved(2, warehouse="USA")]))
    assert [shipment.warehouse for shipment in shipments] == ["EIRE", "USA"]


def test_an_invoice_has_the_time_of_its_earliest_line() -> None:
    (shipment,) = commands_of([moved(1, at=MORNING + timedelta(minutes=9)), moved(2)])
    assert read(shipment)["time"] == "2009-12-01T07:45:00Z"


def test_more_than_a_thousand_skus_are_split_in_their_order() -> None:
    lines = [moved(number, sku=f"S{number:04}") for number in range(2_001, 0, -1)]
    parts = [read(part) for part in commands_of(lines)]
    assert [part["id"] for part in parts] == [f"sale-489434-{number}" for number in (1, 2, 3)]
    assert [len(part["lines"]) for part in parts] == [1_000, 1_000, 1]
    assert parts[0]["lines"][0]["sku"] == "S0001"
    assert parts[2]["lines"][0]["sku"] == "S2001"


def test_more_than_a_line_can_say_takes_several_lines() -> None:
    lines = [moved(number, delta=-(10**12)) for number in (1, 2)]
    (shipment,) = commands_of([*lines, moved(3, delta=-5)])
    assert [line["quantity"] for line in read(shipment)["lines"]] == [10**12, 10**12, 5]


def test_invoices_that_interleave_are_whole_at_their_last_lines() -> None:
    movements = [moved(1, "1"), moved(2, "2"), moved(3, "1"), moved(4, "3"), moved(5, "2")]
    whole = whole_invoices(movements, {"1": 3, "2": 5, "3": 4})
    assert [[one.number for one in invoice] for invoice in whole] == [[1, 3], [4], [2, 5]]


def test_the_opening_is_what_is_missing_at_the_lowest() -> None:
    movements = [
        moved(1, "1", delta=-5),
        moved(2, "C2", delta=3),
        moved(3, "3", delta=-4),
        moved(4, "C4", delta=100),
        moved(5, "C5", sku="RETURNED", delta=1),
    ]
    opening, *_ = load(movements)
    assert read(opening)["lines"] == [{"sku": "85048", "quantity": 6}]
    assert read(opening)["time"] == "2009-12-01T07:45:00Z"


def test_another_opening_has_another_id() -> None:
    first, second = load([moved(1)])[0], load([moved(1, delta=-13)])[0]
    assert read(first)["id"] != read(second)["id"]
    assert read(first)["id"] == read(load([moved(1)])[0])["id"]


SKUS = st.sampled_from(["A", "B", "Ä", '"C"'])
PLACES = st.sampled_from(["EIRE", "USA"])


SOLD = st.tuples(
    st.integers(1, 6), st.booleans(), SKUS, st.integers(1, 50), PLACES, st.integers(0, 9)
)


@st.composite
def files(draw: st.DrawFn) -> list[Movement]:
    """Lines of interleaved sales and cancellations in two warehouses."""
    lines = draw(st.lists(SOLD, max_size=60))
    return [
        Movement(
            row,
            f"C{number}" if back else str(number),
            place,
            sku,
            quantity if back else -quantity,
            MORNING + timedelta(minutes=minute),
        )
        for row, (number, back, sku, quantity, place, minute) in enumerate(lines, 1)
    ]


def stock_after(commands: Iterable[Command]) -> Counter[tuple[str, str]]:
    """On hand by (warehouse, SKU), as the actors decide; fails where one would refuse."""
    codec, on_hand = CommandCodec(COMMANDS), Counter[tuple[str, str]]()
    for sent in commands:
        command = codec.decode(sent.value)
        assert not isinstance(command, Invalid), command
        for line in command.lines:
            amount = line.delta if sent.type == "AdjustStock" else line.quantity
            on_hand[sent.warehouse, line.sku] += SIGNS[sent.type] * amount
        assert all(on_hand[sent.warehouse, line.sku] >= 0 for line in command.lines), sent
    return on_hand


@given(files())
def test_every_shipment_of_a_file_succeeds_and_nothing_is_lost(movements: list[Movement]) -> None:
    commands = load(movements)
    on_hand = stock_after(commands)
    for command in commands:
        if command.type == "ReceiveStock":
            for line in read(command)["lines"]:
                on_hand[command.warehouse, line["sku"]] -= line["quantity"]
    for movement in movements:
        on_hand[movement.warehouse, movement.sku] -= movement.delta
    assert not any(on_hand.values())


@given(files())
def test_a_file_gives_the_same_commands_each_time_and_no_id_twice(
    movements: list[Movement],
) -> None:
    commands = load(movements)
    assert load(movements) == commands
    ids = [(command.warehouse, read(command)["id"]) for command in commands]
    assert len(set(ids)) == len(ids)


@given(files(), st.randoms(use_true_random=False))
def test_a_command_does_not_depend_on_the_order_of_an_invoice(
    movements: list[Movement], random: Any
) -> None:
    one = [movement for movement in movements if movement.invoice == "1"]
    other = list(one)
    random.shuffle(other)
    if one:
        assert sorted(commands_of(one)) == sorted(commands_of(other))


def test_times_are_told_in_utc() -> None:
    (shipment,) = commands_of([moved(1, at=datetime(2010, 7, 1, 23, 59, 59, tzinfo=UTC))])
    assert read(shipment)["time"] == "2010-07-01T23:59:59Z"


def test_a_year_has_four_digits() -> None:
    (shipment,) = commands_of([moved(1, at=datetime(999, 12, 31, tzinfo=UTC))])
    assert read(shipment)["time"] == "0999-12-31T00:00:00Z"
