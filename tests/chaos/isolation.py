"""Namespaces that a run makes for itself, so that links can be cut and disks filled in it alone.

The run leaves the machine's network and mounts for its own. Each process on a link has a network
namespace too, joined to the run's by a veth pair; all of it is gone when the run ends.
"""

import ctypes
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.processes import STOP_S, die_with_parent

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000  # <linux/sched.h>
SUBNET = "10.203"
SLOW = ("tbf", "rate", "400kbit", "burst", "4kb", "latency", "400ms")  # delays, then drops
CUT = ("blackhole",)  # drops everything in silence, as a cable that was pulled


class NotPossible(Exception):
    """A fault that this machine does not let us make; says why."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a run may do to itself; empty where it may, else why not."""

    no_network: str = "not asked for"
    no_mounts: str = "not asked for"


def isolate() -> Isolation:
    """Leave the machine's network and mounts; for good, so in a process that does nothing else."""
    return Isolation(_refused(CLONE_NEWNET, _try_network), _refused(CLONE_NEWNS, _try_mount))


def _refused(flag: int, attempt: Callable[[], None]) -> str:
    """Tried in a child first: a namespace in which half of it is possible cannot be left again."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, _left(flag, attempt).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        refused = told.read()
    os.waitpid(child, 0)
    return refused or _left(flag, attempt)


def _left(flag: int, attempt: Callable[[], None]) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flag):
        return f"unshare: {os.strerror(ctypes.get_errno())}"
    try:
        attempt()
    except (OSError, NotPossible) as error:
        return str(error)
    return ""


def _try_network() -> None:
    step("ip", "link", "set", "lo", "up")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    step(*["ip", "link", "add", "trial0", "type", "veth", "peer", "name", "trial1"])
    for qdisc in (CUT, SLOW):
        step(*["tc", "qdisc", "add", "dev", "trial0", "root"], *qdisc)
        step(*["tc", "qdisc", "del", "dev", "trial0", "root"])
    step(*["ip", "link", "del", "trial0"])


def _try_mount() -> None:
    step("mount", "--make-rprivate", "/")
    with tempfile.TemporaryDirectory(prefix="stockyard-chaos-mount-") as trial:
        mount_small(Path(trial), 1 << 20)
        step("umount", trial)


def mount_small(place: Path, size: int) -> None:
    """A disk of `size` bytes over a directory."""
    step("mount", "-t", "tmpfs", "-o", f"size={size}", "chaos", str(place))


def step(*command: str) -> None:
    """Run a step; raises NotPossible with what it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotPossible(f"{command[0]} is not installed") from None
    if done.returncode:
        raise NotPossible(f"{' '.join(command)}: {done.stderr.strip().splitlines()[:1]}")


class Link:
    """A network namespace for one process, and the wire to it; number 1 to 250."""

    def __init__(self, number: int, *, wired: bool = True) -> None:
        self.address, self._near = f"{SUBNET}.{number}.2", f"chaos{number}"
        self.wired = wired
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sleep", "infinity"], preexec_fn=die_with_parent
        )
        self._await_namespace()
        self.inside("ip", "link", "set", "lo", "up")
        if wired:
            self._wire(number)

    @property
    def enter(self) -> tuple[str, ...]:
        """The command that runs another one inside."""
        return ("nsenter", f"--net={self.namespace}")

    @property
    def namespace(self) -> str:
        """Where it is found."""
        return f"/proc/{self._holder.pid}/ns/net"

    def _await_namespace(self) -> None:
        deadline = time.monotonic() + STOP_S
        ours = Path("/proc/self/ns/net").readlink()
        while Path(self.namespace).readlink() == ours:
            if time.monotonic() > deadline or self._holder.poll() is not None:
                raise NotPossible("no network namespace of its own")
            time.sleep(0.01)

    def _wire(self, number: int) -> None:
        there, gateway = f"netns {self._holder.pid}", f"{SUBNET}.{number}.1"
        step(*f"ip link add {self._near} type veth peer name eth0 {there}".split())
        step(*f"ip address add {gateway}/30 dev {self._near}".split())
        step(*f"ip link set {self._near} up".split())
        self.inside(*f"ip address add {self.address}/30 dev eth0".split())
        self.inside(*["ip", "link", "set", "eth0", "up"])
        self.inside(*f"ip route add default via {gateway}".split())

    def inside(self, *command: str) -> None:
        """Run a step inside."""
        step(*self.enter, *command)

    def impair(self, how: tuple[str, ...], *, to_it: bool, from_it: bool) -> None:
        """One or both directions, until `mend`."""
        if to_it:
            step("tc", "qdisc", "add", "dev", self._near, "root", *how)
        if from_it:
            self.inside("tc", "qdisc", "add", "dev", "eth0", "root", *how)

    def mend(self) -> None:
        """Both directions as new."""
        for enter, device in (((), self._near), (self.enter, "eth0")):
            command = [*enter, "tc", "qdisc", "del", "dev", device, "root"]
            subprocess.run(command, capture_output=True, check=False)  # nothing there is well too

    def end(self) -> None:
        """The namespace goes with its last process."""
        self._holder.kill()
        self._holder.wait(STOP_S)
