"""The last record of every transaction in the changelog: where a partition stands."""

import struct
from dataclasses import dataclass

from streams.exceptions import LogLost

KEY = b"\0stamp"
FORMAT = 2  # of the stamp's bytes, and with them of the changelog
_HEAD = struct.Struct(">B16sQQQIH")
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
            FORMAT,
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
        """Read a changelog record's value; raises LogLost on bytes of another version."""
        try:
            known, incarnation, *numbers, count = _HEAD.unpack_from(value)
            places = range(_HEAD.size, _HEAD.size + count * _BUCKET.size, _BUCKET.size)
            buckets = tuple(Bucket(*_BUCKET.unpack_from(value, at)) for at in places)
        except struct.error as error:
            raise LogLost(f"the changelog has a stamp that cannot be read: {error}") from None
        if known != FORMAT:
            raise LogLost(
                f"the changelog was written in format {known}, this version knows {FORMAT}: "
                "run the version that wrote it, or start over with another STOCKYARD_TOPIC_PREFIX"
            )
        next_offset, next_seq, log_time_ms, partitions = numbers
        return cls(incarnation, next_offset, next_seq, log_time_ms, partitions, buckets)
