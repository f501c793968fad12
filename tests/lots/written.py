"""Commands of lots as a producer may write them: right, nearly right and broken."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.stock.written import Pairs, notes, scalars, skus, times, values, warehouses, written

names = st.sampled_from(["L1", "a b", "\u00c4-7", "A/B", "n" * 64])
labels = st.sampled_from(["r", "order 1", "x" * 128])
units = st.integers(1, 10**12)
many = st.sampled_from([0, 1, 10**15])
accounts = st.sampled_from(["sellable", "quality_hold", "damaged", "expired", "recalled"])
ends = st.none() | st.sampled_from(["sellable", "staged", "customer", "supplier", "in_transit"])
promises = st.lists(
    st.tuples(labels, st.sampled_from([1, 10**15])).map(
        lambda one: [("reservation", one[0]), ("quantity", one[1])]
    ),
    max_size=3,
)
BODIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "RegisterLot": {
        "lot": names,
        "expires_at": st.none() | times,
        "best_before": st.none() | times,
        "manufactured_at": st.none() | times,
    },
    "ReceiveLot": {
        "lot": names,
        "warehouse": warehouses,
        "quantity": units,
        "to_account": st.sampled_from(["sellable", "quality_hold"]),
    },
    "AssignLot": {
        "lot": names,
        "warehouse": warehouses,
        "quantity": units,
        "account": accounts,
        "from_lot": st.none() | names,
    },
    "RequireShelfLife": {
        "warehouse": warehouses,
        "reservation": labels,
        "days": st.sampled_from([0, 36_500]),
    },
    "RebindLot": {
        "warehouse": warehouses,
        "reservation": labels,
        "lot": names,
        "from_lot": st.none() | names,
        "quantity": units,
        "picked": st.booleans(),
    },
    "HoldLot": {"lot": names, "reason": labels},
    "ReleaseLot": {"lot": names},
    "RecallLot": {"lot": names, "reason": labels},
    "RecordStockChange": {
        "cause": st.sampled_from(["3-41", "x" * 128]),
        "warehouse": warehouses,
        "quantity": many,
        "from_account": ends,
        "to_account": ends,
        "reference": st.none() | labels,
        "ask": st.none() | labels,
        "reservation": st.none() | labels,
        "released": st.booleans(),
        "promised": promises,
        "transfer": st.none() | labels,
        "counterpart": st.none() | warehouses,
        "short": many,
        "over": many,
    },
    "RecordRefusal": {
        "cause": labels,
        "warehouse": warehouses,
        "ask": labels,
        "refusal": st.sampled_from(["INSUFFICIENT_STOCK", "QUANTITY_LIMIT"]),
        "available": st.none() | st.integers(-(10**15), 10**15),
    },
}


@st.composite
def good(draw: st.DrawFn) -> Pairs:
    """A command within every rule, in any order of fields."""
    kind = draw(st.sampled_from(list(BODIES)))
    pairs: Pairs = [("type", kind), ("id", "c-1"), ("sku", draw(skus))]
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
        match draw(st.sampled_from(["drop", "replace", "add", "twice", "line"])):
            case "drop" if pairs:
                del pairs[place]
            case "replace" | "twice" as how if pairs:
                spoilt = (pairs[place][0], draw(values))
                pairs[place : place + (how == "replace")] = [spoilt]
            case "add":
                name = draw(st.sampled_from(["colour", "lot", "type", "promised", ""]))
                pairs.insert(place, (name, draw(values)))
            case "line":
                _spoil_a_line(draw, dict(pairs).get("promised"))
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
