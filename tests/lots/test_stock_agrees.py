"""Stock and lots in any order of delivery: lots say what stock has, and first ended is bound."""

import json
from collections import Counter

from hypothesis import given

from tests.examples import EXAMPLES
from tests.lots.books import ACCOUNTS, Books
from tests.lots.both import WAREHOUSES, Both
from tests.lots.histories import LENGTH_MAX, numbers, run
from tests.lots.ledger import Ledger
from tests.lots.serial_ledger import Place, SerialLedger
from tests.stock.tables_of import Tables

Numbers = tuple[int, int]


class Watch:
    """Looks at every event of lots by the oracle, and at the rows after it."""

    def __init__(self) -> None:
        self.ledgers: dict[str, Ledger] = {}
        self._seen = 0

    def __call__(self, both: Both) -> None:
        for event in map(json.loads, both.depot.events[self._seen :]):
            ledger = self.ledgers.setdefault(event["sku"], Ledger())
            if event["type"] != "CommandRejected":
                ledger.take(event)
        self._seen = len(both.depot.events)
        both.check()
        for sku, ledger in self.ledgers.items():
            self._compare(both, sku, ledger)

    def _compare(self, both: Both, sku: str, ledger: Ledger) -> None:
        books = both.depot.books(sku)
        for (place, lot), counts in books.lying.items():
            for account in ("sellable", "quality_hold", "damaged", "expired", "recalled", "staged"):
                assert counts[account] == ledger.units[place, lot, account]
        bound = {
            (place, name, lot): units
            for (place, name), claim in books.claims.items()
            for lot, units in claim["bound"].items()
        }
        assert bound == {key: units for key, units in ledger.bound.items() if units}
        assert {lot for lot in books.lots if not books.is_good(lot)} == ledger.bad_lots()


class SerialWatch:
    """Looks at every event by the oracle of serials, and counts them against units."""

    def __init__(self) -> None:
        self.ledgers: dict[str, SerialLedger] = {}
        self._seen = 0
        self._lacking: dict[str, Counter[tuple[str, str]]] = {}

    def __call__(self, both: Both) -> None:
        events = [json.loads(event) for event in both.depot.events[self._seen :]]
        self._seen = len(both.depot.events)
        for event in events:
            if event["type"] != "CommandRejected":
                self.ledgers.setdefault(event["sku"], SerialLedger()).take(event)
        for sku in {event["sku"] for event in events}:
            books = both.depot.books(sku)
            found = {name: _place(one) for name, one in books.serials.items()}
            assert found == self.ledgers.get(sku, SerialLedger()).places
            lacking = _lacking(books)
            if events[-1]["type"].startswith("Serials"):
                before = self._lacking.get(sku, Counter())
                assert all(lacking[place] <= before[place] for place in lacking), events
            self._lacking[sku] = lacking


def _place(row: dict[str, str | None]) -> Place:
    return Place(str(row["warehouse"]), str(row["account"]), row["reservation"])


def _lacking(books: Books) -> Counter[tuple[str, str]]:
    """By how much serials are more than units: of accounts, and of what is picked for whom.

    What was sold before it was there has no serial, and none lacks a unit by that.
    """
    lacking = Counter(
        {
            (warehouse, account): min(
                -books.nameless(warehouse, account),
                books.serial_counts.get(warehouse, {}).get(account, 0),
            )
            for warehouse in WAREHOUSES
            for account in ACCOUNTS
            if account != "staged"
        }
    )
    for place, bound in books.bound_serials.items():
        picked = sum(books.claims[place]["staged"].values())
        lacking[place] = sum(one == "staged" for one in bound.values()) - picked
    return +lacking


@EXAMPLES
@given(numbers)
def test_lots_have_what_stock_has_and_bind_what_ends_first_in_any_order(of: Numbers) -> None:
    watch, serials = Watch(), SerialWatch()

    def look(both: Both) -> None:
        watch(both)
        serials(both)

    run(*of, check=look)


@EXAMPLES
@given(numbers)
def test_when_all_is_told_nothing_bad_is_for_sale_but_what_stock_has_promised(
    of: Numbers,
) -> None:
    both = run(*of)

    both.deliver_all()

    both.check()
    for sku in ("A", "B"):
        books = both.depot.books(sku)
        assert not books.asks
        for (place, lot), counts in books.lying.items():
            assert counts["asked"] == counts["arriving"] == counts["returning"] == 0
            if not books.is_good(lot) and counts["sellable"]:
                assert ("q", f"{place}/{lot}") in books.timed, "it is asked for again"
        closed = [name for name, found in books.transits.items() if _is_closed(both, sku, name)]
        assert closed == [], "a transfer that is over leaves nothing"


def _is_closed(both: Both, sku: str, name: tuple[str, str]) -> bool:
    """Whether a transfer has come to its end, of a SKU that has had lots from the first.

    What was under way when the first was registered is known by half.
    """
    first = next(one for one in map(json.loads, both.depot.events) if one["sku"] == sku)
    return first["type"] == "LotRegistered" and all(
        Tables(shop.rows).outgoing.get(name, {"state": "closed"})["state"] != "open"
        for shop in both.shops.values()
    )


def test_the_histories_tell_of_all_that_can_happen() -> None:
    seen: Counter[str] = Counter()
    for seed in range(200):
        for event in map(json.loads, run(seed, LENGTH_MAX).depot.events):
            is_refused = event["type"] == "CommandRejected"
            seen[event["code"] if is_refused else event["type"]] += 1

    rare = {code for code, count in seen.items() if count < 10}
    assert (len(seen), rare) == (17 + 20, set())
