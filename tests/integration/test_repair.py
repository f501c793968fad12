"""Stores that cannot be right are rebuilt; logs that cannot be right stop their partition."""

import asyncio
import shutil
import signal
from pathlib import Path

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from streams.topics import ensure_topics
from tests.integration.commands import receive
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.processes import Worker, until

SKUS = 3_000  # enough for blocks in the middle of a table


def _store(installation: Installation) -> Path:
    return installation.home / "store" / "worker-1" / f"{installation.topics.commands}-0"


def _flip(store: Path) -> None:
    """One bit in the middle of each table: the store opens, and a read finds it."""
    for table in store.glob("*.sst"):
        broken = bytearray(table.read_bytes())
        for place in range(len(broken) // 10, len(broken) * 8 // 10, 4_096):
            broken[place] ^= 1
        table.write_bytes(broken)


def _unlink_manifest(store: Path) -> None:
    for manifest in store.glob("MANIFEST-*"):
        manifest.unlink()


def test_a_broken_store_is_rebuilt_by_itself(install: Install) -> None:
    """Where it does not open, and where only a read finds it."""
    installation = install(partitions=1)
    worker = installation.started()
    installation.serve(worker)
    commands = [receive("W0", sku=f"S{n:05}") for n in range(SKUS)]
    installation.send(commands)
    installation.drain()
    for count, harm in enumerate((_unlink_manifest, _flip), start=2):
        assert worker.terminate() == 0
        aside = _store(installation).with_name(f"{_store(installation).name}.aside")
        shutil.rmtree(aside, ignore_errors=True)
        harm(_store(installation))
        worker.start()
        installation.send(commands)
        installation.send(receive("W0", sku=f"S{n:05}") for n in range(SKUS))
        installation.drain()

        events = installation.all_events()
        assert len(events) == count * SKUS
        last = [line["on_hand"] for event in events[-SKUS:] for line in event["lines"]]
        assert last == [count] * SKUS
        assert aside.exists(), "kept for a person"


def _stopped(worker: Worker) -> str:
    """Wait until partition 0 is stopped: what it says."""
    until("it is stopped", 60, lambda: worker.state().get("states", {}).get("0") == "stopped")
    return str(worker.state()["errors"]["0"])


def _serving_with(installation: Installation, count: int) -> Worker:
    worker = installation.started()
    installation.serve(worker)
    installation.send(receive("W0") for _ in range(count))
    installation.drain()
    return worker


def test_commands_removed_before_they_were_decided_stop_the_partition(install: Install) -> None:
    installation = install(partitions=1)
    worker = _serving_with(installation, 100)
    worker.signal(signal.SIGSTOP)
    installation.send([receive("W0")])  # answers the fetch that waits at the broker
    installation.send(receive("W0") for _ in range(100))
    admin = AdminClient({"bootstrap.servers": installation.kafka})
    gone = TopicPartition(installation.topics.commands, 0, 180)
    for done in admin.delete_records([gone]).values():
        done.result()
    worker.signal(signal.SIGCONT)

    assert "commands were lost" in _stopped(worker)
    assert worker.logged("partition_stopped")
    assert len(installation.all_events()) <= 101


def test_commands_made_anew_stop_the_partition(install: Install) -> None:
    installation = install(partitions=1)
    worker = _serving_with(installation, 100)
    installation.delete_topic(installation.topics.commands)
    asyncio.run(ensure_topics(installation.settings, installation.topics))

    assert "commands were lost" in _stopped(worker)
    assert worker.ended() is None
    assert len(installation.all_events()) == 100


def test_a_changelog_made_anew_stops_the_partition(install: Install) -> None:
    """With the store, and without it: nothing may be decided a second time."""
    installation = install(partitions=1)
    worker = _serving_with(installation, 100)
    assert worker.terminate() == 0
    installation.delete_topic(installation.topics.changelog)
    asyncio.run(ensure_topics(installation.settings, installation.topics))

    worker.start()
    assert "Kafka lost committed records" in _stopped(worker)
    assert worker.terminate() == 0

    shutil.rmtree(_store(installation))
    worker.start()
    assert "changelog is empty" in _stopped(worker)
    assert len(installation.all_events()) == 100
