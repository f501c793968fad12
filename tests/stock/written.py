"""Commands as a producer may write them: right, nearly right and broken, for Hypothesis."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.stock.reasons import ACCOUNTS, ALLOWED

Pairs = list[tuple[str, Any]]  # an object, in its order, with room for a key twice


class Raw(str):
    """JSON text that stands as it is."""

    __slots__ = ()


NUMBERS = ("1", "1.0", "1e2", "-0", "01", "1E400", "NaN", "-Infinity", "+1", "0x1", ".5", "1_0")
TEXTS = (
    "",
    " ",
    "A ",
    "\u00a0A",
    "A\x00",
    "A\x7f",
    "A\u0085",
    "A\u0308",
    "\u00c4",
    "\u212b",
    "\ud800",
    "\udc00\ud800",
    "\U0001f4e6" * 64,
    "x" * 65,
    "x" * 128,
    "x" * 129,
    "LON-1\n",
    "2026-11-20T10:00:00Z",
    "2026-11-20t23:59:59.999999+00:00",
    "2026-02-29T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2026-11-20T10:00:00+01:00",
    "2026-11-20T10:00:00",
)
INTEGERS = (0, 1, -1, 10**12, 10**12 + 1, -(10**12), 10**15, 10**15 + 1, 2**63 - 1, 2**63, 2**64)

scalars = st.one_of(
    st.sampled_from([None, True, False, 1.5, 31_536_000, 31_536_001]),
    st.sampled_from(INTEGERS),
    st.integers(-5, 5),
    st.sampled_from(TEXTS),
    st.text(max_size=5),
    st.sampled_from(NUMBERS).map(Raw),
    st.just(Raw("9" * 5_000)),
    st.just(Raw("[" * 2_000 + "]" * 2_000)),
    st.just(Raw('{"a":' * 120 + "1" + "}" * 120)),
)
values = st.one_of(
    scalars,
    st.lists(scalars, max_size=2),
    st.lists(st.tuples(st.sampled_from(["sku", "quantity", "x"]), scalars), max_size=2).map(
        lambda pairs: [pairs]
    ),
)
skus = st.sampled_from(["85123A", "a b", "\u00c4pfel", "\U0001f4e6", "A/B"])
warehouses = st.sampled_from(["LON-1", "a._-Z", "W" * 64])
channels = st.none() | st.sampled_from(["web", "a._-Z", "W" * 64])
labels = st.sampled_from(["order-1001", "r", " ", "a\x00b", "\u00e9" * 128])


def lines(amount: str, amounts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Good lines of one kind."""
    line = st.tuples(skus, amounts).map(lambda one: [("sku", one[0]), (amount, one[1])])
    return st.lists(line, min_size=1, max_size=3)


quantities = lines("quantity", st.integers(1, 10**12))
pools = st.tuples(
    st.sampled_from(["web", "shop", "a._-Z"]),
    st.none() | st.integers(0, 10**15),
    st.integers(0, 10**15),
    st.sampled_from([0, 3, 10**15]),
    st.sampled_from([None, None, 3, 9]),
).map(
    lambda one: list(
        zip(("channel", "quantity", "safety_stock", "low_point", "recover_point"), one, strict=True)
    )
)
BODIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "ReceiveStock": {"lines": quantities},
    "ShipStock": {"lines": quantities, "channel": channels},
    "AdjustStock": {
        "lines": lines("delta", st.sampled_from([1, -1, 2, -(10**12), 10**12])),
        "reason": labels,
    },
    "ReserveStock": {
        "lines": quantities,
        "reservation": labels,
        "ttl_seconds": st.integers(1, 31_536_000),
        "channel": channels,
    },
    "SetChannelPools": {
        "lines": st.lists(
            st.tuples(skus, st.lists(pools, max_size=3)).map(
                lambda one: [("sku", one[0]), ("pools", one[1])]
            ),
            min_size=1,
            max_size=3,
        )
    },
    "SetStockPolicy": {
        "lines": st.lists(
            st.tuples(
                skus,
                st.integers(0, 10**15),
                st.none() | st.integers(0, 10**15),
                st.integers(0, 10**15),
            ).map(
                lambda one: [
                    ("sku", one[0]),
                    ("safety_stock", one[1]),
                    ("recover_point", one[2]),
                    ("negative_limit", one[3]),
                ]
            ),
            min_size=1,
            max_size=3,
        )
    },
    "SetStock": {
        "lines": st.lists(
            st.tuples(skus, st.integers(0, 10**15), st.integers(0, 2**63 - 1)).map(
                lambda one: [("sku", one[0]), ("on_hand", one[1]), ("expected_version", one[2])]
            ),
            min_size=1,
            max_size=3,
        ),
        "reason": labels,
    },
    "ReleaseReservation": {"reservation": labels},
    "ShipReservation": {"reservation": labels},
    "SetReorderPoint": {"lines": lines("reorder_point", st.integers(0, 10**15))},
    "ExtendReservation": {"reservation": labels, "ttl_seconds": st.integers(1, 31_536_000)},
    "SupersedeReservation": {
        "reservation": labels,
        "replaces": labels,
        "lines": quantities,
        "ttl_seconds": st.integers(1, 31_536_000),
        "channel": channels,
    },
    "ConfirmReservation": {"reservation": labels},
    "BackorderStock": {
        "reservation": labels,
        "lines": quantities,
        "priority": st.integers(0, 9),
        "promised": st.none() | st.sampled_from(["2026-12-01T00:00:00Z", "2024-02-29t00:00:00.5z"]),
        "partial": st.booleans(),
        "channel": channels,
    },
    "PreorderStock": {
        "reservation": labels,
        "lines": quantities,
        "by": st.sampled_from(["2026-12-01T00:00:00Z", "2024-02-29t00:00:00.5z"]),
        "priority": st.integers(0, 9),
        "partial": st.booleans(),
    },
    "ExpectSupply": {
        "supply": labels,
        "lines": st.lists(
            st.tuples(
                skus,
                st.integers(0, 10**12),
                st.sampled_from(["2026-12-01T00:00:00Z", "2024-02-29t00:00:00.5z"]),
                st.integers(0, 10**12),
            ).map(lambda one: list(zip(("sku", "quantity", "due", "expected"), one, strict=True))),
            min_size=1,
            max_size=3,
        ),
    },
    "ReceiveSupply": {
        "supply": labels,
        "lines": quantities,
        "to_account": st.sampled_from(ACCOUNTS),
    },
    "PickStock": {"reservation": labels, "lines": quantities},
    "UnpickStock": {"reservation": labels, "lines": quantities},
    "PackStock": {"reservation": labels, "lines": quantities},
    "ShipPacked": {"reservation": labels, "lines": quantities},
    "MoveStock": {
        "from_account": st.sampled_from(ACCOUNTS),
        "to_account": st.sampled_from(ACCOUNTS),
        "reason": st.sampled_from(list(ALLOWED)),
        "lines": quantities,
        "reference": st.none() | labels,
    },
    "OpenCount": {
        "count": labels,
        "lines": st.lists(skus.map(lambda sku: [("sku", sku)]), min_size=1, max_size=3),
        "tolerance": st.integers(0, 10**15),
    },
    "RecordCount": {"count": labels, "lines": lines("counted", st.integers(0, 10**15))},
    "ApproveCount": {"count": labels},
    "CancelCount": {"count": labels},
}
BODIES |= {
    "DispatchTransfer": {"transfer": labels, "to_warehouse": warehouses, "lines": quantities},
    "ExpectTransfer": {"transfer": labels, "from_warehouse": warehouses, "lines": quantities},
    "ReceiveTransfer": {"transfer": labels, "from_warehouse": warehouses, "lines": quantities},
    "CloseTransfer": {"transfer": labels, "from_warehouse": warehouses},
    "SettleTransfer": {
        "transfer": labels,
        "to_warehouse": warehouses,
        "lines": quantities | st.just([]),
        "is_final": st.booleans(),
    },
}
notes = st.one_of(st.none(), st.sampled_from(["", "user:42", "\x00", "\u00e9" * 128]))
times = st.one_of(
    st.none(),
    st.sampled_from(
        ["2026-11-20T10:00:00Z", "2024-02-29t00:00:00.5z", "0001-01-01T00:00:00-00:00"]
    ),
)


@st.composite
def good(draw: st.DrawFn) -> Pairs:
    """A command within every rule, in any order of fields; deltas may cancel, SKUs repeat."""
    kind = draw(st.sampled_from(list(BODIES)))
    pairs: Pairs = [
        ("type", kind),
        ("id", draw(st.sampled_from(["c-1", "!~", "01JD3Z6V9K2M4N6P8Q0R2S4T6V", "x" * 128]))),
        ("warehouse", draw(warehouses)),
    ]
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
            case "replace" if pairs:
                pairs[place] = (pairs[place][0], draw(values))
            case "add":
                name = draw(
                    st.sampled_from(["colour", "ttl_seconds", "type", "\ud800", "lines", ""])
                )
                pairs.insert(place, (name, draw(values)))
            case "twice" if pairs:
                pairs.insert(place, (pairs[place][0], draw(values)))
            case "line":
                _spoil_a_line(draw, dict(pairs).get("lines"))
    return pairs


def _spoil_a_line(draw: st.DrawFn, found: Any) -> None:
    if isinstance(found, list) and found and isinstance(found[0], list) and found[0]:
        line = found[draw(st.integers(0, len(found) - 1))]
        if isinstance(line, list) and line and isinstance(line[0], tuple):
            place = draw(st.integers(0, len(line) - 1))
            line[place] = (draw(st.sampled_from([line[place][0], "lot"])), draw(scalars))


def rendered(value: Any, space: str, ascii_only: bool) -> str:
    """JSON text of pairs, lists and scalars."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) for item in value):
            inner = [
                f"{json.dumps(name, ensure_ascii=ascii_only)}{space}:{space}"
                f"{rendered(item, space, ascii_only)}"
                for name, item in value
            ]
            return "{" + space + f",{space}".join(inner) + space + "}"
        inner = [rendered(item, space, ascii_only) for item in value]
        return "[" + f"{space},".join(inner) + space + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


@st.composite
def written(draw: st.DrawFn, pairs: st.SearchStrategy[Pairs]) -> bytes:
    """The bytes of a command, in one of the ways to write JSON."""
    space = draw(st.sampled_from(["", " ", "\r\n\t"]))
    text = rendered(draw(pairs) or Raw("{}"), space, draw(st.booleans()))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Bytes of a command with some lost, changed or put in."""
    value = bytearray(draw(written(good() | nearly_good())))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(len(value) - 1, 0)))
        match draw(st.sampled_from(["cut", "change", "insert"])):
            case "cut":
                del value[place : place + draw(st.sampled_from([1, 4, 1_000]))]
            case "change":
                value[place : place + 1] = bytes([draw(st.integers(0, 255))])
            case "insert":
                odd = [b"\xff", b"\x00", b"\\", b'"', b",", b"\xef\xbb\xbf", b"\\ud800", b"\\u0041"]
                value[place:place] = draw(st.sampled_from(odd))
    return bytes(value)
