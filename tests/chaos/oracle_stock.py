"""The oracle's part for rows: what comes, goes, is corrected, and moves between accounts."""

from typing import Any

from tests.chaos import oracle_supplies
from tests.chaos.accounts import BOTTOMLESS, MOVES
from tests.chaos.oracle_books import (
    Books,
    Change,
    Decision,
    Granted,
    Move,
    Refused,
    refused,
    too_little,
    unsold,
)
from tests.chaos.records import Pool
from tests.chaos.rules import LEVEL_MAX, Command

_EVENTS = {
    "ReceiveStock": "StockReceived",
    "ShipStock": "StockShipped",
    "AdjustStock": "StockAdjusted",
    "SetReorderPoint": "ReorderPointSet",
}


def decide(books: Books, command: Command) -> Decision:
    """The four plain commands, policies, and MoveStock."""
    if command.type == "MoveStock":
        return _moved(books, command)
    if command.type in _SETS:
        return _SETS[command.type](books, command)
    channel = command.fields.get("channel")
    changes = {sku: _change(command.type, value) for sku, value in command.lines.items()}
    refusal = _refusal(books, command, changes)
    if refusal is not None:
        return refusal
    told = Granted(_EVENTS[command.type], {}, changes)
    for change in changes.values() if channel is not None else ():
        told.fields["channel"] = change.channel = channel
    if command.type == "AdjustStock":
        told.may["reason"] = command.fields["reason"]
    if command.type == "ShipStock":  # a till may have sold what a promised day counts on
        return oracle_supplies.with_late(books, command, told)
    return told


def _refusal(books: Books, command: Command, changes: dict[str, Change]) -> Refused | None:
    """Why one of the four plain commands cannot be done, if it cannot."""
    if command.type == "ShipStock":
        for sku, change in changes.items():
            change.is_till = books.row(command.warehouse, sku).may_owe > 0
        short = unsold(books, command.warehouse, command.lines, command.fields.get("channel"))
        return None if short is None else refused("INSUFFICIENT_STOCK", **short)
    codes: list[str] = []
    missed: list[dict[str, Any]] = []
    for sku, change in changes.items():
        row, by = books.row(command.warehouse, sku), _sellable_by(change)
        if -by > (free := max(0, row.available)):
            missed.append({"sku": sku, "requested": -by, "available": free})
            codes.append("INSUFFICIENT_STOCK")
        elif row.on_hand + by > LEVEL_MAX:
            codes.append("QUANTITY_LIMIT")
        elif _points_conflict(change.reorder_point, row.recover_point):
            points = {"reorder_point": change.reorder_point, "recover_point": row.recover_point}
            return refused("POLICY_CONFLICT", sku=sku, **points)
    if not codes:
        return None
    distinct = tuple(dict.fromkeys(codes))
    return Refused(distinct, too_little(missed) if distinct == ("INSUFFICIENT_STOCK",) else {})


def _points_conflict(reorder_point: int | None, recover_point: int | None) -> bool:
    if reorder_point is None or recover_point is None:
        return False
    return recover_point < reorder_point


def _kept(books: Books, command: Command) -> Decision:
    """How SKUs are to be kept; a line says all of it."""
    changes = {}
    for line in command.fields["lines"]:
        sku, recover_point = line["sku"], line.get("recover_point")
        reorder_point = books.row(command.warehouse, sku).reorder_point
        if _points_conflict(reorder_point, recover_point):
            told = {"reorder_point": reorder_point, "recover_point": recover_point}
            return refused("POLICY_CONFLICT", sku=sku, **told)
        owed, limit = books.row(command.warehouse, sku).owed, line.get("negative_limit", 0)
        if owed > limit:
            return refused("STOCK_OWED", sku=sku, owed=owed, negative_limit=limit)
        policy = (line.get("safety_stock", 0), recover_point, limit)
        said = {"safety_stock": policy[0]}
        said |= {} if recover_point is None else {"recover_point": recover_point}
        said |= {"negative_limit": limit} if limit else {}
        changes[sku] = Change(said, policy=policy)
    return Granted("StockPolicySet", {}, changes)


def _pooled(books: Books, command: Command) -> Decision:
    """Which channels SKUs have; a line says all of them."""
    changes = {}
    for line in command.fields["lines"]:
        usual: dict[str, Any] = {"quantity": None, "safety_stock": 0, "low_point": 0}
        usual["recover_point"] = None
        pools = [usual | pool for pool in line["pools"]]
        said = [
            {name: value for name, value in pool.items() if value != usual.get(name, "")}
            for pool in pools
        ]
        told = {pool["channel"]: Pool(**pool) for pool in pools}
        changes[line["sku"]] = Change({"pools": said}, pools=told)
    return Granted("ChannelPoolsSet", {}, changes)


def _levelled(books: Books, command: Command) -> Decision:
    """What somebody says there is, if they know the rows as they are."""
    lines = command.fields["lines"]
    for line in lines:
        told, version = line["expected_version"], books.row(command.warehouse, line["sku"]).version
        if told != version:
            return refused(
                "VERSION_CONFLICT", sku=line["sku"], expected_version=told, version=version
            )
    changes, missed = {}, []
    for line in lines:
        row = books.row(command.warehouse, line["sku"])
        by = line["on_hand"] - row.on_hand
        if row.available + by < 0:
            told = {"sku": line["sku"], "requested": -by, "available": row.available}
            missed.append(told)
        elif by:
            changes[line["sku"]] = Change({"delta": by}, (corrected(by),))
    if missed:
        return refused("INSUFFICIENT_STOCK", **too_little(missed))
    return Granted("StockAdjusted", {"reason": command.fields["reason"]}, changes)


def _sellable_by(change: Change) -> int:
    for source, _, quantity in change.moves:
        return -quantity if source == "sellable" else quantity
    return 0


def _change(kind: str, value: int) -> Change:
    if kind == "SetReorderPoint":
        return Change({"reorder_point": value}, reorder_point=value)
    if kind == "AdjustStock":
        return Change({"delta": value}, (corrected(value),))
    if kind == "ShipStock":
        return Change({"quantity": value}, (Move("sellable", "customer", value),))
    return Change({"quantity": value}, (Move("supplier", "sellable", value),))


def corrected(delta: int) -> Move:
    """The move that makes sellable units so many more, or fewer."""
    if delta < 0:
        return Move("sellable", "gain_loss", -delta)
    return Move("gain_loss", "sellable", delta)


def _moved(books: Books, command: Command) -> Decision:
    told = {name: command.fields[name] for name in ("from_account", "to_account", "reason")}
    source, target = told["from_account"], told["to_account"]
    if (source, target) not in MOVES[told["reason"]]:
        return refused("MOVE_FORBIDDEN", **told)
    changes, short = {}, _taken(books, command, source)
    for sku, quantity in command.lines.items():
        row = books.row(command.warehouse, sku)
        if short and short["sku"] == sku:
            return refused("INSUFFICIENT_STOCK", **short)
        left, grown = row.accounts[source] - quantity, row.accounts[target] + quantity
        for name, balance in ((source, left), (target, grown)):
            if abs(balance) > LEVEL_MAX:
                return refused(
                    "QUANTITY_LIMIT", sku=sku, field=name, value=balance, limit=LEVEL_MAX
                )
        said = {"quantity": quantity, "from_balance": left, "to_balance": grown}
        changes[sku] = Change(said, (Move(source, target, quantity),))
    if command.fields.get("reference") is not None:
        told["reference"] = command.fields["reference"]
    return Granted("StockMoved", told, changes)


def _taken(books: Books, command: Command, source: str) -> dict[str, Any]:
    """What is told where an account has too little for a move; nothing where it has enough."""
    missed: list[dict[str, Any]] = []
    for sku, quantity in command.lines.items():
        row = books.row(command.warehouse, sku)
        free = max(0, row.available) if source == "sellable" else row.accounts[source]
        dated = row.dated if source == "on_order" else 0
        if source not in BOTTOMLESS and quantity > free - dated:
            missed.append({"sku": sku, "requested": quantity, "available": free - dated})
            missed[-1] |= {"expected": dated} if dated else {}
    if missed and source != "sellable":
        missed[0]["account"] = source
    return too_little(missed) if missed else {}


_SETS = {"SetStockPolicy": _kept, "SetChannelPools": _pooled, "SetStock": _levelled}
