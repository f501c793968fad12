"""Every command line of the corpus: exit code and words, and never a traceback."""

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from cli.__main__ import main
from tests.corpus.arguments import FILE, FOLDER
from tests.corpus.case import Case
from tests.corpus.corpus import chosen
from tests.corpus.terminal import is_tame

ROOT = Path(__file__).resolve().parents[2]
LINES = [case for case in chosen() if case.channel == "arguments"]
SAMPLE_EVERY = 12  # as processes of their own: an interpreter takes a second of processor time
PROCESS_S = 30


def arguments_of(case: Case, folder: Path) -> list[str]:
    """What is typed, with the case's file where it belongs."""
    file = folder / f"{case.id}{case.suffix}"
    file.write_bytes(case.file)
    return [one.replace(FILE, str(file)).replace(FOLDER, str(folder)) for one in case.arguments]


def difference(case: Case, code: int, output: str) -> str:
    """Where an answer is not as the label says; empty where it is."""
    assert case.told is not None
    if code != case.told.exit_code:
        return f"exit {code}, not {case.told.exit_code}: {output[-300:]}"
    flat = "".join(output.split())
    missing = [word for word in case.told.words if "".join(word.split()) not in flat]
    if missing or "Traceback" in output:
        return f"{missing} not in {output[-400:]}"
    return "" if is_tame(output) else f"a terminal obeys {output!r}"


@pytest.fixture
def nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a system, and no variables of the tests' own."""
    for name in [name for name in os.environ if name.startswith("STOCKYARD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STOCKYARD_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize("name", sorted({case.name for case in LINES}))
def test_every_command_line_is_told_what_is_wrong(
    name: str, nothing_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = []
    for case in (one for one in LINES if one.name == name):
        with monkeypatch.context() as context:
            for variable, value in case.environment:
                context.setenv(variable, value)
            code, output = _run(arguments_of(case, nothing_up))
        text = difference(case, code, output)
        if text:
            wrong.append(f"{case.id} {case.arguments} {case.environment}: {text}")
    assert not wrong, f"{len(wrong)} differ:\n" + "\n".join(wrong[:20])


def _run(arguments: list[str]) -> tuple[int, str]:
    told = StringIO()
    with redirect_stdout(told), redirect_stderr(told):
        try:
            code: object = main(arguments)
        except SystemExit as end:
            code = end.code
        except Exception as error:  # noqa: BLE001 (whatever comes out is what is told)
            return -1, f"Traceback: {error!r}"
    return code if isinstance(code, int) else 0, told.getvalue()


def test_a_sample_of_them_as_processes(nothing_up: Path) -> None:
    wrong = []
    for case in LINES[::SAMPLE_EVERY]:
        ran = subprocess.run(
            [sys.executable, "-P", "-m", "cli", *arguments_of(case, nothing_up)],
            cwd=nothing_up,
            env={**os.environ, **dict(case.environment), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=PROCESS_S,
            check=False,
        )
        text = difference(case, ran.returncode, (ran.stdout + ran.stderr).decode())
        if text:
            wrong.append(f"{case.id} {case.arguments} {case.environment}: {text}")
    assert not wrong, f"{len(wrong)} differ:\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("name", [b"\xff.jsonl", b"\xed\xa0\x80.csv", b"caf\xe9.csv"])
def test_a_file_whose_name_is_no_text_is_told(nothing_up: Path, name: bytes) -> None:
    ran = subprocess.run(
        [sys.executable.encode(), b"-P", b"-m", b"cli", b"load", name],
        cwd=nothing_up,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=PROCESS_S,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr
    assert b"Traceback" not in ran.stderr
