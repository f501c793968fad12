"""`./stockyard export`: the language of all domains in files for other programs, with examples.

No example of an event is written by hand: the documentation's story of commands is decided here, as
a worker would, and what came of it is shown. So are the corners, as far as the story lacks fields.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agents.catalog.agent import CatalogActor
from agents.finance import policy as finance_policy
from agents.finance.agent import FinanceActor
from agents.locations import policy as locations_policy
from agents.locations.agent import LocationsActor
from agents.orders import policy as orders_policy
from agents.orders.agent import OrdersActor
from agents.stock.agent import StockActor
from api import catalog_examples, finance_examples, locations_examples, orders_examples
from api.deliveries.answers import answered
from api.examples import EVENT, STORY
from api.inbound import examples as inbound_examples
from cli import corner_lots, corner_orders, corners
from cli.lots_story import DOCUMENTED as LOTS_STORY
from cli.lots_story import LotsStory, lots_told
from cli.tellings import NO_PAPERS, Papers, Telling, with_papers
from local.parts import ROOT
from schemas import catalog_events, finance_events, locations_events, lots_events, orders_events
from schemas.domains import CATALOG, FINANCE, LOCATIONS, LOTS, ORDERS, STOCK
from schemas.envelope import kind_of
from schemas.export import TOPICS, asyncapi, json_schemas
from schemas.inbound import INBOUND
from streams.actor import Actor, Unreadable
from streams.relay import Policy

DOCS = ROOT / "docs"
_EVENTS: Mapping[str, Sequence[Any]] = {
    FINANCE: finance_events.EVENTS,
    LOCATIONS: locations_events.EVENTS,
    ORDERS: orders_events.EVENTS,
    CATALOG: catalog_events.EVENTS,
    LOTS: lots_events.EVENTS,
}
WINDOW_MS = 30 * 86_400_000


PAPERS = {"time": "2026-11-20T09:00:00Z", "actor": "user:42", "correlation_id": "checkout-77"}


class Stories(NamedTuple):
    """One for each domain; what the others are told of stock is stock's own.

    With `apart` they are told of one warehouse after the other, as their logs may be read.
    """

    stock: Sequence[Mapping[str, Any]]
    finance: Any
    locations: Any
    orders: Any
    catalog: Any
    lots: LotsStory
    apart: bool = False


DOCUMENTED = Stories(
    STORY, finance_examples, locations_examples, orders_examples, catalog_examples, LOTS_STORY
)
CORNERS = Stories(
    corners.STOCK,
    corners.FINANCE,
    corners.LOCATIONS,
    corner_orders,
    corners.CATALOG,
    corner_lots.STORY,
    apart=True,
)


def told(stories: Stories = DOCUMENTED, papers: Papers = NO_PAPERS) -> dict[str, list[Any]]:
    """All records of the story by domain: stock's first, and what the others make of it."""
    stock = Telling(StockActor(WINDOW_MS), papers)
    for command in stories.stock:
        stock.send(command)
    stock.wait()
    events, records = list(stock.events), list(stock.records)
    if stories.apart:
        events.sort(key=_warehouse, reverse=True)
    finance = _goes_on(FinanceActor(), finance_policy.told, stories.finance, events, papers)
    locations = locations_policy.told
    return {
        STOCK: records,
        FINANCE: finance,
        LOCATIONS: _goes_on(LocationsActor(), locations, stories.locations, events, papers),
        ORDERS: _ordered(stories.orders, papers),
        CATALOG: _goes_on(CatalogActor(), lambda _event: [], stories.catalog, [], papers),
        LOTS: lots_told(stock, stories.lots, papers),
    }


def _warehouse(event: bytes) -> str:
    return str(json.loads(event)["warehouse"])


def _ordered(story: Any, papers: Papers) -> list[Any]:
    """What orders and a stock of their own ask and tell each other, each of it at once."""
    tellings = {STOCK: Telling(StockActor(WINDOW_MS)), ORDERS: Telling(OrdersActor())}
    carriers = {STOCK: (ORDERS, orders_policy.told), ORDERS: (STOCK, orders_policy.asked)}
    wishes = [
        (domain, json.dumps(with_papers(wish, papers)).encode()) for domain, wish in story.STORY
    ]
    while wishes:
        domain, wish = wishes.pop(0)
        target, policy = carriers[domain]
        tellings[domain].decide(wish)
        told = [record for record in tellings[domain].records if "seq" in record]
        event = json.dumps(told[-1]).encode()
        wishes[:0] = [(target, caused) for _, _, caused in policy(event)]
    for command in story.ENDING:
        tellings[ORDERS].decide(json.dumps(with_papers(command, papers)).encode())
    return tellings[ORDERS].records


def _goes_on(
    actor: Actor, policy: Policy, story: Any, events: list[bytes], papers: Papers
) -> list[Any]:
    """What a domain does before it is told of stock, what it is told, and what it does then."""
    telling = Telling(actor, papers)
    for command in story.BEFORE:
        telling.send(command)
    for event in events:
        for _, _, caused in policy(event):
            telling.decide(caused)
    for command in story.AFTER:
        telling.send(command)
    return telling.records


def examples() -> dict[str, list[Any]]:
    """By the name of its model the first command, event or alert of each type.

    Then, as long as others have properties that it lacks, whichever has most of these: of the same
    story with all papers, and of the corners.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    for one in (told(), told(papers=PAPERS), told(CORNERS)):
        for domain, records in one.items():
            names = {kind_of(model): model.__name__ for model in _EVENTS.get(domain, ())}
            for record in records:
                found[names.get(record["type"], record["type"])].append(record)
    return {name: _telling_most(records) for name, records in found.items()} | _foreign()


def _foreign() -> dict[str, list[Any]]:
    """Events of other systems, by the name of their model."""
    by_type = defaultdict(list)
    for event in (*inbound_examples.EXAMPLES, *inbound_examples.WHOLE):
        by_type[event["type"]].append(event)
    return {model.__name__: by_type[kind_of(model)] for topic in INBOUND for model in topic.models}


def _telling_most(records: list[Any]) -> list[Any]:
    paths = [set(_paths(record)) for record in records]
    chosen, shown = [0], set(paths[0])
    while True:
        best = max(range(len(paths)), key=lambda at: len(paths[at] - shown))
        if paths[best] <= shown:
            return [records[at] for at in chosen]
        chosen.append(best)
        shown |= paths[best]


def letters() -> dict[str, Any]:
    """Headers and bytes of a dead letter of each kind: of no command, of what nobody took."""
    junk, error = b"no JSON at all", ""
    try:
        StockActor(WINDOW_MS).decode(junk)
    except Unreadable as why:
        error = str(why)
    place = {"source_partition": "3", "source_offset": "45"}
    no_command = {"error": error, "source_topic": TOPICS["commands"].name} | place
    refused = answered(422, None, 0.0, "unknown warehouse").text
    endpoint = {"source_topic": TOPICS["events"].name, "endpoint": "erp"}
    body = json.dumps(EVENT, separators=(",", ":"))
    return {
        "DeadLetter": {"headers": no_command, "payload": junk.decode()},
        "UndeliveredEvent": {"headers": {"error": refused} | endpoint | place, "payload": body},
    }


def _paths(part: Any, path: str = "") -> Iterator[str]:
    """The properties that a record shows, those of lines and lists once; of free details none."""
    if isinstance(part, list):
        for one in part:
            yield from _paths(one, path)
    elif isinstance(part, dict) and not path.endswith("details"):
        for name, inner in part.items():
            yield f"{path}.{name}"
            yield from _paths(inner, f"{path}.{name}")


def documents() -> dict[Path, str]:
    """What the files say, by where they stand."""
    written = {DOCS / "schemas" / f"{topic}.json": one for topic, one in json_schemas().items()}
    written[DOCS / "asyncapi.json"] = asyncapi(examples(), letters())
    return {
        path: json.dumps(one, indent=2, ensure_ascii=False) + "\n" for path, one in written.items()
    }


def export() -> None:
    """Write the JSON Schemas of the topics, and the AsyncAPI document, to docs/."""
    for path, text in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
