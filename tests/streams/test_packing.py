"""Records packed as one transaction carries them: cut where aiokafka would, numbered from 0."""

from typing import Any

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from streams import packing
from streams.batch import Headers
from streams.packing import pack

TIME_MS = 1_763_700_000_000
PRODUCER_ID, EPOCH = 7, 3

Records = list[tuple[bytes | None, bytes | None]]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(packing, "BATCH_BYTES_MAX", 1_000)
    return 1_000


def by_aiokafka(records: Records, batch_bytes: int) -> list[bytes]:
    batches: list[bytes] = []
    sequence = 0

    def builder() -> BatchBuilder:
        made = BatchBuilder(batch_bytes, 0, is_transactional=1)
        made._set_producer_state(PRODUCER_ID, EPOCH, sequence)
        return made

    now = builder()
    for key, value in records:
        while now.append(timestamp=TIME_MS, key=key, value=value, headers=[]) is None:
            batches.append(bytes(now._build()))
            sequence += now.record_count()
            now = builder()
    return [*batches, bytes(now._build())]


def read(packed: bytes) -> Any:
    batch = MemoryRecords(packed).next_batch()
    assert batch is not None
    return batch


def test_the_batches_are_those_of_aiokafka(small_batches: int) -> None:
    records: Records = [(b"key-%d" % n, b"v" * (n % 97) if n % 7 else None) for n in range(200)]

    ours = pack(records, None, PRODUCER_ID, EPOCH, TIME_MS)

    assert [batch for batch, _ in ours] == by_aiokafka(records, small_batches)
    assert len(ours) > 5
    assert sum(count for _, count in ours) == len(records)


def test_a_record_above_a_batch_stands_alone(small_batches: int) -> None:
    records: Records = [(b"a", b"1"), (b"b", b"2" * 2 * small_batches), (b"c", b"3")]

    ours = pack(records, None, PRODUCER_ID, EPOCH, TIME_MS)

    assert [batch for batch, _ in ours] == by_aiokafka(records, small_batches)
    assert [read(batch).base_sequence for batch, _ in ours] == [0, 1, 2]


def test_headers_go_with_their_records() -> None:
    headers: list[Headers] = [[("from", b"a")], [("from", None), ("why", b"b")]]

    [(packed, count)] = pack([(None, b"1"), (b"k", None)], headers, PRODUCER_ID, EPOCH, TIME_MS)

    found = [(one.key, one.value, list(one.headers)) for one in read(packed)]
    assert found == [(None, b"1", headers[0]), (b"k", None, headers[1])]
    assert count == 2


def test_nothing_makes_no_batch() -> None:
    assert pack([], None, PRODUCER_ID, EPOCH, TIME_MS) == []
