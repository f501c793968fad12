"""What the environment says is checked before anything is done with it, and named where wrong."""

from pathlib import Path

import pytest

from cli.__main__ import USAGE, main


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
