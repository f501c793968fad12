"""The environment of the Quix Streams peer, whose pins clash with ours."""

import hashlib
import subprocess
import sys
from pathlib import Path

from bench.child import ROOT, Died, progress
from streams import native

VENV = ROOT / ".venv-bench"
LOCK = Path(__file__).with_name("requirements.lock")
INSTALLED = VENV / "installed"  # checksum of the lock file it was installed from


def python() -> str:
    """Its interpreter; the environment is made or made anew where the lock file says so."""
    interpreter = VENV / "bin" / "python"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not INSTALLED.exists() or INSTALLED.read_text() != wanted:
        progress(f"{VENV.name} is installed from {LOCK.relative_to(ROOT)}")
        _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
        install = [str(interpreter), "-m", "pip", "install", "--quiet", "--no-deps"]
        _run([*install, "--require-hashes", "-r", str(LOCK)])
        INSTALLED.write_text(wanted)
    compiled = VENV / native.FOLDER.name
    if not compiled.is_symlink():
        compiled.symlink_to(native.FOLDER)  # the same interpreter: what is compiled serves both
    return str(interpreter)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Died(f"{' '.join(command[:4])} ... failed: {done.stdout}{done.stderr}")
