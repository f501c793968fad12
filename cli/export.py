"""`./stockyard export`: the language of all domains in files for other programs, with examples.

No example of an event is written by hand: the documentation's story of commands is decided here, as
a worker would, and what came of it is shown.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.catalog.agent import CatalogActor
from agents.finance import policy as finance_policy
from agents.finance.agent import FinanceActor
from agents.locations import policy as locations_policy
from agents.locations.agent import LocationsActor
from agents.orders import policy as orders_policy
from agents.orders.agent import OrdersActor
from agents.stock.agent import StockActor
from api import catalog_examples, finance_examples, locations_examples, orders_examples
from api.examples import STORY
from api.inbound.examples import EXAMPLES
from cli.lots_story import lots_told
from cli.tellings import Telling
from local.parts import ROOT
from schemas import catalog_events, finance_events, locations_events, lots_events, orders_events
from schemas.domains import CATALOG, FINANCE, LOCATIONS, LOTS, ORDERS, STOCK
from schemas.envelope import kind_of
from schemas.export import asyncapi, json_schemas
from schemas.inbound import INBOUND
from streams.actor import Actor
from streams.relay import Policy

DOCS = ROOT / "docs"
WINDOW_MS = 30 * 86_400_000


def told() -> dict[str, list[Any]]:
    """All records of the story by domain: stock's first, and what the others make of it."""
    stock = Telling(StockActor(WINDOW_MS))
    for command in STORY:
        stock.decide(json.dumps(command).encode())
    stock.wait()
    events, records = list(stock.events), list(stock.records)
    return {
        STOCK: records,
        FINANCE: _goes_on(FinanceActor(), finance_policy.told, finance_examples, events),
        LOCATIONS: _goes_on(LocationsActor(), locations_policy.told, locations_examples, events),
        ORDERS: _ordered(),
        CATALOG: _goes_on(CatalogActor(), lambda _event: [], catalog_examples, []),
        LOTS: lots_told(stock),
    }


def _ordered() -> list[Any]:
    """What orders and a stock of their own ask and tell each other, each of it at once."""
    tellings = {STOCK: Telling(StockActor(WINDOW_MS)), ORDERS: Telling(OrdersActor())}
    carriers = {STOCK: (ORDERS, orders_policy.told), ORDERS: (STOCK, orders_policy.asked)}
    wishes = [(domain, json.dumps(wish).encode()) for domain, wish in orders_examples.STORY]
    while wishes:
        domain, wish = wishes.pop(0)
        target, policy = carriers[domain]
        tellings[domain].decide(wish)
        told = [record for record in tellings[domain].records if "seq" in record]
        event = json.dumps(told[-1]).encode()
        wishes[:0] = [(target, caused) for _, _, caused in policy(event)]
    for command in orders_examples.ENDING:
        tellings[ORDERS].decide(json.dumps(command).encode())
    return tellings[ORDERS].records


def _goes_on(actor: Actor, policy: Policy, story: Any, events: list[bytes]) -> list[Any]:
    """What a domain does before it is told of stock, what it is told, and what it does then."""
    telling = Telling(actor)
    for command in story.BEFORE:
        telling.decide(json.dumps(command).encode())
    for event in events:
        for _, _, caused in policy(event):
            telling.decide(caused)
    for command in story.AFTER:
        telling.decide(json.dumps(command).encode())
    return telling.records


def examples() -> dict[str, Any]:
    """By the name of its model the first command, event and alert of each type; and of others'."""
    found: dict[str, Any] = {}
    events: dict[str, Sequence[Any]] = {
        FINANCE: finance_events.EVENTS,
        LOCATIONS: locations_events.EVENTS,
        ORDERS: orders_events.EVENTS,
        CATALOG: catalog_events.EVENTS,
        LOTS: lots_events.EVENTS,
    }
    for domain, records in told().items():
        names = {kind_of(model): model.__name__ for model in events.get(domain, ())}
        for record in records:
            found.setdefault(names.get(record["type"], record["type"]), record)
    foreign = {event["type"]: event for event in EXAMPLES}
    models = [model for topic in INBOUND for model in topic.models]
    return found | {model.__name__: foreign[kind_of(model)] for model in models}


def documents() -> dict[Path, str]:
    """What the files say, by where they stand."""
    written = {DOCS / "schemas" / f"{topic}.json": one for topic, one in json_schemas().items()}
    written[DOCS / "asyncapi.json"] = asyncapi(examples())
    return {
        path: json.dumps(one, indent=2, ensure_ascii=False) + "\n" for path, one in written.items()
    }


def export() -> None:
    """Write the JSON Schemas of the topics, and the AsyncAPI document, to docs/."""
    for path, text in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
