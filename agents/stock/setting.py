"""Decides what somebody says there is: a correction, where they know the row as it stands."""

from agents.stock.counting import Variance
from agents.stock.levels import NEVER_SEEN, corrected
from agents.stock.outcomes import outcome
from agents.stock.rejections import Rejection, outdated
from agents.stock.state import Stock
from schemas.stock_structs import SetStock, StockAdjusted
from streams.actor import Moment


def set_stock(stock: Stock, command: SetStock, moment: Moment) -> StockAdjusted | Rejection:
    """Stock is corrected to these levels, where each row is at the version that was expected."""
    wrong = []
    for line in command.lines:
        row = stock.rows.get(line.sku, NEVER_SEEN)
        if row.version != line.expected_version:
            return outdated(line.sku, line.expected_version, row.version)
        if row.on_hand != line.on_hand:
            wrong.append(Variance(line.sku, line.on_hand - row.on_hand))
    lines = corrected(stock.rows, wrong)
    if isinstance(lines, Rejection):
        return lines
    return outcome(StockAdjusted, command, moment, lines=lines, reason=command.reason)
