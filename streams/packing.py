"""Packs records into Kafka's record batches, as one transaction carries them to one partition."""

from collections.abc import Sequence
from typing import Any

from aiokafka.record.default_records import DefaultRecordBatchBuilder

from streams.batch import Headers

BATCH_BYTES_MAX = 1 << 20  # one request for a whole transaction, mostly
_MAGIC, _UNCOMPRESSED, _TRANSACTIONAL = 2, 0, 1
_NO_HEADERS: Headers = []


def pack(
    records: Sequence[tuple[bytes | None, bytes | None]],
    headers: Sequence[Headers] | None,
    producer_id: int,
    epoch: int,
    time_ms: int,
) -> list[tuple[bytes, int]]:
    """Batches with the number of records in each.

    An epoch is of one transaction, so the sequence of a partition's records begins with 0.
    """
    packed: list[tuple[bytes, int]] = []
    first = 0
    while first < len(records):
        builder: Any = DefaultRecordBatchBuilder(
            _MAGIC, _UNCOMPRESSED, _TRANSACTIONAL, producer_id, epoch, first, BATCH_BYTES_MAX
        )
        append, at = builder.append, first
        while at < len(records):
            key, value = records[at]
            theirs = _NO_HEADERS if headers is None else headers[at]
            if append(at - first, time_ms, key, value, theirs) is None:
                break
            at += 1
        packed.append((bytes(builder.build()), at - first))
        first = at
    return packed
