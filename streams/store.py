"""One partition's bytes in RocksDB: rows, timers, ids, and the stamp that they are true at."""

import shutil
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rocksdict import (
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    WriteBatch,
    WriteBufferManager,
    WriteOptions,
)

from streams import keys
from streams.exceptions import StoreError
from streams.stamp import Stamp

BLOCK_CACHE_BYTES = 96 << 20  # shared by all stores of a process, memtables are charged to it
MEMTABLE_BYTES_MAX = 64 << 20  # of all stores of a process together
WRITE_BUFFER_BYTES = 16 << 20  # of one store: its largest memtable
LOG_FILE_BYTES = 1 << 20  # RocksDB's own diary, two files of it
BLOOM_BITS = 10.0  # 1 % of the lookups of an unknown id read a block

_FORMAT = b"stockyard-1"
_FORMAT_KEY = keys.NOTES + b"format"
_POSITION_KEY = keys.NOTES + b"position"
_POSITION = struct.Struct(">QQ")


class Memory:
    """What all stores of a process share, so that memory does not grow with the partitions."""

    def __init__(self) -> None:
        self.cache = Cache(BLOCK_CACHE_BYTES)
        self.buffers = WriteBufferManager.new_write_buffer_manager_with_cache(
            MEMTABLE_BYTES_MAX, False, self.cache
        )

    def options(self) -> Options:
        """RocksDB's options for one store."""
        table = BlockBasedOptions()
        table.set_block_cache(self.cache)
        table.set_bloom_filter(BLOOM_BITS, False)
        table.set_cache_index_and_filter_blocks(True)
        table.set_pin_l0_filter_and_index_blocks_in_cache(True)
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_block_based_table_factory(table)
        options.set_compression_type(DBCompressionType.none())
        options.set_write_buffer_manager(self.buffers)
        options.set_write_buffer_size(WRITE_BUFFER_BYTES)
        options.set_max_background_jobs(2)
        options.set_max_log_file_size(LOG_FILE_BYTES)
        options.set_keep_log_file_num(2)
        return options


@dataclass(frozen=True, slots=True)
class Position:
    """What a store holds: the changelog up to `next_offset`, whose last stamp is `stamp`."""

    next_offset: int
    written_at_ms: int
    stamp: Stamp


class Store:
    """One partition's bytes. Reads and writes take microseconds and block; errors are StoreError.

    Opening raises StoreError where the directory is locked, corrupt, or no store of ours.
    """

    def __init__(self, path: Path, memory: Memory) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = Rdict(str(path), memory.options())
            self._sync_off = WriteOptions()
            self._check_format()
        except OSError as error:
            raise StoreError(f"cannot make the store {path}: {error}") from error
        except Exception as error:
            raise StoreError(f"cannot open the store {path}: {error}") from error

    def _check_format(self) -> None:
        found = self._db.get(_FORMAT_KEY)
        if found is None and next(iter(self._db.keys()), None) is None:
            self._db.put(_FORMAT_KEY, _FORMAT)
        elif found != _FORMAT:
            self._db.close()
            raise StoreError("it is no store of this version")

    def get(self, key: bytes) -> bytes | None:
        """Bytes of a key, None where there are none."""
        try:
            found: bytes | None = self._db.get(key)
        except Exception as error:
            raise StoreError(f"cannot read {self.path}: {error}") from error
        return found

    def get_many(self, wanted: list[bytes]) -> list[bytes | None]:
        """Bytes of several keys, in their order: half the cost of single reads."""
        try:
            return self._db.get(wanted) if wanted else []
        except Exception as error:
            raise StoreError(f"cannot read {self.path}: {error}") from error

    def scan(self, start: bytes, stop: bytes) -> Iterator[tuple[bytes, bytes]]:
        """(key, bytes) in the order of the keys, from `start` up to but without `stop`."""
        try:
            cursor = self._db.iter()
            cursor.seek(start)
            while cursor.valid():
                key = cursor.key()
                if key >= stop:
                    return
                yield key, cursor.value()
                cursor.next()
        except Exception as error:
            raise StoreError(f"cannot read {self.path}: {error}") from error

    def position(self) -> Position | None:
        """What the store holds; None while it holds nothing."""
        value = self.get(_POSITION_KEY)
        if value is None:
            return None
        next_offset, written_at_ms = _POSITION.unpack_from(value)
        return Position(next_offset, written_at_ms, Stamp.decode(value[_POSITION.size :]))

    def is_empty(self) -> bool:
        """Whether there is nothing but the format."""
        return all(key == _FORMAT_KEY for key, _ in self.scan(b"", b"\xff"))

    def write(
        self,
        rows: Mapping[bytes, bytes | None],
        ids: Iterable[tuple[bytes, bytes]],
        stale_timers: Iterable[bytes],
        stamp: Stamp,
        next_offset: int,
    ) -> None:
        """Apply one committed transaction, or several, in one WriteBatch: all of it or nothing.

        `next_offset` is the changelog's, behind the stamp. The WAL is written, not synced: a
        killed process loses nothing, a power cut a tail that the changelog still has.
        """
        batch = WriteBatch(raw_mode=True)
        put, delete = batch.put, batch.delete
        for key in stale_timers:
            delete(key)
        for key, value in rows.items():
            if value is None:
                delete(key)
                continue
            put(key, value)
            if keys.is_timed(key):
                put(keys.timer_key(keys.due_ms(value), key), key)
        for key, value in ids:
            put(key, value)
        before = self.position()
        live = {bucket.number for bucket in stamp.buckets}
        for bucket in before.stamp.buckets if before else ():
            if bucket.number not in live:
                batch.delete_range(keys.id_start(bucket.number), keys.id_start(bucket.number + 1))
        head = _POSITION.pack(next_offset, int(time.time() * 1000))
        put(_POSITION_KEY, head + stamp.encode())
        try:
            self._db.write(batch, self._sync_off)
        except Exception as error:
            raise StoreError(f"cannot write {self.path}: {error}") from error

    def size_bytes(self) -> int:
        """Bytes of the store's files on disk, without its WAL."""
        return int(self._db.property_int_value("rocksdb.total-sst-files-size") or 0)

    def close(self) -> None:
        """Give the directory back; a closed store cannot be used again."""
        self._db.close()


def set_aside(path: Path) -> None:
    """Move a store that cannot be right out of the way; one such copy is kept for a person."""
    aside = path.with_name(f"{path.name}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    path.rename(aside)
