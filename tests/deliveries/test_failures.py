"""Over real Kafka and HTTP: endpoints that fail in every way, and a process that is killed."""

import random
import time
from collections import Counter

import pytest

from api.deliveries.session import AHEAD_RECORDS, TURN_RECORDS
from tests.deliveries.conftest import Open
from tests.deliveries.service import LAG, PARTITIONS, Deliveries, assert_signed, endpoint, until
from tests.deliveries.test_delivering import assert_in_order

WAREHOUSES = [f"W{n}" for n in range(12)]
KILLS = 5


def put_many(deliveries: Deliveries, count: int) -> list[str]:
    sent = [deliveries.put(WAREHOUSES[n % 12]) for n in range(count)]
    deliveries.producer.flush()
    return sent


def test_an_endpoint_that_is_away_delays_no_other_and_gets_all_when_it_is_back(
    deliveries: Deliveries, service: Open
) -> None:
    shop, lab = service("shop"), service("lab")
    deliveries.endpoints(endpoint(shop), endpoint(lab))
    sent = put_many(deliveries, 100)
    deliveries.start()
    until("both have them", lambda: len(shop.taken()) == len(lab.taken()) == 100)
    lab.kill()
    away_at = time.monotonic()
    many = AHEAD_RECORDS * PARTITIONS * 2
    sent += put_many(deliveries, many)

    until("the shop has all", lambda: len(shop.taken()) == len(sent))
    until("its circuit is open", lambda: deliveries.figures("lab").get("circuit:closed") == 0)

    figures = deliveries.figures("lab")
    assert len(lab.taken()) == 100
    assert figures["stockyard_delivery_under_way"] <= PARTITIONS * (AHEAD_RECORDS + TURN_RECORDS)
    until("its lag is told", lambda: deliveries.figures("lab").get(LAG) == many)
    assert deliveries.figures("shop")["circuit:closed"] == 1
    tried = figures["stockyard_delivery_retries_total"]
    assert tried <= 13 + (time.monotonic() - away_at) / 0.05, "one trial after each pause"

    lab.start()
    until("the lab has all", lambda: len(lab.taken()) >= len(sent))
    until("no lag", lambda: deliveries.figures("lab").get(LAG) == 0)
    assert Counter(one.event["id"] for one in lab.taken()) == Counter(sent)
    assert deliveries.figures("lab")["circuit:closed"] == 1
    for one in (shop, lab):
        assert_in_order(one.requests())
        assert_signed(one.requests())
    assert deliveries.dead_letters() == []
    states = [told["state"] for told in deliveries.logged("circuit")]
    assert states == ["open", "closed"]


@pytest.mark.parametrize(
    "failing",
    [
        {"status": 500},
        {"status": 429, "retry_after": "1"},
        {"status": 408},
        {"hang": True},
        {"close": True},
        {"status": 301, "location": "http://127.0.0.1:9/elsewhere"},
    ],
    ids=str,
)
def test_however_it_fails_each_is_sent_again_with_its_id_and_in_order(
    deliveries: Deliveries, service: Open, failing: dict[str, object]
) -> None:
    shop = service("shop")
    shop.answers(**failing)
    deliveries.endpoints(endpoint(shop, timeout_s=0.5))
    sent = put_many(deliveries, 30)
    deliveries.start()
    until("its circuit is open", lambda: deliveries.figures("shop").get("circuit:closed") == 0)
    time.sleep(1)
    failed = len(shop.requests())
    assert failed <= 13 + 1 / 0.05 + 20

    shop.answers()
    until("all is taken", lambda: len({one.name for one in shop.taken()}) == len(sent))

    names = {one.event["id"]: one.name for one in shop.requests()}
    assert all(one.name == names[one.event["id"]] for one in shop.requests())
    assert sorted(names) == sorted(sent)
    assert_in_order(shop.taken())
    assert_signed(shop.requests())
    assert deliveries.dead_letters() == []


def test_a_service_that_dies_and_comes_back_under_traffic_is_sent_everything(
    deliveries: Deliveries, service: Open
) -> None:
    shop, rng = service("shop"), random.Random(5)
    deliveries.endpoints(endpoint(shop))
    deliveries.start()
    sent = []
    for _ in range(KILLS):
        sent += put_many(deliveries, 100)
        time.sleep(rng.uniform(0, 0.5))
        shop.kill()
        sent += put_many(deliveries, 50)
        time.sleep(rng.uniform(0, 1))
        shop.start()

    until("all is taken", lambda: {one.event["id"] for one in shop.taken()} == set(sent))

    assert_in_order(shop.requests())
    assert_signed(shop.requests())


def test_a_process_that_is_killed_at_any_moment_loses_nothing(
    deliveries: Deliveries, service: Open
) -> None:
    shop, lab, rng = service("shop"), service("lab"), random.Random(7)
    shop.answers(poison=["POISON"])
    deliveries.endpoints(endpoint(shop, tries=2), endpoint(lab))
    sent, poison = [], []
    for round_ in range(KILLS):
        deliveries.start()
        for _ in range(4):
            sent += put_many(deliveries, 60)
            poison.append(deliveries.put("W1", note="POISON"))
            time.sleep(rng.uniform(0, 1.5))
        if round_ == 0:
            until("it is at work", lambda: len(shop.taken()) > 0)
        deliveries.kill()
    deliveries.start()

    until("the shop has all", lambda: {one.event["id"] for one in shop.taken()} == set(sent))
    until("so has the lab", lambda: len({one.name for one in lab.taken()}) == len(sent + poison))
    until("no lag", lambda: deliveries.figures("shop").get(LAG) == 0)

    for one in (shop, lab):
        assert_in_order(one.requests())
        assert_signed(one.requests())
        ids = {request.event["id"]: request.name for request in one.requests()}
        assert all(request.name == ids[request.event["id"]] for request in one.requests())
        repeats = len(one.taken()) - len({request.name for request in one.taken()})
        assert repeats <= KILLS * AHEAD_RECORDS * PARTITIONS
    letters = {(one.partition(), dict(one.headers())["source_offset"]) for one in
               deliveries.dead_letters()}  # fmt: skip
    assert len(letters) == len(poison)


def test_two_processes_share_and_one_that_is_told_to_stop_hands_over_without_a_repeat(
    deliveries: Deliveries, service: Open
) -> None:
    shop = service("shop")
    shop.answers(slow_s=0.02)
    deliveries.endpoints(endpoint(shop))
    first = deliveries.start()
    sent = put_many(deliveries, 100)
    until("it is at work", lambda: len(shop.taken()) > 0)
    second = deliveries.start_another()
    sent += put_many(deliveries, 200)
    until("both work", lambda: len(deliveries.logged("endpoint_started")) == 2)
    sent += put_many(deliveries, 200)
    first.terminate()
    assert first.wait(20) == 0
    sent += put_many(deliveries, 100)

    until("all is taken", lambda: len(shop.taken()) >= len(sent))
    until("all is kept", lambda: deliveries.committed("shop") == len(sent))

    second.terminate()
    assert second.wait(20) == 0
    assert Counter(one.event["id"] for one in shop.requests()) == Counter(sent)
    assert_in_order(shop.requests())
