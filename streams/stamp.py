"""The last record of every transaction in the changelog: where a partition stands."""

import struct
from dataclasses import dataclass

KEY = b"\0stamp"
_HEAD = struct.Struct(">16sQQQIH")
_BUCKET = struct.Struct(">IQQ")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Ids remembered in one stretch of log time: changelog records `first` up to `next`."""

    number: int
    first: int
    next: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """A partition's position: what has been decided, and what the next decision starts from."""

    incarnation: bytes  # 16 bytes, drawn when the changelog was begun
    next_offset: int  # in the partition of commands
    next_seq: int
    log_time_ms: int
    partitions: int
    buckets: tuple[Bucket, ...] = ()

    def encode(self) -> bytes:
        """Bytes of a changelog record's value."""
        head = _HEAD.pack(
            self.incarnation,
            self.next_offset,
            self.next_seq,
            self.log_time_ms,
            self.partitions,
            len(self.buckets),
        )
        return head + b"".join(_BUCKET.pack(b.number, b.first, b.next) for b in self.buckets)

    @classmethod
    def decode(cls, value: bytes) -> "Stamp":
        """Read a changelog record's value; raises struct.error on foreign bytes."""
        incarnation, next_offset, next_seq, log_time_ms, partitions, count = _HEAD.unpack_from(
            value
        )
        buckets = tuple(
            Bucket(*_BUCKET.unpack_from(value, _HEAD.size + i * _BUCKET.size)) for i in range(count)
        )
        return cls(incarnation, next_offset, next_seq, log_time_ms, partitions, buckets)
