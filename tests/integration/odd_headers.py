"""Records with headers that no client would write: their names' bytes are put in afterwards."""

import struct
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

CHECKSUM, CHECKSUM_AT = struct.Struct(">I"), 17  # of a batch: over all that follows it


async def put_named(
    producer: AIOKafkaProducer,
    topic: str,
    partition: int,
    value: bytes | None,
    headers: Sequence[tuple[bytes, bytes | None]],
    key: bytes | None = None,
) -> int:
    """Write one record in a batch of its own; its offset. Names may be any bytes."""
    stand_ins = [(f"{at}".rjust(len(name), "~"), given) for at, (name, given) in enumerate(headers)]
    builder = producer.create_batch()
    builder.append(key=key, value=value, timestamp=None, headers=stand_ins)
    stored = bytearray(builder._builder.build())
    for (stand_in, _), (name, _) in zip(stand_ins, headers, strict=True):
        assert stored.count(stand_in.encode()) == 1
        stored = stored.replace(stand_in.encode(), name)
    CHECKSUM.pack_into(stored, CHECKSUM_AT, calc_crc32c(bytes(stored[CHECKSUM_AT + 4 :])))
    builder._builder = _Built(stored)
    sent = await producer.send_batch(builder, topic, partition=partition)
    return int((await sent).offset)


class _Built:
    """What a batch's builder comes to."""

    def __init__(self, stored: bytearray) -> None:
        self._stored = stored

    def build(self) -> bytearray:
        return self._stored

    def close(self) -> None: ...

    def set_producer_state(self, *_: int) -> None: ...

    def size(self) -> int:
        return len(self._stored)
