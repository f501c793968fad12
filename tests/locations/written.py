"""Commands of locations as a producer may write them: right, nearly right and broken."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.stock.written import (
    Pairs,
    notes,
    quantities,
    scalars,
    skus,
    times,
    values,
    warehouses,
    written,
)

names = st.sampled_from(["B1", "a b", "\u00c4-7", "A/B", "n" * 64])
kinds = st.sampled_from(["zone", "aisle", "rack", "bin", "dock", "staging"])
temperatures = st.sampled_from(["ambient", "chilled", "frozen"])


def pairs_of(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Pairs]:
    """An object of these fields."""
    return st.fixed_dictionaries(fields).map(lambda told: list(told.items()))


def lines_of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Good lines of one kind."""
    return st.lists(pairs_of({"sku": skus, **fields}), min_size=1, max_size=3)


@st.composite
def constraints(draw: st.DrawFn) -> Any:
    """Good constraints, or nearly; never empty, as an object is told by its pairs."""
    told: Pairs = [("mixed_skus", draw(st.booleans() | scalars))]
    if draw(st.booleans()):
        told.append(("item_types", draw(st.lists(names | scalars, max_size=3))))
    if draw(st.booleans()):
        told.append(("temperature_class", draw(temperatures | st.none() | scalars)))
    if draw(st.booleans()):
        told.append(("units_max", draw(st.sampled_from([None, 0, 10**15]) | scalars)))
    return draw(st.permutations(told))


good_constraints = pairs_of(
    {
        "mixed_skus": st.booleans(),
        "item_types": st.none() | st.lists(names, min_size=1, max_size=3, unique=True),
        "temperature_class": st.none() | temperatures,
        "units_max": st.none() | st.sampled_from([0, 10**15]),
    }
)
units = st.integers(1, 10**12)
BODIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "CreateLocation": {
        "location": names,
        "parent": st.none() | names,
        "kind": kinds,
        "constraints": st.none() | good_constraints,
    },
    "ChangeConstraints": {"location": names, "constraints": good_constraints},
    "MoveLocation": {"location": names, "parent": st.none() | names},
    "DeleteLocation": {"location": names},
    "ClassifyItem": {"lines": lines_of(item_type=names, temperature_class=temperatures)},
    "RecordSiteChange": {
        "cause": st.sampled_from(["3-41", "x" * 128]),
        "lines": lines_of(delta=st.sampled_from([1, -1, 10**15, -(10**15)])),
    },
    "PutAway": {"lines": lines_of(location=names, quantity=units)},
    "TakeOut": {"lines": lines_of(location=names, quantity=units)},
    "MoveUnits": {"lines": lines_of(from_location=names, to_location=names, quantity=units)},
    "OpenContainer": {"container": names, "location": names},
    "PackContainer": {"container": names, "lines": quantities},
    "UnpackContainer": {"container": names, "lines": quantities},
    "MoveContainer": {"container": names, "to_location": names},
    "NestContainer": {"container": names, "into": st.none() | names},
    "CloseContainer": {"container": names},
}


@st.composite
def good(draw: st.DrawFn) -> Pairs:
    """A command within every rule, in any order of fields; SKUs may repeat."""
    kind = draw(st.sampled_from(list(BODIES)))
    pairs: Pairs = [("type", kind), ("id", "c-1"), ("warehouse", draw(warehouses))]
    pairs += [(name, draw(body)) for name, body in BODIES[kind].items()]
    optional = {"time": times, "actor": notes, "correlation_id": notes}
    pairs += [(name, draw(one)) for name, one in optional.items() if draw(st.booleans())]
    return draw(st.permutations(pairs))


@st.composite
def nearly_good(draw: st.DrawFn) -> Pairs:
    """A good command with a few fields dropped, replaced, added or written twice."""
    pairs = list(draw(good()))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(pairs) - 1)) if pairs else 0
        match draw(st.sampled_from(["drop", "replace", "add", "twice", "line", "constraints"])):
            case "drop" if pairs:
                del pairs[place]
            case "replace" | "twice" as how if pairs:
                spoilt = (pairs[place][0], draw(values))
                pairs[place : place + (how == "replace")] = [spoilt]
            case "add":
                name = draw(st.sampled_from(["colour", "parent", "type", "lines", ""]))
                pairs.insert(place, (name, draw(values)))
            case "line":
                _spoil_a_line(draw, dict(pairs).get("lines"))
            case "constraints":
                pairs.append(("constraints", draw(constraints())))
    return pairs


def _spoil_a_line(draw: st.DrawFn, found: Any) -> None:
    if isinstance(found, list) and found and isinstance(found[0], list) and found[0]:
        line = found[draw(st.integers(0, len(found) - 1))]
        if isinstance(line, list) and line and isinstance(line[0], tuple):
            place = draw(st.integers(0, len(line) - 1))
            line[place] = (draw(st.sampled_from([line[place][0], "lot"])), draw(scalars))


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Bytes of a command with some lost, changed or put in."""
    value = bytearray(draw(written(good() | nearly_good())))
    place = draw(st.integers(0, max(len(value) - 1, 0)))
    count = draw(st.sampled_from([0, 1, 4, 1_000]))
    put = [b"", b"\xff", b"\x00", b"\\", b'"', b",", b"\\ud800", json.dumps("\u00c4").encode()]
    value[place : place + count] = draw(st.sampled_from(put))
    return bytes(value)
