"""An oracle of serials in plain dictionaries: follows each by the events, and what they may say.

It shares nothing with the actor. A serial begins once, goes on from where it was, is promised to
one reservation at a time, and is let go by what it was promised for or by who says so.
"""

from typing import Any, NamedTuple

ON_SITE = ("sellable", "quality_hold", "damaged", "expired", "recalled", "staged")
Event = dict[str, Any]


class Place(NamedTuple):
    """Where a serial is, and for whom."""

    warehouse: str
    account: str
    reservation: str | None

    @property
    def owner(self) -> tuple[str, str] | None:
        """Who is to get it."""
        is_promised = self.reservation is not None and self.account in ON_SITE
        return (self.warehouse, str(self.reservation)) if is_promised else None


class SerialLedger:
    """One SKU's serials, as its events tell of them."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.lots: dict[str, str | None] = {}

    def take(self, event: Event) -> None:
        """Take an event, and fail where it did what it may not."""
        lines = event.get("serials", [])
        names = [line["serial"] for line in lines]
        assert len(names) == len(set(names)), "an event says one place of each"
        before = dict(self.places)
        for line in lines:
            self._take(event, line)
        if event["type"] == "SerialsSwapped":
            one, other = names
            assert (self.places[one], self.places[other]) == (before[other], before[one])

    def _take(self, event: Event, line: Event) -> None:
        name, kind = line["serial"], event["type"]
        now = Place(line["warehouse"], line["to_account"], line.get("reservation"))
        if "from_account" not in line:
            assert kind == "SerialsRegistered"
            assert name not in self.places, "it begins once"
            assert now.owner is None
            self.lots[name] = line.get("lot")
        else:
            assert line.get("lot") == self.lots[name], "it is of one lot for ever"
            self._go_on(event, self.places[name], now, line["from_account"])
        self.places[name] = now

    def _go_on(self, event: Event, was: Place, now: Place, source: str) -> None:
        kind = event["type"]
        assert was.account == source, "it goes on from where it was"
        if kind == "SerialsSwapped":
            return
        if source in ON_SITE:
            assert was.warehouse == now.warehouse, "nothing leaps"
        elif now.account not in ON_SITE:
            assert source == "in_transit", "what is gone is gone until it is back"
        assert source != "scrap"
        if kind == "SerialsBound":
            assert was.owner is None, "it is promised to one at a time"
            assert now.owner == (event["warehouse"], event["reservation"])
        elif now.owner is not None:
            assert now.owner == was.owner, "nobody gets it by the way"
        if was.owner is not None and now.account not in ON_SITE:
            assert (now.account, now.reservation) == ("customer", was.reservation)
        if kind == "StockChangeRecorded":
            assert was.owner is not None, "only what is bound goes along"
            assert was.owner == (event["warehouse"], event["reservation"])
        if kind in ("LotHeld", "LotRecalled", "LotExpired"):
            assert (was.account, now) == ("sellable", was._replace(reservation=None))
