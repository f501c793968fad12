"""Months: booked in by when things happened, closed for good, kept for two years."""

import pytest

from agents.finance.periods import month_after
from tests.finance.bytes_of import DAY_MS, Office, refused
from tests.finance.tables_of import Tables


def month(year: int, number: int) -> str:
    return f"{year}-{number:02d}"


@pytest.fixture
def office() -> Office:
    """It is noon of 2026-11-18; all up to September is closed."""
    office = Office()
    office.bought("A", 100, 10_000)
    assert office.close("2026-09")["type"] == "PeriodClosed"
    return office


@pytest.mark.parametrize(
    ("time", "period"),
    [
        (None, "2026-11"),
        ("2026-11-01T00:00:00Z", "2026-11"),
        ("2026-10-31t23:59:59.999z", "2026-10"),
        ("2026-09-30T23:59:59Z", "2026-10"),
        ("0001-01-01T00:00:00Z", "2026-10"),
        ("2031-01-01T00:00:00Z", "2031-01"),
    ],
)
def test_a_movement_is_booked_in_its_month_or_the_first_open_one(
    office: Office, time: str | None, period: str
) -> None:
    line = {"sku": "A", "method": "average", "currency": "EUR"}
    events = [
        office.move("shipped", ("A", 1), time=time),
        office.send("SetCosting", lines=[line], time=time),
        office.land("3-0", 10, time=time),
    ]

    assert [event["period"] for event in events] == [period] * 3
    assert Tables(office.rows).sums[period]["cost_of_goods_sold", "EUR"] >= 100


def test_the_first_open_month_after_december_is_january() -> None:
    office = Office()
    office.bought("A", 1, 100)
    office.close("2025-12")

    assert office.move("shipped", ("A", 1), time="2025-06-01T00:00:00Z")["period"] == "2026-01"


def test_a_closed_month_is_refused_where_it_is_wanted(office: Office) -> None:
    for period in ("2026-09", "2025-12"):
        refused(office.post("3-0", ("A", 1), period=period), "PERIOD_CLOSED", period=period)
        refused(office.land("3-0", 1, period=period), "PERIOD_CLOSED", period=period)
        refused(office.close(period), "PERIOD_CLOSED", period=period)
    assert office.post("3-0", ("A", 1), period="2026-10")["period"] == "2026-10"
    assert office.land("3-0", 1, period="2027-01")["period"] == "2027-01"


def test_a_closed_month_is_told_before_an_unknown_receipt(office: Office) -> None:
    event = office.post("never", ("A", 1), period="2026-09")

    refused(event, "PERIOD_CLOSED", period="2026-09")


def test_a_month_is_closed_once_it_is_over_by_log_time(office: Office) -> None:
    refused(office.close("2026-11"), "PERIOD_NOT_OVER", period="2026-11")
    refused(office.close("9999-12"), "PERIOD_NOT_OVER", period="9999-12")
    office.pass_time(12 * DAY_MS + DAY_MS // 2 - 1)
    refused(office.close("2026-11"), "PERIOD_NOT_OVER", period="2026-11")

    office.pass_time(1)

    event = office.close("2026-11")
    assert (event["type"], event["period"]) == ("PeriodClosed", "2026-11")
    assert Tables(office.rows).closed_to == "2026-11"


def test_what_was_booked_is_never_booked_again(office: Office) -> None:
    before = Tables(office.rows).sums["2026-11"]
    office.pass_time(13 * DAY_MS)
    office.close("2026-11")

    office.move("shipped", ("A", 5), time="2026-11-20T00:00:00Z")

    after = Tables(office.rows).sums
    assert after["2026-11"] == before
    assert after["2026-12"]["cost_of_goods_sold", "EUR"] == 500


def test_sums_are_let_go_two_years_after_their_month_was_closed() -> None:
    office = Office()
    office.bought("A", 100, 10_000)
    months = [month(2024, 9), month(2024, 10), month(2024, 11), month(2025, 1)]
    for one in months:
        office.move("shipped", ("A", 1), time=f"{one}-15T00:00:00Z")
    assert Tables(office.rows).kept == [*months, "2026-11"]

    office.close("2026-10")

    assert Tables(office.rows).kept == [*months[2:], "2026-11"]
    Tables(office.rows)


@pytest.mark.parametrize(
    ("period", "months", "expected"),
    [
        ("2026-11", 1, "2026-12"),
        ("2026-12", 1, "2027-01"),
        ("2026-12", -24, "2024-12"),
        ("2026-01", -1, "2025-12"),
        ("0001-01", -24, "0000-01"),
    ],
)
def test_months_are_counted(period: str, months: int, expected: str) -> None:
    assert month_after(period, months) == expected


@pytest.mark.parametrize(
    "period", ["2026-13", "2026-00", "2026-1", "26-01", "2026-11-01", "٢٠٢٦-11"]
)
def test_a_month_is_written_in_one_way(period: str) -> None:
    assert Office().close(period)["code"] == "INVALID_COMMAND"
