"""One partition's bytes in RocksDB: rows, timers, ids, and the stamp that they are true at."""

import shutil
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from streams.exceptions import LogLost, StoreCorrupt, StoreError
from streams.stamp import Stamp
from streams.telemetry import log
from streams.writing import fill

# shared by all stores of a process, memtables are charged to it; the filters and indexes of twenty
# million ids are 30 MiB
BLOCK_CACHE_BYTES = 128 << 20
MEMTABLE_BYTES_MAX = 64 << 20  # of all stores of a process together
WRITE_BUFFER_BYTES = 16 << 20  # of one store: its largest memtable
TABLE_BYTES = 8 << 20  # of one table: compaction rewrites whole ones, few of them with older ids
LOG_FILE_BYTES = 1 << 20  # RocksDB's own diary, two files of it
BLOOM_BITS = 10.0  # 1 % of the lookups of an unknown id read a block
BLOOM_SHARE = 0.02  # of a memtable, so that most of them do not search it either

ID_BUCKET_MAX = (1 << 32) - 1

# what RocksDB says of files that are broken, missing, or another program's
_CORRUPT = ("Corruption", "Invalid argument", "No such file or directory")
_FORMAT = b"stockyard-2"
_FORMAT_KEY = keys.NOTES + b"format"
_POSITION_KEY = keys.NOTES + b"position"
_POSITION = struct.Struct(">QQ")


class Memory:
    """What all stores of a process share, so that memory does not grow with the partitions."""

    def __init__(self) -> None:
        # of 4 shards; RocksDB's other cache has 64, and in one of 2 MiB some filters (250 KB each)
        # and parts of memtables (256 KB each) push each other out: with twenty million ids a filter
        # was read anew for every 72nd command, and is for every 2,800th
        self.cache = Cache.new_hyper_clock_cache(BLOCK_CACHE_BYTES, 0)
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
        options.set_target_file_size_base(TABLE_BYTES)
        options.set_memtable_whole_key_filtering(True)
        options.set_memtable_prefix_bloom_ratio(BLOOM_SHARE)
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

    Opening raises StoreError where the directory is held or cannot be made, StoreCorrupt (also
    later, from any read) where its bytes are broken or no store of ours.
    """

    def __init__(self, path: Path, memory: Memory) -> None:
        self.path = path
        self._sync_off = WriteOptions()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            options = memory.options()
            # named, or a store that is there already is opened with the options in its own file,
            # which know no filter and no cache but one of its own
            self._hold(Rdict(str(path), options, {"default": options}))
        except Exception as error:
            raise self._failed("open", error) from error
        try:
            self._check_format()
        except BaseException:
            self.close()
            raise

    def _hold(self, db: Rdict) -> None:
        self._db: Rdict | None = db
        self._get: Callable[[bytes], bytes | None] = db.get

    def _check_format(self) -> None:
        found = self.get(_FORMAT_KEY)
        if found is None and next(self.scan(b"", b"\xff\xff"), None) is None:
            self._open.put(_FORMAT_KEY, _FORMAT)
        elif found != _FORMAT:
            raise StoreCorrupt(f"{self.path} is no store of this version")

    @property
    def _open(self) -> Rdict:
        if self._db is None:
            raise StoreError(f"{self.path} is closed")
        return self._db

    def _closed(self, _key: bytes) -> bytes | None:
        raise StoreError(f"{self.path} is closed")

    def _failed(self, doing: str, error: Exception) -> StoreError:
        text = str(error).replace(str(self.path), "")
        kind = StoreCorrupt if any(sign in text for sign in _CORRUPT) else StoreError
        return kind(f"cannot {doing} the store {self.path}: {error}")

    def get(self, key: bytes) -> bytes | None:
        """Bytes of a key, None where there are none."""
        try:
            return self._get(key)
        except Exception as error:
            raise self._failed("read", error) from error

    def get_many(self, wanted: list[bytes]) -> list[bytes | None]:
        """Bytes of several keys, in their order; for keys on disk half the cost of one by one."""
        try:
            found: list[bytes | None] = self._open.get(wanted)
        except Exception as error:
            raise self._failed("read", error) from error
        return found

    def scan(self, start: bytes, stop: bytes) -> Iterator[tuple[bytes, bytes]]:
        """(key, bytes) in the order of the keys, from `start` up to but without `stop`."""
        cursor = self._open.iter()
        try:
            cursor.seek(start)
            while cursor.valid():
                key = cursor.key()
                if key >= stop:
                    return
                value = cursor.value()
                cursor.next()
                yield key, value
            cursor.status()  # a cursor ends in silence at a broken block: only this raises
        except Exception as error:
            raise self._failed("read", error) from error

    def position(self) -> Position | None:
        """What the store holds; None while it holds nothing."""
        value = self.get(_POSITION_KEY)
        if value is None:
            return None
        next_offset, written_at_ms = _POSITION.unpack_from(value)
        try:
            stamp = Stamp.decode(value[_POSITION.size :])
        except LogLost as error:
            raise StoreCorrupt(f"{self.path} is no store of this version: {error}") from None
        return Position(next_offset, written_at_ms, stamp)

    def is_empty(self) -> bool:
        """Whether there is nothing but the format."""
        return all(key == _FORMAT_KEY for key, _ in self.scan(b"", b"\xff"))

    def write(
        self,
        rows: Mapping[bytes, bytes | None],
        ids: list[tuple[bytes, bytes]],
        stale_timers: Iterable[bytes],
        stamp: Stamp,
        next_offset: int,
    ) -> None:
        """Apply one committed transaction, or several, in one WriteBatch: all of it or nothing.

        `next_offset` is the changelog's, behind the stamp. The WAL is written, not synced: a
        killed process loses nothing, a power cut a tail that the changelog still has.
        """
        batch = WriteBatch(raw_mode=True)
        fill(batch, rows, ids, stale_timers, stamp.log_time_ms)
        self._forget_ids(batch, ids, stamp)
        head = _POSITION.pack(next_offset, int(time.time() * 1000))
        batch.put(_POSITION_KEY, head + stamp.encode())
        try:
            self._open.write(batch, self._sync_off)
        except Exception as error:
            raise self._failed("write", error) from error

    def _forget_ids(self, batch: WriteBatch, ids: list[tuple[bytes, bytes]], stamp: Stamp) -> None:
        """Remove all buckets below those that live, the ones of this batch too.

        Only where there are some: a memtable with a range deletion does without its filter.
        """
        oldest = min((bucket.number for bucket in stamp.buckets), default=ID_BUCKET_MAX)
        living, before = keys.id_start(oldest), self.position()
        known = before.stamp.buckets if before else ()
        gone = any(one.number < oldest for one in known) or any(key < living for key, _ in ids)
        if gone:
            batch.delete_range(keys.id_start(0), living)

    def size_bytes(self) -> int:
        """Bytes of the store's files on disk, without its WAL."""
        return int(self._open.property_int_value("rocksdb.total-sst-files-size") or 0)

    def close(self) -> None:
        """Give the directory back; a closed store cannot be used again.

        A disk without space fails the last flush only: what it would have written is in the
        changelog, and most of it in the WAL. Raising here would leave a producer open.
        """
        db, self._db, self._get = self._db, None, self._closed
        if db is not None:
            try:
                db.close()
            except Exception as error:
                log.warning("store_not_flushed", path=str(self.path), error=str(error))


def set_aside(path: Path) -> None:
    """Move a store that cannot be right out of the way; one such copy is kept for a person."""
    aside = path.with_name(f"{path.name}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    path.rename(aside)
