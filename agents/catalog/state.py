"""What a decision of the catalogue is made on: its rows, each read when it is asked for."""

from streams.actor import Rows
from tables.catalog import GTINS, ITEMS, KITS, MEMBERS, PRODUCTS, USES
from tables.table import Found


class Catalog:
    """A catalogue's products, items, numbers and kits."""

    def __init__(self, name: str, rows: Rows) -> None:
        self.name = name
        self._rows = rows
        self._read: dict[bytes, bytes | None] = {}
        self.products = Found(PRODUCTS, name, self._once)
        self.members = Found(MEMBERS, name, self._once)  # SKUs, by product
        self.items = Found(ITEMS, name, self._once)
        self.gtins = Found(GTINS, name, self._once)
        self.kits = Found(KITS, name, self._once)
        self.uses = Found(USES, name, self._once)  # kits that an item is right in

    def _once(self, key: bytes) -> bytes | None:
        if key not in self._read:
            self._read[key] = self._rows(key)
        return self._read[key]

    def fork(self) -> "Catalog":
        """The catalogue as it was found, for a change that this one does not see."""
        return Catalog(self.name, self._once)

    def changes(self) -> dict[bytes, bytes | None]:
        """The rows that are not as they were found, by key."""
        return (
            self.products.changes()
            | self.members.changes()
            | self.items.changes()
            | self.gtins.changes()
            | self.kits.changes()
            | self.uses.changes()
        )
