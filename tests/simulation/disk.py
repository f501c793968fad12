"""RocksDB's part of a store, in memory: whole WriteBatches, and what disks do to them.

Stands beneath the real `Store`, in place of rocksdict's names in its module. A power cut loses a
tail of what was not synced; a full disk refuses writes; a broken block is found by any read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.simulation.loop import PROCESS, Life, Process
from tests.simulation.world import World, here, is_dead

UNSYNCED_MAX = 12  # WriteBatches that a power cut may take
LOCK_ERROR = "IO error: While lock file: LOCK: Resource temporarily unavailable"

Op = tuple[bytes, bytes | None, bytes | None]
"""(key, value or None to delete, end of a range to delete or None)."""


class Files:
    """One database's files."""

    def __init__(self) -> None:
        self.live: dict[bytes, bytes] = {}
        self.synced: dict[bytes, bytes] = {}
        self.unsynced: list[list[Op]] = []
        self.holder: Process | None = None
        self.broken = False

    def apply(self, ops: list[Op]) -> None:
        """All of a WriteBatch."""
        _apply(self.live, ops)
        self.unsynced.append(ops)
        if len(self.unsynced) > UNSYNCED_MAX:
            _apply(self.synced, self.unsynced.pop(0))

    def cut(self, kept: int) -> None:
        """Lose all but the first `kept` of the WriteBatches that were not synced."""
        del self.unsynced[kept:]
        self.live = dict(self.synced)
        for ops in self.unsynced:
            _apply(self.live, ops)


def _apply(rows: dict[bytes, bytes], ops: list[Op]) -> None:
    for key, value, end in ops:
        if end is not None:
            for one in [found for found in rows if key <= found < end]:
                del rows[one]
        elif value is None:
            rows.pop(key, None)
        else:
            rows[key] = value


class Disk:
    """One host's disk: its databases by the name of their directory's token."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.databases: dict[str, Files] = {}
        self.full = False
        self.dies = ""  # once, with the worker: "before a write" or "after a write"

    def power_cut(self) -> None:
        """Every database loses some of its tail."""
        for files in self.databases.values():
            files.cut(self.world.disk.randint(0, len(files.unsynced)))

    def break_one(self) -> None:
        """A block of a database goes bad; found at the next read."""
        held = [files for files in self.databases.values() if files.holder is not None]
        if held:
            self.world.disk.choice(held).broken = True

    def unbreak(self) -> None:
        """A block that nobody read may be good again."""
        for files in self.databases.values():
            files.broken = False


class Database:
    """What `Store` uses of rocksdict.Rdict."""

    def __init__(self, path: str, _options: Any, _families: Any) -> None:
        world, self._process = here(), PROCESS.get()
        self._disk: Disk = world.disks[Path(path).parent]
        folder = Path(path)
        folder.mkdir(exist_ok=True)
        token = folder / "TOKEN"
        if not token.exists():
            name = str(len(self._disk.databases))
            token.write_text(name)
            self._disk.databases[name] = Files()
        self._files = self._disk.databases[token.read_text()]
        holder = self._files.holder
        if holder is not None and holder.life is not Life.DEAD:
            raise OSError(LOCK_ERROR)
        self._check()
        self._files.holder = self._process

    def _check(self) -> None:
        if is_dead():
            raise OSError("the process is dead")
        if self._files.broken:
            raise OSError("Corruption: block checksum mismatch")

    def get(self, key: Any) -> Any:
        self._check()
        live = self._files.live
        return [live.get(one) for one in key] if isinstance(key, list) else live.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        self.write([(key, value, None)], None)

    def write(self, batch: Any, _options: Any) -> None:
        self._check()
        if self._disk.full:
            raise OSError("IO error: No space left on device: While appending to file")
        dies, self._disk.dies = self._disk.dies, ""
        if dies != "before a write":
            self._files.apply(list(batch))
        if dies and self._process is not None:
            here().kill(self._process.name)
            raise OSError("the process is dead")

    def iter(self) -> "Cursor":
        self._check()
        return Cursor(self._files)

    def property_int_value(self, _name: str) -> int:
        return 0

    def flush(self) -> None:
        self._check()

    def close(self) -> None:
        if self._files.holder is self._process and not is_dead():
            self._files.holder = None


class Cursor:
    """What `Store` uses of rocksdict's iterators: a snapshot, in the order of the keys."""

    def __init__(self, files: Files) -> None:
        self._items: Iterator[tuple[bytes, bytes]] = iter(())
        self._snapshot, self._at = files.live, (b"", b"")
        self._valid = False

    def seek(self, start: bytes) -> None:
        items = sorted(item for item in self._snapshot.items() if item[0] >= start)
        self._items = iter(items)
        self.next()

    def next(self) -> None:
        found = next(self._items, None)
        self._valid = found is not None
        self._at = found or self._at

    def valid(self) -> bool:
        return self._valid

    def key(self) -> bytes:
        return self._at[0]

    def value(self) -> bytes:
        return self._at[1]

    def status(self) -> None:
        pass


class Batch(list[Op]):
    """What `Store` uses of rocksdict.WriteBatch."""

    def __init__(self, raw_mode: bool = True) -> None:
        super().__init__()

    def put(self, key: bytes, value: bytes) -> None:
        self.append((key, value, None))

    def delete(self, key: bytes) -> None:
        self.append((key, None, None))

    def delete_range(self, start: bytes, stop: bytes) -> None:
        self.append((start, None, stop))
