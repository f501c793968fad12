"""What holds in any history, each by its name; STOCKYARD_EXAMPLES=100000 looks further by night."""

import json
from collections import defaultdict
from random import Random
from typing import Any

from hypothesis import given
from msgspec import msgpack

from tests.examples import EXAMPLES
from tests.stock.bytes_of import Shop
from tests.stock.engine_of import decided, recorded, sent_again, stormed, used_otherwise
from tests.stock.folding import fold
from tests.stock.histories import numbers, replayed, run
from tests.stock.tables_of import FINAL, Tables

Numbers = tuple[int, int]


@EXAMPLES
@given(numbers)
def test_no_unit_appears_or_is_lost(of: Numbers) -> None:
    def check(_: Shop, tables: Tables) -> None:
        tables.check_conserved()
        tables.check_one_place()

    run(*of, check)


@EXAMPLES
@given(numbers)
def test_no_account_has_less_than_nothing(of: Numbers) -> None:
    run(*of, lambda _, tables: tables.check_not_negative())


@EXAMPLES
@given(numbers)
def test_what_is_promised_is_there(of: Numbers) -> None:
    run(*of, lambda _, tables: tables.check_promised_is_there())


@EXAMPLES
@given(numbers)
def test_reserved_is_what_promises_hold_and_staged_what_they_picked(of: Numbers) -> None:
    def check(_: Shop, tables: Tables) -> None:
        tables.check_reserved()
        tables.check_staged()

    run(*of, check)


@EXAMPLES
@given(numbers)
def test_a_promise_ends_once(of: Numbers) -> None:
    ended: dict[tuple[str, str], Any] = {}

    def check(_: Shop, tables: Tables) -> None:
        nonlocal ended
        promises = tables.promises
        for place, promise in ended.items():
            assert promises.get(place, promise) == promise, "what is final stays as it is"
        ended = {place: one for place, one in promises.items() if one["state"] in FINAL}

    run(*of, check)


class Life:
    """What the events tell of one promise: where it stands, and how much is not shipped yet."""

    def __init__(self) -> None:
        self.state = "unused"
        self.left = 0
        self.missing = 0

    def take(self, kind: str, event: dict[str, Any]) -> None:
        """An event may follow on some only."""
        before, after = {
            "StockReserved": (("unused", "ended", "expired"), "open"),
            "ReservationSuperseded": (("unused", "ended", "expired"), "open"),
            "ReservationExtended": (("open",), "open"),
            "ReservationExpired": (("open",), "expired"),
            "ReservationConfirmed": (("open", "expired"), "confirmed"),
            "StockBackordered": (("unused", "ended", "expired"), "confirmed"),
            "ReservationReleased": (_promised(event), "ended"),
            "StockShipped": (_promised(event)[:1], "ended"),
        }.get(kind, (("confirmed",), "confirmed"))
        assert self.state in before, (self.state, event)
        quantity = sum(line["quantity"] for line in event["lines"])
        if self.state in ("unused", "ended", "expired") and kind != "ReservationConfirmed":
            self.left = quantity
        if kind == "StockBackordered":
            self.missing = sum(line.get("missing", 0) for line in event["lines"])
            after = "waiting" if self.missing else after
        if kind == "PackedShipped":
            self.left -= quantity
        self.state = after if self.left else "ended"

    def fill(self, quantity: int) -> None:
        """What it waited for has come."""
        assert self.state == "waiting"
        assert 0 < quantity <= self.missing
        self.missing -= quantity
        self.state = "waiting" if self.missing else "confirmed"


def _promised(event: dict[str, Any]) -> tuple[str, ...]:
    return ("confirmed", "waiting") if event.get("confirmed") else ("open",)


@EXAMPLES
@given(numbers)
def test_the_events_of_a_promise_follow_on_each_other_to_one_end(of: Numbers) -> None:
    lives: defaultdict[tuple[str, str], Life] = defaultdict(Life)

    for event in map(json.loads, replayed(run(*of)).events):
        kind, warehouse = event["type"], event["warehouse"]
        if "reservation" in event:
            lives[warehouse, event["reservation"]].take(kind, event)
        for one in event.get("filled", ()):
            lives[warehouse, one["reservation"]].fill(one["quantity"])
        if "replaces" in event:
            old = lives[warehouse, event["replaces"]]
            assert old.state == "open", event
            old.state = "ended"


@EXAMPLES
@given(numbers)
def test_the_log_of_commands_gives_the_same_bytes_again(of: Numbers) -> None:
    entries = run(*of)

    first, second = replayed(entries), replayed(entries)

    assert first.events == second.events
    assert first.rows == second.rows


@EXAMPLES
@given(numbers)
def test_the_events_alone_give_the_same_tables(of: Numbers) -> None:
    shop = replayed(run(*of))

    folded = fold(shop.events)

    assert {key for key in shop.rows if key[:1] in b"SBPQKU"} == {
        key for key in folded if key[:1] in b"SBPQKU"
    }
    for key, value in shop.rows.items():  # without when it is due, of which events say nothing
        assert folded[key] == (value[8:] if key[:1] in b"rc" else value)


@EXAMPLES
@given(numbers)
def test_the_same_key_has_the_same_reply(of: Numbers) -> None:
    records, random = recorded(of), Random(of[0])

    plain, stormy = decided(records), decided(stormed(records, random, sent_again))

    assert [_told(event) for event in stormy.events] == [_told(event) for event in plain.events]
    assert stormy.rows == plain.rows
    ids = [json.loads(event).get("command_id") for event in stormy.events]
    assert all(one is None or ids.count(one) == 1 for one in ids), "one outcome for each"


@EXAMPLES
@given(numbers)
def test_the_same_key_with_another_payload_is_refused_and_does_nothing(of: Numbers) -> None:
    records, random = recorded(of), Random(of[0])

    plain, stormy = decided(records), decided(stormed(records, random, used_otherwise))

    kept = [event for event in stormy.events if b"IDEMPOTENCY_KEY_REUSED" not in event]
    assert [_told(event, "id", "seq") for event in kept] == [
        _told(event, "id", "seq") for event in plain.events
    ]
    assert _unnumbered(stormy.rows) == _unnumbered(plain.rows)


@EXAMPLES
@given(numbers)
def test_seq_has_no_gap_and_a_lost_store_comes_back_the_same(of: Numbers) -> None:
    records = recorded(of)
    whole, cut = decided(records), decided(records, Random(of[0]))

    assert [json.loads(event)["seq"] for event in cut.events] == [*range(1, len(cut.events) + 1)]
    assert cut.events == whole.events
    assert cut.rows == whole.rows


def _unnumbered(rows: dict[bytes, bytes]) -> dict[bytes, Any]:
    """The rows, of queues without the seq of whoever waits: refusals have one too."""
    return {key: _places(value) if key[:1] == b"Q" else value for key, value in rows.items()}


def _places(queue: bytes) -> list[list[Any]]:
    return [[*one[:4], *one[5:]] for one in msgpack.decode(queue)]


def _told(event: bytes, *without: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(event)
    return {name: one for name, one in told.items() if name not in ("source", *without)}
