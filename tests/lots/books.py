"""What must hold of the rows whatever happened, read from their bytes alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from msgspec import msgpack

LOT = (
    "expires_at",
    "best_before",
    "manufactured_at",
    "number",
    "is_expired",
    "held",
    "recalled",
    "warehouses",
    "in_transit",
    "gone",
    "serials",
    "holders",
)
SERIAL = ("lot", "warehouse", "account", "reservation", "steps")
STEP = ("event", "recorded_at", "warehouse", "account", "reservation", "reference")
PLACED = STEP[2:5]
ACCOUNTS = ("sellable", "quality_hold", "damaged", "expired", "recalled", "staged")
LYING = (*ACCOUNTS, "bound", "asked", "arriving", "returning")
CLAIM = ("days", "unbound", "bound", "staged")
ASK = ("warehouse", "lot", "quantity", "from_account", "to_account", "attempt")
TRANSIT = ("lots", "early", "short", "over")
Place = tuple[str, str]
"""(warehouse, lot), or (warehouse, reservation)."""


def named(names: tuple[str, ...], row: Any) -> dict[str, Any]:
    return dict(zip(names, row, strict=True))


class Books:
    """The rows of one SKU, decoded and added up without the code under test."""

    def __init__(self, rows: Mapping[bytes, bytes], sku: str) -> None:
        self.header = (0, 0, 0)
        self.lots: dict[str, dict[str, Any]] = {}
        self.unassigned: dict[str, dict[str, int]] = {}  # by warehouse
        self.lying: dict[Place, dict[str, int]] = {}
        self.claims: dict[Place, dict[str, Any]] = {}
        self.binders: dict[Place, dict[str, int]] = {}
        self.pickers: dict[Place, dict[str, int]] = {}
        self.asks: dict[str, dict[str, Any]] = {}
        self.transits: dict[Place, dict[str, Any]] = {}
        self.traces: dict[str, list[Any]] = defaultdict(list)
        self.serials: dict[str, dict[str, Any]] = {}
        self.steps: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.lot_serials: dict[str, list[str]] = defaultdict(list)
        self.serial_counts: dict[str, dict[str, int]] = {}  # by warehouse
        self.bound_serials: dict[Place, dict[str, str]] = {}
        self.lot_bound: dict[str, dict[str, str]] = {}
        self.timed: dict[tuple[str, str], int] = {}
        for key, value in sorted(rows.items()):
            kind, whose, name = key.split(b"\0", 2)
            if whose.decode() == sku:
                self._take(kind.decode(), name.decode(), value)

    def _take(self, kind: str, name: str, value: bytes) -> None:
        if kind.islower():
            self.timed[kind, name] = int.from_bytes(value[:8], "big")
            return
        row, place = msgpack.decode(value), (name.partition("/")[0], name.partition("/")[2])
        assert row, "a row that says nothing is not there"
        if kind == "S":
            self.header = (row[0], row[1], row[2])
        elif kind == "L":
            self.lots[name] = named(LOT, row)
        elif kind == "W":
            self.unassigned[name] = named(LYING, row[0])
            self.lying |= {(name, lot): named(LYING, one) for lot, one in row[1].items()}
        elif kind == "A":
            self.asks[name] = named(ASK, row)
        elif kind == "G":
            self.traces[name.partition("\0")[0]] += row
        elif kind in "NHJCX":
            self._take_serials(kind, name, row)
        else:
            self._take_place(kind, place, row)

    def _take_serials(self, kind: str, name: str, row: Any) -> None:
        whose = name.partition("\0")[0]
        if kind == "N":
            self.serials[name] = named(SERIAL, row)
        elif kind == "H":
            self.steps[whose] += [named(STEP, one) for one in row]
        elif kind == "J":
            self.lot_serials[whose] += row
        else:
            found: dict[str, dict[str, Any]] = {"C": self.serial_counts, "X": self.lot_bound}
            found[kind][name] = row

    def _take_place(self, kind: str, place: Place, row: Any) -> None:
        if kind == "R":
            self.claims[place] = named(CLAIM, row)
        elif kind == "D":
            self.transits[place] = named(TRANSIT, row)
        else:
            found: dict[str, dict[Place, Any]] = {
                "B": self.binders,
                "P": self.pickers,
                "K": self.bound_serials,
            }
            found[kind][place] = row

    def check(self) -> None:
        """All of it."""
        self.check_lots()
        self.check_units()
        self.check_claims()
        self.check_asks()
        self.check_serials()

    def is_good(self, lot: str) -> bool:
        found = self.lots[lot]
        return not found["is_expired"] and found["held"] is None and found["recalled"] is None

    def check_lots(self) -> None:
        """Each knows its warehouses, its number, what is under way and how many lines it left."""
        assert self.header[0] == len(self.lots)
        numbers = [found["number"] for found in self.lots.values() if found["number"]]
        assert sorted(numbers) == list(range(1, self.header[1] + 1))
        under_way: Counter[str] = Counter()
        for found in self.transits.values():
            assert all(units > 0 for units in found["lots"].values())
            assert any((found["lots"], found["early"], found["short"], found["over"]))
            assert min(found["early"], found["over"]) == 0
            under_way.update(found["lots"])
        for name, lot in self.lots.items():
            assert lot["warehouses"] == sorted(at for at, one in self.lying if one == name)
            assert lot["in_transit"] == under_way[name]
            assert lot["gone"] == len(self.traces.get(name, []))
            has_timer = lot["expires_at"] is not None and not lot["is_expired"]
            assert (("e", name) in self.timed) == has_timer

    def check_units(self) -> None:
        """Nothing is below zero; bound is of good lots alone, and of what is for sale."""
        for (_, lot), counts in self.lying.items():
            assert min(counts.values()) >= 0
            assert any(counts.values())
            assert counts["bound"] <= counts["sellable"]
            assert not counts["bound"] or self.is_good(lot)
        for (warehouse, lot), counts in self.lying.items():
            if self.unassigned[warehouse]["sellable"] < 0:
                assert not counts["sellable"], f"what is owed there is not of {lot}"

    def check_claims(self) -> None:
        """What is bound and picked of a lot is what its reservations have of it."""
        bound: dict[Place, dict[str, int]] = defaultdict(dict)
        staged: dict[Place, dict[str, int]] = defaultdict(dict)
        for (warehouse, reservation), claim in self.claims.items():
            assert claim["unbound"] >= 0
            assert claim["unbound"] or claim["bound"] or claim["staged"]
            for counts, found in ((bound, claim["bound"]), (staged, claim["staged"])):
                for lot, units in found.items():
                    assert units > 0
                    if lot:
                        counts[warehouse, lot][reservation] = units
        assert bound == self.binders
        for name, lot in self.lots.items():
            holders = [len(found) for (_, one), found in self.binders.items() if one == name]
            assert lot["holders"] == sum(holders)
        assert staged == self.pickers
        for place, lying in self.lying.items():
            assert lying["bound"] == sum(bound.get(place, {}).values())
            assert lying["staged"] == sum(staged.get(place, {}).values())

    def check_asks(self) -> None:
        """What stock was asked for is counted where it is."""
        asked: Counter[Place] = Counter()
        arriving: Counter[Place] = Counter()
        returning: Counter[Place] = Counter()
        for one in self.asks.values():
            place = one["warehouse"], one["lot"]
            if one["from_account"] == "sellable":
                asked[place] += one["quantity"]
            elif one["from_account"] == "supplier":
                arriving[place] += one["quantity"]
            elif one["from_account"] == "quality_hold":
                returning[place] += one["quantity"]
        for place, counts in self.lying.items():
            assert counts["asked"] == asked[place]
            assert counts["arriving"] == arriving[place]
            assert counts["returning"] == returning[place]
        for (warehouse, lot), counts in self.lying.items():
            if not self.is_good(lot) and counts["sellable"] > counts["asked"]:
                assert ("q", f"{warehouse}/{lot}") in self.timed, "it is asked for, or will be"

    def check_serials(self) -> None:
        """Each is in one place, and in every count of that place and in no other."""
        assert self.header[2] == len(self.serials)
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        bound: dict[Place, dict[str, str]] = defaultdict(dict)
        of_lots: dict[str, set[str]] = defaultdict(set)
        for name, one in self.serials.items():
            steps = self.steps[name]
            assert one["steps"] == len(steps)
            assert {field: one[field] for field in PLACED} == {
                field: steps[-1][field] for field in PLACED
            }
            if one["lot"] is not None:
                of_lots[one["lot"]].add(name)
            if one["account"] in ACCOUNTS:
                counts[one["warehouse"]][one["account"]] += 1
                if one["reservation"] is not None:
                    assert one["account"] in ("sellable", "staged")
                    bound[one["warehouse"], one["reservation"]][name] = one["account"]
        assert self.serial_counts == counts
        assert self.bound_serials == bound
        for place, accounts in bound.items():
            claim = self.claims[place]
            on_shelf = claim["unbound"] + sum(claim["bound"].values())
            assert on_shelf or "sellable" not in accounts.values()
            assert claim["staged"] or "staged" not in accounts.values()
        assert {lot: sorted(names) for lot, names in self.lot_serials.items()} == {
            lot: sorted(names) for lot, names in of_lots.items()
        }
        self._check_serials_of_lots()

    def _check_serials_of_lots(self) -> None:
        """A lot knows how many it has, and which are bound; of one that is not good none is."""
        for name, lot in self.lots.items():
            assert lot["serials"] == len(self.lot_serials.get(name, []))
        bound: dict[str, dict[str, str]] = defaultdict(dict)
        for name, one in self.serials.items():
            is_bound = one["account"] == "sellable" and one["reservation"] is not None
            if is_bound and one["lot"] is not None:
                assert self.is_good(one["lot"])
                bound[one["lot"]][name] = f"{one['warehouse']}/{one['reservation']}"
        assert self.lot_bound == bound

    def nameless(self, warehouse: str, account: str) -> int:
        """Units in an account without a serial; below zero where more serials than units are."""
        return self.on_site(warehouse)[account] - self.serial_counts.get(warehouse, {}).get(
            account, 0
        )

    def on_site(self, warehouse: str) -> dict[str, int]:
        """Units by account, of all lots and of none that is known."""
        sums = dict.fromkeys(ACCOUNTS, 0)
        found = [one for (place, _), one in self.lying.items() if place == warehouse]
        for counts in [*found, self.unassigned.get(warehouse, {})]:
            for account in ACCOUNTS:
                sums[account] += counts.get(account, 0)
        return sums
