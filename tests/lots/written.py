"""Commands of lots as a producer may write them: right, nearly right and broken."""

from typing import Any

from hypothesis import strategies as st

from tests.spoilt import nearly, torn
from tests.stock.written import Pairs, notes, skus, times, warehouses

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
places = ("sellable", "quality_hold", "staged", "in_transit", "customer", "supplier")
serials = st.sampled_from(["S-1", "a b", "n" * 64])
some = st.lists(serials, min_size=1, max_size=3, unique=True).map(
    lambda names: [[("serial", name)] for name in names]
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
    "RegisterSerials": {
        "serials": some,
        "warehouse": warehouses,
        "account": accounts,
        "lot": st.none() | names,
    },
    "MoveSerials": {
        "serials": some,
        "warehouse": warehouses,
        "from_account": st.sampled_from(places),
        "to_account": st.sampled_from([*places, "scrap"]),
        "reservation": st.none() | labels,
        "reference": st.none() | labels,
    },
    "BindSerials": {"serials": some, "warehouse": warehouses, "reservation": labels},
    "UnbindSerials": {"serials": some, "warehouse": warehouses},
    "SwapSerials": {"serial": serials, "other": serials},
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


def nearly_good() -> st.SearchStrategy[Pairs]:
    """A good command with a few fields dropped, replaced, added or written twice."""
    names = ["colour", "lot", "type", "promised", "serials", ""]
    return nearly(good(), names, ["promised", "serials"])


def broken() -> st.SearchStrategy[bytes]:
    """Bytes of a command with some lost, changed or put in."""
    return torn(good() | nearly_good())
