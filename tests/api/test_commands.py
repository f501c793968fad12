"""Commands through the API: sent, decided by a real worker, told at once or later, told once."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from confluent_kafka import Producer

from streams.topics import Topics, owner
from tests.api.processes import Api, Installation, Process

Json = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def worker(stock: Installation) -> Iterator[Process]:
    with stock.at_work(("worker", "sink")) as started:
        yield started["worker"]


def command(kind: str, **fields: Any) -> Json:
    return {"type": kind, "id": uuid4().hex, "warehouse": "LON-1"} | fields


def receive(sku: str, quantity: int, **fields: Any) -> Json:
    return command("ReceiveStock", lines=[{"sku": sku, "quantity": quantity}], **fields)


def decide(api: Api, body: Json) -> httpx.Response:
    return api.post("/v1/commands?wait=30", json=body)


def test_without_wait_it_is_202_and_the_outcome_follows(api: Api) -> None:
    body = receive("later", 5)
    answer = api.post("/v1/commands", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"id": body["id"], "warehouse": "LON-1", "status": "undecided"}
    event = until_told(api, body["id"])
    assert (event["type"], event["command_id"]) == ("StockReceived", body["id"])


def until_told(api: Api, command_id: str) -> Json:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = api.get(f"/v1/commands/LON-1/{command_id}")
        if answer.status_code == 200:
            found: Json = answer.json()
            return found
        assert answer.status_code == 202, answer.text
        time.sleep(0.1)
    raise AssertionError("no outcome")


def test_with_wait_the_event_is_the_answer_and_reads_can_ask_for_it(api: Api) -> None:
    answer = decide(api, receive("now", 7, actor="user:42", correlation_id="c-77"))
    assert answer.status_code == 200, answer.text
    event = answer.json()
    assert event["type"] == "StockReceived"
    assert (event["actor"], event["correlation_id"]) == ("user:42", "c-77")
    position = f"{event['partition']}:{event['seq']}"
    row = api.get("/v1/stock/LON-1/now", headers={"X-Min-Position": position}).json()
    assert (row["on_hand"], row["version"]) == (7, 1)
    moved = api.get(
        "/v1/movements?warehouse=LON-1&sku=now", headers={"X-Min-Position": position}
    ).json()
    assert moved["events"] == [event]


def test_a_rejection_is_409_with_its_event(api: Api) -> None:
    decide(api, receive("few", 2))
    body = command("ShipStock", lines=[{"sku": "few", "quantity": 6}])
    answer = decide(api, body)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["code"] == "INSUFFICIENT_STOCK"
    assert found["details"] == {"sku": "few", "requested": 6, "available": 2}
    assert found["event"]["type"] == "CommandRejected"
    assert found["event"]["command_id"] == body["id"]
    assert found["detail"] == found["event"]["message"]
    # and later by its id
    assert until_told(api, body["id"]) == found["event"]


def test_a_repeat_is_answered_with_the_first_outcome(api: Api) -> None:
    first = receive("repeat", 3)
    told = decide(api, first)
    again = decide(api, first | {"actor": "somebody else"})
    assert (again.status_code, again.content) == (200, told.content)
    refused = command("ShipStock", lines=[{"sku": "repeat", "quantity": 9}])
    told = decide(api, refused)
    again = decide(api, refused)
    assert (told.status_code, again.status_code) == (409, 409)
    assert told.json()["event"] == again.json()["event"]
    assert api.get("/v1/stock/LON-1/repeat").json()["on_hand"] == 3


def test_an_id_used_again_for_something_else_is_told_so(api: Api) -> None:
    body = receive("reused", 3)
    decide(api, body)
    answer = decide(api, receive("reused", 4, id=body["id"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    # while the id's outcome stays what it was
    assert until_told(api, body["id"])["type"] == "StockReceived"


def test_the_header_stands_in_for_the_id(api: Api) -> None:
    body = receive("header", 3)
    key = body.pop("id")
    answers = [
        api.post("/v1/commands?wait=30", json=body, headers={"Idempotency-Key": key})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["command_id"] == key
    assert answers[0].content == answers[1].content


def test_many_who_wait_at_once_get_each_their_own(api: Api) -> None:
    def one(number: int) -> tuple[int, Json]:
        body = receive("many", 1, id=f"many-{number}", warehouse=f"LON-{number % 7}")
        return number, decide(api, body).json()

    with ThreadPoolExecutor(32) as pool:
        for number, event in pool.map(one, range(200)):
            assert event["command_id"] == f"many-{number}"
            assert event["warehouse"] == f"LON-{number % 7}"


def test_the_same_command_from_two_at_once_is_decided_once(api: Api) -> None:
    body = receive("twice", 1)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: decide(api, body), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_a_reservation_is_made_read_and_released(api: Api) -> None:
    decide(api, receive("held", 10))
    lines = [{"sku": "held", "quantity": 4}]
    body = command("ReserveStock", lines=lines, reservation="order/1", ttl_seconds=900)
    event = decide(api, body).json()
    position = {"X-Min-Position": f"{event['partition']}:{event['seq']}"}
    found = api.get("/v1/reservations/LON-1/order%2F1", headers=position).json()
    assert found["state"] == "open"
    assert found["lines"] == [lines[0] | {"picked": 0, "packed": 0, "shipped": 0}]
    assert found["expires_at"] == event["expires_at"]
    event = decide(api, command("ReleaseReservation", reservation="order/1")).json()
    position = {"X-Min-Position": f"{event['partition']}:{event['seq']}"}
    found = api.get("/v1/reservations/LON-1/order%2F1", headers=position).json()
    assert found["state"] == "released"


def test_an_unknown_id_is_404_once_everything_is_decided(api: Api) -> None:
    for path in ("/v1/commands/LON-1/never", "/v1/commands/NOWHERE/never/with/slashes"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_command_is_never_404_once_kafka_has_it(
    api: Api, stock: Installation, worker: Process
) -> None:
    """Also while it waits in a partition that does not own its warehouse."""
    topics = Topics.of("stock", stock.settings.topic_prefix)
    home = owner("LON-1", stock.settings.partitions)
    producer = Producer({"bootstrap.servers": stock.settings.kafka})
    for _ in range(3):
        # given a worker that does nothing for a moment
        worker.send(signal.SIGSTOP)
        try:
            body = receive("misrouted", 1)
            value = json.dumps(body).encode()
            producer.produce(topics.commands, value, partition=(home + 1) % 4)
            producer.flush()
            # when somebody asks for a command that waits, misrouted
            answer = api.get(f"/v1/commands/LON-1/{body['id']}")
            assert answer.status_code == 202
        finally:
            worker.send(signal.SIGCONT)
        # then it is undecided until it has its outcome
        assert until_told(api, body["id"])["type"] == "StockReceived"


def test_what_is_undecided_at_the_end_of_the_wait_is_202(api: Api, worker: Process) -> None:
    worker.send(signal.SIGSTOP)
    try:
        body = receive("slow", 1)
        started = time.monotonic()
        answer = api.post("/v1/commands?wait=1", json=body)
        assert time.monotonic() - started > 0.9
        assert answer.status_code == 202
        assert int(answer.headers["Retry-After"]) >= 1
    finally:
        worker.send(signal.SIGCONT)
    assert until_told(api, body["id"])["type"] == "StockReceived"


def test_movements_are_paged_oldest_first(api: Api) -> None:
    events = [decide(api, receive("paged", n)).json() for n in range(1, 8)]
    position = {"X-Min-Position": f"{events[-1]['partition']}:{events[-1]['seq']}"}
    query: Json = {"warehouse": "LON-1", "sku": "paged", "limit": 3}
    found, after = [], None
    while True:
        params = query | ({"after": after} if after else {})
        page = api.get("/v1/movements", params=params, headers=position).json()
        found += page["events"]
        assert page["position"]["partition"] == events[0]["partition"]
        assert page["position"]["seq"] >= events[-1]["seq"]
        after = page["next"]
        if after is None:
            break
    assert found == events
    window = query | {"from": events[2]["recorded_at"], "to": events[5]["recorded_at"]}
    page = api.get("/v1/movements", params=window | {"limit": 100}).json()
    assert [one["seq"] for one in page["events"]] == [one["seq"] for one in events[2:5]]


def test_a_body_of_a_mebibyte_is_taken_and_one_byte_more_is_413(api: Api) -> None:
    json_headers = {"Content-Type": "application/json"}
    body = json.dumps(receive("large", 1)).encode()
    padded = body + b" " * ((1 << 20) - len(body))
    answer = api.post("/v1/commands?wait=30", content=padded, headers=json_headers)
    assert answer.status_code == 200, answer.text
    for content in (padded + b" ", iter([padded, b" "])):  # announced, and in chunks
        answer = api.post("/v1/commands", content=content, headers=json_headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "CONTENT_TOO_LARGE")


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_another_media_type_is_415(api: Api, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = api.post("/v1/commands", content=json.dumps(receive("x", 1)), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_media_type_has_no_case(api: Api) -> None:
    headers = {"Content-Type": "Application/JSON; charset=UTF-8"}
    answer = api.post("/v1/commands", content=json.dumps(receive("x", 1)), headers=headers)
    assert answer.status_code == 202, answer.text


def test_an_invalid_command_is_refused_before_kafka_has_it(api: Api) -> None:
    body = receive("x", 0)
    answer = api.post("/v1/commands?wait=5", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_COMMAND")
    assert answer.json()["errors"] == [{"path": "lines.0.quantity", "problem": "is below 1"}]
    assert api.get(f"/v1/commands/LON-1/{body['id']}").status_code == 404


def test_a_client_that_goes_away_while_it_waits_leaves_nothing_behind(
    api: Api, worker: Process
) -> None:
    worker.send(signal.SIGSTOP)
    try:
        host, port = api.address.removeprefix("http://").split(":")
        body = json.dumps(receive("gone", 1)).encode()
        with socket.create_connection((host, int(port))) as connection:
            head = (
                f"POST /v1/commands?wait=20 HTTP/1.1\r\nHost: {host}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body)
            time.sleep(1)
            assert "stockyard_api_waiters 1.0" in api.get("/metrics").text
    finally:
        worker.send(signal.SIGCONT)
    deadline = time.monotonic() + 25
    while "stockyard_api_waiters 0.0" not in api.get("/metrics").text:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_reads_of_one_client_while_others_write_stay_in_step(api: Api) -> None:
    """What a client was told it can read at once, on any row, whoever else writes."""
    stop = threading.Event()

    def noise(number: int) -> None:
        while not stop.is_set():
            decide(api, receive(f"noise-{number}", 1))

    others = [threading.Thread(target=noise, args=(number,)) for number in range(4)]
    for other in others:
        other.start()
    try:
        for level in range(1, 21):
            event = decide(api, receive("mine", 1)).json()
            position = {"X-Min-Position": f"{event['partition']}:{event['seq']}"}
            row = api.get("/v1/stock/LON-1/mine", headers=position).json()
            assert (row["on_hand"], row["version"]) == (level, level)
    finally:
        stop.set()
        for other in others:
            other.join()
