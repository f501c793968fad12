"""A catalogue whose worker is killed amid its work: one outcome each, and what its log says."""

from random import Random
from typing import Any

from agents.catalog.agent import CatalogActor
from schemas.domains import CATALOG, STOCK
from streams.topics import Topics
from tests.integration.conftest import Install
from tests.integration.installation import Installation
from tests.integration.kills import amid
from tests.integration.processes import until
from tests.integration.refolding import assert_refolds

ROUNDS, PER_ROUND, SKUS = 6, 60, 20
DECIDED_S = 90.0
CATALOGUES = ("main", "b2b", "outlet")


def test_kills_of_its_worker_leave_a_catalogue_with_one_outcome_for_each_command(
    install: Install,
) -> None:
    installation = install(2, domains=(STOCK, CATALOG))
    worker = installation.process("catalog-1", "--domain", CATALOG).start()
    rng, sent = Random(3), set[tuple[str, str]]()

    def send(number: int) -> None:
        for index in range(PER_ROUND):
            wish = _wish(rng, f"{number}-{index}")
            sent.add((wish["catalog"], wish["id"]))
            for _ in range(rng.choice((1, 1, 2))):  # and some again
                installation.put_to(CATALOG, wish)
        installation.flush()

    amid({"catalog-1": worker}, ROUNDS, rng, send)
    until("every command has its outcome", DECIDED_S, lambda: len(_told(installation)) >= len(sent))

    assert sorted(_told(installation)) == sorted(sent), "one outcome for each, and no other"
    assert assert_refolds(installation, CATALOG, CatalogActor()) == len(sent)
    assert not installation.read(Topics.of(CATALOG, installation.prefix).dead_letters)


def _told(installation: Installation) -> list[tuple[str, str]]:
    return [(one["catalog"], one["command_id"]) for one in installation.all_events(CATALOG)]


def _wish(rng: Random, tag: str) -> dict[str, Any]:
    """Items, their units and kits of them; much of it refused."""
    sku, other = f"S{rng.randrange(SKUS)}", f"S{rng.randrange(SKUS)}"
    kinds: dict[str, dict[str, Any]] = {
        "DefineItem": {"sku": sku, "base_unit": "piece"},
        "RetireItem": {"sku": sku},
        "SetUnits": {"sku": sku, "units": [{"unit": "case", "numerator": rng.randint(2, 24)}]},
        "DefineKit": {"sku": sku, "components": [{"sku": other, "quantity": 2}]},
        "DissolveKit": {"sku": sku},
    }
    kind = rng.choices(list(kinds), (6, 1, 3, 4, 1))[0]
    named = {"type": kind, "id": f"c-{tag}", "catalog": rng.choice(CATALOGUES)}
    return named | {"lines": [kinds[kind]]}
