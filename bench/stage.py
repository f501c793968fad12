"""Where a benchmark plays: a broker of its own in a temporary home, and the topics on it."""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from bench.child import Child, Died, progress
from bench.tail import Tail
from local.ports import LOOPBACK, free_port
from schemas.domains import STOCK
from streams.settings import Settings
from streams.topics import Topics, ensure_topics

PARTITIONS = 12
COMMIT_INTERVAL_MS = 100  # the same for every engine
BROKER_WAIT_S = 120.0
QUIET_S = 3.0  # thirty commit intervals without a commit: it is done
POLL_S = 0.5
DISK_FREE_MIN = 12 << 30  # the largest figure (10 million rows, 20 million ids) writes about 8 GiB


@dataclass(slots=True)
class Stage:
    """A running broker, and the children that a figure started."""

    home: Path
    kafka: str
    broker: Child
    children: list[Child] = field(default_factory=list)
    partitions: int = PARTITIONS  # of the topics made here
    domains: str = STOCK  # those at work, with commas between

    def start(self, name: str, command: list[str], env: dict[str, str] | None = None) -> Child:
        """Start a child that ends with the stage at the latest."""
        child = Child.start(name, command, self.home / "logs", env)
        self.children.append(child)
        return child

    def environment(self, prefix: str, home: str = "engine") -> dict[str, str]:
        """What our own processes are told."""
        return {
            "STOCKYARD_HOME": str(self.home / home),
            "STOCKYARD_KAFKA": self.kafka,
            "STOCKYARD_TOPIC_PREFIX": prefix,
            "STOCKYARD_PARTITIONS": str(self.partitions),
            "STOCKYARD_DOMAINS": self.domains,
            "STOCKYARD_COMMIT_INTERVAL_MS": str(COMMIT_INTERVAL_MS),
        }

    def make_topics(self, prefix: str, domain: str = STOCK) -> Topics:
        """The contract's topics; events carry the broker's time, by which every engine is timed."""
        topics = Topics.of(domain, prefix)
        settings = Settings(self.home, self.kafka, prefix, self.partitions, 1, 1, 1, 0, "127.0.0.1")
        asyncio.run(ensure_topics(settings, topics))
        return topics

    def drop_topics(self, topics: Topics, keep_commands: bool = False) -> None:
        """Give the disk back."""
        names = [topics.events, topics.alerts, topics.dead_letters, topics.changelog]
        admin = AdminClient({"bootstrap.servers": self.kafka})
        names += [] if keep_commands else [topics.commands]
        for future in admin.delete_topics(names).values():
            future.result()

    def wait_quiet(self, child: Child, topics: list[str], least: int, limit_s: float) -> bool:
        """Wait until the first topic has `least` records and none of the topics grows.

        False where time is up: something was still being committed, or too little had been.
        """
        tails = [Tail(self.kafka, topic, self.partitions) for topic in topics]
        until = time.monotonic() + limit_s
        seen, since = [-1], time.monotonic()
        try:
            while time.monotonic() < until:
                child.check()
                ends = [tail.end() for tail in tails]
                if ends != seen:
                    seen, since = ends, time.monotonic()
                elif ends[0] >= least and time.monotonic() - since > QUIET_S:
                    return True
                time.sleep(POLL_S)
            return False
        finally:
            for tail in tails:
                tail.close()


@contextmanager
def stage() -> Iterator[Stage]:
    """A broker in a temporary home; at the end everything started is stopped and deleted."""
    home = Path(tempfile.mkdtemp(prefix="stockyard-bench-"))
    free = shutil.disk_usage(home).free
    if free < DISK_FREE_MIN:
        raise Died(f"{home} has {free >> 30} GiB free; a benchmark needs {DISK_FREE_MIN >> 30}")
    port = free_port()
    where = ["--home", str(home / "kafka"), "--port", str(port)]
    command = [sys.executable, "-m", "local.kafka", *where]
    broker = Child.start("kafka", command, home / "logs")
    playing = Stage(home, f"{LOOPBACK}:{port}", broker)
    try:
        _wait_broker(playing)
        yield playing
    finally:
        for child in reversed(playing.children):
            child.stop()
        broker.stop()
        shutil.rmtree(home, ignore_errors=True)


def _wait_broker(playing: Stage) -> None:
    progress("kafka starts")
    until = time.monotonic() + BROKER_WAIT_S
    admin = AdminClient({"bootstrap.servers": playing.kafka, "log_level": 0})
    while True:
        playing.broker.check()
        try:
            admin.list_topics(timeout=1)
        except KafkaException as error:
            if time.monotonic() > until:
                raise Died(f"no broker at {playing.kafka} after {BROKER_WAIT_S:.0f} s") from error
            time.sleep(0.2)
        else:
            return
