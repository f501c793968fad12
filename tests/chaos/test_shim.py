"""The shim on a small process: its clock is wrong as was said, and the call that is named fails."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.chaos.shim import Clock, failing

TELL_TIME = "import time; print(time.time()); input(); print(time.time(), time.monotonic())"
WRITE = """
import os, sys
for name in ("LOG", "000001.log", "000002.log"):
    with open(os.path.join(sys.argv[1], name), "w") as file:
        try:
            print(os.fsync(file.fileno()))
        except OSError as error:
            print(error.errno)
"""
NEAR_S = 30.0


def _near(told: str, wanted_s: float) -> bool:
    return abs(float(told) - wanted_s) < NEAR_S


def test_a_clock_is_wrong_and_steps_while_monotonic_time_goes_on(tmp_path: Path) -> None:
    clock = Clock(tmp_path, 86_400)
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", TELL_TIME],
        env=os.environ | clock.variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    ahead = process.stdout.readline()
    clock.set(-300)
    behind, monotonic = process.communicate("\n")[0].split()
    assert _near(ahead, time.time() + 86_400)
    assert _near(behind, time.time() - 300)
    assert _near(monotonic, time.monotonic())


def _syncs(folder: Path, variables: dict[str, str]) -> tuple[list[str], str]:
    command = [sys.executable, "-c", WRITE, str(folder)]
    environment = os.environ | variables
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split(), done.stderr


def test_the_call_that_is_named_fails_below_the_folder_and_says_so(tmp_path: Path) -> None:
    store, other = tmp_path / "store", tmp_path / "other"
    store.mkdir()
    other.mkdir()
    shim = failing(tmp_path, "fsync", errno.EIO, 2, 1, store)
    told, log = _syncs(store, shim)
    assert told == ["None", "None", str(errno.EIO)]
    assert log == "chaos: fsync of 000002.log: EIO\n"
    assert _syncs(other, shim) == (["None"] * 3, "")


def test_other_calls_do_not_fail(tmp_path: Path) -> None:
    shim = failing(tmp_path, "rename", errno.ENOSPC, 1, 9, tmp_path)
    assert _syncs(tmp_path, shim) == (["None"] * 3, "")
