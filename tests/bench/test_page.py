"""The page of results: every benchmark, medians with their spread, what was wrong of whom."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bench import report
from bench.__main__ import BENCHMARKS
from bench.page import _engine_table, _figure_table, render
from bench.report import Report, Result
from bench.runs import measure


def _result(per_s: float, correct: bool, *differences: str) -> dict[str, Any]:
    return {
        "commands": 1_000,
        "commands_per_s": per_s,
        "cpu_us_per_command": 40.0,
        "broker_cpu_us_per_command": 0.0,
        "rss_mib_max": 300.0,
        "correct": correct,
        "differences": list(differences),
        "note": "" if correct else "judged by less",
    }


def test_a_table_has_the_median_the_spread_and_what_was_wrong() -> None:
    right = [_result(per_s, True) for per_s in (3_000, 1_000, 2_000)]
    wrong = [_result(500, True), _result(400, False, "a row", "and 7 more")]

    table = _engine_table({"ours": right, "another": wrong})

    told = "| ours | 1,000 | 2,000 (1,000 to 3,000) | 40 (40 to 40) |  | 300 (300 to 300) | yes |"
    assert told in table
    assert "| another | 1,000 | 450 (400 to 500) |" in table
    assert "| no |" in table
    assert table.endswith("Wrong: another: a row\n\nanother: judged by less.")


def _figures(target: str, *values: float) -> list[dict[str, Any]]:
    found = Report("engine")
    for value in values:
        found.add("back after", value, "s", target)
    return [asdict(figure) | {"met": figure.met} for figure in found.figures]


def test_a_figure_is_met_as_often_as_it_was() -> None:
    ones = _figures("<= 1", 0.000_01, 0.5, 2)
    told = "| back after | 0.5 (0 to 2) s | <= 1 | 2 of 3 |  |"
    assert told in _figure_table({"back after": ones})


def test_of_two_figures_asked_for_each_is_judged() -> None:
    ones = _figures(">= 3 and >= 4", 3.5, 4.5, 2)
    told = "| back after | 3.5 (2 to 4.5) s | >= 3 and >= 4 | 2 of 3 and 1 of 3 |  |"
    assert told in _figure_table({"back after": ones})
    single = _figure_table({"back after": _figures(">= 3 and >= 4", 3.5)})
    assert "| >= 3 and >= 4 | yes and no |" in single
    assert "| 9 s |  |  |  |" in _figure_table({"back after": _figures("", 9)})


def _document(name: str, per_s: float) -> Any:
    found = Report(name)
    drained = Result("stockyard", "exactly once", 9, per_s, True, [], 1.0, 9.0, 9.0, 9.0, 1.0)
    found.results.append(drained)
    if name == "latency":
        found.latency_ms |= dict.fromkeys(("p50", "p90", "p99", "p99.9", "max"), 7.0)
    for rows in (10_000, 100_000):
        found.add(f"commands/s, {rows:,} rows, 0 ids", per_s, "/s")
    found.add("told by", 1, "s", "<= 2", name)
    return found.document()


def test_each_benchmark_has_its_section_and_nothing_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "revision", lambda: "abc")
    drawn: dict[str, tuple[str, Mapping[str, list[float]]]] = {}

    def draw(file: str, kind: str, title: str, values: Mapping[str, list[float]]) -> str:
        drawn[file] = kind, values
        return f"![{title}]({file})\n"

    documents = [_document(name, per_s) for name in BENCHMARKS for per_s in (10.0, 20.0)]
    page = render(documents, draw)

    sections = page.split("\n## ")[1:]
    assert [one.split("\n")[0] for one in sections] == list(BENCHMARKS)
    for name, section in zip(BENCHMARKS, sections, strict=True):
        assert f"`bench {name}`" in section, "it says what it does"
        assert f"| told by | 1 (1 to 1) s | <= 2 | 2 of 2 | {name} |" in section
        assert "| stockyard, exactly once | 9 | 15 (10 to 20) |" in section
        assert drawn[f"{name}-mix.svg"] == ("bars", {"stockyard, exactly once": [10.0, 20.0]})
    assert drawn["growth.svg"] == ("curve", {"10000": [10.0, 20.0], "100000": [10.0, 20.0]})
    assert {"latency.svg", "scale.svg", "recovery.svg"} <= drawn.keys()


def test_runs_go_on_where_they_broke_off(tmp_path: Path) -> None:
    ran: list[str] = []

    def run_one(name: str, file: Path) -> bool:
        ran.append(name)
        file.write_text("{")
        return name != "flaky" or ran.count("flaky") > 1

    assert measure(tmp_path, ["good", "flaky"], 2, run_one) == ["flaky-1"]
    assert ran == ["good", "flaky", "good", "flaky"]
    kept = {file.name for file in tmp_path.glob("*.json")}
    assert kept == {"good-1.json", "good-2.json", "flaky-2.json"}

    assert measure(tmp_path, ["good", "flaky"], 2, run_one) == []
    assert ran[4:] == ["flaky"], "what is there is not measured again"
