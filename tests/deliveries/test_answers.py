"""What an endpoint's answer means."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.deliveries.answers import Meaning, answered, failed, rest_s

NOW_S = 1_800_000_000.0
IN_A_MINUTE = datetime.fromtimestamp(NOW_S + 60, UTC)


@pytest.mark.parametrize(
    ("statuses", "meaning"),
    [
        (range(200, 300), Meaning.TAKEN),
        ({408, 425, 429}, Meaning.AGAIN),
        (set(range(400, 500)) - {408, 425, 429}, Meaning.REFUSED),
        (range(500, 600), Meaning.AGAIN),
        (range(300, 400), Meaning.AGAIN),
        ({100, 101, 600, 999}, Meaning.AGAIN),
    ],
)
def test_a_status_means(statuses: set[int], meaning: Meaning) -> None:
    assert {answered(status, None, NOW_S).meaning for status in statuses} == {meaning}


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionRefusedError("no"), OSError("x")])
def test_no_answer_means_again(error: Exception) -> None:
    assert failed(error, 2).meaning is Meaning.AGAIN
    assert failed(error, 2).text


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120), (" 7 ", 7), ("0", 0), (None, 0), ("", 0), ("soon", 0), ("-5", 0), ("1.5", 0),
        ("²", 0), ("9" * 400, 999_999_999), ("Fri, 99 Nov 9999", 0),
        ("Fri, 20 Nov 2026 10:00:00 +99999999999999999", 0),
        ("Fri, 20 Nov 2026 10:00:9999999999", 0),
        (f"Fri, 20 Nov {10**20} 10:00:00 GMT", 0),
        (format_datetime(IN_A_MINUTE, usegmt=True), 60),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        (format_datetime(IN_A_MINUTE.replace(tzinfo=None)), 60),
    ],
)  # fmt: skip
def test_it_rests_for_what_a_header_says(header: str | None, seconds: float) -> None:
    assert rest_s(header, NOW_S) == seconds


@settings(max_examples=1_000, deadline=None)
@given(st.one_of(st.text(), st.from_regex(r"\w{3}, \d{1,9} Nov \d{1,20} \d+:\d+:\d+ .{0,20}")))
def test_no_header_does_harm(header: str) -> None:
    assert rest_s(header, NOW_S) >= 0
