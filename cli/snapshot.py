"""A worker's RocksDB as it is at one moment, read beside the worker, for the books."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rocksdict import AccessType, Options, Rdict

from cli.copies import Copy, whole_copy
from cli.findings import Check
from streams.exceptions import StoreError
from streams.store import Store

TRIES = 5  # a store that writes out a file while it is opened is opened again
FILES = (".sst", ".log")  # tables and WALs: their set changes when a memtable is written out
NAMED = ("CURRENT", "IDENTITY", "MANIFEST-*")


class Snapshot(Store):
    """A store read-only, without its lock, which the worker holds.

    It is opened through links in a directory of its own, as rocksdict writes a note beside what it
    opens. RocksDB reads what was written from tables and WAL, whole batches only.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        failure = "its files keep changing"
        for _ in range(TRIES):
            links = TemporaryDirectory(prefix="stockyard-books-")
            before = _link(path, Path(links.name))
            try:
                access = AccessType.read_only(False)
                self._hold(Rdict(links.name, Options(raw_mode=True), access_type=access))
            except Exception as error:  # noqa: BLE001 - rocksdict raises no narrower one
                failure = str(error)
                links.cleanup()
                continue
            self._links = links
            if _files(path) == before:
                return
            self.close()
        raise StoreError(f"cannot read the store {path}: {failure}")

    def close(self) -> None:
        """Let go of it."""
        super().close()
        self._links.cleanup()

    @property
    def written_at_ms(self) -> int:
        """When it was written last."""
        position = self.position()
        return position.written_at_ms if position is not None else 0

    def copy(self, check: Check) -> Copy:
        """What it holds, read when it is compared."""
        position = self.position()
        return whole_copy(
            f"RocksDB {self.path.parent.name}/{self.path.name}",
            position.stamp.next_seq if position is not None else 1,
            check,
            self._kind,
        )

    def _kind(self, kind: bytes) -> Iterator[tuple[bytes, bytes]]:
        return self.scan(kind + b"\0", kind + b"\1")


def _files(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir() if entry.suffix in FILES}


def _link(path: Path, links: Path) -> set[str]:
    files = _files(path)
    for name in files | {entry.name for pattern in NAMED for entry in path.glob(pattern)}:
        (links / name).symlink_to(path / name)
    return files


def snapshot_of(home: Path, topic: str, partition: int) -> Snapshot | None:
    """The store of the worker under `home` that owns a partition of a topic; None without one.

    Where another stands beside it, left by an owner that froze, the one written last counts.
    """
    name = f"{topic}-{partition}"
    found: list[Snapshot] = []
    for state in (home / "run").glob("worker-*.json"):
        if partition in json.loads(state.read_text())["partitions"]:
            stores = home / "store" / state.stem
            candidates = (stores / name, *stores.glob(f"{name}-*"))
            found += [Snapshot(path) for path in candidates if path.is_dir()]
    found.sort(key=lambda one: one.written_at_ms)
    for older in found[:-1]:
        older.close()
    return found[-1] if found else None
