"""A worker starts without what it never uses."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = """
import sys
import agents.__main__ as worker
from streams.spared import NAMED, OPTIONAL
settings = worker.Settings.from_environment()
worker.Worker("stock", worker.actor_of("stock", 1), settings, "worker-1")
spared = {name.partition(".")[0] for name in (*OPTIONAL, *NAMED)}
loaded = {name for name, module in sys.modules.items() if getattr(module, "__file__", None)}
print(sorted(name for name in loaded if name.partition(".")[0] in spared), "faust" in loaded)
"""
EARLY = """
import venusian
import agents.__main__
"""


def _run(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", script],
        env={"PYTHONPATH": str(ROOT), "STOCKYARD_HOME": str(home)},
        capture_output=True,
        check=False,
        text=True,
    )


def test_a_worker_is_made_without_them(tmp_path: Path) -> None:
    assert _run(MADE, tmp_path).stdout == "[] True\n"


def test_one_that_is_there_already_is_a_mistake(tmp_path: Path) -> None:
    assert "['venusian'] were imported before" in _run(EARLY, tmp_path).stderr
