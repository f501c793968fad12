"""The language of all domains for those who write to the topics or read from them.

JSON Schema of each topic, and an AsyncAPI document of them all. Its examples are given to it: what
a command brings about is not decided here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from schemas import (
    catalog,
    catalog_commands,
    catalog_events,
    finance,
    finance_commands,
    finance_events,
    inbound,
    locations,
    locations_commands,
    locations_events,
    lots,
    lots_commands,
    lots_events,
    orders,
    orders_commands,
    orders_events,
    stock,
    stock_commands,
    stock_events,
)
from schemas.domains import CATALOG, FINANCE, KEYS, LOCATIONS, LOTS, ORDERS, STOCK
from schemas.envelope import Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI = "3.0.0"
KAFKA_BINDING = "0.5.0"
CLOUD_EVENT = "application/cloudevents+json"
REFERENCE = "#/components/schemas/{model}"
PARTITIONS = 12  # unless an installation was made with another number

ABOUT = """\
Stock of warehouses, decided exactly once from commands on Kafka.

All topics have the same number of partitions, 12 unless the installation was made with another.
Keys are spread by Kafka's murmur2 hash, as Java and aiokafka producers do. Read with
`isolation.level=read_committed`, and ignore fields and types that you do not know.
"""


class Topic(NamedTuple):
    """One topic as the contract's table has it."""

    name: str
    action: str  # of Stockyard: what it receives, and what it sends
    key: str
    meaning: str
    kept: str
    messages: tuple[type[BaseModel], ...] = ()


_COMMANDS = (
    "Wishes, from any producer. The broker's append time counts. `id` is the idempotency key: a "
    'repeat changes nothing. A record `{"type":"Tick"}` is Stockyard\'s own, and means nothing. '
)
_EVENTS = (
    "One outcome for each command, in order, on the partition that has the same number as its "
    "command's, and what fell due. `seq` counts a partition's events without gap or repeat."
)


def _topics(
    domain: str, caused: str, commands: tuple[type[BaseModel], ...], events: tuple[type[Event], ...]
) -> dict[str, Topic]:
    """What every domain has, but alerts."""
    key = f"The {KEYS[domain]}."
    return {
        "commands": Topic(
            f"{domain}.commands.v1", "receive", key, _COMMANDS + caused, "400 days", commands
        ),
        "events": Topic(f"{domain}.events.v1", "send", key, _EVENTS, "for ever", events),
        "deadLetters": Topic(
            f"{domain}.dead-letters.v1",
            "send",
            "As it was received.",
            "What could not be read at all, on the partition that has the same number as its "
            "source's.",
            "30 days",
        ),
        "changelog": Topic(
            f"{domain}.changelog.v1",
            "send",
            "The state's key, in bytes.",
            "Internal: the changelog of the tables, one partition for each partition of commands.",
            "compacted",
        ),
    }


_STOCK_CAUSED = (
    "ExpectTransfer and SettleTransfer are its own as well, each in the transaction of the event "
    "that its header `caused_by` names."
)
_FINANCE_CAUSED = (
    "RecordMovement and ReceiveTransferCost are its own as well: what an event of stock, or the "
    "finance of another warehouse, tells it. Their header `caused_by` names that event."
)
_ALERTS = Topic(
    "stock.alerts.v1",
    "send",
    "The warehouse and the SKU: `warehouse/sku`.",
    "One alert for each crossing of a level, on the partition that has the same number as its "
    "command's.",
    "30 days",
    stock.ALERTS,
)
_LOCATIONS_CAUSED = (
    "RecordSiteChange is its own as well: what an event of stock tells it, which the header "
    "`caused_by` names."
)
_LOTS_CAUSED = (
    "RecordStockChange and RecordRefusal are its own as well: what an event of stock tells it, "
    "which the header `caused_by` names."
)
_ORDERS_CAUSED = (
    "RecordLeg and RecordLegRefusal are its own as well: what an event of stock tells it, which "
    "the header `caused_by` names."
)


def _of(
    domain: str, caused: str, commands: tuple[type[BaseModel], ...], events: tuple[type[Event], ...]
) -> dict[str, Topic]:
    """Topics of a domain beside stock, named after it."""
    topics = _topics(domain, caused, commands, events)
    return {f"{domain}{name[0].upper()}{name[1:]}": topic for name, topic in topics.items()}


_UNDELIVERED = Topic(
    "deliveries.dead-letters.v1",
    "send",
    "As the event's.",
    "Events and alerts that an endpoint of the deliveries has refused for good, on the partition "
    "that has the same number as the event's.",
    "30 days",
)

_FROM_OTHERS = (
    "Events of other systems, in CloudEvents 1.0: each becomes a command, whose id is of its "
    "`source` and `id`, so that a repeat changes nothing. Binary content mode is read too."
)
_INBOUND = {
    f"inbound{name}": Topic(one.name, "receive", key, _FROM_OTHERS, "14 days", one.models)
    for name, key, one in zip(
        ("Orders", "Products", "Purchasing"),
        ("The order.", "The SKU.", "The purchase order."),
        inbound.INBOUND,
        strict=True,
    )
}
_INBOUND_DEAD_LETTERS = Topic(
    inbound.INBOUND_DEAD_LETTERS,
    "send",
    "As it was received.",
    "Events of other systems that mean nothing here, on the partition that has the same number as "
    "their source's.",
    "30 days",
)

TOPICS: dict[str, Topic] = {
    **_topics(STOCK, _STOCK_CAUSED, stock_commands.COMMANDS, stock_events.EVENTS),
    "alerts": _ALERTS,
    **_of(FINANCE, _FINANCE_CAUSED, finance_commands.COMMANDS, finance_events.EVENTS),
    **_of(LOCATIONS, _LOCATIONS_CAUSED, locations_commands.COMMANDS, locations_events.EVENTS),
    **_of(ORDERS, _ORDERS_CAUSED, orders_commands.COMMANDS, orders_events.EVENTS),
    **_of(CATALOG, "", catalog_commands.COMMANDS, catalog_events.EVENTS),
    **_of(LOTS, _LOTS_CAUSED, lots_commands.COMMANDS, lots_events.EVENTS),
    "undelivered": _UNDELIVERED,
    **_INBOUND,
    "inboundDeadLetters": _INBOUND_DEAD_LETTERS,
}
"""By the name of its channel in the AsyncAPI document."""

_DEAD_LETTER_HEADERS: dict[str, Any] = {
    "error": {"type": "string", "description": "Why it could not be read"},
    "source_topic": {"type": "string"},
    "source_partition": {"type": "string", "pattern": "^[0-9]+$"},
    "source_offset": {"type": "string", "pattern": "^[0-9]+$"},
}
_DEAD_LETTER: dict[str, Any] = {
    "name": "DeadLetter",
    "title": "DeadLetter",
    "summary": "The original bytes, whatever they are, and why they are no command.",
    "contentType": "application/octet-stream",
    "headers": {
        "type": "object",
        "required": ["error", "source_topic", "source_partition", "source_offset"],
        "properties": _DEAD_LETTER_HEADERS,
    },
    "payload": {"type": "string", "format": "binary"},
}

_UNDELIVERED_EVENT = _DEAD_LETTER | {
    "name": "UndeliveredEvent",
    "title": "UndeliveredEvent",
    "summary": "The event's bytes as they stand on its topic, and who did not take it, and why.",
    "contentType": "application/json",
    "headers": {
        "type": "object",
        "required": ["error", "source_topic", "source_partition", "source_offset", "endpoint"],
        "properties": _DEAD_LETTER_HEADERS
        | {
            "error": {"type": "string", "description": "What the endpoint answered last"},
            "endpoint": {"type": "string", "description": "Its name in the file of endpoints"},
        },
    },
}

_LETTERS = (_DEAD_LETTER, _UNDELIVERED_EVENT)


def json_schemas() -> dict[str, dict[str, Any]]:
    """One schema per topic, by its name."""
    languages = {
        TOPICS["commands"]: stock.StockCommand,
        TOPICS["events"]: stock.StockEvent,
        TOPICS["alerts"]: stock.StockAlert,
        TOPICS["financeCommands"]: finance.FinanceCommand,
        TOPICS["financeEvents"]: finance.FinanceEvent,
        TOPICS["locationsCommands"]: locations.LocationsCommand,
        TOPICS["locationsEvents"]: locations.LocationsEvent,
        TOPICS["ordersCommands"]: orders.OrdersCommand,
        TOPICS["ordersEvents"]: orders.OrdersEvent,
        TOPICS["catalogCommands"]: catalog.CatalogCommand,
        TOPICS["catalogEvents"]: catalog.CatalogEvent,
        TOPICS["lotsCommands"]: lots.LotsCommand,
        TOPICS["lotsEvents"]: lots.LotsEvent,
        TOPICS["inboundOrders"]: inbound.InboundOrder,
        TOPICS["inboundProducts"]: inbound.InboundProduct,
        TOPICS["inboundPurchasing"]: inbound.InboundPurchase,
    }
    return {topic.name: _schema(language) for topic, language in languages.items()}


def _schema(language: Any) -> dict[str, Any]:
    return {"$schema": DIALECT} | TypeAdapter(language).json_schema()


def asyncapi(examples: Mapping[str, Sequence[Any]], letters: Mapping[str, Any]) -> dict[str, Any]:
    """The AsyncAPI document; `examples` has those of every command, event and alert.

    `letters` has the headers and the payload of a dead letter of each kind.
    """
    models = [model for topic in TOPICS.values() for model in topic.messages]
    _, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template=REFERENCE
    )
    messages = {
        model.__name__: _message(model, topic, examples[model.__name__])
        for topic in TOPICS.values()
        for model in topic.messages
    }
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "Stockyard",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(topic) for name, topic in TOPICS.items()},
        "operations": {
            f"{topic.action}-{name}": {
                "action": topic.action,
                "channel": {"$ref": f"#/channels/{name}"},
            }
            for name, topic in TOPICS.items()
        },
        "components": {
            "messages": messages
            | {one["name"]: one | {"examples": [letters[one["name"]]]} for one in _LETTERS},
            "schemas": schemas["$defs"],
        },
    }


def _message(model: type[BaseModel], topic: Topic, examples: Sequence[Any]) -> dict[str, Any]:
    name = model.__name__
    foreign = {"contentType": CLOUD_EVENT} if issubclass(model, inbound.CloudEvent) else {}
    return foreign | {
        "name": name,
        "title": name,
        "summary": model.__doc__,
        "payload": {"$ref": REFERENCE.format(model=name)},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": topic.key},
                "bindingVersion": KAFKA_BINDING,
            }
        },
        "examples": [
            {"name": f"{name} {number}" if number > 1 else name, "payload": example}
            for number, example in enumerate(examples, 1)
        ],
    }


def _channel(topic: Topic) -> dict[str, Any]:
    names = [model.__name__ for model in topic.messages]
    if topic.key == TOPICS["deadLetters"].key:
        names.append("DeadLetter")
    if topic is _UNDELIVERED:
        names.append("UndeliveredEvent")
    return {
        "address": topic.name,
        "description": f"{topic.meaning}\n\nKey: {topic.key} Kept: {topic.kept}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": {"partitions": PARTITIONS, "bindingVersion": KAFKA_BINDING}},
    }
