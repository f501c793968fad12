"""`./stockyard up` and `status`: everything runs, on loopback, and comes back when it dies."""

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from confluent_kafka import Producer

from api.inbound.examples import EXAMPLES
from api.inbound.mapping import command_id
from local.ports import LOOPBACK
from schemas.domains import STOCK
from tests.local.house import House, kill

RESUMED_S = 30.0


def test_everything_is_ready_and_says_where(house: House) -> None:
    status = house.status()

    assert status["ready"] is True
    assert status["kafka"].startswith(LOOPBACK + ":")
    assert status["postgres"].startswith("postgresql://reader:")
    assert [worker["id"] for worker in status["workers"]] == ["worker-1", "worker-2"]
    assert status["lag"] == 0
    for pid in status["pids"].values():
        assert psutil.pid_exists(pid)
    with urllib.request.urlopen(status["api"] + "/health/ready", timeout=5) as answer:
        assert answer.status == 200


def test_every_partition_has_one_worker(house: House) -> None:
    assert _owned(house) == list(range(12))


def test_every_domain_has_its_worker_and_is_told_of_stock(house: House) -> None:
    domains = house.status()["domains"]

    assert set(domains) == {"finance", "locations", "orders", "catalog", "lots"}
    for name, domain in domains.items():
        (worker,) = domain["workers"]
        assert (worker["id"], worker["partitions"]) == (f"{name}-1", list(range(12)))
        assert psutil.pid_exists(worker["pid"])
        assert domain["lag"] == 0


def test_events_of_other_systems_are_taken(house: House) -> None:
    event = next(one for one in EXAMPLES if one["type"] == "purchase_order.placed")
    status = house.status()
    topic = "inbound.purchasing.v1"
    assert set(status["inbound"]) == {"inbound.orders.v1", "inbound.products.v1", topic}
    producer = Producer({"bootstrap.servers": status["kafka"]})
    producer.produce(topic, json.dumps(event), key=event["data"]["purchase_order"])
    assert producer.flush(RESUMED_S) == 0

    command = f"/v1/commands/LON-1/{quote(command_id(event['source'], event['id']), safe='')}"
    deadline = time.monotonic() + RESUMED_S
    while (outcome := _outcome(status["api"] + command)) is None:
        assert time.monotonic() < deadline, "it is not decided"
        time.sleep(0.2)

    assert (outcome["type"], outcome["supply"]) == ("SupplyExpected", "PO-7001")
    counts = {"lag": 0, "read": 1, "commands": 1, "dead": 0, "passed_over": 0}
    while (told := house.status()["inbound"][topic]) != counts:  # its position is kept behind it
        assert time.monotonic() < deadline, told
    assert f"{topic}: lag 0, dead letters 0" in house.run("status")


def test_up_again_changes_nothing(house: House) -> None:
    before = house.status()

    said = house.run("up", "--workers", "5")

    assert "up already" in said
    assert "2 workers" in said
    after = house.status()
    assert after["pids"] == before["pids"]
    assert after["workers"] == before["workers"]


def test_nothing_listens_beyond_loopback(house: House) -> None:
    listening = {
        (process.name(), connection.laddr.ip)
        for process in house.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }

    assert listening
    assert {address.removeprefix("::ffff:") for _, address in listening} == {LOOPBACK}, listening


def test_the_owners_password_is_in_no_process_that_lasts(house: House) -> None:
    password = (house.home / "postgres" / "owner.password").read_text().strip()

    for process in house.processes():
        environment = process.environ()
        assert "STOCKYARD_POSTGRES_OWNER" not in environment
        assert not any(password in value for value in environment.values())


def test_secrets_are_for_their_owner_alone(house: House) -> None:
    secrets = [*(house.home / "postgres").glob("*.password"), house.home / "run" / "state.json"]

    assert len(secrets) == 5
    for secret in secrets:
        assert secret.stat().st_mode & 0o077 == 0, secret


@pytest.mark.parametrize("part", ["api", "audit", "postgres", "kafka"])
def test_a_part_that_is_killed_comes_back(house: House, part: str) -> None:
    killed = house.wait_ready()["pids"][part]

    kill(killed)
    _wait_gone(house, part, killed)

    assert house.wait_ready()["pids"][part] not in (None, killed)


def test_a_worker_that_is_killed_takes_its_partitions_back(house: House) -> None:
    before = house.wait_ready()["workers"]

    kill(before[0]["pid"])
    started = time.monotonic()
    while (now := house.status()["workers"])[0]["pid"] in (None, before[0]["pid"]):
        assert time.monotonic() - started < RESUMED_S

    assert now[1]["pid"] == before[1]["pid"]
    house.wait_ready()
    assert _owned(house) == list(range(12))


def test_the_table_for_people_tells_of_the_restarts(house: House) -> None:
    house.wait_ready()

    said = house.run("status")

    assert said.splitlines()[0] == "ready"
    rows = {line.split()[0]: line.split() for line in said.splitlines()[2:] if line.split()}
    assert rows["worker-1"][1] == "ready"
    assert rows["finance-1"][1] == rows["policies-1"][1] == "ready"
    assert "lag, in records: stock 0, finance 0, locations 0, orders 0, catalog 0, lots 0" in said


def test_logs_are_one_file_per_part(house: House) -> None:
    names = {log.stem for log in (house.home / "log").glob("*.log")}

    parts = {"kafka", "postgres", "audit", "api", "worker-1", "worker-2"}
    others = {"finance-1", "locations-1", "orders-1", "catalog-1", "lots-1", "policies-1"}
    assert parts | others | {"inbound"} <= names


def test_our_logs_are_json_lines(house: House) -> None:
    for name in ("api", "audit", "worker-1", "finance-1", "policies-1", "inbound"):
        lines = (house.home / "log" / f"{name}.log").read_text().splitlines()
        assert lines
        for line in lines:
            assert isinstance(json.loads(line), dict), f"{name}: {line}"


def test_two_homes_run_side_by_side(house: House, tmp_path: Path) -> None:
    second = House(tmp_path / "second", STOCK)
    first = house.wait_ready()
    try:
        second.run("up", "--detach")
        status = second.status()
        assert status["ready"] is True
        assert house.status()["ready"] is True
        for door in ("kafka", "postgres", "api"):
            assert status[door] != first[door]
    finally:
        second.run("down", "--purge")
    assert not second.processes()
    assert not second.home.exists()
    assert house.status()["pids"] == first["pids"]


def _owned(house: House) -> list[int]:
    return sorted(n for worker in house.status()["workers"] for n in worker["partitions"])


def _outcome(url: str) -> dict[str, Any] | None:
    """What a command did; None while it is not known, or not there yet."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found if answer.status == 200 else None
    except urllib.error.HTTPError as error:
        if error.code not in (404, 503):
            raise
        return None


def _wait_gone(house: House, part: str, pid: int) -> None:
    deadline = time.monotonic() + RESUMED_S
    while house.status()["pids"][part] == pid:
        assert time.monotonic() < deadline, f"{part} {pid} is still shown"
