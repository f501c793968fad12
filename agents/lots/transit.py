"""What a transfer's two ends have told of it, in whatever order they are told.

A dispatch brings lots, a receipt takes them, first ended first; what it takes that was not told yet
is early, and is known when the dispatch is told. What is short is taken as lost only when nothing
else can come, so it is known of which lots it was.
"""

from agents.lots.order import in_order
from agents.lots.state import Lots
from schemas.lots_rows import NOWHERE, Transit
from tables.lots import at

Pieces = list[tuple[str, int]]
"""Units by lot, NOWHERE for those of no known one; each lot once."""


def transit_of(lots: Lots, sender: str, transfer: str) -> Transit:
    """What is known of a transfer."""
    return lots.transits.at(at(sender, transfer))


def depart(lots: Lots, transit: Transit, pieces: Pieces) -> Pieces:
    """Units were sent; of which lots those are that had come before."""
    for lot, quantity in pieces:
        transit.lots[lot] = transit.lots.get(lot, 0) + quantity
    matched, left = _taken(lots, transit, transit.early)
    transit.early = left
    _settled(lots, transit)
    return matched


def arrive(lots: Lots, transit: Transit, quantity: int) -> Pieces:
    """Units have come; of which lots. The rest of them is early, or was never sent."""
    matched, left = _taken(lots, transit, quantity)
    transit.early += left
    _settled(lots, transit)
    return matched


def settle(lots: Lots, transit: Transit, short: int, over: int) -> None:
    """The sender knows what will never come, and what came and was never sent."""
    transit.short += short
    transit.over += over
    _settled(lots, transit)


def _taken(lots: Lots, transit: Transit, quantity: int) -> tuple[Pieces, int]:
    """Take so many; which, and how many there are not."""
    pieces, left = [], quantity
    for lot in in_order(lots, list(transit.lots)):
        piece = min(transit.lots[lot], left)
        if piece:
            pieces.append((lot, piece))
            left -= piece
            _count_down(lots, transit, lot, piece)
    return pieces, left


def _settled(lots: Lots, transit: Transit) -> None:
    never_sent = min(transit.early, transit.over)
    transit.early -= never_sent
    transit.over -= never_sent
    if transit.short and transit.short == sum(transit.lots.values()):
        for lot, quantity in list(transit.lots.items()):
            _count_down(lots, transit, lot, quantity)
        transit.short = 0


def _count_down(lots: Lots, transit: Transit, lot: str, quantity: int) -> None:
    """Fewer of a lot are under way."""
    left = transit.lots.pop(lot) - quantity
    if left:
        transit.lots[lot] = left
    if lot != NOWHERE:
        lots.lot(lot).in_transit -= quantity
