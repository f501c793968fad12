"""Child processes of a benchmark: started here, measured, ended by pid, never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.processes import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
TERMINATE_S = 20.0  # then SIGKILL: the next figure must not wait for this one's process
TOLD_BYTES = 4_000  # of a dead child's output
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Died(Exception):
    """A child ended by itself; its text carries the end of what it said."""


@dataclass(slots=True)
class Child:
    """One running process and the file that has its output."""

    name: str
    process: subprocess.Popen[bytes]
    output: Path

    @classmethod
    def start(
        cls, name: str, command: Sequence[str], home: Path, env: Mapping[str, str] | None = None
    ) -> "Child":
        """Start a command from the repository root, with `env` on top of our own."""
        home.mkdir(parents=True, exist_ok=True)
        output = home / f"{name}.out"
        with output.open("ab") as opened:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=opened,
                stderr=opened,
                preexec_fn=die_with_parent,
            )
        return cls(name, process, output)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def check(self) -> None:
        """Raises Died where it no longer runs."""
        code = self.process.poll()
        if code is not None:
            said = self.output.read_bytes()[-TOLD_BYTES:].decode(errors="replace")
            raise Died(f"{self.name} ended with {code}:\n{said}")

    def rss_mib_max(self) -> float:
        """The most memory it ever had resident."""
        return _status_kib(self.pid, "VmHWM") / 1_024

    def cpu_s(self) -> float:
        """Processor time so far, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def kill(self) -> None:
        """SIGKILL, as the kernel's out-of-memory killer would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that is not heard."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(TERMINATE_S)
            except subprocess.TimeoutExpired:
                self.kill()


def _status_kib(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


_began = time.monotonic()


def progress(text: str) -> None:
    """One line for the person who waits."""
    print(f"[{time.monotonic() - _began:6.1f} s] {text}", file=sys.stderr, flush=True)
