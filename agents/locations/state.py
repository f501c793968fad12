"""What a decision of locations is made on: a warehouse's rows, each read when it is asked for."""

from schemas.locations_rows import Container, Location
from streams.actor import Rows
from tables.locations import (
    CHILDREN,
    CONTAINERS,
    HOLDINGS,
    ITEMS,
    LOCATIONS,
    PLACES,
    STANDING,
)
from tables.table import Found

DEPTH_MAX = 8  # of the tree: what each line of units reads and writes, twice
CONTAINER_DEPTH_MAX = 5  # item, box, carton, pallet, and one more


class Site:
    """A warehouse's places, and what lies where."""

    def __init__(self, warehouse: str, rows: Rows) -> None:
        self.warehouse = warehouse
        self._rows = rows
        self._read: dict[bytes, bytes | None] = {}
        self.locations = Found(LOCATIONS, warehouse, self._once)
        self.children = Found(CHILDREN, warehouse, self._once)  # by location
        self.holdings = Found(HOLDINGS, warehouse, self._once)  # by location
        self.standing = Found(STANDING, warehouse, self._once)  # containers, by location
        self.items = Found(ITEMS, warehouse, self._once)
        self.places = Found(PLACES, warehouse, self._once)  # by SKU
        self.containers = Found(CONTAINERS, warehouse, self._once)

    def _once(self, key: bytes) -> bytes | None:
        if key not in self._read:
            self._read[key] = self._rows(key)
        return self._read[key]

    def fork(self) -> "Site":
        """The warehouse as it was found, for a change that this one does not see."""
        return Site(self.warehouse, self._once)

    def changes(self) -> dict[bytes, bytes | None]:
        """The rows that are not as they were found, by key."""
        return (
            self.locations.changes()
            | self.children.changes()
            | self.holdings.changes()
            | self.standing.changes()
            | self.items.changes()
            | self.places.changes()
            | self.containers.changes()
        )

    def path(self, location: str | None) -> list[tuple[str, Location]]:
        """A location and those above it, from it to the top."""
        path = []
        while location is not None:
            found = self.locations.at(location)
            path.append((location, found))
            location = found.parent
            assert len(path) <= DEPTH_MAX, "the tree is a tree, and no deeper"
        return path

    def chain(self, container: str | None) -> list[tuple[str, Container]]:
        """A container and those that it is in, to the one that stands by itself."""
        chain = []
        while container is not None:
            found = self.containers.at(container)
            chain.append((container, found))
            container = found.into
            assert len(chain) <= CONTAINER_DEPTH_MAX, "a container is in none of its own"
        return chain

    def location_of(self, container: str) -> str:
        """Where a container stands, or the one that it is in."""
        location = self.chain(container)[-1][1].location
        assert location is not None, "what is in no container stands somewhere"
        return location

    def within(self, container: str) -> list[tuple[str, Container]]:
        """A container and all that are in it, each before those in itself."""
        found = [(container, self.containers.at(container))]
        for _, one in found:
            found += [(name, self.containers.at(name)) for name in one.inside]
        return found
