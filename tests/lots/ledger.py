"""An oracle in plain dictionaries: folds the events of lots, and says what each may have done.

It shares nothing with the actor: what is bound must be of the first lot that ends, of those that
are good for long enough and have free units at that moment; and nothing that is free and good is
left while somebody who has just been promised units has none.
"""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

ON_SITE = ("sellable", "quality_hold", "damaged", "expired", "recalled", "staged")
DAY_S = 86_400
Lot = str | None
Event = dict[str, Any]


class Ledger:
    """One SKU's lots, as its events tell of them."""

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}
        self.bad: defaultdict[str, set[str]] = defaultdict(set)
        self.came: dict[str, int] = {}  # in the order of their first receipt
        self.units: Counter[tuple[str, Lot, str]] = Counter()
        self.bound: Counter[tuple[str, str, str]] = Counter()  # (warehouse, reservation, lot)
        self.days: dict[tuple[str, str], int] = {}
        self.unbound: Counter[tuple[str, str]] = Counter()
        self.bindings = 0
        self.now = 0.0

    def take(self, event: Event) -> None:
        """Take an event, and fail where it did what it may not."""
        self.now = seconds(event["recorded_at"])
        kind, before = event["type"], self.bad_lots()
        if kind == "LotRegistered":
            self._registered(event)
        elif kind in ("LotHeld", "LotRecalled", "LotExpired"):
            self.bad[event["lot"]].add(kind)
        elif kind == "LotReleased":
            self.bad[event["lot"]].discard("LotHeld")
        elif kind == "ShelfLifeRequired":
            self.days[event["warehouse"], event["reservation"]] = event["days"]
        for one in event.get("unbound", []):
            self._unbind(one)
        if event.get("released"):
            self.unbound[event["warehouse"], event["reservation"]] = 0
        self._move(event)
        for one in event.get("promised", []):
            self.unbound[event["warehouse"], one["reservation"]] += one["quantity"]
        for one in event.get("assigned", []):
            self._assign(one)
        self._bind(event)
        assert not self.bad_lots() & {lot for (_, _, lot), held in self.bound.items() if held}
        assert kind != "LotReleased" or before - self.bad_lots() <= {event["lot"]}

    def _registered(self, event: Event) -> None:
        ends = [seconds(event[name]) for name in ("expires_at", "best_before") if name in event]
        self.ends[event["lot"]] = min(ends, default=float("inf"))
        if event.get("is_expired"):
            self.bad[event["lot"]].add("LotExpired")

    def bad_lots(self) -> set[str]:
        return {lot for lot, why in self.bad.items() if why}

    def _unbind(self, one: Event) -> None:
        assert "to_lot" not in one
        self.bound[one["warehouse"], one["reservation"], one["from_lot"]] -= one["quantity"]
        assert self.bound[one["warehouse"], one["reservation"], one["from_lot"]] >= 0
        self.unbound[one["warehouse"], one["reservation"]] += one["quantity"]

    def _move(self, event: Event) -> None:
        for one in event.get("units", []):
            place, lot, units = one["warehouse"], one.get("lot"), one["quantity"]
            assert units > 0
            if one["from_account"] in ON_SITE:
                self.units[place, lot, one["from_account"]] -= units
                assert lot is None or self.units[place, lot, one["from_account"]] >= 0
            if one["to_account"] in ON_SITE:
                self.units[place, lot, one["to_account"]] += units
                self._came(lot)
            if "reservation" in one:
                self._follow(one, place, one["reservation"], lot)

    def _came(self, lot: Lot) -> None:
        if lot is not None:
            self.came.setdefault(lot, len(self.came))

    def _follow(self, one: Event, place: str, name: str, lot: Lot) -> None:
        back = one["to_account"] == "sellable"
        if one.get("bound"):
            assert lot is not None
            self.bound[place, name, lot] += one["quantity"] if back else -one["quantity"]
            assert self.bound[place, name, lot] >= 0
        elif back:
            self.unbound[place, name] += one["quantity"]
        elif one["from_account"] == "sellable":
            left = self.unbound[place, name] - one["quantity"]
            self.unbound[place, name] = max(0, left)

    def _assign(self, one: Event) -> None:
        place, source, account = one["warehouse"], one.get("from_lot"), one["account"]
        self.units[place, source, account] -= one["quantity"]
        assert self.units[place, source, account] >= 0
        self.units[place, one["lot"], account] += one["quantity"]
        self._came(one["lot"])

    def free(self, place: str, lot: str) -> int:
        held = sum(units for (at, _, one), units in self.bound.items() if (at, one) == (place, lot))
        return self.units[place, lot, "sellable"] - held

    def _rank(self, lot: str) -> tuple[float, int, str]:
        return self.ends[lot], self.came[lot], lot

    def _good_for(self, place: str, name: str) -> list[str]:
        """Lots with free units that the reservation may get, the first that ends first."""
        days = self.days.get((place, name), 0)
        good = set(self.came) - self.bad_lots()
        alive = [lot for lot in good if self.ends[lot] - self.now >= days * DAY_S]
        return sorted((lot for lot in alive if self.free(place, lot) > 0), key=self._rank)

    def _bind(self, event: Event) -> None:
        lines = event.get("bound", [])
        chosen = event["type"] in ("LotRebound", "SerialsBound", "SerialsSwapped")  # by who picks
        for one in lines:
            place, name, units = one["warehouse"], one["reservation"], one["quantity"]
            assert one["to_lot"] in self._good_for(place, name)
            assert units <= self.free(place, one["to_lot"])
            if not chosen:
                assert one["to_lot"] == self._good_for(place, name)[0], "first ended, first out"
                self.bindings += 1
            self.bound[place, name, one["to_lot"]] += units
            if "from_lot" in one:
                self.bound[place, name, one["from_lot"]] -= units
                assert self.bound[place, name, one["from_lot"]] >= 0
            else:
                self.unbound[place, name] -= units
                assert self.unbound[place, name] >= 0
        asked = {
            (str(event.get("warehouse")), one["reservation"]) for one in event.get("promised", [])
        }
        asked |= {(one["warehouse"], one["reservation"]) for one in event.get("unbound", [])}
        for place, name in asked:
            assert not self.unbound[place, name] or not self._good_for(place, name)


def seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()
