"""Commands of the catalogue as a producer may write them: right, nearly right and broken."""

from typing import Any

from hypothesis import strategies as st

from tests.locations.written import names, pairs_of, temperatures
from tests.spoilt import nearly, torn
from tests.stock.written import Pairs, notes, skus, times, warehouses

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


def nearly_good() -> st.SearchStrategy[Pairs]:
    """A good command with a few fields dropped, replaced, added or written twice."""
    return nearly(good(), ["colour", "warehouse", "type", "lines", ""], ["lines", "lines", "lines"])


def broken() -> st.SearchStrategy[bytes]:
    """Bytes of a command with some lost, changed or put in."""
    return torn(good() | nearly_good())
