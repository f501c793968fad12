"""Lots and stock, each process killed amid its work: lots have what stock has, of each account."""

from collections import Counter
from random import Random
from typing import Any

from agents.lots.agent import LotsActor
from agents.stock.agent import StockActor
from schemas.domains import LOTS, STOCK
from tables.lots import CLAIMS, SITES
from tables.stock import BALANCES_KIND, STOCK_KIND, decode_balances, decode_row
from tests.integration.commands import command
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.kills import amid, outcomes, started
from tests.integration.processes import until
from tests.integration.refolding import WINDOW_S, assert_refolds

SKUS, NAMES = 5, ("old", "new", "bad")
ROUNDS, PER_ROUND = 9, 40
TOLD_S = 120.0
ON_SITE = ("sellable", "quality_hold", "damaged", "expired", "recalled", "staged")

Units = Counter[tuple[str, str, str]]
"""By warehouse, SKU and account."""


def test_kills_of_every_process_leave_lots_with_what_stock_has(install: Install) -> None:
    installation = install(2, domains=(STOCK, LOTS))
    parts = started(installation, LOTS)
    rng = Random(11)
    places = [installation.warehouse_of(0), installation.warehouse_of(1)]
    for sku in range(SKUS):
        for name in NAMES:
            installation.put_to(LOTS, _wish("RegisterLot", f"S{sku}", f"l-{sku}-{name}", lot=name))

    def send(number: int) -> None:
        for index in range(PER_ROUND):
            place, sku, tag = rng.choice(places), f"S{rng.randrange(SKUS)}", f"{number}-{index}"
            if rng.random() < 0.5:
                lot, units = rng.choice(NAMES), rng.randint(1, 9)
                came = _wish("ReceiveLot", sku, tag, lot=lot, warehouse=place, quantity=units)
                installation.put_to(LOTS, came)
            elif rng.random() < 0.2:
                kind = rng.choice(("HoldLot", "ReleaseLot"))
                more = {"reason": "smell"} if kind == "HoldLot" else {}
                installation.put_to(LOTS, _wish(kind, sku, tag, lot="old", **more))
            else:
                installation.send(_sold(rng, place, sku, f"r-{tag}"))
        if number == ROUNDS // 2:
            for which in range(SKUS):
                tag = f"recall-{which}"
                recall = _wish("RecallLot", f"S{which}", tag, lot="bad", reason="glass")
                installation.put_to(LOTS, recall)
        installation.flush()

    amid(parts, ROUNDS, rng, send)
    until("all is told", TOLD_S, lambda: _is_told(installation))

    assert max(outcomes(installation.all_events(STOCK)).values()) == 1
    told = installation.all_events(LOTS)
    assert (
        max(Counter((one["sku"], one.get("command_id", one["id"])) for one in told).values()) == 1
    )
    assert not [one for one in told if one.get("code") == "INTERNAL"]
    assert {one["type"] for one in told} >= {"LotReceived", "LotRecalled", "StockChangeRecorded"}
    there = _of_lots(installation)
    assert there == _of_stock(installation)
    assert sum(units for (_, _, account), units in there.items() if account == "recalled") > 0
    assert _promised(installation) == _allocated(installation)
    assert assert_refolds(installation, LOTS, LotsActor()) > ROUNDS * PER_ROUND
    assert assert_refolds(installation, STOCK, StockActor(WINDOW_S * 1_000)) > 0


def _wish(kind: str, sku: str, tag: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": tag, "sku": sku, **fields}


def _sold(rng: Random, place: str, sku: str, name: str) -> list[dict[str, Any]]:
    """Some are promised; of these some are for good, and of these some leave at once."""
    lines = [{"sku": sku, "quantity": rng.randint(1, 6)}]
    kinds = ("ReserveStock", "ConfirmReservation", "ShipReservation")
    told = [command(kind, place, reservation=name) for kind in kinds[: rng.randint(1, 3)]]
    told[0] |= {"lines": lines, "ttl_seconds": 3_600}
    return told


def _of_stock(installation: Installation) -> Units:
    found: Units = Counter()
    for key, value in installation.rows(STOCK).items():
        kind, warehouse, sku = key.split(b"\0", 2)
        place = warehouse.decode(), sku.decode()
        if kind == STOCK_KIND:
            found[(*place, "sellable")] = decode_row(value).on_hand
        elif kind == BALANCES_KIND:
            for account in ON_SITE[1:]:
                found[(*place, account)] = getattr(decode_balances(value), account)
    return +found


def _of_lots(installation: Installation) -> Units:
    found: Units = Counter()
    for key, value in installation.rows(LOTS).items():
        kind, sku, warehouse = key.split(b"\0", 2)
        if kind == b"W":
            site = SITES.decode(value)
            for lying in (site.unassigned, *site.lots.values()):
                for account in ON_SITE:
                    units = getattr(lying, account)
                    found[warehouse.decode(), sku.decode(), account] += units
    return +found


def _promised(installation: Installation) -> Counter[tuple[str, str]]:
    """By warehouse and SKU, what lots know to be promised for good."""
    found: Counter[tuple[str, str]] = Counter()
    for key, value in installation.rows(LOTS).items():
        kind, sku, name = key.split(b"\0", 2)
        if kind == b"R":
            claim = CLAIMS.decode(value)
            units = claim.unbound + sum(claim.bound.values())
            found[name.decode().partition("/")[0], sku.decode()] += units
    return +found


def _allocated(installation: Installation) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for key, value in installation.rows(STOCK).items():
        kind, warehouse, sku = key.split(b"\0", 2)
        if kind == STOCK_KIND:
            found[warehouse.decode(), sku.decode()] = decode_row(value).allocated
    return +found


def _is_told(installation: Installation) -> bool:
    """Nothing waits on either side, and both have the same."""
    if not installation.decided():
        return False
    asked = [key for key in installation.rows(LOTS) if key.startswith(b"A\0")]
    same = _of_lots(installation) == _of_stock(installation)
    return not asked and same and _promised(installation) == _allocated(installation)
