"""The exported language: the files are what the definition gives, and the story made the events."""

import json
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

import cli.export
from api import (
    catalog_examples,
    finance_examples,
    locations_examples,
    lots_examples,
    orders_examples,
)
from api.examples import COMMAND_EXAMPLES, EVENT, REFUSED, STORY
from cli.export import DOCS, documents
from cli.tellings import BEGAN, PATIENCE_MS, STEP_MS
from schemas import (
    catalog_commands,
    catalog_events,
    finance_commands,
    finance_events,
    locations_commands,
    locations_events,
    lots_commands,
    lots_events,
    orders_commands,
    orders_events,
)
from schemas.domains import CATALOG, DOMAINS, FINANCE, LOCATIONS, LOTS, ORDERS
from schemas.export import TOPICS, json_schemas
from schemas.inbound import INBOUND
from schemas.stock import ALERTS
from schemas.stock_commands import COMMANDS
from schemas.stock_events import EVENTS
from streams.actor import Decision, Moment
from streams.topics import Topics
from tests.stock.bytes_of import Shop

LANGUAGE: dict[str, Any] = {
    "stock.commands.v1": COMMANDS,
    "stock.events.v1": EVENTS,
    "stock.alerts.v1": ALERTS,
    "finance.commands.v1": finance_commands.COMMANDS,
    "finance.events.v1": finance_events.EVENTS,
    "locations.commands.v1": locations_commands.COMMANDS,
    "locations.events.v1": locations_events.EVENTS,
    "orders.commands.v1": orders_commands.COMMANDS,
    "orders.events.v1": orders_events.EVENTS,
    "catalog.commands.v1": catalog_commands.COMMANDS,
    "catalog.events.v1": catalog_events.EVENTS,
    "lots.commands.v1": lots_commands.COMMANDS,
    "lots.events.v1": lots_events.EVENTS,
} | {topic.name: topic.models for topic in INBOUND}
CAUSED = {"ExpectTransfer", "SettleTransfer"}  # by events: no example for producers
OTHERS = {
    FINANCE: finance_examples,
    LOCATIONS: locations_examples,
    ORDERS: orders_examples,
    CATALOG: catalog_examples,
    LOTS: lots_examples,
}
NEVER_SAID = {
    "ExpectTransfer.time",
    "SettleTransfer.time",
    "ContainerMoved.to_container",
    "OrderPlaced.cause",
    "OrderPlaced.learned",
    "LegRecorded.asks",
    "OrderAllocated.asks",
    "OrderBackordered.asks",
    "OrderRefused.asks",
    "OrderCancelling.cause",
    "OrderCancelled.asks",
    "OrderCancelled.reason",
    "OrderShipped.asks",
    *(
        f"{name}.requires"
        for name in (
            "LegRecorded",
            "LegReturned",
            "OrderBackordered",
            "OrderCancelled",
            "OrderCancelling",
            "OrderRefused",
            "OrderRefusing",
            "OrderShipped",
        )
    ),
    "StockChangeRecorded.assigned",
    "SerialsSwapped.asked",
}
"""What messages of a kind have in common, and these do not say in any story."""
NAMES = [(topic, model.__name__) for topic, models in LANGUAGE.items() for model in models]


DOCUMENTS = documents()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The AsyncAPI document as it stands in docs/."""
    read: dict[str, Any] = json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8"))
    return read


@cache
def of_topic(topic: str) -> Any:
    """Judges by the schema of a whole topic."""
    return jsonschema_rs.validator_for(json_schemas()[topic])


def examples(document: dict[str, Any], name: str) -> list[Any]:
    return [one["payload"] for one in document["components"]["messages"][name]["examples"]]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_file_is_what_the_definition_gives(path: Any) -> None:
    assert path.read_text(encoding="utf-8") == DOCUMENTS[path], "./stockyard export writes it"


def test_no_file_is_left_of_a_topic_that_is_gone() -> None:
    assert sorted((DOCS / "schemas").iterdir()) == sorted(
        path for path in DOCUMENTS if path.parent.name == "schemas"
    )


def told() -> list[Any]:
    """Commands, events and alerts of the story, from the shop of the actor's own tests."""
    shop = Shop()
    records: list[Any] = []

    def note(decision: Decision) -> None:
        values = [decision.event, *(alert for _, alert in decision.alerts)]
        records.extend(json.loads(value) for value in values if value is not None)

    shop.moment = Moment(3, 1, 0, int(BEGAN.timestamp()) * 1_000)
    for command in STORY:
        wishes = [json.dumps(command).encode()]
        for wish in wishes:  # and what comes of it
            decision = shop.put(wish)
            records.append(json.loads(wish))
            note(decision)
            wishes += [value for _, value in decision.commands]
            shop.moment.log_time_ms += STEP_MS
    for decision in shop.pass_time(PATIENCE_MS):
        note(decision)
    return records


def test_the_story_is_accepted_but_for_its_last_command() -> None:
    events = [event for event in told() if "command_id" in event]
    ids = [event["command_id"] for event in events]
    assert [one for one in ids if "/" not in one] == [command["id"] for command in STORY]
    assert [event["id"] for event in events if event["type"] == "CommandRejected"] == [
        events[-1]["id"]
    ]
    assert ids[-1] == STORY[-1]["id"]
    assert len({command["id"] for command in STORY}) == len(STORY)


def test_the_examples_are_the_story_and_what_came_of_it(document: dict[str, Any]) -> None:
    first: dict[str, Any] = {}
    for record in told():
        first.setdefault(record["type"], record)
    for topic, name in NAMES:
        if topic.startswith("stock."):
            assert json.dumps(examples(document, name)[0]) == json.dumps(first.pop(name)), name
    assert first == {}


@pytest.mark.parametrize("domain", OTHERS)
def test_the_story_goes_on_in_every_domain(domain: str) -> None:
    story, records = OTHERS[domain], cli.export.told()[domain]
    sent = [*story.BEFORE, *story.AFTER]
    events = [record for record in records if "seq" in record]
    refused = [event for event in events if event["type"] == "CommandRejected"]
    assert [event["command_id"] for event in refused] == [sent[-1]["id"]]
    shown = (story.EVENT["id"], story.REFUSED["id"])
    assert [event for event in events if event["id"] in shown] == [story.EVENT, story.REFUSED]
    assert {command["type"] for command in sent} == set(story.COMMAND_EXAMPLES)
    caused = [record for record in records if "cause" in record and "seq" not in record]
    moved = {event["cause"] for event in events if "cause" in event}
    assert {record["cause"] for record in caused} == moved


def test_the_examples_of_the_api_are_of_the_same_story() -> None:
    assert [record for record in told() if record["id"] in (EVENT["id"], REFUSED["id"])] == [
        EVENT,
        REFUSED,
    ]
    assert list(COMMAND_EXAMPLES) == list(dict.fromkeys(command["type"] for command in STORY))
    assert set(COMMAND_EXAMPLES) == {model.__name__ for model in COMMANDS} - CAUSED


@pytest.mark.parametrize(("topic", "name"), NAMES)
def test_an_example_is_of_its_schema_and_of_no_other(
    document: dict[str, Any], topic: str, name: str
) -> None:
    components = document["components"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": components}
    alone = jsonschema_rs.validator_for(schema)
    for payload in examples(document, name):
        assert of_topic(topic).is_valid(payload)
        assert alone.is_valid(payload)
        assert not alone.is_valid(payload | {"type": "Other"})
        assert not alone.is_valid({"type": payload["type"]})


def test_every_property_of_every_schema_is_shown(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    declared = {(name, one) for name in schemas for one in schemas[name].get("properties", ())}
    shown: set[tuple[str, str]] = set()
    for name in document["components"]["messages"]:
        if name in schemas:
            for payload in examples(document, name):
                look(schemas, {"$ref": f"#/{name}"}, payload, shown)
    assert {f"{name}.{one}" for name, one in declared - shown} == NEVER_SAID


def look(schemas: Any, schema: Any, payload: Any, shown: set[tuple[str, str]]) -> None:
    """Note which properties of which schemas a part of an example has."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    of = schemas[name] if name else schema
    for one in (*of.get("anyOf", ()), *of.get("oneOf", ())):
        look(schemas, one, payload, shown)
    if isinstance(payload, list):
        for line in payload:
            look(schemas, of.get("items", {}), line, shown)
    elif isinstance(payload, dict):
        for one in of.get("properties", {}).keys() & payload.keys():
            shown.add((name, one))
            look(schemas, of["properties"][one], payload[one], shown)


@pytest.mark.parametrize("name", ["DeadLetter", "UndeliveredEvent"])
def test_a_dead_letter_has_every_header_and_its_bytes(document: dict[str, Any], name: str) -> None:
    message = document["components"]["messages"][name]
    (letter,) = message["examples"]
    assert letter["headers"].keys() == message["headers"]["properties"].keys()
    assert jsonschema_rs.validator_for(message["headers"]).is_valid(letter["headers"])
    assert all(letter["headers"].values())
    assert isinstance(letter["payload"], str)


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_corners_are_all_accepted(domain: str) -> None:
    records = cli.export.told(cli.export.CORNERS)[domain]
    assert [one for one in records if one["type"] == "CommandRejected"] == []


def test_the_document_names_every_topic_and_all_that_is_on_it(document: dict[str, Any]) -> None:
    channels = {one["address"]: set(one["messages"]) for one in document["channels"].values()}
    expected: dict[str, set[str]] = {}
    for domain in DOMAINS:
        topics = Topics.of(domain)
        expected |= {topics.dead_letters: {"DeadLetter"}, topics.changelog: set()}
    expected["deliveries.dead-letters.v1"] = {"UndeliveredEvent"}
    expected["inbound.dead-letters.v1"] = {"DeadLetter"}
    for address, models in LANGUAGE.items():
        expected[address] = {model.__name__ for model in models}
    assert channels == expected
    for name, topic in TOPICS.items():
        described = document["channels"][name]["description"]
        assert all(text in described for text in (topic.meaning, topic.key, topic.kept))


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    found = references(document)
    assert len(found) > len(NAMES)
    for reference in found:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in references(value)]
    if isinstance(part, list):
        return [one for value in part for one in references(value)]
    return []
