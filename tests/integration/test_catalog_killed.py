"""Catalogues whose worker is killed amid its work: one outcome each, and what an oracle says."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from agents.catalog.agent import CatalogActor
from schemas.domains import CATALOG, STOCK
from streams.topics import Topics
from tests.catalog.histories import BUILT, History
from tests.catalog.oracle import Oracle, decoded
from tests.hosted import Wish
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.kills import amid
from tests.integration.processes import until
from tests.integration.refolding import assert_refolds

ROUNDS, PER_ROUND = 6, 60
DECIDED_S = 90.0
CATALOGUES = ("main", "b2b", "outlet")
OUTCOMES = {
    *("ProductDefined", "ProductChanged", "ProductRetired", "ItemDefined", "ItemChanged"),
    *("ItemRetired", "GtinAssigned", "GtinUnassigned", "UnitsSet", "KitDefined", "KitDissolved"),
}


def test_kills_of_its_worker_leave_a_catalogue_with_one_outcome_for_each_command(
    install: Install,
) -> None:
    installation = install(2, domains=(STOCK, CATALOG))
    worker = installation.process("catalog-1", "--domain", CATALOG).start()
    rng, sent = Random(3), set[tuple[str, str]]()
    wishes = {name: _wishes(number) for number, name in enumerate(CATALOGUES)}

    def send(number: int) -> None:
        for index in range(PER_ROUND):
            name = rng.choice(CATALOGUES)
            wish = {"id": f"c-{number}-{index}", "catalog": name} | next(wishes[name])
            sent.add((name, wish["id"]))
            for _ in range(rng.choice((1, 1, 2))):  # and some again
                installation.put_to(CATALOG, wish)
        installation.flush()

    amid({"catalog-1": worker}, ROUNDS, rng, send)
    until("every command has its outcome", DECIDED_S, lambda: len(_told(installation)) >= len(sent))

    assert sorted(_told(installation)) == sorted(sent), "one outcome for each, and no other"
    assert assert_refolds(installation, CATALOG, CatalogActor()) == len(sent)
    assert not installation.read(Topics.of(CATALOG, installation.prefix).dead_letters)
    _assert_books(installation)


def _wishes(seed: int) -> Iterator[Wish]:
    """Products, items, their numbers and units, and kits of them; much of it refused."""
    history = History(seed)
    yield from BUILT
    while True:
        yield history.next()


def _told(installation: Installation) -> list[tuple[str, str]]:
    return [(one["catalog"], one["command_id"]) for one in installation.all_events(CATALOG)]


def _assert_books(installation: Installation) -> None:
    """Each outcome, and every row that is left, is what an oracle makes of the log of commands."""
    log: dict[tuple[str, str], dict[str, Any]] = {}
    for record in installation.read(Topics.of(CATALOG, installation.prefix).commands):
        wish = json.loads(record.value() or b"")
        if wish["type"] != "Tick":
            log.setdefault((wish["catalog"], wish["id"]), wish)
    told = {
        (one["catalog"], one["command_id"]): one.get("code", one["type"])
        for one in installation.all_events(CATALOG)
    }
    oracles = {name: Oracle() for name in CATALOGUES}
    for named, wish in log.items():
        assert told[named] == oracles[named[0]].decide(wish), wish
    assert set(told.values()) > OUTCOMES
    rows = decoded(installation.rows(CATALOG))
    for name, oracle in oracles.items():
        there = {
            key.replace(f"\0{name}\0".encode(), b"\0main\0", 1): row
            for key, row in rows.items()
            if key.split(b"\0", 2)[1] == name.encode()
        }
        assert there == oracle.rows(), name
