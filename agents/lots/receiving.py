"""Decides of which lot units are: of those that come in, and of those that are there."""

from agents.lots import rejections
from agents.lots.draft import Draft
from agents.lots.quarantine import put_aside
from agents.lots.state import LOTS_MAX, Lots
from schemas.lots_structs import AssignLot, LotAssigned, LotReceived, ReceiveLot
from streams.actor import Moment
from streams.answers import Rejection, outcome


def receive(lots: Lots, command: ReceiveLot, moment: Moment) -> LotReceived | Rejection:
    """Units of a lot came in: stock is asked to receive them."""
    name, warehouse = command.lot, command.warehouse
    found = lots.lots.get(name)
    if found is None:
        return rejections.no_lot(name)
    refused = rejections.not_good(name, found)
    if refused is not None and (refused.code != "LOT_HELD" or command.to_account == "sellable"):
        return refused
    if not lots.has_room(warehouse, name):
        return _too_many(lots, warehouse)
    draft = Draft(lots, moment)
    draft.ask(warehouse, name, command.quantity, "supplier", command.to_account, "RECEIVED")
    return outcome(
        LotReceived,
        command,
        moment,
        lot=name,
        warehouse=warehouse,
        quantity=command.quantity,
        to_account=command.to_account,
        **draft.told(),
    )


def assign(lots: Lots, command: AssignLot, moment: Moment) -> LotAssigned | Rejection:
    """Units that are there are of this lot, whatever is the matter with it: they are there."""
    name, source, warehouse = command.lot, command.from_lot, command.warehouse
    for one in (name, source):
        if one is not None and lots.lots.get(one) is None:
            return rejections.no_lot(one)
    if name == source:
        return rejections.to_itself(name)
    there = lots.lying(warehouse, source).free(command.account)
    if command.quantity > there:
        return rejections.insufficient(
            command.quantity, there, warehouse=warehouse, account=command.account, lot=source
        )
    if not lots.has_room(warehouse, name):
        return _too_many(lots, warehouse)
    draft = Draft(lots, moment)
    draft.assign(warehouse, command.account, name, command.quantity, source)
    put_aside(draft, [warehouse])
    return outcome(LotAssigned, command, moment, lot=name, warehouse=warehouse, **draft.told())


def _too_many(lots: Lots, warehouse: str) -> Rejection:
    count = len(lots.site(warehouse).lots) + 1
    return rejections.above_limit("lots", count, LOTS_MAX, warehouse=warehouse)
