"""Every file of the corpus through `./stockyard load`: what it would send, and what it refuses."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.load import SALES, load
from cli.sales_load import SalesFile
from tests.chaos import rules
from tests.corpus.case import Case
from tests.corpus.corpus import chosen
from tests.corpus.terminal import is_tame

APP = typer.Typer()
APP.command()(load)
FAMILIES = sorted({case.family for case in chosen() if case.channel == "file"})


def difference(case: Case, folder: Path) -> str:
    """Where loading a case's file is not told as its label says; empty where it is."""
    assert case.told is not None
    file, rejects = folder / f"{case.id}{case.suffix}", folder / "rejects.jsonl"
    file.write_bytes(case.file)
    rejects.unlink(missing_ok=True)
    shared = [str(file), "--dry-run", "--no-opening", "--rejects", str(rejects)]
    answer = CliRunner().invoke(APP, [*shared, "--json"])
    if answer.exit_code != case.told.exit_code:
        return f"exit {answer.exit_code}, {answer.exception!r}: {answer.output[-300:]}"
    if case.told.exit_code == 2:
        missing = [word for word in case.told.words if word not in answer.stderr]
        return f"{missing} not in {answer.stderr}" if missing else ""
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        return f"{answer.exception!r}"
    summary, refused = json.loads(answer.stdout), _refused(rejects)
    if summary["commands"] != case.told.commands:
        return f"{summary['commands']} commands, not {case.told.commands}: {refused}"
    told = [(one["reason"], one["problem"]) for one in refused]
    right = len(told) == len(case.told.refused) and all(
        reason == wanted and word in problem
        for (reason, problem), (wanted, word) in zip(told, case.told.refused, strict=True)
    )
    if not right:
        return f"{told}, not {case.told.refused}"
    return _unfit(file) or (_for_a_person(shared, case) if told else "")


def _unfit(file: Path) -> str:
    """A command made from a sales file that the contract would not take; empty where none is."""
    if file.suffix not in SALES:
        return ""
    sales = SalesFile.read(file, lambda refusal: None, lambda lines: None)
    for made in chain(sales.openings(lambda lines: None), sales.commands(lambda lines: None)):
        command = rules.read(made.value)
        if command is None or command.problem:
            return f"makes {made.value!r}"
    return ""


def _refused(rejects: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in rejects.read_text(encoding="utf-8").split("\n") if line]


def _for_a_person(arguments: list[str], case: Case) -> str:
    """The same without --json: the same exit code, and nothing that a terminal would obey."""
    assert case.told is not None
    answer = CliRunner().invoke(APP, arguments)
    if answer.exit_code != case.told.exit_code:
        return (
            f"for a person: exit {answer.exit_code}, {answer.exception!r}: {answer.output[-300:]}"
        )
    return "" if is_tame(answer.output) else f"for a person: {answer.output!r}"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_file_is_told_as_it_is(family: str, tmp_path: Path) -> None:
    given = [case for case in chosen() if case.channel == "file" and case.family == family]
    wrong = [
        f"{case.id} ({case.name}): {text}" for case in given if (text := difference(case, tmp_path))
    ]
    assert not wrong, f"{len(wrong)} of {len(given)} differ:\n" + "\n".join(wrong[:40])
