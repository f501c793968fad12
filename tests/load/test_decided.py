"""What the actor decides balances in the books, which share nothing with it: any life does."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from api.examples import STORY
from cli import scenes
from cli.causes import Causes
from cli.copies import whole_copy
from cli.event_view import Event, decode_event
from cli.findings import Findings
from cli.ledger import Ledger
from cli.sums import add_up
from schemas.stock_events import EVENTS
from tests.load.lives import Life
from tests.stock.bytes_of import Shop

LIVES, STEPS = 6, 2_000
WINDOW_MS = 60_000  # ids of closed reservations are free again soon


def books_of(shop: Shop) -> Findings:
    """The sum of a shop's events against its rows, as `./stockyard books` compares them."""
    findings = Findings()
    ledger, causes = Ledger(shop.moment.partition, findings), Causes()
    for event in map(decode_event, shop.events):
        ledger.add(event)
        causes.take(event)
    causes.added(shop.moment.partition, ledger)
    causes.check(findings.transfers)
    tables = whole_copy(
        "tables", ledger.next_seq, findings.changelog, lambda kind: shop.rows.items()
    )
    tables.compare(ledger)
    add_up(shop.rows, ledger, findings)
    return findings


def differences(findings: Findings) -> list[str]:
    return [text for check in findings.all() for text in check.first]


def test_a_life_balances_whatever_is_asked() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(LIVES):
        life, shop = Life(seed), Shop(WINDOW_MS)
        under_way: list[tuple[str, bytes]] = []
        for _ in range(STEPS):
            kind, fields = life.command()
            under_way += shop.send(kind, **fields).commands
            while under_way and life.delivers():
                under_way += shop.put(under_way.pop(0)[1]).commands
            shop.pass_time(life.pause_ms())
        for _, wish in under_way:  # what comes of these brings about nothing
            assert not shop.put(wish).commands
        assert differences(books_of(shop)) == [], f"seed {seed}"
        told = [decode_event(event) for event in shop.events]
        kinds.update(event.code or event.type for event in told)
    assert {event.__name__ for event in EVENTS} - set(kinds) == {"CommandRejected"}
    assert kinds["INVALID_COMMAND"] == 0


def decided(commands: Iterable[dict[str, Any]]) -> tuple[Shop, list[Event]]:
    """A shop that decided these and what they brought about, and the outcomes."""
    shop = Shop()
    for command in commands:
        for _, wish in shop.put(json.dumps(command).encode()).commands:
            shop.put(wish)
    return shop, [decode_event(event) for event in shop.events]


def test_the_documented_story_balances() -> None:
    shop, _ = decided(STORY)
    assert differences(books_of(shop)) == []


def test_a_day_in_the_warehouse_is_accepted_and_balances() -> None:
    day = [*scenes.delivery("1"), *scenes.order("1"), *scenes.opened_count("1")]
    shop, events = decided(json.loads(one.value) for one in [*day, *scenes.counted("1", 3)])
    assert [event.type for event in events if event.code] == []
    assert {line.sku: line.delta for line in events[-1].lines} == {scenes.BIRD_ORNAMENT: 3}
    assert [event.actor for event in events[-2:]] == ["demo:counter", "demo:approver"]
    assert differences(books_of(shop)) == []


def test_a_transfer_is_accepted_and_what_it_lacks_is_the_senders_loss() -> None:
    moved = [*scenes.dispatched("1"), *scenes.arrived("1")]
    shop, events = decided(json.loads(one.value) for one in moved)
    assert [event.type for event in events] == [
        "StockReceived",
        "TransferDispatched",
        "TransferExpected",
        "TransferReceived",
        "TransferSettled",
        "TransferClosed",
        "TransferSettled",
    ]
    assert [(event.warehouse, line.short) for event in events for line in event.lines][-1] == (
        scenes.SHOP,
        scenes.SENT - scenes.ARRIVED,
    )
    assert differences(books_of(shop)) == []
