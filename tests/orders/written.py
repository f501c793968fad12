"""Commands of orders as a producer may write them: right, nearly right and broken."""

from typing import Any

from hypothesis import strategies as st

from tests.spoilt import nearly, torn
from tests.stock.written import (
    Pairs,
    notes,
    quantities,
    skus,
    times,
    warehouses,
)

orders = st.sampled_from(["o-1", "O._-9", "x" * 64])
days = st.sampled_from(["2026-11-20", "2024-02-29", "9999-12-31"])


@st.composite
def hint(draw: st.DrawFn) -> Pairs:
    """What is believed of a SKU."""
    pairs: Pairs = [("sku", draw(skus)), ("available", draw(st.integers(0, 10**15)))]
    if draw(st.booleans()):
        pairs.append(("expires_on", draw(st.none() | days)))
    return draw(st.permutations(pairs))


@st.composite
def source(draw: st.DrawFn) -> Pairs:
    """Where units may come from."""
    pairs: Pairs = [("warehouse", draw(warehouses))]
    amounts = st.none() | st.integers(0, 10**15)
    optional: dict[str, st.SearchStrategy[Any]] = {
        "priority": st.integers(0, 9),
        "distance": amounts,
        "cost": amounts,
        "stock": st.none() | st.lists(hint(), max_size=2),
    }
    pairs += [(name, draw(one)) for name, one in optional.items() if draw(st.booleans())]
    return draw(st.permutations(pairs))


told = st.sampled_from(
    ["reserved", "confirmed", "waiting", "filled", "shipped", "unpicked", "released", "expired"]
)
BODIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "PlaceOrder": {
        "lines": quantities,
        "sources": st.lists(source(), min_size=1, max_size=3),
        "strategy": st.sampled_from(["priority", "nearest", "fewest_splits", "fefo", "cost"]),
        "backorder": st.booleans(),
        "attempts_max": st.integers(1, 20),
        "hold_s": st.integers(1, 31_536_000),
        "channel": st.none() | st.sampled_from(["web", "S-1._", "x" * 64]),
        "priority": st.integers(0, 9),
        "promised": st.none() | times,
        "shelf_life_days": st.sampled_from([0, 30, 36_500]),
    },
    "CancelOrder": {"reason": st.none() | st.sampled_from(["lost", "\u00e9" * 128])},
    "RecordLeg": {
        "cause": st.sampled_from(["3-41", "x" * 64]),
        "warehouse": warehouses,
        "attempt": st.sampled_from([1, 2, 999_999]),
        "told": told,
        "lines": quantities | st.just([]),
    },
    "RecordLegRefusal": {
        "cause": st.sampled_from(["3-41", "x" * 64]),
        "warehouse": warehouses,
        "attempt": st.sampled_from([1, 2, 999_999]),
        "step": st.sampled_from(["reserve", "confirm", "backorder", "release"]),
        "code": st.sampled_from(["INSUFFICIENT_STOCK", "RESERVATION_PICKED", "?"]),
        "sku": st.none() | skus,
        "available": st.none() | st.sampled_from([0, 10**15]),
        "short": st.lists(
            st.tuples(skus, st.sampled_from([0, 10**15])).map(
                lambda one: [("sku", one[0]), ("available", one[1])]
            ),
            max_size=3,
        ),
    },
}


@st.composite
def good(draw: st.DrawFn) -> Pairs:
    """A command within every rule but that a warehouse may be named twice, in any order."""
    kind = draw(st.sampled_from(list(BODIES)))
    pairs: Pairs = [("type", kind), ("id", "c-1"), ("order", draw(orders))]
    pairs += [(name, draw(body)) for name, body in BODIES[kind].items()]
    optional = {"time": times, "actor": notes, "correlation_id": notes}
    pairs += [(name, draw(one)) for name, one in optional.items() if draw(st.booleans())]
    return draw(st.permutations(pairs))


def nearly_good() -> st.SearchStrategy[Pairs]:
    """A good command with a few fields dropped, replaced, added or written twice."""
    return nearly(good(), ["colour", "stock", "type", "lines", ""], ["lines", "sources"])


def broken() -> st.SearchStrategy[bytes]:
    """Bytes of a command with some lost, changed or put in."""
    return torn(good() | nearly_good())
