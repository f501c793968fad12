"""Workers that join and leave: each partition has one owner, and loses nothing on its way."""

import shutil
from collections import Counter
from pathlib import Path

from tests.integration.commands import receive
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.processes import until


def test_partitions_move_under_load(install: Install) -> None:
    installation = install()
    first = installation.started(1)
    installation.serve(first)
    commands = [receive(installation.warehouse_of(n % 4), sku=f"S{n % 50}") for n in range(15_000)]
    installation.send(commands[:5_000])
    second = installation.started(2)
    installation.serve(first, second)
    installation.send(commands[5_000:10_000])
    second.kill()
    installation.serve(first)
    installation.send(commands[10_000:])
    second.start()
    installation.serve(first, second)
    installation.send(commands)
    installation.drain()

    outcomes = Counter(event["command_id"] for event in installation.all_events())
    assert outcomes == Counter(one["id"] for one in commands)
    assert len(first.serving() | second.serving()) == 4
    assert first.ended() is None


def test_a_worker_that_is_restarted_takes_its_own_back_without_a_rebalance(
    install: Install,
) -> None:
    installation = install()
    first, second = installation.started(1), installation.started(2)
    installation.serve(first, second)
    had, rebalances = second.serving(), len(first.logged("assigned"))

    second.kill()
    second.start()
    installation.serve(first, second)

    assert second.serving() == had
    assert len(first.logged("assigned")) == rebalances


def test_more_workers_than_partitions(install: Install) -> None:
    """One of them has nothing, gives up what it had, and takes over when it is needed."""
    installation = install(partitions=1)
    workers = [installation.started(number) for number in (1, 2)]
    until("one of them serves", 40, lambda: any(one.serving() for one in workers))
    installation.send(receive("W0") for _ in range(100))
    installation.drain()
    [owner] = [one for one in workers if one.serving()]
    [other] = [one for one in workers if one is not owner]
    until(
        "the other one has nothing", 20, lambda: other.state() and not other.state()["partitions"]
    )

    owner.kill()
    installation.serve(other)
    installation.send(receive("W0") for _ in range(100))
    installation.drain()

    assert len(installation.all_events()) == 200


def test_two_with_one_identity_are_refused(install: Install) -> None:
    installation = install(partitions=1)
    first = installation.started()
    installation.serve(first)
    twin = installation.worker(1)
    installation.workers["first"] = first

    assert twin.start().wait(30) == 3
    assert "choose another --number" in twin.logged("cannot_start")[-1]["remedy"]
    assert first.ended() is None


def test_a_copied_home_is_found_out(install: Install, tmp_path: Path) -> None:
    """Two with one identity throw each other out of the group, until one gives up or both."""
    installation = install(partitions=1)
    first = installation.started()
    installation.serve(first)
    copy = Installation(installation.kafka, tmp_path / "copy", 1, prefix=installation.prefix)
    shutil.copytree(installation.home / "run", copy.home / "run")
    twin = copy.started()
    both = (first, twin)
    try:
        until("one of them gives up", 90, lambda: any(one.ended() is not None for one in both))
        codes = {one.ended() for one in both} - {None}
    finally:
        copy.close()
    assert codes == {3}
    assert any(one.logged("expelled_again") for one in both)
