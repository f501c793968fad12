"""What the environment says is checked before anything is done with it, and named where wrong."""

import re
from pathlib import Path
from typing import get_args

import pytest

from cli.__main__ import USAGE, main
from local.parts import ENDPOINTS, INBOUND_ASKED, ROOT
from tables.postgres import Role

VARIABLE = re.compile(r"STOCKYARD_[A-Z_]*[A-Z]")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STOCKYARD_PARTITIONS", "x"),
        ("STOCKYARD_KAFKA", ""),
        ("STOCKYARD_KAFKA", "127.0.0.1:x"),
        ("STOCKYARD_KAFKA", "127.0.0.1:99999"),
        ("STOCKYARD_KAFKA", "[::1"),
        ("STOCKYARD_KAFKA", "a:b:1"),
    ],
)
def test_a_variable_outside_its_rule_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv("STOCKYARD_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv(name, value)
    file = tmp_path / "commands.jsonl"
    file.touch()
    assert main(["load", str(file)]) == USAGE
    assert f"{name}={value!r}" in capsys.readouterr().err


def test_the_page_of_settings_has_every_variable_that_processes_read() -> None:
    folders = ("streams", "tables", "api", "agents")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    read = {one for path in sources for one in VARIABLE.findall(path.read_text())}
    roles = {f"STOCKYARD_POSTGRES_{role.upper()}" for role in get_args(Role)}

    told = set(VARIABLE.findall((ROOT / "docs/settings.md").read_text()))

    assert ENDPOINTS in told
    assert told == (read - {"STOCKYARD_POSTGRES"}) | roles | {INBOUND_ASKED}
