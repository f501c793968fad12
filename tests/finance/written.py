"""Finance commands as a producer may write them: right, nearly right and broken, for Hypothesis."""

from typing import Any

from hypothesis import strategies as st

from schemas.accounts import CONTRA
from schemas.finance_accounts import OWNED
from tests.stock.written import (
    Pairs,
    labels,
    notes,
    scalars,
    skus,
    times,
    values,
    warehouses,
    written,
)

amounts = st.sampled_from([0, 1, 10**15])
currencies = st.sampled_from(["EUR", "JPY"])
periods = st.none() | st.sampled_from(["2026-11", "0000-01", "9999-12"])
accounts = st.sampled_from([*sorted(OWNED), *sorted(CONTRA), "on_order"])
TEXTS = (
    "eur",
    "EURO",
    "\u0395UR",
    "2026-13",
    "2026-1",
    "\u0662026-11",
    "9999-12-01",
    "lifo",
    "inventory",
)


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Pairs]:
    """An object of these fields, in this order."""
    return st.fixed_dictionaries(fields).map(lambda found: list(found.items()))


def lines(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Good lines of one kind; SKUs may repeat."""
    return st.lists(objects(sku=skus, **fields), min_size=1, max_size=3)


quantities = st.sampled_from([1, 7, 10**15])
BODIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "RecordMovement": {
        "cause": labels,
        "movement": labels,
        "lines": lines(
            quantity=quantities,
            from_account=accounts,
            to_account=accounts,
            owed=st.sampled_from([0, 0, 3, 10**15]),
        ),
        "gl_account": st.none() | st.sampled_from(["shrinkage", "scrap"]),
        "reference": st.none() | labels,
        "counterpart": st.none() | warehouses,
        "receipt": st.none() | labels,
    },
    "SetCosting": {
        "lines": lines(
            method=st.sampled_from(["average", "fifo", "standard", "specific"]),
            currency=currencies,
            standard_amount=st.none() | amounts,
            standard_per=st.none() | st.sampled_from([1, 10**12]),
        )
    },
    "PostCost": {
        "receipt": labels,
        "currency": currencies,
        "lines": lines(amount=amounts),
        "period": periods,
    },
    "PostLandedCost": {
        "receipt": labels,
        "currency": currencies,
        "amount": st.sampled_from([1, -1, 10**15, -(10**15)]),
        "basis": st.sampled_from(["quantity", "value"]),
        "note": notes,
        "period": periods,
    },
    "ClosePeriod": {"period": st.sampled_from(["2026-11", "2026-09"])},
    "ReceiveTransferCost": {
        "transfer": labels,
        "from_warehouse": warehouses,
        "receipt": labels,
        "lines": lines(quantity=quantities, amount=amounts, currency=st.none() | currencies),
    },
}


@st.composite
def good(draw: st.DrawFn) -> Pairs:
    """A command of which each field is within its rule, in any order of fields."""
    kind = draw(st.sampled_from(list(BODIES)))
    head = [("type", kind), ("id", draw(st.sampled_from(["c-1", "3-123/cost"])))]
    pairs: Pairs = [*head, ("warehouse", draw(warehouses))]
    pairs += [(name, draw(body)) for name, body in BODIES[kind].items()]
    optional = {"time": times, "actor": notes, "correlation_id": notes}
    pairs += [(name, draw(one)) for name, one in optional.items() if draw(st.booleans())]
    return draw(st.permutations(pairs))


@st.composite
def nearly_good(draw: st.DrawFn) -> Pairs:
    """A good command with a field dropped, replaced, added, or one of a line changed."""
    pairs = list(draw(good()))
    place = draw(st.integers(0, len(pairs) - 1))
    junk = values | st.sampled_from(TEXTS)
    match draw(st.sampled_from(["drop", "replace", "add", "line"])):
        case "drop":
            del pairs[place]
        case "replace":
            pairs[place] = (pairs[place][0], draw(junk))
        case "add":
            names = ["colour", "amount", "type", "\ud800", "lines", ""]
            pairs.insert(place, (draw(st.sampled_from(names)), draw(junk)))
        case "line":
            line = next((told[0] for name, told in pairs if name == "lines"), None)
            if line:
                at = draw(st.integers(0, len(line) - 1))
                name = draw(st.sampled_from([line[at][0], "lot"]))
                line[at] = (name, draw(scalars | st.sampled_from(TEXTS)))
    return pairs


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Bytes of a command with some lost or put in."""
    value = bytearray(draw(written(good())))
    place = draw(st.integers(0, len(value) - 1))
    value[place : place + draw(st.integers(0, 4))] = draw(
        st.sampled_from([b"", b"\xff", b'"', b","])
    )
    return bytes(value)
