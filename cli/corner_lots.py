"""The corners of lots: what is picked, bound to serials, not good, sent away, and where it lies."""

from typing import Any

from cli.lots_story import Command, LotsStory

_SKU, _LONDON, _DUBLIN = "84879", "LON-1", "DUB-3"
_GOOD, _BAD, _SOON, _OVER, _NEXT = "L-GOOD", "L-BAD", "L-SOON", "L-OVER", "L-NEXT"
_LOTS = {
    _GOOD: "2027-06-30T23:59:59Z",
    _BAD: "2027-03-31T23:59:59Z",
    _NEXT: "2027-09-30T23:59:59Z",
    _SOON: "2026-11-20T18:00:00Z",
    _OVER: "2026-01-31T23:59:59Z",
}
_HOURS_MS = 12 * 3_600_000


def _lot(kind: str, tag: str, /, **fields: Any) -> Command:
    return {"type": kind, "id": f"corner-{tag}", "sku": _SKU} | fields


def _at(kind: str, tag: str, /, **fields: Any) -> Command:
    return _lot(kind, tag, warehouse=_LONDON, **fields)


def _stock(kind: str, tag: str, /, quantity: int = 0, **fields: Any) -> Command:
    lines = {"lines": [{"sku": _SKU, "quantity": quantity}]} if quantity else {}
    head = {"type": kind, "id": f"corner-lots-{tag}", "warehouse": _LONDON}
    return head | lines | fields


def _move(tag: str, quantity: int, source: str, target: str, reason: str, **how: Any) -> Command:
    where = {"from_account": source, "to_account": target, "reason": reason}
    return _stock("MoveStock", tag, quantity, **where, **how)


def _arrive(tag: str, quantity: int, transfer: str) -> Command:
    ends: dict[str, Any] = {"warehouse": _DUBLIN, "from_warehouse": _LONDON, "transfer": transfer}
    return _stock("ReceiveTransfer", tag, quantity, **ends)


def _promise(name: str, quantity: int) -> tuple[Command, ...]:
    named: dict[str, Any] = {"reservation": name}
    return (
        _stock("ReserveStock", f"{name}-reserve", quantity, ttl_seconds=900_000, **named),
        _stock("ConfirmReservation", f"{name}-confirm", **named),
    )


def _serials(*names: str) -> list[dict[str, str]]:
    return [{"serial": name} for name in names]


STORY = LotsStory(
    before=tuple(
        _lot("RegisterLot", f"{lot}", lot=lot, expires_at=at) for lot, at in _LOTS.items()
    ),
    after=(
        _at("ReceiveLot", "1", lot=_SOON, quantity=5),
        _at("ReceiveLot", "2", lot=_BAD, quantity=12),
        _at("ReceiveLot", "3", lot=_BAD, quantity=3, to_account="quality_hold"),
        _at("ReceiveLot", "4", lot=_GOOD, quantity=12),
        _at("ReceiveLot", "5", lot=_NEXT, quantity=6),
        _at("AssignLot", "6", lot=_GOOD, quantity=1, account="damaged"),
        _at("AssignLot", "7", lot=_GOOD, quantity=1, from_lot=_NEXT),
        _at("AssignLot", "8", lot=_OVER, quantity=1),
        _at("RegisterSerials", "9", lot=_SOON, serials=_serials("S-1")),
        _at("RegisterSerials", "10", lot=_BAD, serials=_serials("B-1", "B-2")),
        _at("RegisterSerials", "11", lot=_GOOD, serials=_serials("G-1", "G-2", "G-3")),
        _at("RegisterSerials", "27", lot=_NEXT, serials=_serials("N-1", "N-2")),
        _at(
            "RegisterSerials",
            "12",
            lot=_BAD,
            account="quality_hold",
            serials=_serials("Q-1"),
        ),
        # bound to what ends first, with the serial that will run out with its lot
        _at("BindSerials", "13", reservation="soon", serials=_serials("S-1")),
        # bound to what lives too short: something else
        _at("RequireShelfLife", "14", reservation="long", days=30),
        _at("BindSerials", "15", reservation="long", serials=_serials("G-1")),
        _at("BindSerials", "16", reservation="held", serials=_serials("B-1")),
        _lot("SwapSerials", "17", serial="G-1", other="N-1"),
        _lot("HoldLot", "18", lot=_BAD, reason="the label is wrong"),
        _at(
            "RebindLot",
            "19",
            reservation="picked",
            lot=_GOOD,
            from_lot=_BAD,
            quantity=1,
            picked=True,
        ),
        _at("BindSerials", "20", reservation="picked", serials=_serials("G-2", "G-3")),
        _lot("SwapSerials", "21", serial="G-3", other="N-2"),
        _lot("SwapSerials", "29", serial="N-2", other="G-3"),
        _lot("ReleaseLot", "22", lot=_BAD),
        _at(
            "MoveSerials",
            "23",
            serials=_serials("B-2"),
            from_account="sellable",
            to_account="gain_loss",
            reference="theft",
        ),
        _lot("HoldLot", "24", lot=_NEXT, reason="another look"),
        _at("ReceiveLot", "25", lot=_BAD, quantity=2),
        _lot("RecallLot", "26", lot=_BAD, reason="glass in one of them"),
        _lot("RecallLot", "28", lot=_GOOD, reason="glass in one of them"),
    ),
    stock={
        "corner-6": (_move("damaged", 1, "supplier", "damaged", "RECEIVED"),),
        "corner-8": (_stock("ReceiveStock", "unknown", 4),),
        "corner-13": _promise("soon", 3),
        "corner-14": (
            _move("of-others", 3, "sellable", "damaged", "DAMAGED", reference=_SOON),
            *_promise("long", 4),
        ),
        "corner-16": _promise("held", 2),
        "corner-18": (
            *_promise("picked", 3),
            _stock("PickStock", "pick", 3, reservation="picked"),
            _move("broken", 1, "sellable", "damaged", "DAMAGED", reference=_BAD),
            _move("old", 1, "sellable", "expired", "EXPIRED", reference=_BAD),
            _move("called", 1, "sellable", "recalled", "RECALL", reference=_BAD),
            _stock("DispatchTransfer", "sent", 2, transfer="T-9", to_warehouse=_DUBLIN),
            _arrive("more", 3, "T-9"),
            _stock("DispatchTransfer", "sent-2", 2, transfer="T-10", to_warehouse=_DUBLIN),
            _arrive("less", 1, "T-10"),
            _stock(
                "CloseTransfer",
                "closed",
                warehouse=_DUBLIN,
                transfer="T-10",
                from_warehouse=_LONDON,
            ),
        ),
        "corner-28": (
            _stock("ReceiveStock", "a-few", 2),
            _stock("PackStock", "pack", 2, reservation="picked"),
            _stock("ShipPacked", "ship", 2, reservation="picked"),
            _stock("PickStock", "pick-all", 4, reservation="long"),
        ),
        "corner-22": (_stock("UnpickStock", "back", 1, reservation="picked"),),
    },
    pauses={"corner-24": _HOURS_MS},
    unanswered=frozenset(("corner-25",)),
)
