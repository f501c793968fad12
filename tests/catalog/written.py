"""Commands of the catalogue as a producer may write them: right, nearly right and broken."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.locations.written import names, pairs_of, temperatures
from tests.stock.written import Pairs, notes, scalars, skus, times, values, warehouses, written

titles = st.sampled_from(["A title", "\u00c4\u0308 \U0001f4e6", "t" * 256, " "])
gtins = st.sampled_from(["4006381333931", "96385074", "x", "g" * 64])
counts = st.sampled_from([1, 12, 10**12])

known: dict[str, st.SearchStrategy[Any]] = {
    "title": st.none() | titles,
    "product": st.none() | names,
    "item_type": st.none() | names,
    "temperature_class": st.none() | temperatures,
    "shelf_life_days": st.none() | st.sampled_from([1, 36_500]),
}
ratio = pairs_of({"unit": names, "numerator": counts, "denominator": counts})
part = pairs_of({"sku": skus, "quantity": counts})
LINES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "DefineProduct": {"product": names, "title": titles},
    "ChangeProduct": {"product": names, "title": titles},
    "RetireProduct": {"product": names},
    "DefineItem": {
        "sku": skus,
        "base_unit": names,
        "tracking": st.sampled_from(["none", "lot", "serial"]),
        **known,
    },
    "ChangeItem": {"sku": skus, **known},
    "RetireItem": {"sku": skus},
    "AssignGtin": {"sku": skus, "gtin": gtins, "unit": st.none() | names},
    "UnassignGtin": {"gtin": gtins},
    "SetUnits": {"sku": skus, "units": st.lists(ratio, max_size=3)},
    "DefineKit": {"sku": skus, "components": st.lists(part, min_size=1, max_size=3)},
    "DissolveKit": {"sku": skus},
}


@st.composite
def good(draw: st.DrawFn) -> Pairs:
    """A command within every rule, in any order of fields; SKUs and units may repeat."""
    kind = draw(st.sampled_from(list(LINES)))
    pairs: Pairs = [("type", kind), ("id", "c-1"), ("catalog", draw(warehouses))]
    pairs.append(("lines", draw(st.lists(pairs_of(LINES[kind]), min_size=1, max_size=3))))
    optional = {"time": times, "actor": notes, "correlation_id": notes}
    pairs += [(name, draw(one)) for name, one in optional.items() if draw(st.booleans())]
    return draw(st.permutations(pairs))


@st.composite
def nearly_good(draw: st.DrawFn) -> Pairs:
    """A good command with a few fields dropped, replaced, added or written twice."""
    pairs = list(draw(good()))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(pairs) - 1)) if pairs else 0
        match draw(st.sampled_from(["drop", "replace", "add", "twice", "line", "line", "line"])):
            case "drop" if pairs:
                del pairs[place]
            case "replace" | "twice" as how if pairs:
                spoilt = (pairs[place][0], draw(values))
                pairs[place : place + (how == "replace")] = [spoilt]
            case "add":
                name = draw(st.sampled_from(["colour", "warehouse", "type", "lines", ""]))
                pairs.insert(place, (name, draw(values)))
            case "line":
                _spoil_a_line(draw, dict(pairs).get("lines"))
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
def broken(draw: st.DrawFn) -> bytes:
    """Bytes of a command with some lost, changed or put in."""
    value = bytearray(draw(written(good() | nearly_good())))
    place = draw(st.integers(0, max(len(value) - 1, 0)))
    count = draw(st.sampled_from([0, 1, 4, 1_000]))
    put = [b"", b"\xff", b"\x00", b"\\", b'"', b",", b"\\ud800", json.dumps("\u00c4").encode()]
    value[place : place + count] = draw(st.sampled_from(put))
    return bytes(value)
