"""`python -m local.native`: compiles the modules that decide, unless that was done before.

Needs a C compiler and Python's headers; without them, or where compiling fails, everything runs as
plain Python, and one line says so.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from streams import native

KEPT = 3  # builds: of the checkouts that share an environment, and of the sources before these
LIMIT_S = 600.0
TAIL_LINES = 5
# third parties are read as untyped: their types bring nothing here, and cost most of the time
MYPY = """[mypy]
follow_imports = silent
[mypy-{}]
follow_imports = skip
"""
THIRD = (
    "aiokafka asyncpg faust mode msgspec prometheus_client pydantic pydantic_core rocksdict "
    "structlog uvloop yarl annotated_types"
)


def main() -> None:
    """Compile where there is something to compile; say why not where that cannot be."""
    if os.environ.get(native.PLAIN):
        return
    target = native.folder()
    failed = target.with_suffix(".failed")
    if target.is_dir():
        return
    native.FOLDER.mkdir(parents=True, exist_ok=True)
    with (native.FOLDER / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if target.is_dir():
            return
        compiler = _compiler()
        reason = _obstacle(compiler) or (failed.read_text() if failed.exists() else "")
        if not reason:
            reason = _build(target, compiler)
            if reason:
                failed.write_text(reason)
    if reason:
        print(f"stockyard: decides as plain Python, at half the speed: {reason}", flush=True)


def _compiler() -> str:
    """The C compiler that CC names, that Python was built with, or any."""
    wanted = [os.environ.get("CC"), sysconfig.get_config_var("CC"), "cc", "gcc", "clang"]
    for one in filter(None, wanted):
        if shutil.which(str(one).split()[0]):
            return str(one)
    return ""


def _obstacle(compiler: str) -> str:
    if not compiler:
        return "there is no C compiler: install gcc or clang"
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"Python.h is missing: install the headers of Python {version} (python3-dev)"
    return ""


def _build(target: Path, compiler: str) -> str:
    """Compile into the target; what went wrong, if anything did."""
    began = time.monotonic()
    print("stockyard: compiling the modules that decide, about a minute", flush=True)
    for left in native.FOLDER.glob("build-*"):  # by a build that was killed: we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=native.FOLDER, prefix="build-") as name:
        there = Path(name)
        for path in native.sources():
            (there / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(native.ROOT / path, there / path)
        skipped = ",".join(f"{one}.*" for one in THIRD.split())
        (there / "mypy.ini").write_text(MYPY.format(skipped))
        files = [name.replace(".", "/") + ".py" for name in native.COMPILED]
        with (native.FOLDER / "log").open("w") as log:
            code = _run(
                [sys.executable, "-P", native.BUILD[-1], *files], there, log.fileno(), compiler
            )
        if code:
            last = (native.FOLDER / "log").read_text().strip().splitlines()[-TAIL_LINES:]
            return f"compiling failed, see {native.FOLDER}/log: {' / '.join(last)}"
        _sweep()
        (there / "out").rename(target)
    print(f"stockyard: compiled, {time.monotonic() - began:.0f} s", flush=True)
    return ""


def _run(command: list[str], where: Path, log: int, compiler: str) -> int:
    environment = dict(os.environ, CC=compiler, PYTHONPATH=str(where))
    try:
        return subprocess.run(
            command,
            cwd=where,
            env=environment,
            stdout=log,
            stderr=log,
            timeout=LIMIT_S,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return 1


def _sweep() -> None:
    """Remove the oldest builds; a process that runs one of them has it in memory."""
    there = [path for path in native.FOLDER.iterdir() if len(path.name) == 32]
    there.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in there[KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    main()
