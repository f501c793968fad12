"""Commands of the domains beside stock by seed, and of stock where what they need begins there.

Drawn by the domains' own histories, which go on from what would have become of each command if all
had been decided at once and every relay had been quick. It comes otherwise, so some are refused.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

from schemas.domains import CATALOG, FINANCE, KEYS, LOCATIONS, LOTS, ORDERS, STOCK
from tests.catalog import histories as catalogs
from tests.chaos.routing import owner
from tests.hosted import START_MS as HOSTED_MS
from tests.locations import histories as sites
from tests.locations.model import Model
from tests.lots import histories as depots
from tests.lots.both import Both
from tests.lots.depot import DAY_MS
from tests.orders import histories as desks
from tests.simulation.sendings import SKUS
from tests.simulation.traffic import Wish
from tests.simulation.world import START_MS

FIRST_S, ENDS_S = 0.3, (2.0, 14.0)  # some go on when a session has ended and others take over
REPEATED, MISROUTED = 0.1, 0.08
STEPS = {ORDERS: (3, 9), LOTS: (6, 18), LOCATIONS: (4, 14), CATALOG: (6, 16), FINANCE: (4, 12)}
HOLDS_S = (1, 3, 60, 60)
YARD = "YARD"  # the warehouse that has locations
STOCKED = {"A": 20, "B": 20, "C": 20}
SEQS = 20  # receipts that are known by such numbers
OFFICES = ("W0", "W1", "L", "M", "LON-1")
PRICED = ("A", "B", *SKUS)
SECONDS = 1.0 / DAY_MS  # a day of a lot's life is a second here

Fields = dict[str, Any]
Drawn = Iterator[tuple[str, Fields]]
"""(domain, command) in the order in which somebody sends them."""


def trades(seed: int, domains: tuple[str, ...], partitions: int) -> list[Wish]:
    """What is sent in some seconds; the numbers of the wishes mean nothing yet."""
    wishes: list[Wish] = []
    for domain in domains:
        if domain in _DRAWS:
            rng = Random(f"{seed}/{domain}")
            drawn = list(_DRAWS[domain](rng, rng.randint(*STEPS[domain])))
            wishes += _timed(rng, drawn, partitions, rng.uniform(*ENDS_S))
    return wishes


def _timed(
    rng: Random, drawn: list[tuple[str, Fields]], partitions: int, end_s: float
) -> Iterator[Wish]:
    times = sorted(rng.uniform(FIRST_S, end_s) for _ in drawn)
    for at_s, (domain, command) in zip(times, drawn, strict=True):
        key: str = command[KEYS[domain]]
        partition = owner(key, partitions)
        if rng.random() < MISROUTED:
            partition = rng.randrange(partitions)
        value = json.dumps(command, separators=(",", ":")).encode()
        wish = Wish(0, round(at_s, 4), partition, key.encode(), value, (), domain)
        yield wish
        if rng.random() < REPEATED:
            yield wish


def _orders(rng: Random, steps: int) -> Drawn:
    history = desks.History(rng.getrandbits(32), meddles=True)
    sent = 0
    for _ in range(steps):
        history.next()
        world = history.world
        logs = [(STOCK, log) for log in world.logs.values()] + [(ORDERS, world.orders_log)]
        named = {
            int(command["id"].removeprefix("c-")): (domain, command)
            for domain, log in logs
            for command in map(json.loads, log.commands)
            if command["id"].startswith("c-")
        }
        for number in sorted(number for number in named if number > sent):
            domain, command = named[number]
            if "hold_s" in command:
                command["hold_s"] = rng.choice(HOLDS_S)
            yield domain, command
            sent = number


class _Recorded(Both):
    """Keeps what is sent to stock and to lots."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, Fields]] = []

    def stock(self, warehouse: str, kind: str, **fields: Any) -> Fields:
        named = {"type": kind, "id": f"s{len(self.sent)}", "warehouse": warehouse}
        self.sent.append((STOCK, named | fields))
        return super().stock(warehouse, kind, **fields)

    def lots(self, **wish: Any) -> Fields:
        self.sent.append((LOTS, {"id": f"s{len(self.sent)}", "sku": "A"} | wish))
        return super().lots(**wish)


def _lots(rng: Random, steps: int) -> Drawn:
    both = _Recorded()
    history = depots.History(rng.getrandbits(32), both)
    scale = rng.choice((1.0, SECONDS))
    for _ in range(steps):
        history.step()
    for domain, command in both.sent:
        for name in ("expires_at", "best_before"):
            if command.get(name) is not None:
                command[name] = _moved(command[name], scale)
        yield domain, command


def _moved(instant: str, scale: float) -> str:
    """An instant as far behind the start of a run as it was behind that of the history."""
    behind_ms = datetime.fromisoformat(instant).timestamp() * 1_000 - HOSTED_MS
    if scale != 1.0:
        behind_ms *= 1_000 * scale
    moment = datetime.fromtimestamp((START_MS + round(behind_ms)) / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _locations(rng: Random, steps: int) -> Drawn:
    history, model = sites.History(rng.getrandbits(32), records=False), Model()
    lines = [{"sku": sku, "quantity": units} for sku, units in STOCKED.items()]
    received = {"type": "ReceiveStock", "id": "y", "warehouse": YARD, "lines": lines}
    yield STOCK, received
    for number in range(len(sites.BUILT) + steps):
        is_first = number < len(sites.BUILT)
        wish = sites.BUILT[number] if is_first else history.next(model)
        model.take(wish)
        if wish["type"] != "RecordSiteChange":  # stock tells of those
            yield LOCATIONS, {"id": f"y{number}", "warehouse": YARD} | wish
        if rng.random() < 0.1:
            yield STOCK, _sold(rng, number)


def _sold(rng: Random, number: int) -> Fields:
    lines = [{"sku": rng.choice(list(STOCKED)), "quantity": rng.randint(1, 3)}]
    return {"type": "ShipStock", "id": f"y{number}", "warehouse": YARD, "lines": lines}


def _catalog(rng: Random, steps: int) -> Drawn:
    history = catalogs.History(rng.getrandbits(32))
    for number in range(len(catalogs.BUILT) + steps):
        is_first = number < len(catalogs.BUILT)
        wish = catalogs.BUILT[number] if is_first else history.next()
        yield CATALOG, {"id": f"k{number}", "catalog": "main"} | wish


def _finance(rng: Random, steps: int) -> Drawn:
    """How costs are found, and costs of receipts, of which some have been and some will be."""
    for number in range(steps):
        command: Fields = {"id": f"f{number}", "warehouse": rng.choice(OFFICES)}
        named = {"receipt": f"{rng.randrange(3)}-{rng.randint(1, SEQS)}", "currency": "EUR"}
        draw = rng.random()
        if number < 2 or draw < 0.2:
            yield FINANCE, command | {"type": "SetCosting", "lines": _costing(rng)}
        elif draw < 0.7:
            skus = rng.sample(PRICED, rng.choice((1, 1, 2)))
            lines = [{"sku": sku, "amount": rng.choice((0, 7, 1_001))} for sku in skus]
            yield FINANCE, command | named | {"type": "PostCost", "lines": lines}
        elif draw < 0.95:
            landed = {
                "amount": rng.choice((1, 999, -5)),
                "basis": rng.choice(("quantity", "value")),
            }
            yield FINANCE, command | named | landed | {"type": "PostLandedCost"}
        else:
            yield FINANCE, command | {"type": "ClosePeriod", "period": "2025-10"}


def _costing(rng: Random) -> list[Fields]:
    lines: list[Fields] = []
    for sku in rng.sample(PRICED, 3):
        method = rng.choice(("average", "fifo", "standard", "specific"))
        standard = {"standard_amount": 100, "standard_per": 7} if method == "standard" else {}
        lines.append({"sku": sku, "method": method, "currency": "EUR"} | standard)
    return lines


_DRAWS: dict[str, Callable[[Random, int], Drawn]] = {
    ORDERS: _orders,
    LOTS: _lots,
    LOCATIONS: _locations,
    CATALOG: _catalog,
    FINANCE: _finance,
}
