"""How each engine is started on a topic of commands, and where it keeps its tables' changelog."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from bench import venv
from bench.child import Child
from bench.peers import streams
from bench.stage import COMMIT_INTERVAL_MS, PARTITIONS, Stage
from local.ports import free_port
from streams.topics import Topics

COMMIT_S = str(COMMIT_INTERVAL_MS / 1_000)


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine under one guarantee."""

    name: str
    guarantee: str
    start: Callable[[Stage, str, str], Child]  # (stage, commands topic, prefix of its topics)
    changelog: str  # its topic, by the prefix of its topics and the commands topic
    expires_by_warehouse: bool = False  # its state is by key: others' are out of its reach
    note: str = ""  # what its verdict means

    def changelog_topic(self, prefix: str, commands: str) -> str:
        """Where it keeps its tables' changes."""
        return self.changelog.format(prefix=prefix, commands=commands)


def ours(stage: Stage, commands: str, prefix: str) -> Child:
    """The real worker; its commands topic has the prefix of its other topics."""
    assert commands == Topics.of("stock", prefix).commands
    command = [sys.executable, "-m", "agents", "--number", "1"]
    return stage.start("worker-1", command, stage.environment(prefix))


def kafka_streams(stage: Stage, commands: str, prefix: str) -> Child:
    """One thread."""
    home = stage.home / f"{prefix}streams"
    return stage.start("kafka-streams", streams.command(stage.kafka, commands, prefix, home))


def quix(stage: Stage, commands: str, prefix: str) -> Child:
    """In its own environment."""
    home = stage.home / f"{prefix}quix"
    command = [venv.python(), "-m", "bench.peers.quix"]
    return stage.start("quix", [*command, stage.kafka, commands, prefix, str(home), COMMIT_S])


def _faust(stage: Stage, commands: str, prefix: str, guarantee: str) -> Child:
    command = ["faust", "-A", "bench.peers.faust_plain", "-L", "uvloop", "worker", "-l", "warn"]
    environment = {
        "BENCH_KAFKA": stage.kafka,
        "BENCH_COMMANDS": commands,
        "BENCH_PREFIX": prefix,
        "BENCH_HOME": str(stage.home / f"{prefix}faust"),
        "BENCH_GUARANTEE": guarantee,
        "BENCH_PARTITIONS": str(PARTITIONS),
        "BENCH_COMMIT_S": COMMIT_S,
        "BENCH_WEB_PORT": str(free_port()),  # it binds one although its web server is off
    }
    return stage.start(f"faust-{guarantee}", [sys.executable, "-m", *command], environment)


def faust_at_least_once(stage: Stage, commands: str, prefix: str) -> Child:
    """Faust's default guarantee."""
    return _faust(stage, commands, prefix, "at_least_once")


def faust_exactly_once(stage: Stage, commands: str, prefix: str) -> Child:
    """What Faust calls exactly once."""
    return _faust(stage, commands, prefix, "exactly_once")


def ceiling(stage: Stage, commands: str, prefix: str, shapes: list[str]) -> Child:
    """No engine: the speed of copying."""
    command = [sys.executable, "-m", "bench.peers.ceiling"]
    return stage.start("ceiling", [*command, stage.kafka, commands, prefix, COMMIT_S, *shapes])


OURS = Engine("stockyard", "exactly once", ours, "{prefix}stock.changelog.v1")
KAFKA_STREAMS = Engine(
    "kafka-streams", "exactly_once_v2", kafka_streams, "{prefix}streams-stock-changelog"
)
QUIX = Engine(
    "quix-streams",
    "exactly-once",
    quix,
    "changelog__{prefix}quix--{commands}--default",
    expires_by_warehouse=True,
    note=(
        "a record reaches the state of its own key alone, a limit of its model: what is due "
        "expires before the next record of its warehouse, not of its partition; judged by that"
    ),
)
_FAUST_CHANGELOG = "{prefix}faust-stock-changelog"
FAUST_AT_LEAST = Engine("faust", "at_least_once", faust_at_least_once, _FAUST_CHANGELOG)
FAUST_EXACTLY = Engine(
    "faust",
    "exactly_once",
    faust_exactly_once,
    _FAUST_CHANGELOG,
    note=(
        "it commits without flushing what its table has buffered (`_commit_offsets` in "
        "`faust/transport/consumer.py`): the last changes may be left in a transaction that "
        "nothing commits"
    ),
)
