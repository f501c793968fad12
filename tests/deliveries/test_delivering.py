"""Over real Kafka and HTTP: everything arrives, in the order of its key, and repeats say so."""

import json
from collections import defaultdict

from tests.deliveries.conftest import Open
from tests.deliveries.service import (
    ALERTS,
    DEAD,
    EVENTS,
    LAG,
    Deliveries,
    Request,
    assert_signed,
    endpoint,
    until,
)

WAREHOUSES = [f"W{n}" for n in range(12)]


def assert_in_order(requests: list[Request]) -> None:
    """The first arrivals of each key are in the order of their seq."""
    seen: dict[str, list[int]] = defaultdict(list)
    for one in requests:
        event = one.event
        if event["seq"] not in seen[event["warehouse"]]:
            seen[event["warehouse"]].append(event["seq"])
    assert all(seqs == sorted(seqs) for seqs in seen.values())


def test_every_event_arrives_once_in_the_order_of_its_key_signed_as_it_stands(
    deliveries: Deliveries, service: Open
) -> None:
    shop = service("shop")
    deliveries.endpoints(endpoint(shop))
    sent = [deliveries.put(WAREHOUSES[n % 12], note="é" * (n % 7)) for n in range(300)]
    deliveries.start()
    sent += [deliveries.put(WAREHOUSES[n % 12]) for n in range(200)]
    deliveries.producer.flush()

    until("all is there", lambda: len(shop.taken()) >= len(sent))
    until("all is kept", lambda: deliveries.committed("shop") == len(sent))
    until("no lag", lambda: deliveries.figures("shop").get(LAG) == 0)

    found = shop.requests()
    assert sorted(one.event["id"] for one in found) == sorted(sent)
    assert_in_order(found)
    assert_signed(found)
    prefix = deliveries.prefix.replace(".", "/")
    assert {one.name for one in found} == {f"{prefix}stock/events/v1/{one}" for one in sent}
    assert {one.headers["content-type"] for one in found} == {"application/json"}
    assert any("\\u00e9" in one.body for one in found), "bytes as they stand: escapes too"
    assert deliveries.figures("shop")["stockyard_delivered_total"] == len(sent)
    deliveries.stop()


def test_an_endpoint_is_sent_what_it_wants(deliveries: Deliveries, service: Open) -> None:
    shop, lab = service("shop"), service("lab")
    deliveries.endpoints(
        endpoint(shop, warehouses=["W1"], types=["StockShipped", "LowStock"],
                 topics=[EVENTS, ALERTS]),
        endpoint(lab, topics=[ALERTS]),
    )  # fmt: skip
    wanted = deliveries.put("W1", type="StockShipped")
    deliveries.put("W1", type="StockReceived")
    deliveries.put("W2", type="StockShipped")
    alert = {"type": "LowStock", "id": "0-1/a.b/é", "warehouse": "W1"}
    deliveries.write(ALERTS, "W1/a.b/é", json.dumps(alert).encode(), 0)
    deliveries.write(EVENTS, "W1", None, 0)
    deliveries.write(EVENTS, "W1", b"\xff no JSON", 0)
    deliveries.producer.flush()
    deliveries.start()

    until("both have it", lambda: len(shop.taken()) == 2 and len(lab.taken()) == 1)
    until("no lag", lambda: deliveries.figures("shop").get(LAG) == 0)

    assert {one.event["id"] for one in shop.taken()} == {wanted, "0-1/a.b/é"}
    (told,) = lab.taken()
    assert told.name.endswith("stock/alerts/v1/0-1/a%2Eb/%C3%A9")
    assert_signed(shop.taken())


def test_what_is_refused_is_a_dead_letter_after_its_tries_and_the_rest_goes_on(
    deliveries: Deliveries, service: Open
) -> None:
    shop = service("shop")
    shop.answers(poison=["POISON"])
    deliveries.endpoints(endpoint(shop, tries=2))
    before = deliveries.put("W1")
    poison = deliveries.put("W1", note="POISON")
    after = deliveries.put("W1")
    deliveries.producer.flush()
    deliveries.start()

    until("what is behind it arrives", lambda: [one.event["id"] for one in shop.taken()] == [
        before, after])  # fmt: skip

    tried = [one for one in shop.requests() if one.event["id"] == poison]
    assert len(tried) == 2
    assert len({one.name for one in tried}) == 1
    (letter,) = deliveries.dead_letters()
    assert json.loads(letter.value())["id"] == poison
    assert letter.key() == b"W1"
    headers = {name: value.decode() for name, value in letter.headers()}
    assert headers == {
        "error": "HTTP 422: said",
        "source_topic": deliveries.prefix + EVENTS,
        "source_partition": str(letter.partition()),
        "source_offset": "1",
        "endpoint": "shop",
    }
    assert letter.topic() == deliveries.prefix + DEAD
    (told,) = deliveries.logged("dead_letter")
    assert (told["endpoint"], told["correlation_id"]) == ("shop", "c-2")


def test_dead_letters_are_sent_again_when_they_are_redriven(
    deliveries: Deliveries, service: Open
) -> None:
    shop, lab = service("shop"), service("lab")
    for one in (shop, lab):
        one.answers(poison=["POISON"])
    deliveries.endpoints(endpoint(shop, tries=1), endpoint(lab, tries=1))
    poison = {deliveries.put(f"W{n}", note="POISON") for n in range(5)}
    deliveries.producer.flush()
    deliveries.start()
    until("all are dead", lambda: len(deliveries.dead_letters()) == 10)
    shop.answers(poison=["POISON"], poison_status=503)

    refused = deliveries.redrive("--endpoint", "lab", succeeds=False)
    away = deliveries.redrive("--endpoint", "shop", succeeds=False)
    for one in (shop, lab):
        one.answers()
    mended = deliveries.redrive()
    again = deliveries.redrive()

    assert refused == [{"endpoint": "lab", "taken": 0, "refused": 5, "left": 0,
                        "why": "HTTP 422: said"}]  # fmt: skip
    assert [(one["taken"], one["refused"], one["left"]) for one in away] == [(0, 0, 5)]
    assert away[0]["why"] == "HTTP 503: said"
    assert {one["endpoint"]: one["taken"] for one in mended} == {"shop": 5, "lab": 5}
    assert {one["taken"] for one in again} == {0}
    for one in (shop, lab):
        assert {request.event["id"] for request in one.taken()} == poison
        assert len({request.name for request in one.requests()}) == 5, "the same webhook-id"
        assert_signed(one.requests())
