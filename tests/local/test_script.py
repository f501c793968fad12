"""The script at the root: it makes the environment the locks ask for, and says what is missing."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.parts import ROOT

SECONDS_MAX = 120.0
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)(?:.*\\\n)+.*$", re.MULTILINE)
# what the script becomes: here a command line that tells how it was started
COMMAND_LINE = """\
import json, os, sys
told = {"arguments": sys.argv[1:], "home": os.environ["STOCKYARD_HOME"], "cwd": os.getcwd()}
print(json.dumps(told | {"prefix": sys.prefix, "path": sys.path[0]}))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with locks that pin nothing."""
    root = tmp_path / "checkout"
    (root / "cli").mkdir(parents=True)
    (root / "cli" / "__main__.py").write_text(COMMAND_LINE)
    shutil.copy(ROOT / "stockyard", root)
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (root / lock).write_text(f"# {lock}: nothing\n")
    return root


def run(checkout: Path, *arguments: str, cwd: Path | None = None, **told: str) -> tuple[int, str]:
    """Exit code of the script, and all it printed."""
    known = {name: value for name, value in os.environ.items() if name != "STOCKYARD_HOME"}
    ended = subprocess.run(
        [sys.executable, checkout / "stockyard", *arguments],
        cwd=cwd or checkout,
        env=known | told,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        timeout=SECONDS_MAX,
    )
    return ended.returncode, ended.stdout


def test_help_costs_nothing(checkout: Path) -> None:
    code, said = run(checkout, "--help")

    assert code == 0
    assert "./stockyard up --detach" in said
    assert not (checkout / ".venv").exists()


def test_it_becomes_the_command_line_from_any_directory(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "cli.py").write_text("raise SystemExit('a module of the caller was imported')")

    code, said = run(checkout, "load", "some file", cwd=tmp_path)

    assert code == 0, said
    told = json.loads(said.splitlines()[-1])
    assert told["arguments"] == ["load", "some file"]
    assert told["cwd"] == str(tmp_path)
    assert told["home"] == str(checkout / ".stockyard")
    assert told["prefix"] == str(checkout / ".venv")


def test_a_home_is_named_from_where_the_caller_stands(checkout: Path, tmp_path: Path) -> None:
    _, said = run(checkout, "status", cwd=tmp_path, STOCKYARD_HOME="second")

    assert json.loads(said.splitlines()[-1])["home"] == str(tmp_path / "second")


def test_the_environment_is_made_once_and_again_when_its_lock_changes(checkout: Path) -> None:
    mark = checkout / ".venv" / "mark"
    _, first = run(checkout, "status")
    mark.touch()

    _, second = run(checkout, "status")

    assert "making the virtual environment" in first
    assert "making" not in second
    (checkout / "requirements.lock").write_text("# another\n")
    _, third = run(checkout, "status")
    assert "making the virtual environment" in third
    assert not mark.exists()


def test_developers_tools_are_added_when_a_command_needs_them(checkout: Path) -> None:
    run(checkout, "status")
    installed = checkout / ".venv" / "installed.json"
    assert set(json.loads(installed.read_text())) == {"requirements.lock"}

    _, said = run(checkout, "test")

    assert "making" not in said
    assert set(json.loads(installed.read_text())) == {"requirements.lock", "requirements-dev.lock"}


def test_a_command_that_runs_what_tests_are_made_of_has_the_developers_tools() -> None:
    using = {
        path.stem
        for path in (ROOT / "cli").glob("*.py")
        if re.search(r"^from tests\b|\"tests\.", path.read_text(), re.MULTILINE)
    }
    script = (ROOT / "stockyard").read_text()
    listed = re.search(r"^NEED_DEVELOPMENT = (.*)$", script, re.MULTILINE)

    assert listed
    assert using == {"chaos", "simulate"}
    assert using <= set(ast.literal_eval(listed[1]))


def test_what_is_tested_is_what_is_run() -> None:
    """The developer's lock adds packages to the other, and changes none: same pins, same bytes."""
    run_by_all, tested = (
        {
            pin[1]: (pin[2], frozenset(re.findall(r"--hash=\S+", pin[0])))
            for pin in PIN.finditer((ROOT / lock).read_text())
        }
        for lock in ("requirements.lock", "requirements-dev.lock")
    )

    assert len(run_by_all) > 50
    assert run_by_all.items() <= tested.items()


def test_two_at_once_make_one_environment(checkout: Path) -> None:
    command = [sys.executable, str(checkout / "stockyard"), "status"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]

    said = [one.communicate(timeout=SECONDS_MAX)[0] for one in both]

    assert [one.returncode for one in both] == [0, 0]
    assert sum(text.count("making the virtual environment") for text in said) == 1


def test_without_a_network_it_says_so(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text(f"rich==15.0.0 --hash=sha256:{'0' * 64}\n")

    code, said = run(checkout, "status", PIP_NO_INDEX="1", PIP_FIND_LINKS="")

    assert code == 1
    assert "needs the network" in said


def test_without_the_venv_module_it_says_what_to_install(checkout: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "venv.py").write_text("raise SystemExit('No module named ensurepip')")

    code, said = run(checkout, "status", PYTHONPATH=str(broken))

    assert code == 1
    assert "apt install python3-venv" in said


def test_a_python_that_is_too_old_is_told_so(checkout: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 9, 7)")

    code, said = run(checkout, "status", PYTHONPATH=str(old), PATH=str(old))

    assert code == 1
    assert "needs Python 3.11 or newer, this is 3.9.7" in said
