"""Which actor decides a domain's commands, and who is told of whose events: said here alone."""

from schemas.domains import CATALOG, FINANCE, LOCATIONS, LOTS, ORDERS, STOCK
from streams.actor import Actor
from streams.reading import Readers
from streams.relay import Policy, Relay
from streams.settings import Settings


def actor_of(domain: str, window_ms: int) -> Actor:
    """The actor of a domain; a process imports no other."""
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


def policies_of(domains: tuple[str, ...]) -> dict[tuple[str, str], Policy]:
    """By (source, target) of the domains at work: what the source's events mean to the target."""
    from agents.finance import policy as finance
    from agents.locations import policy as locations
    from agents.lots import policy as lots
    from agents.lots import wishes
    from agents.orders import policy as orders

    policies: dict[tuple[str, str], Policy] = {
        (STOCK, FINANCE): finance.told,
        (STOCK, LOCATIONS): locations.told,
        (STOCK, ORDERS): orders.told,
        (ORDERS, STOCK): orders.asked,
        (ORDERS, LOTS): orders.required,
        (STOCK, LOTS): lots.told,
        (LOTS, STOCK): wishes.told,
    }
    return {ends: policy for ends, policy in policies.items() if set(ends) <= set(domains)}


def relays_of(settings: Settings) -> list[Relay]:
    """A relay for each policy."""
    readers = Readers(settings.kafka, "read_uncommitted")  # what they look for is in no transaction
    return [
        Relay(source, target, policy, settings, readers)
        for (source, target), policy in policies_of(settings.domains).items()
    ]
