"""A stamp is read back as it was written, and foreign bytes are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.exceptions import LogLost
from streams.stamp import Bucket, Stamp

_u32, _u64 = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
_buckets = st.lists(st.builds(Bucket, _u32, _u64, _u64), max_size=9).map(tuple)
_stamps = st.builds(Stamp, st.binary(min_size=16, max_size=16), _u64, _u64, _u64, _u32, _buckets)


@given(_stamps)
def test_round_trip(stamp: Stamp) -> None:
    assert Stamp.decode(stamp.encode()) == stamp


@given(st.binary(max_size=40))
def test_too_few_bytes_are_refused(value: bytes) -> None:
    with pytest.raises(LogLost, match="cannot be read"):
        Stamp.decode(value)


def test_a_cut_bucket_is_refused() -> None:
    value = Stamp(b"i" * 16, 1, 2, 3, 4, (Bucket(1, 2, 3),)).encode()

    with pytest.raises(LogLost, match="cannot be read"):
        Stamp.decode(value[:-1])


def test_a_newer_format_is_named() -> None:
    value = Stamp(b"i" * 16, 1, 2, 3, 4).encode()

    with pytest.raises(LogLost, match=r"format 3, this version knows 2"):
        Stamp.decode(b"\3" + value[1:])
