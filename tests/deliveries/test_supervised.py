"""`./stockyard up` where a file names endpoints: started, shown, started again; or refused."""

import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.domains import STOCK
from tests.deliveries.conftest import Open
from tests.deliveries.service import SECRET, assert_signed, endpoint, until
from tests.local.house import House, kill

COMMAND = {"type": "ReceiveStock", "id": "first", "warehouse": "LON-1",
           "lines": [{"sku": "85123A", "quantity": 5}]}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    made = House(tmp_path / "home", STOCK)
    monkeypatch.setenv("STOCKYARD_DELIVERIES", str(tmp_path / "deliveries.toml"))
    monkeypatch.setenv("SECRET_OF_A_TEST", SECRET)
    yield made
    made.run("down")


def test_events_of_a_running_system_arrive_also_after_the_process_was_killed(
    house: House, tmp_path: Path, service: Open
) -> None:
    shop = service("shop")
    lines = [f"{name} = {json.dumps(value)}" for name, value in endpoint(shop).items()]
    file = tmp_path / "deliveries.toml"
    file.write_text("\n".join(["[[endpoint]]", 'tries = "many"', *lines, ""]))
    assert "tries" in house.run("up", "--detach", succeeds=False), "it says what is wrong"
    file.write_text("\n".join(["[[endpoint]]", *lines, ""]))
    house.run("up", "--detach")

    status = house.status()
    _send(status["api"], COMMAND)
    until("it arrives", lambda: len(shop.taken()) == 1)
    until("it is shown", lambda: house.status()["deliveries"]["shop"].get("delivered") == 1)
    state = json.loads((house.home / "run" / "state.json").read_text())
    kill(state["parts"]["deliveries"]["identity"]["pid"])
    _send(status["api"], COMMAND | {"id": "second"})

    until("the next arrives", lambda: len({one.name for one in shop.taken()}) == 2)
    assert [one.event["command_id"] for one in shop.taken()][-1] == "second"
    assert_signed(shop.requests())
    assert "shop" in house.run("deliveries", "status")
    assert "deliveries to shop: circuit closed" in house.run("status")
    assert house.run("deliveries", "redrive") == "shop: 0 taken\n"
    assert "no endpoint 'lab'" in house.run(
        "deliveries", "redrive", "--endpoint", "lab", succeeds=False
    )


def test_where_no_file_is_named_nothing_is_delivered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STOCKYARD_DELIVERIES")
    assert "STOCKYARD_DELIVERIES" not in os.environ
    assert "not up" in house.run("deliveries", "status", succeeds=False)


def _send(api: str, command: object) -> None:
    body = json.dumps(command).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{api}/v1/commands?wait=5", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
