"""Stock rows as bytes: the keys and values that RocksDB and the changelog hold.

    S 0x00 warehouse 0x00 sku          the row's nine numbers, in MessagePack, then its marks if any
    B 0x00 warehouse 0x00 sku          the balances of its other accounts, where it has some
    P 0x00 warehouse 0x00 sku          its policy, where it has one
    K 0x00 warehouse 0x00 sku          its channels, in order, where it has some
    Q 0x00 warehouse 0x00 sku          who waits for it, in order, where somebody does
    U 0x00 warehouse 0x00 sku          what is to come of it by which supply, by day, where some is
    r 0x00 warehouse 0x00 reservation  >Q due (ms since the epoch), then state, expiry, lines
                                       and, where it has one, its channel
    c 0x00 warehouse 0x00 count        >Q due, then state, tolerance, lines and counters
    t 0x00 warehouse 0x00 transfer     >Q due, then state, destination and lines: it leaves here
    i 0x00 warehouse 0x00 from/transfer  the same with where it comes from: it arrives here

A reservation is due at its expiry while it is open, a confirmed one and an open count to be looked
at again, and all when their id is free again once they are closed.
A warehouse has no 0x00 in it, so a key is read back without doubt; a reservation's name may.
"""

import struct
from collections.abc import Callable
from typing import Final

import msgspec

from schemas.pools import Channel
from schemas.rows import (
    Balances,
    ChannelReservation,
    Count,
    Policy,
    Reservation,
    ReservedLine,
    Row,
    Supply,
    Transfer,
    Waiter,
    WaitingLine,
)

STOCK_KIND = b"S"
BALANCES_KIND = b"B"
POLICY_KIND = b"P"
QUEUE_KIND = b"Q"
CHANNELS_KIND = b"K"
SUPPLIES_KIND = b"U"
RESERVATION_KIND = b"r"  # lower case: timed
COUNT_KIND = b"c"
OUTGOING_KIND, INCOMING_KIND = b"t", b"i"  # of transfers

_Waiting = tuple[str, str, list[WaitingLine]]  # a line has six numbers, where others have five
_WaitingOf = tuple[str, str, list[WaitingLine], str]  # a channel
_OF_THREE: Final = 0x93  # what begins an array of three in MessagePack
_OF_TEN: Final = 0x9A
_Numbers = tuple[int, int, int, int, int, int, int, int, int]
_Marked = tuple[int, int, int, int, int, int, int, int, int, int]
_DUE: Final = struct.Struct(">Q")
_pack_due: Final = _DUE.pack
_encode: Final = msgspec.msgpack.Encoder().encode
_decode_row: Final[Callable[[bytes], _Numbers]] = msgspec.msgpack.Decoder(_Numbers).decode
_decode_marked: Final[Callable[[bytes], _Marked]] = msgspec.msgpack.Decoder(_Marked).decode
_decode_policy: Final = msgspec.msgpack.Decoder(Policy).decode
_decode_balances: Final = msgspec.msgpack.Decoder(Balances).decode
_decode_count: Final = msgspec.msgpack.Decoder(Count).decode
_decode_transfer: Final = msgspec.msgpack.Decoder(Transfer).decode
_decode_reservation: Final = msgspec.msgpack.Decoder(Reservation).decode
_decode_waiting: Final = msgspec.msgpack.Decoder(_Waiting).decode
_decode_of_channel: Final = msgspec.msgpack.Decoder(ChannelReservation).decode
_decode_waiting_of: Final = msgspec.msgpack.Decoder(_WaitingOf).decode
_decode_channels: Final = msgspec.msgpack.Decoder(list[Channel]).decode
_decode_supplies: Final = msgspec.msgpack.Decoder(list[Supply]).decode
_decode_queue: Final = msgspec.msgpack.Decoder(list[Waiter]).decode


def stock_key(warehouse: str, sku: str) -> bytes:
    """Key of a SKU's row; with an empty SKU, what a warehouse's rows start with."""
    return f"S\0{warehouse}\0{sku}".encode()


def balances_key(warehouse: str, sku: str) -> bytes:
    """Key of a SKU's other accounts."""
    return f"B\0{warehouse}\0{sku}".encode()


def policy_key(warehouse: str, sku: str) -> bytes:
    """Key of a SKU's policy."""
    return f"P\0{warehouse}\0{sku}".encode()


def queue_key(warehouse: str, sku: str) -> bytes:
    """Key of the queue for a SKU."""
    return f"Q\0{warehouse}\0{sku}".encode()


def channels_key(warehouse: str, sku: str) -> bytes:
    """Key of a SKU's channels."""
    return f"K\0{warehouse}\0{sku}".encode()


def supplies_key(warehouse: str, sku: str) -> bytes:
    """Key of what is to come of a SKU."""
    return f"U\0{warehouse}\0{sku}".encode()


def count_key(warehouse: str, count: str) -> bytes:
    """Key of a count's row."""
    return f"c\0{warehouse}\0{count}".encode()


def outgoing_key(warehouse: str, transfer: str) -> bytes:
    """Key of a transfer that leaves a warehouse."""
    return f"t\0{warehouse}\0{transfer}".encode()


def incoming_key(warehouse: str, from_warehouse: str, transfer: str) -> bytes:
    """Key of a transfer that arrives; its id is its sender's, and a warehouse has no slash."""
    return f"i\0{warehouse}\0{from_warehouse}/{transfer}".encode()


def reservation_key(warehouse: str, reservation: str) -> bytes:
    """Key of a reservation's row; with an empty name, what a warehouse's start with."""
    return f"r\0{warehouse}\0{reservation}".encode()


def split_key(key: bytes) -> tuple[bytes, str, str]:
    """(kind, warehouse, SKU or reservation) of a key."""
    kind, warehouse, name = key.split(b"\0", 2)
    return kind, warehouse.decode(), name.decode()


def encode_row(row: Row) -> bytes:
    """A row's bytes."""
    return _encode((*row.numbers(), row.marks) if row.marks else row.numbers())


def decode_row(value: bytes) -> Row:
    """A row from its bytes; msgspec.DecodeError on any others."""
    if value and value[0] == _OF_TEN:
        return Row(*_decode_marked(value))
    on_hand, reserved, point, version, allocated, supplier, customer, gain, elsewhere = _decode_row(
        value
    )
    return Row(on_hand, reserved, point, version, allocated, supplier, customer, gain, elsewhere)


def encode_policy(policy: Policy) -> bytes:
    """A SKU's policy as bytes: of two numbers where it forbids to sell what is not there."""
    if policy.negative_limit:
        return _encode(policy)
    return _encode((policy.safety_stock, policy.recover_point))


def decode_policy(value: bytes) -> Policy:
    """A SKU's policy from its bytes; msgspec.DecodeError on any others."""
    return _decode_policy(value)


def encode_queue(queue: list[Waiter]) -> bytes:
    """The queue for a SKU as bytes."""
    return _encode(queue)


def decode_queue(value: bytes) -> list[Waiter]:
    """The queue for a SKU from its bytes; msgspec.DecodeError on any others."""
    return _decode_queue(value)


def encode_channels(channels: list[Channel]) -> bytes:
    """A SKU's channels as bytes."""
    return _encode(channels)


def decode_channels(value: bytes) -> list[Channel]:
    """A SKU's channels from their bytes; msgspec.DecodeError on any others."""
    return _decode_channels(value)


def encode_supplies(supplies: list[Supply]) -> bytes:
    """What is to come of a SKU as bytes."""
    return _encode(supplies)


def decode_supplies(value: bytes) -> list[Supply]:
    """What is to come of a SKU from its bytes; msgspec.DecodeError on any others."""
    return _decode_supplies(value)


def encode_balances(balances: Balances) -> bytes:
    """A SKU's other accounts as bytes."""
    return _encode(balances)


def decode_balances(value: bytes) -> Balances:
    """A SKU's other accounts from their bytes; msgspec.DecodeError on any others."""
    return _decode_balances(value)


def encode_count(count: Count, due_ms: int) -> bytes:
    """A count's bytes, led by when it is due."""
    return _pack_due(due_ms) + _encode(count)


def decode_count(value: bytes) -> Count:
    """A count from its bytes; msgspec.DecodeError on any others."""
    return _decode_count(memoryview(value)[_DUE.size :])


def encode_reservation(reservation: Reservation, due_ms: int) -> bytes:
    """A reservation's bytes, led by when it is due."""
    return _pack_due(due_ms) + _encode(reservation)


def decode_reservation(value: bytes) -> Reservation:
    """A reservation from its bytes; msgspec.DecodeError on any others."""
    rest = memoryview(value)[_DUE.size :]
    found = _decode_reservation(rest)
    if value[_DUE.size] != _OF_THREE:
        return _of_channel(found, rest)
    if found.state != "waiting":
        return found
    lines: list[ReservedLine] = [*_decode_waiting(rest)[2]]
    return Reservation(found.state, found.expires_at, lines)


def _of_channel(found: Reservation, rest: memoryview) -> Reservation:
    if found.state != "waiting":
        return _decode_of_channel(rest)
    _, _, lines, channel = _decode_waiting_of(rest)
    return ChannelReservation(found.state, found.expires_at, [*lines], channel)


def encode_transfer(transfer: Transfer, due_ms: int) -> bytes:
    """A transfer's bytes, led by when it is due."""
    return _pack_due(due_ms) + _encode(transfer)


def decode_transfer(value: bytes) -> Transfer:
    """A transfer from its bytes; msgspec.DecodeError on any others."""
    return _decode_transfer(memoryview(value)[_DUE.size :])


def due_ms(value: bytes) -> int:
    """When a reservation is due, ms since the epoch."""
    return int.from_bytes(value[: _DUE.size])
