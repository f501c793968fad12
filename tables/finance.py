"""Finance rows as bytes: the keys and values that RocksDB and the changelog hold.

    V 0x00 warehouse 0x00 sku              what the SKU is worth, in MessagePack
    L 0x00 warehouse 0x00 sku 0x00 number  a layer; the number in hexadecimal, so that they sort
    r 0x00 warehouse 0x00 receipt          >Q due (ms since the epoch), then what came, and its cost
    c 0x00 warehouse 0x00 receipt          >Q due, then what its sender told before it came in
    P 0x00 warehouse 0x00                  up to which month all is closed, and which have sums
    P 0x00 warehouse 0x00 month            what it booked, by account and currency

A warehouse and a SKU have no 0x00 in them, so a key is read back without doubt; a receipt's name
may. `r` and `c`, in lower case: timed, are due when they are forgotten.
"""

from typing import Final

from schemas.finance_rows import JournalSum, Layer, Periods, Receipt, ToldCost, Valuation
from tables.table import Table, Timed

VALUATION_KIND: Final = b"V"
VALUATIONS: Final = Table("V", Valuation)
LAYERS: Final = Table("L", Layer)
RECEIPTS: Final = Timed("r", Receipt)
TOLD_COSTS: Final = Timed("c", ToldCost)
PERIODS: Final = Table("P", Periods)
SUMS: Final = Table("P", list[JournalSum])

CLOSED: Final = ""  # no month: the name of the row of periods


def layer_name(sku: str, number: int) -> str:
    """What a layer is called: those of a SKU sort by their age."""
    return f"{sku}\0{number:016x}"


def layers_start(warehouse: str, sku: str) -> bytes:
    """What the keys of a SKU's layers start with, in the order of their age."""
    return LAYERS.key(warehouse, f"{sku}\0")
