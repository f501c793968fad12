"""Processes that are killed one after the other, amid their work, and started again."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from schemas.domains import STOCK
from tables.stock import STOCK_KIND, decode_row
from tests.integration.installation import Installation
from tests.integration.processes import Worker


def started(installation: Installation, *domains: str) -> dict[str, Worker]:
    """A worker of stock, one of each of these domains, and the policies."""
    parts = {"worker-1": installation.process("worker-1")}
    for domain in domains:
        parts[f"{domain}-1"] = installation.process(f"{domain}-1", "--domain", domain)
    parts["policies-1"] = installation.process("policies-1", "--policies")
    for part in parts.values():
        part.start()
    installation.serve(parts["worker-1"])
    return parts


def amid(
    parts: Mapping[str, Worker], rounds: int, rng: Random, send: Callable[[int], None]
) -> Counter[str]:
    """Traffic by rounds, each with a kill at some moment of it; how often each was killed."""
    killed: Counter[str] = Counter()
    names = [name for _ in range(rounds // len(parts) + 1) for name in parts][:rounds]
    rng.shuffle(names)
    for number, name in enumerate(names):
        send(number)
        parts[name].kill()
        parts[name].start()
        killed[name] += 1
    assert set(killed) == set(parts), "each was killed"
    return killed


def outcomes(events: Sequence[Mapping[str, Any]]) -> Counter[tuple[str, str]]:
    """How many outcomes each command has, by its key and id, repeats of a used id apart."""
    return Counter(
        (str(event.get("warehouse") or event.get("order")), str(event["command_id"]))
        for event in events
        if event.get("command_id") and event.get("code") != "IDEMPOTENCY_KEY_REUSED"
    )


def reserved(installation: Installation) -> Counter[tuple[str, str]]:
    """By warehouse and SKU, what the rows of stock say is reserved."""
    found: Counter[tuple[str, str]] = Counter()
    for key, value in installation.rows(STOCK).items():
        kind, warehouse, sku = key.split(b"\0", 2)
        if kind == STOCK_KIND:
            found[warehouse.decode(), sku.decode()] = decode_row(value).reserved
    return +found
