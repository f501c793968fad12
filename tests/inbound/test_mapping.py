"""What an event of another system means: given an event, then a command, or why there is none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from agents.catalog.agent import CatalogActor
from agents.orders.agent import OrdersActor
from agents.stock.agent import StockActor
from api.desk import CODECS
from api.inbound.examples import EXAMPLES, WHOLE
from api.inbound.mapping import Headers, Meant, Unmapped, attributes_of, command_id, meant
from cli.tellings import Telling
from schemas.catalog_lines import ItemChange, ItemLine
from schemas.domains import CATALOG, ORDERS, STOCK
from schemas.envelope import Command, Language, kind_of
from schemas.inbound import (
    INBOUND,
    ChangedLine,
    Inbound,
    KnownProduct,
    NewProduct,
    PurchaseOrder,
    ReceivedPurchase,
    UnwantedOrder,
    WantedOrder,
    WantedSource,
)
from schemas.invalid import Invalid
from schemas.orders_commands import CancelOrder, PlaceOrder
from schemas.orders_lines import OrderSource
from schemas.stock_commands import ReceiveSupply
from schemas.stock_lines import SupplyLine
from tests.examples import SOME

OF = {event["type"]: event for event in EXAMPLES}
PLACED = OF["order.placed"]
HOME = {kind_of(model): topic for topic in INBOUND for model in topic.models}
SHOP, PIM, ERP = ("https://shop.example.com", "https://pim.example.com", "urn:example:erp")
HEART = {"sku": "85123A"}
EXPECTED: dict[str, dict[str, Any]] = {
    "order.placed": {
        "type": "PlaceOrder", "order": "S-1001", "lines": [HEART | {"quantity": 2}],
        "sources": [{"warehouse": "LON-1", "priority": 9}, {"warehouse": "PAR-1"}],
    },
    "order.cancelled": {"type": "CancelOrder", "order": "S-1001", "reason": "changed mind"},
    "product.created": {
        "type": "DefineItem", "catalog": "main",
        "lines": [HEART | {"base_unit": "piece", "title": "Hanging heart"}],
    },
    "product.updated": {
        "type": "ChangeItem", "catalog": "main",
        "lines": [HEART | {"title": "Hanging heart holder", "shelf_life_days": 3650}],
    },
    "product.discontinued": {"type": "RetireItem", "catalog": "main", "lines": [HEART]},
    "purchase_order.placed": {
        "type": "ExpectSupply", "warehouse": "LON-1", "supply": "PO-7001",
        "lines": [HEART | {"quantity": 100, "due": "2026-12-01T08:00:00Z"}],
    },
    "purchase_order.changed": {
        "type": "ExpectSupply", "warehouse": "LON-1", "supply": "PO-7001",
        "lines": [HEART | {"quantity": 120, "due": "2026-12-03T07:00:00Z", "expected": 100}],
    },
    "purchase_order.received": {
        "type": "ReceiveSupply", "warehouse": "LON-1", "supply": "PO-7001",
        "lines": [HEART | {"quantity": 90}], "to_account": "sellable",
    },
    "purchase_order.cancelled": {
        "type": "ExpectSupply", "warehouse": "LON-1", "supply": "PO-7001",
        "lines": [HEART | {"quantity": 0, "due": "1970-01-01T00:00:00Z", "expected": 30}],
    },
}  # fmt: skip


def taken(event: Any, headers: Headers = (), topic: Inbound | None = None) -> Meant | None:
    value = event if isinstance(event, bytes) else json.dumps(event).encode()
    home = topic or HOME.get(event["type"] if isinstance(event, dict) else "", INBOUND[0])
    return meant(home, attributes_of(value, headers))


def command(event: Any, headers: Headers = ()) -> dict[str, Any]:
    found = taken(event, headers)
    assert found is not None
    told: dict[str, Any] = json.loads(found.value)
    assert told["id"] == found.id
    return told


@pytest.mark.parametrize("kind", HOME)
def test_an_event_becomes_its_command(kind: str) -> None:
    told, event = command(OF[kind]), OF[kind]
    envelope = {
        "id": command_id(event["source"], event["id"]),
        "time": event["time"],
        "actor": event["source"],
        "correlation_id": event["subject"],
    }
    assert told == EXPECTED[kind] | envelope


def own(model: type[BaseModel], base: type[BaseModel]) -> set[str]:
    """Fields that a model has beside those of its base."""
    return model.model_fields.keys() - base.model_fields.keys() - {"type"}


def test_what_a_command_can_be_told_an_event_can_tell() -> None:
    """So that nothing that means something is passed over as a field that nobody knows."""
    assert WantedOrder.model_fields.keys() == own(PlaceOrder, Command)
    assert UnwantedOrder.model_fields.keys() == own(CancelOrder, Command)
    assert own(OrderSource, WantedSource) == {"stock"}
    assert own(NewProduct, Language) == own(ItemLine, Language) | {"catalog"}
    assert own(KnownProduct, Language) == own(ItemChange, Language) | {"catalog"}
    assert own(ChangedLine, Language) == own(SupplyLine, Language)
    assert own(ReceivedPurchase, PurchaseOrder) == own(ReceiveSupply, Command) - {
        "supply",
        "warehouse",
    }


def test_an_event_that_says_everything_says_it_to_the_command() -> None:
    for event, whole in zip(EXAMPLES, WHOLE, strict=True):
        little, all_of_it = taken(event), taken(whole)
        assert little is not None
        assert all_of_it is not None
        said = json.loads(all_of_it.value)
        assert said["correlation_id"] == "checkout-77"
        assert said["id"] == json.loads(little.value)["id"]
        more = whole["data"].keys() - event["data"].keys()
        assert more <= {*said, *said.get("lines", [{}])[0]}


def test_the_events_of_the_page_are_decided_as_they_are_meant() -> None:
    tellings = {
        STOCK: Telling(StockActor(86_400_000)),
        ORDERS: Telling(OrdersActor()),
        CATALOG: Telling(CatalogActor()),
    }
    for event in EXAMPLES:
        found = taken(event)
        assert found is not None
        tellings[HOME[event["type"]].domain].decide(found.value)

    told = [json.loads(event) for telling in tellings.values() for event in telling.events]
    assert [event["type"] for event in told] == [
        "SupplyExpected", "SupplyExpected", "StockMoved", "SupplyExpected",
        "OrderPlaced", "OrderCancelling",
        "ItemDefined", "ItemChanged", "ItemRetired",
    ]  # fmt: skip


def test_binary_content_mode_says_the_same() -> None:
    attributes = {name: text for name, text in PLACED.items() if name != "data"}
    headers = [(f"ce_{name}", text.encode()) for name, text in attributes.items()]
    headers.append(("content-type", b"application/json"))
    assert taken(json.dumps(PLACED["data"]).encode(), headers) == taken(PLACED)

    structured = [("content-type", b"application/cloudevents+json; charset=utf-8")]
    assert taken(PLACED, [*headers, *structured]) == taken(PLACED)


def test_an_id_is_of_its_source_and_of_no_other_split_of_the_same_text() -> None:
    ids = {command_id(*one) for one in [("a/b", "c"), ("a", "b/c"), ("a/b/", "c"), ("b", "a")]}
    assert len(ids) == 4
    assert command(PLACED)["id"] == command(PLACED | {"subject": "x", "time": None})["id"]


def test_what_it_is_part_of_is_said_by_an_extension_or_else_by_its_subject() -> None:
    assert command(PLACED | {"correlationid": "checkout-77"})["correlation_id"] == "checkout-77"
    assert command(PLACED | {"subject": "s" * 500})["correlation_id"] == "s" * 128
    bare = {name: PLACED[name] for name in ("specversion", "id", "source", "type", "data")}
    assert not {"correlation_id", "time"} & command(bare).keys()


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"),
        ("2026-11-20T10:00:00.25+05:30", "2026-11-20T04:30:00.25Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
        ("2026-11-20t10:00:00-00:30", "2026-11-20T10:30:00Z"),
    ],
)
def test_a_time_of_any_offset_is_one_in_utc(written: str, utc: str) -> None:
    assert command(PLACED | {"time": written})["time"] == utc


def test_an_unknown_type_means_nothing_and_is_no_fault() -> None:
    assert taken(PLACED | {"type": "invoice.paid", "data": None}) is None
    assert taken(PLACED | {"type": "order.placed.v2", "data": 7}) is None


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in PLACED.items() if key != name}


def of_order(**fields: Any) -> dict[str, Any]:
    return PLACED | {"data": PLACED["data"] | fields}


FAULTS: list[tuple[Any, str]] = [
    (b"", "empty"),
    (b"{", "no JSON: a mistake at character 1"),
    (b"\xff", "no JSON: byte 0 is no UTF-8"),
    (b"[]", "no JSON object"),
    (b" " * (1 << 20) + b"{}", "1048578 bytes: at most 1048576 are accepted"),
    (without("specversion"), "specversion is not 1.0"),
    (PLACED | {"specversion": "0.3"}, "specversion is not 1.0"),
    (PLACED | {"type": 7}, "type is missing, or no string"),
    (without("id"), "id is missing"),
    (PLACED | {"source": ""}, "source is shorter than 1"),
    (PLACED | {"id": "a\nb"}, "id has a control character"),
    (PLACED | {"source": "\ud800"}, "source is no Unicode text"),
    (PLACED | {"time": "yesterday"}, "time is no RFC 3339 instant"),
    (PLACED | {"time": "2026-02-30T10:00:00+01:00"}, "time is no RFC 3339 instant"),
    (PLACED | {"time": "2026-02-03T10:00:00+25:00"}, "time has an offset that leads to no instant"),
    (PLACED | {"time": "0001-01-01T00:00:00+01:00"}, "time has an offset that leads to no instant"),
    (PLACED | {"datacontenttype": "text/xml"}, "datacontenttype is no JSON"),
    (without("data"), "data is missing"),
    (PLACED | {"data": "text"}, "data is no object"),
    (of_order(order="an order"), "data.order is not of A-Z a-z 0-9 . _ -"),
    (of_order(lines=[]), "data.lines has fewer items than 1"),
    (of_order(lines=[HEART | {"quantity": "2"}]), "data.lines.0.quantity is no integer"),
    (of_order(sources=[{"warehouse": "A"}, {"warehouse": "A"}]), "sources has a warehouse twice"),
]


@pytest.mark.parametrize(("event", "problem"), FAULTS, ids=[fault[1] for fault in FAULTS])
def test_what_cannot_be_read_says_why(event: Any, problem: str) -> None:
    with pytest.raises(Unmapped) as refused:
        taken(event)
    assert str(refused.value).startswith(problem)


def test_an_event_on_the_topic_of_others_is_not_passed_over() -> None:
    with pytest.raises(Unmapped, match=r"order\.placed belongs on inbound\.orders\.v1"):
        taken(PLACED, topic=INBOUND[1])


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """An event of the page in which something, anywhere, is something else or is not there."""
    event = json.loads(json.dumps(draw(st.sampled_from(WHOLE))))
    for _ in range(draw(st.integers(0, 3))):
        part: Any = event
        while True:
            places = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not places:
                break
            place = draw(st.sampled_from(places))
            if not (isinstance(part[place], dict | list) and draw(st.booleans())):
                if draw(st.booleans()):
                    del part[place]
                else:
                    part[place] = draw(anything)
                break
            part = part[place]
    return event


values = st.none() | st.binary(max_size=60) | spoilt().map(lambda one: json.dumps(one).encode())
names = st.sampled_from(["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"])
texts = st.sampled_from([b"1.0", b"order.placed", b"urn:x"]) | st.binary(max_size=9) | st.none()


@SOME
@given(values, st.lists(st.tuples(names, texts), max_size=4), st.sampled_from(INBOUND))
def test_any_record_is_a_valid_command_or_none_or_unmapped(
    value: bytes | None, headers: list[tuple[str, bytes | None]], topic: Inbound
) -> None:
    try:
        found = meant(topic, attributes_of(value, headers))
    except Unmapped:
        return
    if found is not None:
        codec = CODECS[topic.domain]
        decoded = codec.decode(found.value)
        assert not isinstance(decoded, Invalid)
        assert getattr(decoded, codec.key) == found.key
        assert found == meant(topic, attributes_of(value, headers)), "and always the same"
