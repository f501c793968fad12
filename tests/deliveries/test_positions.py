"""Over real Kafka: where an endpoint begins, and what it is never sent."""

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.topics import owner
from tests.deliveries.conftest import Open
from tests.deliveries.service import EVENTS, LAG, PARTITIONS, Deliveries, endpoint, until


def test_one_that_starts_now_is_sent_what_comes_later_also_what_comes_while_it_is_down(
    deliveries: Deliveries, service: Open
) -> None:
    shop = service("shop")
    deliveries.endpoints(endpoint(shop, start="now"))
    for number in range(20):
        deliveries.put(f"W{number}")
    deliveries.producer.flush()
    deliveries.start()
    until("it has begun", lambda: len(deliveries.logged("endpoint_started")) == 1)
    deliveries.kill()

    sent = {deliveries.put(f"W{number}") for number in range(20)}
    deliveries.producer.flush()
    deliveries.start()

    until("they arrive", lambda: {one.event["id"] for one in shop.taken()} == sent)


def test_what_was_aborted_is_never_sent(deliveries: Deliveries, service: Open) -> None:
    shop = service("shop")
    deliveries.endpoints(endpoint(shop))
    deliveries.start()
    writer = Producer({"bootstrap.servers": deliveries.kafka,
                       "transactional.id": deliveries.prefix})  # fmt: skip
    writer.init_transactions()
    for number in range(4):
        writer.begin_transaction()
        body = b'{"id": "%d", "warehouse": "W", "type": "StockReceived"}' % number
        writer.produce(deliveries.prefix + EVENTS, body, key="W", partition=owner("W", PARTITIONS))
        if number % 2:
            writer.commit_transaction()
        else:
            writer.flush()
            writer.abort_transaction()

    until("the others arrive", lambda: [one.event["id"] for one in shop.taken()] == ["1", "3"])
    until("no lag", lambda: deliveries.figures("shop").get(LAG) == 0)


def test_what_expired_before_it_was_sent_is_told_and_the_rest_is_sent(
    deliveries: Deliveries, service: Open
) -> None:
    shop = service("shop")
    deliveries.endpoints(endpoint(shop))
    deliveries.put("W")
    deliveries.producer.flush()
    deliveries.start()
    until("it is kept", lambda: deliveries.committed("shop") == 1)
    deliveries.stop()
    for _ in range(5):
        deliveries.put("W")
    deliveries.producer.flush()
    place = owner("W", PARTITIONS)
    admin = AdminClient({"bootstrap.servers": deliveries.kafka})
    gone = [TopicPartition(deliveries.prefix + EVENTS, place, 4)]
    for future in admin.delete_records(gone).values():
        future.result()

    deliveries.start()

    until("the rest is there", lambda: len(shop.taken()) == 3)
    assert [one.event["seq"] for one in shop.taken()] == [1, 5, 6]
    (told,) = deliveries.logged("expired_before_delivery")
    assert (told["endpoint"], told["lost"]) == ("shop", [1, 4])
