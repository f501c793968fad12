"""What a worker finds on its disk after the worst: rebuilt from the log by itself, and exact."""

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.chaos.experiment import SEED, stop_all, traffic, verdict
from tests.chaos.installation import Installation, installation
from tests.chaos.processes import Process
from tests.chaos.traffic import Traffic

SLICE = 1_200
PER_SECOND = 400.0
PARTITIONS = 5
DECIDED_S = 240.0

_IN_USE = re.compile(r"\.v1-[0-9]+$")

Damage = Callable[[random.Random, Path], None]


def _stores(made: Installation) -> list[Path]:
    """RocksDB directories in use, by the file that each has; not those that were set aside."""
    found = sorted(current.parent for current in (made.home / "store").rglob("CURRENT"))
    used = [store for store in found if _IN_USE.search(store.name)]
    assert len(used) == PARTITIONS, f"a store for each partition: {found}"
    return used


def _remove(rng: random.Random, store: Path) -> None:
    shutil.rmtree(store)


def _empty(rng: random.Random, store: Path) -> None:
    for path in store.iterdir():
        path.unlink()


def _lose_current(rng: random.Random, store: Path) -> None:
    (store / "CURRENT").unlink()


def _lose_manifest(rng: random.Random, store: Path) -> None:
    for path in store.glob("MANIFEST-*"):
        path.unlink()


def _flip(rng: random.Random, store: Path, pattern: str) -> None:
    for path in store.glob(pattern):
        content = bytearray(path.read_bytes())
        for _ in range(3 if content else 0):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)


def _flip_log(rng: random.Random, store: Path) -> None:
    _flip(rng, store, "*.log")


def _flip_tables(rng: random.Random, store: Path) -> None:
    _flip(rng, store, "*.sst")


def _truncate_log(rng: random.Random, store: Path) -> None:
    for path in store.glob("*.log"):
        content = path.read_bytes()
        path.write_bytes(content[: rng.randrange(len(content) + 1)])


def _make_foreign(rng: random.Random, store: Path) -> None:
    _empty(rng, store)
    for name in ("CURRENT", "000001.sst", "notes.txt"):
        (store / name).write_bytes(rng.randbytes(400))


def _give_another(rng: random.Random, store: Path) -> None:
    """The directory of another partition: of the same software, but another log's."""
    other = rng.choice([path for path in store.parent.iterdir() if path != store])
    shutil.rmtree(store)
    shutil.copytree(other, store)


DAMAGES: tuple[Damage, ...] = (
    _remove,
    _empty,
    _lose_current,
    _lose_manifest,
    _flip_log,
    _flip_tables,
    _truncate_log,
    _make_foreign,
    _give_another,
)


def _work(made: Installation, worker: Process, wishes: Traffic) -> None:
    worker.start()
    with traffic(made, wishes.wishes(SLICE), PER_SECOND):
        pass
    made.wait_decided(DECIDED_S)


def test_a_damaged_store_is_rebuilt_and_nothing_is_lost() -> None:
    rng = random.Random(SEED)
    wishes = Traffic(SEED + 5, PARTITIONS, skus=300)
    with installation(PARTITIONS) as made:
        made.start_kafka()
        worker = made.worker(1)
        _work(made, worker, wishes)
        old = made.home / "old"
        worker.kill()
        shutil.copytree(made.home / "store", old)
        for begin in range(0, len(DAMAGES), PARTITIONS):
            for damage, store in zip(DAMAGES[begin:], _stores(made), strict=False):
                damage(rng, store)
            _work(made, worker, wishes)
            worker.kill()
        shutil.rmtree(made.home / "store")
        shutil.copytree(old, made.home / "store")  # a backup is put back
        _work(made, worker, wishes)
        stop_all(made, [worker])
        report, _, _ = verdict(made, min_events=3 * SLICE)
        print(f"\n{len(DAMAGES) + 1} sorts of damage: {report}")
        assert report.right, str(report)
