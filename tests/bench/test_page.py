"""The page of results: medians with their spread, what was wrong of whom, nothing made up."""

from typing import Any

from bench.page import _engine_table, _figure_table


def _result(per_s: float, correct: bool, *differences: str) -> dict[str, Any]:
    return {
        "commands_per_s": per_s,
        "cpu_us_per_command": 40.0,
        "broker_cpu_us_per_command": 0.0,
        "rss_mib_max": 300.0,
        "correct": correct,
        "differences": list(differences),
    }


def test_a_table_has_the_median_the_spread_and_what_was_wrong() -> None:
    right = [_result(per_s, True) for per_s in (3_000, 1_000, 2_000)]
    wrong = [_result(500, True), _result(400, False, "a row", "and 7 more")]

    table = _engine_table({"ours": right, "another": wrong})

    assert "| ours | 2,000 (1,000 to 3,000) | 40 (40 to 40) |  | 300 (300 to 300) | yes |" in table
    assert "| another | 450 (400 to 500) |" in table
    assert "| no |" in table
    assert table.endswith("Wrong: another: a row")


def test_a_figure_is_met_as_often_as_it_was() -> None:
    ones = [
        {"value": value, "unit": "s", "target": "<= 1", "met": value <= 1, "note": ""}
        for value in (0.000_01, 0.5, 2)
    ]

    assert "| back after | 0.5 (0 to 2) s | <= 1 | 2 of 3 |  |" in _figure_table(
        {"back after": ones}
    )
