"""Starts a worker of a domain, `python -m agents --number N [--domain finance]`, or the policies.

The composition root of every domain's actor and policies: which they are is said here alone.
"""

import argparse
import asyncio
import sys

from streams import native, spared

spared.spare()  # before any library is imported
native.activate()  # before anything that may be compiled is imported

# ruff: noqa: E402
from schemas.domains import CATALOG, DOMAINS, FINANCE, LOCATIONS, LOTS, ORDERS, STOCK
from streams.actor import Actor
from streams.exceptions import ConfigurationError, Unreachable
from streams.relay import Relay, carry
from streams.settings import Settings
from streams.telemetry import configure_logs, log
from streams.worker import EXIT_AGAIN, EXIT_STAY_DOWN, Worker


def main() -> int:
    """Work until SIGTERM; 3 when only a person can help."""
    parser = argparse.ArgumentParser(prog="python -m agents", description=__doc__)
    parser.add_argument("--number", type=int, required=True, help="1, 2, ...: unique in this home")
    parser.add_argument("--domain", choices=DOMAINS, default=STOCK)
    parser.add_argument(
        "--policies", action="store_true", help="instead: tell the domains of each other's events"
    )
    asked = parser.parse_args()
    kind = "policies" if asked.policies else "worker" if asked.domain == STOCK else asked.domain
    configure_logs(f"{kind}-{asked.number}")
    try:
        settings = Settings.from_environment()
        if asked.policies:
            asyncio.run(carry(_relays(settings, asked.number), settings))
            return 0
        actor = _actor(asked.domain, settings.idempotency_window_s * 1_000)
        return Worker(asked.domain, actor, settings, f"{kind}-{asked.number}").run()
    except ConfigurationError as error:
        log.error("cannot_start", remedy=str(error))
        return EXIT_STAY_DOWN
    except Unreachable as error:
        log.error("not_yet", remedy=str(error))
        return EXIT_AGAIN


def _actor(domain: str, window_ms: int) -> Actor:
    if domain == FINANCE:
        from agents.finance.agent import FinanceActor

        return FinanceActor()
    if domain == LOCATIONS:
        from agents.locations.agent import LocationsActor

        return LocationsActor()
    if domain == ORDERS:
        from agents.orders.agent import OrdersActor

        return OrdersActor()
    if domain == CATALOG:
        from agents.catalog.agent import CatalogActor

        return CatalogActor()
    if domain == LOTS:
        from agents.lots.agent import LotsActor

        return LotsActor()
    from agents.stock.agent import StockActor

    return StockActor(window_ms)


def _relays(settings: Settings, number: int) -> list[Relay]:
    """Whose events each domain is told, and what they mean to it."""
    from agents.finance import policy as finance
    from agents.locations import policy as locations
    from agents.lots import policy as lots
    from agents.lots import wishes
    from agents.orders import policy as orders

    policies = {
        (STOCK, FINANCE): finance.told,
        (STOCK, LOCATIONS): locations.told,
        (STOCK, ORDERS): orders.told,
        (ORDERS, STOCK): orders.asked,
        (STOCK, LOTS): lots.told,
        (LOTS, STOCK): wishes.told,
    }
    return [
        Relay(source, target, policy, settings, number)
        for (source, target), policy in policies.items()
        if {source, target} <= set(settings.domains)
    ]


if __name__ == "__main__":
    sys.exit(main())
