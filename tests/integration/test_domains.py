"""All domains, each process killed amid its work: what is owned is valued and placed."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from agents.finance.agent import FinanceActor
from agents.locations.agent import LocationsActor
from schemas.domains import FINANCE, LOCATIONS, STOCK
from tables.finance import VALUATION_KIND, VALUATIONS
from tables.locations import ITEMS, PLACES
from tables.stock import BALANCES_KIND, STOCK_KIND, decode_balances, decode_row
from tests.integration.commands import command, receive
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.processes import Worker, until
from tests.integration.refolding import assert_refolds

KILLED = ("worker-1", "finance-1", "policies-1", "locations-1")
SKUS, ROUNDS, PART = 20, 12, 200
BIN = "A-1"
STOCKED = 200  # of each SKU in each warehouse: more than is shipped and put away
COST = 125  # minor units for each piece
VALUED_S = 90.0


def test_kills_of_every_process_lose_no_unit_and_no_cent(install: Install) -> None:
    installation = install(2, domains=(STOCK, FINANCE, LOCATIONS))
    parts = {
        "worker-1": installation.process("worker-1"),
        "finance-1": installation.process("finance-1", "--domain", FINANCE),
        "locations-1": installation.process("locations-1", "--domain", LOCATIONS),
        "policies-1": installation.process("policies-1", "--policies"),
    }
    for part in parts.values():
        part.start()
    installation.serve(parts["worker-1"])
    rng = random.Random(5)
    places = [installation.warehouse_of(0), installation.warehouse_of(1)]
    for place in places:
        shelf = command("CreateLocation", place, location=BIN, kind="bin")
        installation.put_to(LOCATIONS, shelf)
        installation.send([receive(place, f"S{sku}", STOCKED) for sku in range(SKUS)])
    until("locations are told", VALUED_S, lambda: len(_known(installation)) == 2 * SKUS)
    put_away = 0
    for number in range(ROUNDS):
        installation.send(_traffic(rng, places, number))
        for _ in range(PART // 4):
            where = {"sku": f"S{rng.randrange(SKUS)}", "location": BIN, "quantity": 1}
            put = command("PutAway", rng.choice(places), lines=[where])
            installation.put_to(LOCATIONS, put)
            put_away += 1
        killed = parts[KILLED[number % len(KILLED)]]
        killed.kill()
        killed.start()
    installation.drain()
    installation.flush()
    owned = _owned(installation)
    until("all is valued", VALUED_S, lambda: _valued(installation) == owned)

    events = installation.all_events(FINANCE)
    assert not [one for one in events if one["type"] == "CommandRejected"]
    assert max(Counter(one["command_id"] for one in events).values()) == 1
    for event in events:
        assert sum(line["amount"] for line in event["journal"]) == 0
    told = {event["cause"] for event in events if event["type"] == "ValueMoved"}
    moved = {one["id"] for one in installation.all_events() if one["type"] in _MOVING}
    assert told == moved
    _assert_places(installation, put_away)
    _assert_costs(installation, parts["finance-1"], owned)
    assert assert_refolds(installation, FINANCE, FinanceActor()) > len(told)
    assert assert_refolds(installation, LOCATIONS, LocationsActor()) > put_away


_MOVING = ("StockReceived", "StockShipped", "StockAdjusted", "TransferReceived", "TransferSettled")


def _traffic(rng: random.Random, places: list[str], number: int) -> list[dict[str, Any]]:
    """Receipts, shipments, corrections, and transfers, which arrive in the next round."""
    sent = []
    for index in range(PART):
        place, sku = rng.choice(places), f"S{rng.randrange(SKUS)}"
        lines = [{"sku": sku, "quantity": rng.randint(1, 5)}]
        kind = rng.random()
        if kind < 0.5:
            sent.append(receive(place, sku, rng.randint(1, 9)))
        elif kind < 0.9:
            sent.append(command("ShipStock", place, lines=lines))
        else:
            delta = [{"sku": sku, "delta": rng.choice((-2, -1, 1, 3))}]
            sent.append(command("AdjustStock", place, lines=delta, reason="looked"))
        if index == 0:
            other = places[1 - places.index(place)]
            lines = [{"sku": sku, "quantity": 5}]
            sent += [receive(place, sku, 5)]
            sent += [command("DispatchTransfer", place, transfer=f"T{number}",
                             to_warehouse=other, lines=lines)]  # fmt: skip
        if index == PART - 1 and number:
            for here, there in (places, places[::-1]):
                sent.append(command("ReceiveTransfer", there, transfer=f"T{number - 1}",
                                    from_warehouse=here, lines=lines))  # fmt: skip
    return sent


def _owned(installation: Installation) -> dict[tuple[str, str], int]:
    """By (warehouse, SKU) what stock's accounts have that is owned."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for key, value in installation.rows().items():
        kind, warehouse, sku = key.split(b"\0", 2)
        place = warehouse.decode(), sku.decode()
        if kind == STOCK_KIND:
            found[place] += decode_row(value).on_hand
        elif kind == BALANCES_KIND:
            found[place] += decode_balances(value).in_transit
    return {place: units for place, units in found.items() if units}


def _known(installation: Installation) -> dict[tuple[str, str], int]:
    """By (warehouse, SKU) what locations know to be on site."""
    items = _of_kind(installation, LOCATIONS, b"S")
    found = {place: ITEMS.decode(value) for place, value in items.items()}
    units = {place: item.unplaced + item.placed for place, item in found.items()}
    return {place: here for place, here in units.items() if here}


def _lying(installation: Installation) -> dict[tuple[str, str], int]:
    """By (warehouse, SKU) what lies in locations."""
    rows = _of_kind(installation, LOCATIONS, b"P")
    return {
        place: sum(one.units for one in PLACES.decode(value).values())
        for place, value in rows.items()
    }


def _assert_places(installation: Installation, put_away: int) -> None:
    """What locations know of is what stock has on site; each unit put away lies there once."""
    here = {
        place: decode_row(value).on_hand
        for place, value in _of_kind(installation, STOCK, STOCK_KIND).items()
        if decode_row(value).on_hand
    }
    until("all is placed", VALUED_S, lambda: _known(installation) == here)
    until("each is put away", VALUED_S, lambda: sum(_lying(installation).values()) >= put_away)
    lying = _lying(installation)
    assert sum(lying.values()) == put_away
    items = _of_kind(installation, LOCATIONS, b"S")
    placed = {place: ITEMS.decode(value).placed for place, value in items.items()}
    assert lying == {place: units for place, units in placed.items() if units}
    told = Counter(one["command_id"] for one in installation.all_events(LOCATIONS))
    assert max(told.values()) == 1


def _of_kind(
    installation: Installation, domain: str, wanted: bytes
) -> dict[tuple[str, str], bytes]:
    """The rows of a kind, by warehouse and name."""
    found = {}
    for key, value in installation.rows(domain).items():
        kind, warehouse, name = key.split(b"\0", 2)
        if kind == wanted:
            found[warehouse.decode(), name.decode()] = value
    return found


def _rows(installation: Installation) -> Mapping[tuple[str, str], Any]:
    rows = _of_kind(installation, FINANCE, VALUATION_KIND)
    return {place: VALUATIONS.decode(value) for place, value in rows.items()}


def _valued(installation: Installation) -> dict[tuple[str, str], int]:
    return {place: row.quantity for place, row in _rows(installation).items() if row.quantity}


def _assert_costs(
    installation: Installation,
    finance: Worker,
    owned: dict[tuple[str, str], int],
) -> None:
    """Every receipt is told its cost; then what is there and what has gone add up to it."""
    receipts = [one for one in installation.all_events() if one["type"] == "StockReceived"]
    posts = [
        command("PostCost", one["warehouse"], receipt=one["id"], currency="GBP",
                lines=[{"sku": line["sku"], "amount": COST * line["quantity"]}
                       for line in one["lines"]])
        for one in receipts
    ]  # fmt: skip
    for number, post in enumerate(posts):
        installation.put_to(FINANCE, post)
        if number == len(posts) // 2:
            installation.flush()
            finance.kill()
            finance.start()
    installation.flush()

    def costs() -> list[dict[str, Any]]:
        sent = {post["id"] for post in posts}
        return [one for one in installation.all_events(FINANCE) if one["command_id"] in sent]

    until("all costs are booked", VALUED_S, lambda: len(costs()) == len(posts))
    assert {one["type"] for one in costs()} == {"CostAdjusted"}
    paid = sum(COST * line["quantity"] for one in receipts for line in one["lines"])
    until("transfers are clear", VALUED_S, lambda: _ledger(installation)["transfer_clearing"] == 0)
    ledger = _ledger(installation)
    assert ledger["goods_received_not_invoiced"] == -paid
    assert sum(ledger.values()) == 0
    rows = _rows(installation)
    assert ledger["inventory"] == sum(row.value for row in rows.values())
    assert {place: row.quantity for place, row in rows.items() if row.quantity} == owned


def _ledger(installation: Installation) -> Counter[str]:
    ledger: Counter[str] = Counter()
    for event in installation.all_events(FINANCE):
        for line in event.get("journal", ()):
            ledger[line["account"]] += line["amount"]
    return ledger
