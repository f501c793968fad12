"""The corners of the language: fields that the documentation's stories have no use for.

Other stories, as short as they can be, in which each of them is used once, of stock and of what is
made of it. `./stockyard export` has them decided as well, and shows what the stories lack.
"""

from typing import Any, NamedTuple

_LONDON, _CORK, _DUBLIN = "LON-1", "ORK-2", "DUB-3"
_CLERK, _OTHER = "user:7", "user:8"
_WEB = "web"
_SOLD, _COUNTED, _ADJUSTED, _ORDERED = "10002", "10080", "10120", "10125"
_FENCED, _CHANNEL, _KEPT, _POOLED, _LATE = "10133", "10135", "11001", "15030", "15034"
_ASIDE = "15044A"
_SENT, _STANDARD = "15036", "15039"


class Continued(NamedTuple):
    """What somebody asks of a domain before it is told of stock, and after."""

    BEFORE: tuple[dict[str, Any], ...]
    AFTER: tuple[dict[str, Any], ...]


def _numbered(tag: str, *wishes: tuple[str, dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"type": kind, "id": f"{tag}-{number}"} | fields
        for number, (kind, fields) in enumerate(wishes, 1)
    )


def _at(kind: str, warehouse: str = _LONDON, /, **fields: Any) -> tuple[str, dict[str, Any]]:
    return kind, {"warehouse": warehouse} | fields


def _of(sku: str, **amount: Any) -> list[dict[str, Any]]:
    return [{"sku": sku} | amount]


def _came(sku: str, quantity: int, warehouse: str = _LONDON) -> tuple[str, dict[str, Any]]:
    return _at("ReceiveStock", warehouse, lines=_of(sku, quantity=quantity))


def _waits(sku: str, warehouse: str = _LONDON, **how: Any) -> tuple[str, dict[str, Any]]:
    lines = _of(sku, quantity=2)
    return _at("BackorderStock", warehouse, reservation=f"wait-{sku}", lines=lines, **how)


def _owed(sku: str, quantity: int = 3, warehouse: str = _LONDON) -> list[Any]:
    """A till has sold what was not there, and somebody waits."""
    lines = _of(sku, quantity=quantity)
    return [
        _at("SetStockPolicy", warehouse, lines=_of(sku, negative_limit=10)),
        _at("ShipStock", warehouse, lines=lines, channel=_WEB),
        _waits(sku, warehouse, channel=_WEB, partial=False),
    ]


def _held(sku: str, name: str, quantity: int, **how: Any) -> tuple[str, dict[str, Any]]:
    lines = _of(sku, quantity=quantity)
    return _at("ReserveStock", reservation=name, lines=lines, **{"ttl_seconds": 900} | how)


def _expected(sku: str, quantity: int, day: int, expected: int = 0) -> tuple[str, dict[str, Any]]:
    line = _of(sku, quantity=quantity, due=f"2026-12-{day:02}T00:00:00Z", expected=expected)
    return _at("ExpectSupply", supply=f"PO-{sku}", lines=line)


def _supplied(sku: str, quantity: int, account: str) -> tuple[str, dict[str, Any]]:
    line = _of(sku, quantity=quantity)
    return _at("ReceiveSupply", supply=f"PO-{sku}", lines=line, to_account=account)


_OWED: tuple[Any, ...] = (
    *_owed(_SOLD),
    _came(_SOLD, 10),
    *_owed(_ADJUSTED),
    _at("AdjustStock", lines=_of(_ADJUSTED, delta=6), reason="FOUND"),
    *_owed(_COUNTED),
    _at("OpenCount", count="c", lines=_of(_COUNTED)),
    _at("RecordCount", count="c", lines=_of(_COUNTED, counted=3), actor=_CLERK),
    _at("RecordCount", count="c", lines=_of(_COUNTED, counted=3), actor=_CLERK),
    _at("ApproveCount", count="c", actor=_OTHER),
    *_owed(_ORDERED),
    _expected(_ORDERED, 6, 1),
    _supplied(_ORDERED, 6, "sellable"),
)
_CHANNELS: tuple[Any, ...] = (
    _came(_FENCED, 9),
    _held(_FENCED, "of-no-channel", 4, ttl_seconds=60),
    _at(
        "SetChannelPools",
        lines=_of(
            _FENCED,
            pools=[{"channel": _WEB, "quantity": 5, "safety_stock": 1, "low_point": 2}],
        ),
    ),
    _held(_FENCED, "all-of-it", 4, channel=_WEB),
    _waits(_FENCED),
    _at("ReleaseReservation", reservation="all-of-it"),
    _at("SetChannelPools", lines=_of(_FENCED, pools=[])),
    _came(_CHANNEL, 5),
    _held(_CHANNEL, "first", 5, channel=_WEB),
    _waits(_CHANNEL, channel=_WEB),
    _at(
        "SupersedeReservation",
        reservation="second",
        replaces="first",
        lines=_of(_CHANNEL, quantity=2),
        ttl_seconds=900,
        channel=_WEB,
    ),
    _at("ConfirmReservation", reservation="second"),
    _at("ShipReservation", reservation="second"),
    _came(_POOLED, 5),
    _held(_POOLED, "runs-out", 5, channel=_WEB),
    _waits(_POOLED),
    _came(_KEPT, 5),
    _held(_KEPT, "given-back", 5),
    _waits(_KEPT),
    _at("ReleaseReservation", reservation="given-back"),
    _at("SetStockPolicy", lines=_of(_KEPT, safety_stock=9)),
    _at("BackorderStock", reservation="kept-from", lines=_of(_KEPT, quantity=1)),
    _at("SetStockPolicy", lines=_of(_KEPT)),
)


def _promised(sku: str, **how: Any) -> tuple[str, dict[str, Any]]:
    named = {"reservation": f"told-{sku}", "by": "2026-12-09T00:00:00Z"}
    return _at("PreorderStock", lines=_of(sku, quantity=6), **named, **how)


_PROMISED: tuple[Any, ...] = (
    _at("SetStockPolicy", lines=_of(_LATE, negative_limit=10)),
    _expected(_LATE, 10, 1),
    _promised(_LATE, priority=0, partial=True),
    _at(
        "BackorderStock",
        reservation="more-urgent",
        lines=_of(_LATE, quantity=5),
        priority=9,
        partial=True,
    ),
    _at("ReleaseReservation", reservation="more-urgent"),
    _at("ShipStock", lines=_of(_LATE, quantity=5)),
    _came(_LATE, 5),
    _expected(_LATE, 10, 2, 10),
    _expected(_ASIDE, 6, 1),
    _promised(_ASIDE),
    _supplied(_ASIDE, 6, "quality_hold"),
)
_TRANSFERRED: tuple[Any, ...] = (
    _came(_SENT, 2),
    _came(_STANDARD, 2),
    _came(_SENT, 8, _CORK),
    _at(
        "DispatchTransfer",
        transfer="T-1",
        to_warehouse=_DUBLIN,
        lines=[*_of(_SENT, quantity=2), *_of(_STANDARD, quantity=2)],
    ),
    _at(
        "ReceiveTransfer",
        _DUBLIN,
        transfer="T-1",
        from_warehouse=_LONDON,
        lines=[*_of(_SENT, quantity=2), *_of(_STANDARD, quantity=2)],
    ),
    *_owed(_SENT, 5, _DUBLIN),
    _at(
        "DispatchTransfer",
        _CORK,
        transfer="T-2",
        to_warehouse=_DUBLIN,
        lines=_of(_SENT, quantity=6),
    ),
    _at(
        "ReceiveTransfer",
        _DUBLIN,
        transfer="T-2",
        from_warehouse=_CORK,
        lines=_of(_SENT, quantity=7),
    ),
)
STOCK = _numbered("corner", *_OWED, *_CHANNELS, *_PROMISED, *_TRANSFERRED)

_CURRENCY = "GBP"


def _costs(method: str, sku: str, **standard: int) -> list[dict[str, Any]]:
    return _of(sku, method=method, currency=_CURRENCY, **standard)


FINANCE = Continued(
    _numbered(
        "corner",
        _at(
            "SetCosting",
            lines=[
                *_costs("standard", _SENT, standard_amount=500, standard_per=1),
                *_costs("standard", _STANDARD, standard_amount=640, standard_per=1),
            ],
        ),
        _at(
            "SetCosting",
            _CORK,
            lines=_costs("standard", _SENT, standard_amount=550, standard_per=1),
        ),
        _at(
            "SetCosting",
            _DUBLIN,
            lines=[
                *_costs("average", _SENT),
                *_costs("standard", _STANDARD, standard_amount=600, standard_per=1),
            ],
        ),
    ),
    _numbered(
        "corner-after",
        _at(
            "PostCost",
            receipt="3-4",
            currency=_CURRENCY,
            lines=_of(_SOLD, amount=1_000),
            period="2026-11",
        ),
        _at(
            "PostLandedCost",
            receipt="3-4",
            currency=_CURRENCY,
            amount=100,
            basis="value",
            note="duty",
            period="2026-11",
        ),
    ),
)

LOCATIONS = Continued(
    _numbered(
        "corner",
        _at("CreateLocation", location="A", kind="zone", constraints={"mixed_skus": False}),
        _at("CreateLocation", location="B", kind="zone"),
        _at("CreateLocation", location="B-1", kind="bin", parent="B"),
        _at("CreateLocation", location="A-1", kind="bin", parent="A"),
        _at("CreateLocation", location="A-2", kind="bin", parent="A"),
        _at("MoveLocation", location="A-1", parent="B"),
        _at("MoveLocation", location="A-1"),
        _at("DeleteLocation", location="A-2"),
    ),
    _numbered(
        "corner-after",
        *(
            _at("OpenContainer", container=name, location="A-1")
            for name in ("pallet", "box", "tray")
        ),
        _at("NestContainer", container="box", into="pallet"),
        _at("MoveContainer", container="box", to_location="B-1"),
        _at("NestContainer", container="tray", into="pallet"),
        _at("CloseContainer", container="tray"),
    ),
)


def _in(kind: str, *lines: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return kind, {"catalog": "main", "lines": list(lines)}


CATALOG = Continued(
    (),
    _numbered(
        "corner",
        _in("DefineProduct", {"product": "herbs", "title": "Herbs"}),
        _in(
            "DefineItem",
            {"sku": "THYME", "base_unit": "gram", "tracking": "lot", "shelf_life_days": 30},
        ),
        _in("ChangeItem", {"sku": "THYME", "product": "herbs", "shelf_life_days": 21}),
        _in(
            "SetUnits",
            {
                "sku": "THYME",
                "units": [{"unit": "ounce", "numerator": 2_835, "denominator": 100}],
            },
        ),
    ),
)
