"""Compiled modules: of these very sources or none, and never a mixture."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.parts import ROOT
from streams import native

LOADED = """\
from streams import native
native.activate()
import importlib
import agents.__main__
print({importlib.import_module(name).__file__.endswith(".py") for name in native.COMPILED})
"""


def loaded(**environment: str) -> str:
    """Which of these modules a worker runs from their sources: all, none, or both."""
    return subprocess.run(
        [sys.executable, "-P", "-c", LOADED],
        env={"PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.strip()


def test_a_worker_runs_all_of_them_compiled_or_none() -> None:
    assert loaded() == str({not native.folder().is_dir()})


def test_plain_python_can_be_asked_for() -> None:
    assert loaded(STOCKYARD_PLAIN="1") == "{True}"


def test_other_sources_have_other_compiled_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in native.sources():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((ROOT / path).read_bytes())
    before = native.folder()
    monkeypatch.setattr(native, "ROOT", tmp_path)
    assert native.folder() == before

    with (tmp_path / "schemas" / "stock.py").open("a") as source:
        source.write("# another\n")

    assert native.folder() != before


def test_every_module_has_its_source() -> None:
    names = {".".join(path.with_suffix("").parts) for path in native.sources()}

    assert set(native.COMPILED) <= names


@pytest.mark.parametrize("compiler", ["", "no-such-compiler"])
def test_without_a_compiler_it_says_so_and_goes_on(tmp_path: Path, compiler: str) -> None:
    script = "import streams.native as n, local.native as m, pathlib, sys; "
    script += "n.FOLDER = pathlib.Path(sys.argv[1]); m.main()"
    said = subprocess.run(
        [sys.executable, "-P", "-c", script, tmp_path],
        env={"PYTHONPATH": str(ROOT), "PATH": "", "CC": compiler},
        capture_output=True,
        check=True,
        text=True,
    ).stdout

    assert "decides as plain Python" in said
    assert "install gcc or clang" in said
