"""A worker that ends, in whatever way, and its successor: nothing twice, nothing lost."""

import signal
from collections import Counter

from tests.integration.commands import receive
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.processes import until


def test_a_warm_store_is_taken_up_again(install: Install) -> None:
    """After SIGTERM and after SIGKILL, with commands and repeats on their way."""
    installation = install()
    worker = installation.started()
    installation.serve(worker)
    commands = [receive(installation.warehouse_of(n % 4), sku=f"S{n % 50}") for n in range(2_000)]
    installation.send(commands[:1_000])
    assert worker.terminate() == 0
    installation.send(commands[:1_500])
    worker.start()
    installation.serve(worker)
    installation.send(commands[1_500:])
    worker.kill()
    installation.send(commands)
    worker.start()
    installation.drain()

    outcomes = Counter(event["command_id"] for event in installation.all_events())
    assert outcomes == Counter(one["id"] for one in commands)
    assert not worker.logged("store_rebuilt")
    assert not worker.logged("store_set_aside")


def test_kills_amid_the_work_change_nothing(install: Install) -> None:
    installation = install()
    worker = installation.started()
    installation.serve(worker)
    commands = [receive(installation.warehouse_of(n % 4), sku=f"S{n % 50}") for n in range(20_000)]
    for part in range(4):
        before = _decided(installation)
        installation.send(commands[part * 5_000 : (part + 1) * 5_000])
        _await_more(installation, before)
        worker.kill()
        worker.start()
    installation.drain()

    events = installation.all_events()
    assert Counter(event["command_id"] for event in events) == Counter(
        one["id"] for one in commands
    )
    last = {(event["warehouse"], line["sku"]): line["on_hand"]
            for event in events for line in event["lines"]}  # fmt: skip
    assert sum(last.values()) == len(commands)


def test_a_frozen_worker_is_replaced_and_comes_back_as_a_member(install: Install) -> None:
    """Longer than its session: what it had in hand when it wakes is fenced."""
    installation = install()
    frozen, other = installation.started(1), installation.started(2)
    installation.serve(frozen, other)
    commands = [receive(installation.warehouse_of(n % 4), sku=f"S{n % 50}") for n in range(8_000)]
    installation.send(commands[:4_000])
    frozen.signal(signal.SIGSTOP)
    installation.serve(other)
    installation.send(commands[4_000:])
    frozen.signal(signal.SIGCONT)
    installation.serve(frozen, other)
    installation.send(commands)
    installation.drain()

    outcomes = Counter(event["command_id"] for event in installation.all_events())
    assert outcomes == Counter(one["id"] for one in commands)
    assert frozen.ended() is None


def _await_more(installation: Installation, than: int) -> None:
    until("something is decided", 30, lambda: _decided(installation) > than)


def _decided(installation: Installation) -> int:
    return sum(stamp.next_offset for stamp in installation.stamps().values())
