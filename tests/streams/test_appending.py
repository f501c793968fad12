"""Records appended without aiokafka's detours: the same batches, cut at the same places."""

from aiokafka.producer.message_accumulator import BatchBuilder

from streams.appending import append_plain

APPEND_MS = 1_763_700_000_000
BATCH_BYTES = 1_000

Records = list[tuple[bytes, bytes | None]]


def builder() -> BatchBuilder:
    return BatchBuilder(BATCH_BYTES, 0, is_transactional=1)


def by_aiokafka(records: Records) -> list[bytes]:
    batches, now = [], builder()
    for key, value in records:
        while now.append(timestamp=APPEND_MS, key=key, value=value, headers=[]) is None:
            batches.append(bytes(now._build()))
            now = builder()
    return [*batches, bytes(now._build())]


def by_us(records: Records) -> list[bytes]:
    batches, done = [], 0
    while done < len(records):
        now, first = builder(), done
        done = append_plain(now, records, first, APPEND_MS)
        assert now.record_count() == done - first
        batches.append(bytes(now._build()))
    return batches


def test_the_batches_are_those_of_aiokafka() -> None:
    records: Records = [(b"key-%d" % n, b"v" * (n % 97) if n % 7 else None) for n in range(200)]

    assert by_us(records) == by_aiokafka(records)
    assert len(by_us(records)) > 5


def test_a_record_above_a_batch_stands_alone() -> None:
    records: Records = [(b"a", b"1"), (b"b", b"2" * 2 * BATCH_BYTES), (b"c", b"3")]

    assert by_us(records) == by_aiokafka(records)
