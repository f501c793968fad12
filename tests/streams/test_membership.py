"""An identity that outlives the process and is held by one process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from streams.exceptions import ConfigurationError
from streams.membership import claim

ROOT = Path(__file__).resolve().parents[2]
CLAIM = """
import sys, time
from pathlib import Path
from streams.membership import claim
identity, lock = claim(Path(sys.argv[1]), f"worker-{sys.argv[2]}")
print(identity, flush=True)
time.sleep(60)
"""


def _process(home: Path, number: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", CLAIM, str(home), str(number)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_one_process_at_a_time_and_the_same_name_after_a_kill(tmp_path: Path) -> None:
    process = _process(tmp_path, 1)
    identity = _said(process)
    with pytest.raises(ConfigurationError, match="choose another --number"):
        claim(tmp_path, "worker-1")
    process.kill()
    process.wait()

    again, lock = claim(tmp_path, "worker-1")

    assert again == identity
    lock.close()


def test_first_starts_at_once_agree_on_one_identity(tmp_path: Path) -> None:
    processes = [_process(tmp_path, number) for number in range(1, 5)]
    said = [_said(process) for process in processes]
    for process in processes:
        process.kill()
        process.wait()

    assert len({name.rsplit("-", 1)[0] for name in said}) == 1
    assert [name.rsplit("-", 1)[1] for name in said] == ["1", "2", "3", "4"]
    assert [path.name for path in (tmp_path / "run").glob("identity*")] == ["identity"]


def test_another_home_is_another_installation(tmp_path: Path) -> None:
    (first, one), (second, two) = (
        claim(tmp_path / "a", "worker-1"),
        claim(tmp_path / "b", "worker-1"),
    )

    assert first != second
    one.close()
    two.close()


def test_an_empty_identity_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "identity").touch()

    with pytest.raises(ConfigurationError, match="empty"):
        claim(tmp_path, "worker-1")
