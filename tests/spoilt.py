"""What producers get wrong in any domain's commands: fields, lines and bytes, for Hypothesis."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.stock.written import Pairs, scalars, values, written

NOTHING = st.nothing()


@st.composite
def nearly(
    draw: st.DrawFn,
    good: st.SearchStrategy[Pairs],
    names: Sequence[str],
    lists: Sequence[str],
    extra: st.SearchStrategy[tuple[str, Any]] = NOTHING,
) -> Pairs:
    """A good command with a few fields dropped, replaced, added or written twice.

    `names` are fields that may come in besides, `lists` those whose lines may be changed, `extra`
    a field of the domain's own that is put behind.
    """
    pairs = list(draw(good))
    ways = ["drop", "replace", "add", "twice", *(() if extra.is_empty else ("extra",)), *lists]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(pairs) - 1)) if pairs else 0
        match draw(st.sampled_from(ways)):
            case "drop" if pairs:
                del pairs[place]
            case "replace" | "twice" as how if pairs:
                spoilt = (pairs[place][0], draw(values))
                pairs[place : place + (how == "replace")] = [spoilt]
            case "add":
                pairs.insert(place, (draw(st.sampled_from(names)), draw(values)))
            case "extra":
                pairs.append(draw(extra))
            case which:
                _spoil_a_line(draw, dict(pairs).get(which))
    return pairs


def _spoil_a_line(draw: st.DrawFn, found: Any) -> None:
    """Change a field of a line, or of a line in it."""
    if isinstance(found, list) and found and isinstance(found[0], list) and found[0]:
        line = found[draw(st.integers(0, len(found) - 1))]
        if isinstance(line, list) and line and isinstance(line[0], tuple):
            place = draw(st.integers(0, len(line) - 1))
            name, value = line[place]
            if isinstance(value, list) and value and draw(st.booleans()):
                _spoil_a_line(draw, value)
            else:
                line[place] = (draw(st.sampled_from([name, name, "lot"])), draw(scalars))


@st.composite
def torn(draw: st.DrawFn, pairs: st.SearchStrategy[Pairs]) -> bytes:
    """Bytes of a command with some lost, changed or put in."""
    value = bytearray(draw(written(pairs)))
    place = draw(st.integers(0, max(len(value) - 1, 0)))
    count = draw(st.sampled_from([0, 1, 4, 1_000]))
    put = [b"", b"\xff", b"\x00", b"\\", b'"', b",", b"\\ud800", json.dumps("\u00c4").encode()]
    value[place : place + count] = draw(st.sampled_from(put))
    return bytes(value)
