"""The compose file, without an engine: what it says agrees with the code and with local mode."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import compose, kafka, postgres, supervisor
from local.exceptions import LocalError
from local.parts import ROOT
from local.ports import LOOPBACK
from local.state import make, read
from schemas.domains import DOMAINS, STOCK, TOLD

TEXT = compose.FILE.read_text()
DOCUMENT: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
OTHERS = {f"{domain}-1" for domain in DOMAINS if domain != STOCK}
OURS = {"prepare", "audit", "api", "worker-1", "policies-1", "deliveries", "inbound"} | OTHERS
LASTING = set(SERVICES) - {"prepare"}
# what the compose specification knows of a service, as far as this file uses it
SERVICE_KEYS = {
    "build", "command", "depends_on", "environment", "healthcheck", "image", "init", "ports",
    "profiles", "restart", "stop_grace_period", "user", "volumes",
}  # fmt: skip
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
DIFFERENT = {"controller.quorum.voters", "listeners", "advertised.listeners", "log.dirs"}


@pytest.fixture
def stack(tmp_path: Path) -> compose.Stack:
    return compose.Stack(tmp_path, 3)


def test_it_is_made_of_what_the_specification_knows() -> None:
    assert set(DOCUMENT) <= {"services", "volumes", "x-ours", "x-environment"}
    for name, service in SERVICES.items():
        assert set(service) <= SERVICE_KEYS, name
        assert "image" in service
        for needed, how in service.get("depends_on", {}).items():
            assert needed in SERVICES
            assert how["condition"] in CONDITIONS
    volumes = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    named = {volume.split(":")[0] for volume in volumes if volume[0].isalpha()}
    assert named == set(DOCUMENT["volumes"])


def test_the_parts_are_those_of_local_mode() -> None:
    assert set(SERVICES) == {"kafka", "postgres"} | OURS
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{kafka.version()}"
    assert SERVICES["postgres"]["image"] == f"postgres:{postgres.VERSION}"


def test_one_service_builds_the_image_that_all_of_ours_run_and_they_wait_for_it() -> None:
    """Builds side by side would export one tag at once, which fails at a machine's first start."""
    built = {name for name, service in SERVICES.items() if "build" in service}
    assert built == {"prepare"}
    assert {SERVICES[name]["image"] for name in OURS} == {"stockyard:local"}
    for name in OURS - built:
        waited = SERVICES[name]["depends_on"]
        assert waited == {"prepare": {"condition": "service_completed_successfully"}}, name


def test_every_lasting_part_is_published_on_loopback_alone_and_watched() -> None:
    for name in LASTING:
        service = SERVICES[name]
        assert service["ports"]
        assert all(port.startswith(LOOPBACK + ":") for port in service["ports"]), name
        assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"]), name
        assert service["restart"] != "no"


def test_the_broker_has_the_settings_of_local_mode() -> None:
    there = SERVICES["kafka"]["environment"]
    local = kafka.properties(Path("/anywhere"), 9092, 9093)

    for name in local.keys() - DIFFERENT:
        if name == "listener.security.protocol.map":
            continue  # it has a listener more: for clients on this machine
        assert str(there["KAFKA_" + name.replace(".", "_").upper()]) == local[name], name


def test_every_variable_that_is_set_is_one_that_the_code_reads() -> None:
    read = set()
    for folder in ("streams", "tables", "api", "agents", "local"):
        for path in (ROOT / folder).rglob("*.py"):
            read |= set(re.findall(r"STOCKYARD_[A-Z_]+[A-Z]", path.read_text()))
    roles = {f"STOCKYARD_POSTGRES_{role.upper()}" for role in postgres.ROLES}

    for name in OURS:
        told = set(SERVICES[name]["environment"])
        assert told <= read | roles, name


def test_each_part_knows_only_its_own_database_role() -> None:
    known = {
        name: {key for key in service["environment"] if key.startswith("STOCKYARD_POSTGRES_")}
        for name, service in SERVICES.items()
        if name in OURS
    }
    assert known["audit"] == {"STOCKYARD_POSTGRES_WRITER"}
    assert known["api"] == {"STOCKYARD_POSTGRES_READER"}
    assert known["worker-1"] == set()


def test_every_variable_that_is_required_is_given(stack: compose.Stack) -> None:
    required = set(re.findall(r"\$\{(\w+):\?\}", TEXT))

    given = stack.part().environment

    assert required | {"COMPOSE_PROFILES"} == set(given) == set(compose._placeholders())


def test_a_domain_is_started_where_it_is_at_work() -> None:
    for domain in OTHERS:
        assert SERVICES[domain]["profiles"] == [domain.removesuffix("-1")]
    assert set(SERVICES["policies-1"]["profiles"]) == set(TOLD)


@pytest.mark.parametrize(
    ("domains", "others"),
    [
        ("stock", set()),
        ("stock,catalog", {"catalog-1"}),
        ("stock,orders", {"orders-1", "policies-1"}),
        (",".join(DOMAINS), OTHERS | {"policies-1"}),
    ],
)
def test_the_lag_of_each_part_that_is_started_is_asked_where_it_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, domains: str, others: set[str]
) -> None:
    monkeypatch.setenv("STOCKYARD_DOMAINS", domains)
    stack = compose.Stack(tmp_path, 2)

    ports = stack.metrics_ports()

    assert set(ports) == {"worker-1", "worker-2"} | others
    told = stack.part().environment
    for name in set(ports) - {"worker-2"}:
        assert told[compose._port_variable(name)] == str(ports[name])


async def test_a_first_start_has_the_time_that_images_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an engine that pulls and builds for longer than local parts may take to start."""
    engine, home = tmp_path / "docker", tmp_path / "home"
    engine.write_text('#!/bin/sh\ncase "$*" in *" up "*) exec sleep 600 ;; esac\n')
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(supervisor, "START_S", 0.0)
    monkeypatch.setattr(supervisor, "CONTAINERS_S", 1.0)
    make(home)

    assert await supervisor.Supervisor(home, 1).run() == 1

    told = read(home)
    assert told
    assert told.containers
    assert told.error.startswith("not ready after 1 s: compose:")
    assert told.parts["compose"].phase == "stopped"


def test_containers_are_removed_where_there_may_be_some_and_what_is_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = compose.Stack(tmp_path, 1)
    assert not compose.is_used(tmp_path)
    stack.part()
    assert compose.is_used(tmp_path)

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalError, match=r"could not be removed.*docker"):
        compose.down(tmp_path, volumes=False)


def test_deliveries_are_started_where_a_file_names_endpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SERVICES["deliveries"]["profiles"] == ["deliveries"]
    assert "deliveries" not in compose.Stack(tmp_path, 1).part().environment["COMPOSE_PROFILES"]
    file = tmp_path / "shops.toml"
    file.write_text('[[endpoint]]\nsecret_env = "B_SECRET"\n[[endpoint]]\nsecret_env = "A"\n')
    monkeypatch.setenv("STOCKYARD_DELIVERIES", str(file))

    stack = compose.Stack(tmp_path, 2)
    environment = stack.part().environment

    assert environment["COMPOSE_PROFILES"].split(",")[-1] == "deliveries"
    assert environment["STOCKYARD_DELIVERIES_FOLDER"] == str(tmp_path)
    assert environment["STOCKYARD_DELIVERIES_FILE"] == "shops.toml"
    text = (stack._own / "workers.yml").read_text().replace("!override ", "")
    services = yaml.safe_load(text)["services"]
    assert services["deliveries"] == {"environment": {"A": None, "B_SECRET": None}}
    assert set(services) == {"deliveries", "worker-2"}


def test_events_of_others_are_taken_where_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SERVICES["inbound"]["profiles"] == ["inbound"]
    assert "STOCKYARD_INBOUND" in SERVICES["prepare"]["environment"]
    before = compose.Stack(tmp_path, 1)
    assert "inbound" not in before.part().environment["COMPOSE_PROFILES"].split(",")
    assert "inbound" not in before.metrics_ports()
    monkeypatch.setenv("STOCKYARD_INBOUND", "1")

    stack = compose.Stack(tmp_path, 1)

    environment = stack.part().environment
    assert "inbound" in environment["COMPOSE_PROFILES"].split(",")
    assert environment["STOCKYARD_INBOUND_METRICS_PORT"] == str(stack.metrics_ports()["inbound"])


def test_further_workers_have_their_numbers_and_ports(stack: compose.Stack) -> None:
    stack.part()

    text = (stack._own / "workers.yml").read_text().replace("!override ", "")
    workers = yaml.safe_load(text)["services"]

    assert set(workers) == {"worker-2", "worker-3"}
    for number in (2, 3):
        worker = workers[f"worker-{number}"]
        assert worker["command"].endswith(f"--number {number}")
        assert worker["extends"]["service"] == "worker-1"
        assert worker["ports"] == [f"{LOOPBACK}:{stack.worker_ports[number]}:9400"]


def test_the_image_has_every_package_that_its_commands_import() -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))

    assert copied == {"schemas", "streams", "tables", "agents", "api", "local"}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{name}" for name in copied} <= set(ignored)


def test_the_roles_are_those_of_local_mode() -> None:
    script = (ROOT / "local" / "postgres-roles.sh").read_text()

    assert re.findall(r"CREATE ROLE (\w+)", script) == list(postgres.ROLES)
    assert f"CREATE DATABASE {postgres.DATABASE} OWNER owner" in script
