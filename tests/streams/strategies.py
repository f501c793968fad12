"""Records as Hypothesis makes them up: few keys, few ids, short times, so that they meet often."""

from hypothesis import strategies as st

from streams.engine import TICK
from tests.streams.world import AWAY, HOME, Record, add, command, hold, record

_ids = st.sampled_from([f"id{n}" for n in range(20)])
_names = st.sampled_from(["a", "b", "c", "d", "e"])


def _give(one: str, to: str, n: int) -> bytes:
    return command("give", one, to=to, n=n)


_values = st.one_of(
    st.builds(add, _ids, st.integers(1, 5), st.sampled_from([HOME, HOME, HOME, AWAY])),
    st.builds(_give, _ids, st.sampled_from([HOME, AWAY]), st.integers(1, 5)),
    st.builds(hold, _ids, _names, st.integers(1, 400)),
    st.builds(lambda one, name: command("end", one, name=name), _ids, _names),
    st.builds(lambda one: command("break", one), _ids),
    st.sampled_from([TICK, None, b"junk", b'{"key": "defect in decode", "id": "1"}']),
)
_records = st.tuples(_values, st.integers(0, 120), st.integers(0, 2))


def _built(parts: list[tuple[bytes | None, int, int]]) -> list[Record]:
    made, offset, ms = [], 0, 0
    for value, later_ms, gap in parts:
        ms, offset = ms + later_ms, offset + gap
        made.append(record(offset, value, ms))
        offset += 1
    return made


logs = st.lists(_records, min_size=1, max_size=25).map(_built)
"""A log of commands: some 2 s of log time at most, twice the window; offsets with gaps."""
