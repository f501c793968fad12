"""Health, metrics, documentation, limits at the start and the end: what operators rely on."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from local import probes
from local.ports import free_port
from schemas.domains import DOMAINS
from schemas.stock_commands import COMMANDS
from schemas.stock_events import EVENTS
from tests.api.changelog import Changelog, row
from tests.api.conftest import Servers, installation
from tests.api.processes import Api, Installation, Process


@pytest.fixture(scope="module")
def domains() -> tuple[str, ...]:
    """What the module's API shows: everything."""
    return DOMAINS


def test_it_is_live_and_ready(api: Api) -> None:
    assert api.get("/health/live").json() == {"status": "live"}
    ready = api.get("/health/ready")
    assert ready.status_code == 200
    checks = {"changelog": "ok", "kafka": "ok", "postgres": "ok"}
    assert ready.json() == {"status": "ready", "checks": checks}


def test_every_answer_has_security_headers_and_none_allows_other_origins(api: Api) -> None:
    for path in ("/health/live", "/v1/stock", "/docs", "/nothing", "/openapi.json"):
        answer = api.get(path, headers={"Origin": "https://elsewhere.example"})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers


def test_metrics_count_by_route_and_stay_few(api: Api, changelog: Changelog) -> None:
    began = time.time()
    changelog.commit("W", row("W", "S", 1))
    for number in range(50):
        api.get(f"/v1/stock/W/never-{number}")
        api.get(f"/nothing/{number}")
        api.client.request("PROPFIND", "/v1/stock")
    text = api.get("/metrics").text
    requests = [line for line in text.splitlines() if "api_requests_total{" in line]
    assert any('route="/v1/stock/{warehouse}/{sku:text}",status="404"' in x for x in requests)
    assert any('route="(no route)",status="404"' in line for line in requests)
    assert any('method="(other)"' in line for line in requests)
    assert len(requests) < 30
    for name in ("seq", "caught_up", "lag_records", "lag_seconds", "rebuilds_total"):
        for domain in DOMAINS:
            assert text.count(f'\nstockyard_api_{name}{{domain="{domain}"') == 4
    assert "stockyard_api_request_seconds_bucket" in text
    fetched = next(x for x in text.splitlines() if x.startswith("stockyard_api_fetched_timestamp"))
    assert began - 10 < float(fetched.split()[1]) < time.time() + 1


def test_the_documentation_comes_from_here(api: Api) -> None:
    page = api.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text
    assert "https://" not in page.text
    for path in ("docs/assets/swagger-ui-bundle.js", "docs/assets/swagger-ui.css", "docs/start.js"):
        assert f'"{path}"' in page.text
        assert api.get(f"/{path}").status_code == 200
    assert len(api.get("/docs/assets/swagger-ui-bundle.js").content) > 500_000
    assert api.get("/docs/assets/other.js").status_code == 400


PATHS = {
    "/v1/stock/{warehouse}/{sku}",
    "/v1/stock",
    "/v1/accounts/{warehouse}/{sku}",
    "/v1/reservations/{warehouse}/{reservation}",
    "/v1/counts/{warehouse}/{count}",
    "/v1/transfers/{warehouse}/{transfer}",
    "/v1/arrivals/{warehouse}/{from_warehouse}/{transfer}",
    "/v1/backorders/{warehouse}/{sku}",
    "/v1/channels/{warehouse}/{sku}",
    "/v1/promises/{warehouse}/{sku}",
    "/v1/finance/commands",
    "/v1/finance/commands/{warehouse}/{command_id}",
    "/v1/finance/movements",
    "/v1/finance/periods/{warehouse}",
    "/v1/finance/valuation",
    "/v1/finance/valuation/{warehouse}/{sku}",
    "/v1/locations/commands",
    "/v1/locations/commands/{warehouse}/{command_id}",
    "/v1/locations/containers/{warehouse}/{container}",
    "/v1/locations/movements",
    "/v1/locations/places/{warehouse}/{sku}",
    "/v1/locations/tree/{warehouse}",
    "/v1/locations/tree/{warehouse}/{location}",
    "/v1/catalog/commands",
    "/v1/catalog/commands/{catalog}/{command_id}",
    "/v1/catalog/gtins",
    "/v1/catalog/gtins/{catalog}/{gtin}",
    "/v1/catalog/items",
    "/v1/catalog/items/{catalog}/{sku}",
    "/v1/catalog/kits",
    "/v1/catalog/kits/{catalog}/{sku}",
    "/v1/catalog/movements",
    "/v1/catalog/products",
    "/v1/catalog/products/{catalog}/{product}",
    "/v1/catalog/resolve",
    "/v1/lots/at/{warehouse}/{sku}",
    "/v1/lots/claims/{warehouse}/{sku}",
    "/v1/lots/commands",
    "/v1/lots/commands/{sku}/{command_id}",
    "/v1/lots/movements",
    "/v1/lots/of/{sku}",
    "/v1/lots/serial/{sku}",
    "/v1/lots/serials/{sku}",
    "/v1/movements",
    "/v1/orders/commands",
    "/v1/orders/commands/{order}/{command_id}",
    "/v1/orders/movements",
    "/v1/orders/{order}",
    "/v1/commands/{warehouse}/{command_id}",
    "/v1/commands",
    "/health/live",
    "/health/ready",
    "/metrics",
}


def test_openapi_describes_every_request_and_error_with_examples(api: Api) -> None:
    document = api.get("/openapi.json").json()
    assert set(document["paths"]) == PATHS
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    assert set(references(document)) <= {f"#/components/schemas/{name}" for name in schemas}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert operation["description"], path
            for status, answer in operation["responses"].items():
                if status >= "400":
                    content = answer["content"]["application/problem+json"]
                    assert content["examples"], (path, status)
    send = document["paths"]["/v1/commands"]["post"]
    body = send["requestBody"]["content"]["application/json"]
    names = {command.__name__ for command in COMMANDS}
    assert names - set(body["examples"]) == {"ExpectTransfer", "SettleTransfer"}
    assert set(schemas["StockCommand"]["discriminator"]["mapping"]) == names
    told = send["responses"]["200"]["content"]["application/json"]["schema"]
    mapping = told.get("discriminator", {}).get("mapping", {})
    assert set(mapping) == {event.__name__ for event in EVENTS}, told
    assert {"200", "202", "400", "409", "413", "415", "422", "503"} <= set(send["responses"])


def references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in references(value)]
    if isinstance(part, list):
        return [one for value in part for one in references(value)]
    return []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_0_when_it_is_told_to(own_api: Api, number: signal.Signals) -> None:
    assert own_api.get("/health/live").status_code == 200
    own_api.send(number)
    assert own_api.wait() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"STOCKYARD_API_PORT": "no"}, "STOCKYARD_API_PORT='no' is no port"),
        ({"STOCKYARD_PARTITIONS": "7"}, "set STOCKYARD_PARTITIONS=4"),
        ({"STOCKYARD_POSTGRES_READER": ""}, "STOCKYARD_POSTGRES_READER is not set"),
        ({"STOCKYARD_POSTGRES_READER": "mysql://x"}, "STOCKYARD_POSTGRES_READER is not"),
    ],
)
def test_a_wrong_setting_ends_it_with_3_and_says_what_to_do(
    own_stock: Installation, changes: dict[str, str], words: str
) -> None:
    process = own_stock.start_api(**changes)
    assert process.wait(40) == 3
    assert words in process.log.read_text()


def test_a_port_that_is_taken_ends_it(own_stock: Installation, own_api: Api) -> None:
    port = own_api.address.rsplit(":", 1)[1]
    second = own_stock.start_api(STOCKYARD_API_PORT=port)
    assert second.wait(40) != 0


def test_without_postgres_the_stock_is_served_and_the_history_is_503(
    own_stock: Installation, own_changelog: Changelog
) -> None:
    nobody = f"postgresql://reader:x@127.0.0.1:{free_port()}/stockyard"
    process = own_stock.start_api(STOCKYARD_POSTGRES_READER=nobody)
    try:
        until(process, "/v1/stock", 200)
        seq = own_changelog.commit("W", row("W", "S", 4))
        position = {"X-Min-Position": f"{own_changelog.owner('W')}:{seq}"}
        assert process.get("/v1/stock/W/S", headers=position).json()["on_hand"] == 4
        for path in ("/v1/movements?warehouse=W&sku=S", "/v1/commands/W/C"):
            answer = process.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
            assert int(answer.headers["Retry-After"]) >= 1
        answer = process.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["checks"]["postgres"] == "does not answer"
    finally:
        process.stop()


def until(process: Api, path: str, status: int) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        try:
            if process.get(path).status_code == status:
                return
        except httpx.TransportError:
            process.refuse_death()
        time.sleep(0.2)
    raise AssertionError(f"{path} is never {status}")


def test_kafka_may_go_away_and_come_back(
    servers: Servers, own_stock: Installation, tmp_path: Path
) -> None:
    """A broker of its own: stopped, started again on its data, and all is as before."""
    port = free_port()
    own = Servers(f"127.0.0.1:{port}", servers.model)
    broker = kafka(tmp_path, port)
    try:
        until_up(broker, own.kafka)
        place = installation(own, tmp_path)
        written = Changelog(place.settings)
        process = place.api()
        seq = written.commit("W", row("W", "S", 4))
        partition = written.owner("W")
        position = {"X-Min-Position": f"{partition}:{seq}"}
        assert process.get("/v1/stock/W/S", headers=position).json()["on_hand"] == 4
        # when Kafka is away
        broker.kill()
        # then what is known is still told, and what needs Kafka says so
        assert process.get("/v1/stock/W/S").json()["on_hand"] == 4
        body = {
            "type": "ReceiveStock", "id": "c", "warehouse": "W",
            "lines": [{"sku": "S", "quantity": 1}], "correlation_id": "delivery-9",
        }  # fmt: skip
        for query in ("", "?wait=5"):
            answer = process.post(f"/v1/commands{query}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (503, "KAFKA_UNAVAILABLE")
            assert int(answer.headers["Retry-After"]) >= 1
        process.until_logged('"correlation_id": "delivery-9"')  # whoever asks why can be answered
        until(process, "/health/ready", 503)
        # and when it is back, everything goes on
        broker = kafka(tmp_path, port)
        until_up(broker, own.kafka)
        until(process, "/health/ready", 200)
        seq = written.commit("W", row("W", "S", 5))
        position = {"X-Min-Position": f"{partition}:{seq}"}
        assert process.get("/v1/stock/W/S", headers=position).json()["on_hand"] == 5
        assert process.post("/v1/commands", json=body).status_code == 202
        assert process.stop() == 0
    finally:
        broker.stop()


def until_up(process: Process, address: str) -> None:
    probe, deadline = probes.kafka(address), time.monotonic() + 60
    while not asyncio.run(probe(process.pid)):
        process.refuse_death()
        assert time.monotonic() < deadline
        time.sleep(0.2)


def kafka(home: Path, port: int) -> Process:
    return Process.module("local.kafka", home / "kafka.log", home=home / "kafka", port=port)


def test_the_log_is_json_lines(own_api: Api) -> None:
    own_api.get("/v1/stock")
    own_api.stop()
    lines = own_api.log.read_text().splitlines()
    assert lines
    assert all(line.startswith("{") and line.endswith("}") for line in lines)
    assert not any("/v1/stock" in line for line in lines)  # no access log


def test_no_stack_trace_on_a_wrong_start(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "STOCKYARD_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "api"],
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
