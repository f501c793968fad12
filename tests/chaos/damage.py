"""What can befall a store's files while its worker is away: lost, cut, flipped, another's."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

_IN_USE = re.compile(r"\.v1-[0-9]+$")

Damage = Callable[[Random, Path], None]


def stores(folder: Path) -> list[Path]:
    """RocksDB directories in use, by the file that each has; not those that were set aside."""
    found = sorted(current.parent for current in folder.rglob("CURRENT"))
    return [store for store in found if _IN_USE.search(store.name)]


def remove(rng: Random, store: Path) -> None:
    shutil.rmtree(store)


def empty(rng: Random, store: Path) -> None:
    for path in store.iterdir():
        path.unlink()


def lose_current(rng: Random, store: Path) -> None:
    (store / "CURRENT").unlink()


def lose_manifest(rng: Random, store: Path) -> None:
    for path in store.glob("MANIFEST-*"):
        path.unlink()


def lose_table(rng: Random, store: Path) -> None:
    tables = sorted(store.glob("*.sst"))
    if tables:
        rng.choice(tables).unlink()


def _flip(rng: Random, store: Path, pattern: str) -> None:
    for path in store.glob(pattern):
        content = bytearray(path.read_bytes())
        for _ in range(3 if content else 0):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)


def flip_log(rng: Random, store: Path) -> None:
    _flip(rng, store, "*.log")


def flip_tables(rng: Random, store: Path) -> None:
    _flip(rng, store, "*.sst")


def truncate_log(rng: Random, store: Path) -> None:
    for path in store.glob("*.log"):
        content = path.read_bytes()
        path.write_bytes(content[: rng.randrange(len(content) + 1)])


def make_foreign(rng: Random, store: Path) -> None:
    empty(rng, store)
    for name in ("CURRENT", "000001.sst", "notes.txt"):
        (store / name).write_bytes(rng.randbytes(400))


def give_another(rng: Random, store: Path) -> None:
    """The directory of another partition: of the same software, but another log's."""
    others = [path for path in stores(store.parent) if path != store]
    if others:
        shutil.rmtree(store)
        shutil.copytree(rng.choice(others), store)


DAMAGES: tuple[Damage, ...] = (
    remove,
    empty,
    lose_current,
    lose_manifest,
    lose_table,
    flip_log,
    flip_tables,
    truncate_log,
    make_foreign,
    give_another,
)
