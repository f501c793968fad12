"""Commands of locations as a producer may write them: right, nearly right and broken."""

from typing import Any

from hypothesis import strategies as st

from tests.spoilt import nearly, torn
from tests.stock.written import (
    Pairs,
    notes,
    quantities,
    scalars,
    skus,
    times,
    warehouses,
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


def nearly_good() -> st.SearchStrategy[Pairs]:
    """A good command with a few fields dropped, replaced, added or written twice."""
    return nearly(
        good(),
        ["colour", "parent", "type", "lines", ""],
        ["lines"],
        constraints().map(lambda told: ("constraints", told)),
    )


def broken() -> st.SearchStrategy[bytes]:
    """Bytes of a command with some lost, changed or put in."""
    return torn(good() | nearly_good())
