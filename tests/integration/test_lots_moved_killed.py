"""Lots that go between two warehouses, each process killed: none is lost, none recalled bound.

Some of their units have serials, each of which is in one place.
"""

from collections import Counter
from random import Random
from typing import Any

from agents.lots.agent import LotsActor
from schemas.domains import LOTS, STOCK
from tables.stock import BALANCES_KIND, STOCK_KIND, decode_balances, decode_row
from tests.integration.commands import command, receive
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.kills import amid, started
from tests.integration.processes import until
from tests.integration.refolding import assert_refolds
from tests.lots.books import ACCOUNTS, Books

SKUS = ("S0", "S1", "S2")
ENDS = {"soon": "2098-01-01T00:00:00Z", "late": "2099-01-01T00:00:00Z", "never": None}
STOCKED, RECEIVED, RECALLED = 60, 15, "soon"
SERIALS, KEPT = 5, "kept"  # of each lot and warehouse; a reservation that stays
ROUNDS, PER_ROUND = 9, 12
TOLD_S = 180.0

OnSite = dict[tuple[str, str], dict[str, int]]
"""(warehouse, SKU) -> units by account."""


def test_kills_of_every_process_lose_no_unit_of_a_lot_and_sell_none_that_is_recalled(
    install: Install,
) -> None:
    installation = install(2, domains=(STOCK, LOTS))
    parts = started(installation, LOTS)
    rng = Random(8)
    places = [installation.warehouse_of(0), installation.warehouse_of(1)]
    _stock_up(installation, places)

    def send(number: int) -> None:
        for index in range(PER_ROUND):
            _traffic(installation, rng, places, f"{number}-{index}")
            _scan(installation, rng, places, f"{number}-{index}")
        if number == ROUNDS // 2:
            for sku in SKUS:
                wish = _of_lots("RecallLot", f"recall-{sku}", sku, lot=RECALLED, reason="glass")
                installation.put_to(LOTS, wish)
        installation.flush()

    amid(parts, ROUNDS, rng, send)
    installation.drain()
    until("lots are told of all", TOLD_S, lambda: _by_lot(installation) == _on_hand(installation))
    until("nothing is asked any more", TOLD_S, lambda: not _asked(installation))

    events = installation.all_events(LOTS)
    ids = Counter((one["sku"], one["command_id"]) for one in events if "command_id" in one)
    kinds = Counter(one.get("code") or one["type"] for one in events)
    assert max(ids.values()) == 1
    assert not [one for one in events if one.get("code") == "INTERNAL"]
    assert sum(len(one.get("bound", [])) for one in events) > ROUNDS, kinds
    assert kinds.keys() >= {"SerialsBound", "SerialsMoved", "SerialsSwapped"}, kinds
    for sku in SKUS:
        books = Books(installation.rows(LOTS), sku)
        books.check()
        assert books.traces, "something of a lot has left"
        assert len(books.serials) == SERIALS * len(ENDS) * len(places)
        assert {one["account"] for one in books.serials.values()} >= {"sellable", "customer"}
        for (_, lot), lying in books.lying.items():
            assert lot != RECALLED or lying["bound"] == 0
    assert _by_lot(installation) == _on_hand(installation)
    assert assert_refolds(installation, LOTS, LotsActor()) == len(events)


def _stock_up(installation: Installation, places: list[str]) -> None:
    """All lots of all SKUs in both warehouses, and some units of which the lot is not known."""
    for place in places:
        installation.send([receive(place, sku, STOCKED) for sku in SKUS])
        lines = [{"sku": sku, "quantity": len(ENDS) * SERIALS} for sku in SKUS]
        kept = {"lines": lines, "ttl_seconds": 3_600}
        installation.put_to(STOCK, command("ReserveStock", place, reservation=KEPT, **kept))
    for sku in SKUS:
        for lot, end in ENDS.items():
            ends = {} if end is None else {"expires_at": end}
            installation.put_to(LOTS, _of_lots("RegisterLot", f"{sku}-{lot}", sku, lot=lot, **ends))
            for place in places:
                named = {"lot": lot, "warehouse": place, "quantity": RECEIVED}
                name = f"{sku}-{lot}-{place}"
                installation.put_to(LOTS, _of_lots("ReceiveLot", name, sku, **named))
    installation.flush()
    there = STOCKED + len(ENDS) * RECEIVED
    wanted = {(place, sku): _nothing() | {"sellable": there} for place in places for sku in SKUS}
    until("all lots have come", TOLD_S, lambda: _by_lot(installation) == wanted)
    _name_some(installation, places)


def _name_some(installation: Installation, places: list[str]) -> None:
    """Some units of each lot have serials, and there is a reservation that waits for as many."""
    for place in places:
        installation.put_to(STOCK, command("ConfirmReservation", place, reservation=KEPT))
        for sku in SKUS:
            for lot in ENDS:
                serials = [{"serial": name} for name in _serials_of(lot, place)]
                named = {"lot": lot, "warehouse": place, "serials": serials}
                wish = _of_lots("RegisterSerials", f"{sku}-{lot}-{place}", sku, **named)
                installation.put_to(LOTS, wish)
    installation.flush()
    kept = {(place, KEPT) for place in places}
    until(
        "it is known what is kept",
        TOLD_S,
        lambda: all(kept <= Books(installation.rows(LOTS), sku).claims.keys() for sku in SKUS),
    )


def _serials_of(lot: str, place: str) -> list[str]:
    return [f"{lot}-{place}-{number}" for number in range(SERIALS)]


def _scan(installation: Installation, rng: Random, places: list[str], name: str) -> None:
    """A unit is bound, sold, sent to the other warehouse, or turns out to be another."""
    place, sku, lots = rng.choice(places), rng.choice(SKUS), list(ENDS)
    one, other = (rng.choice(_serials_of(rng.choice(lots), place)) for _ in range(2))
    kind = rng.choice(("BindSerials", "UnbindSerials", "MoveSerials", "MoveSerials", "SwapSerials"))
    fields: dict[str, Any] = {"warehouse": place, "serials": [{"serial": one}]}
    if kind == "SwapSerials":
        fields = {"serial": one, "other": other}
    elif kind == "BindSerials":
        fields["reservation"] = KEPT
    elif kind == "MoveSerials":
        target = rng.choice(("customer", "customer", "in_transit", "damaged"))
        fields |= {"from_account": "sellable", "to_account": target}
    installation.put_to(LOTS, _of_lots(kind, name, sku, **fields))


def _of_lots(kind: str, name: str, sku: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"{kind}-{name}", "sku": sku} | fields


def _traffic(installation: Installation, rng: Random, places: list[str], name: str) -> None:
    """Receipts of lots; orders that are promised, picked and shipped; transfers; plain sales."""
    place, sku, kind = rng.choice(places), rng.choice(SKUS), rng.random()
    lines = [{"sku": sku, "quantity": rng.randint(1, 6)}]
    if kind < 0.35:
        told = {"lot": rng.choice(list(ENDS)), "warehouse": place, "quantity": rng.randint(1, 9)}
        installation.put_to(LOTS, _of_lots("ReceiveLot", name, sku, **told))
    elif kind < 0.75:
        named = {"reservation": f"r-{name}"}
        steps: list[tuple[str, dict[str, Any]]] = [
            ("ReserveStock", named | {"lines": lines, "ttl_seconds": 3_600}),
            ("ConfirmReservation", named),
        ]
        if rng.random() < 0.6:
            some = named | {"lines": lines}
            steps += [("PickStock", some), ("PackStock", some), ("ShipPacked", some)]
        elif rng.random() < 0.5:
            steps.append(("ReleaseReservation", named))
        for step, fields in steps:
            installation.put_to(STOCK, command(step, place, **fields))
    elif kind < 0.9:
        other = next(one for one in places if one != place)
        sent = {"transfer": f"t-{name}", "lines": lines}
        installation.put_to(STOCK, command("DispatchTransfer", place, to_warehouse=other, **sent))
        came = sent | {"from_warehouse": place}
        installation.put_to(STOCK, command("ReceiveTransfer", other, **came))
    else:
        installation.put_to(STOCK, command("ShipStock", place, lines=lines))


def _by_lot(installation: Installation) -> OnSite:
    """What lots have on site, of all lots and of none that is known."""
    rows, found = installation.rows(LOTS), OnSite()
    for sku in SKUS:
        books = Books(rows, sku)
        for warehouse in books.unassigned:
            found[warehouse, sku] = books.on_site(warehouse)
    return found


def _on_hand(installation: Installation) -> OnSite:
    """What stock has on site."""
    found = OnSite()
    rows = installation.rows(STOCK)
    for key, value in rows.items():
        kind, warehouse, sku = key.split(b"\0", 2)
        if kind == STOCK_KIND:
            counts = found.setdefault((warehouse.decode(), sku.decode()), _nothing())
            counts["sellable"] = decode_row(value).on_hand
        elif kind == BALANCES_KIND:
            counts = found.setdefault((warehouse.decode(), sku.decode()), _nothing())
            balances = decode_balances(value)
            counts |= {account: getattr(balances, account) for account in ACCOUNTS[1:]}
    return found


def _nothing() -> dict[str, int]:
    return dict.fromkeys(ACCOUNTS, 0)


def _asked(installation: Installation) -> bool:
    """Whether stock has not answered something."""
    rows = installation.rows(LOTS)
    return any(Books(rows, sku).asks for sku in SKUS)
