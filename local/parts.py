"""The parts of an installation: how each is started, known to be ready, and stopped."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local import kafka, postgres, probes
from local.ports import LOOPBACK, Ports
from schemas.domains import DOMAINS, STOCK, TOLD
from streams.exceptions import ConfigurationError
from streams.settings import domains_at_work

API_PORT = 8080
METRICS_PORT = 9400  # the audit sink's; worker N has this + N
POLICIES = "policies-1"
DELIVERIES = "deliveries"
ENDPOINTS = "STOCKYARD_DELIVERIES"  # names the file of those who are sent events; often unset
DELIVERIES_METRICS_PORT = METRICS_PORT - 1
INBOUND = "inbound"
INBOUND_ASKED = "STOCKYARD_INBOUND"
INBOUND_METRICS_PORT = METRICS_PORT - 2
METRICS_PORTS = 70  # for the workers of a domain; then the policies' one, and the next domain's
STOP_S = 15.0  # a worker ends its transaction within 5 s, the sink its COPY
DELIVERIES_STOP_S = 20.0  # requests end within 4 s; then their position is kept
INBOUND_STOP_S = 20.0  # a turn ends within 5 s, and so does each of two clients
STORE_STOP_S = 40.0  # Kafka and PostgreSQL write out what they hold

ROOT = Path(__file__).resolve().parent.parent
PRIVATE = "STOCKYARD_POSTGRES_"  # each DSN goes to the part that needs it, to no other


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the installation."""

    name: str
    command: list[str]  # run in ROOT
    ready: probes.Probe
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None
    metrics_port: int | None = None
    stop_s: float = STOP_S

    def environ(self) -> dict[str, str]:
        """Its whole environment."""
        common = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
        return common | {"PYTHONPATH": str(ROOT)} | dict(self.environment)


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def beside_stock() -> list[str]:
    """The workers of other domains at work, and what tells domains of each other's events."""
    others = [domain for domain in domains_at_work() if domain != STOCK]
    told = [POLICIES] if set(TOLD) & set(others) else []
    return [*(f"{domain}-1" for domain in others), *told]


def delivering() -> dict[str, str]:
    """Where the endpoints of deliveries stand, whole; empty where there are none."""
    named = os.environ.get(ENDPOINTS, "")
    return {ENDPOINTS: str(Path(named).resolve())} if named else {}


def taking_inbound() -> bool:
    """Whether events of other systems are taken; raises ConfigurationError."""
    text = os.environ.get(INBOUND_ASKED, "")
    if text not in ("", "1"):
        raise ConfigurationError(f"{INBOUND_ASKED}={text!r} is not 1: set it to 1, or not at all")
    return text == "1"


class Layout:
    """Every part of one home, with its ports claimed."""

    def __init__(self, home: Path, workers: int) -> None:
        self._home = home
        self._workers = workers
        self._ports = Ports(home / "ports.json")
        self._kafka_port = self._ports.claim("kafka", kafka.USUAL_PORT)
        self._postgres_port = self._ports.claim("postgres", postgres.USUAL_PORT)
        self._api_port = self._ports.claim("api", API_PORT)

    @property
    def kafka_address(self) -> str:
        """The broker's host:port."""
        return f"{LOOPBACK}:{self._kafka_port}"

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        return f"http://{LOOPBACK}:{self._api_port}"

    def dsn(self, role: str) -> str:
        """A role's connection string, once PostgreSQL has been initialised."""
        return postgres.dsn(self._home / "postgres", role, self._postgres_port)

    def kafka(self) -> Part:
        """The broker."""
        where = ["--home", str(self._home / "kafka"), "--port", str(self._kafka_port)]
        return Part(
            name="kafka",
            command=_module("local.kafka", *where),
            ready=probes.kafka(self.kafka_address),
            port=self._kafka_port,
            stop_s=STORE_STOP_S,
        )

    def postgres(self) -> Part:
        """The database server."""
        where = ["--home", str(self._home / "postgres"), "--port", str(self._postgres_port)]
        return Part(
            name="postgres",
            command=_module("local.postgres", *where),
            ready=probes.postgres(lambda: self.dsn("reader")),
            port=self._postgres_port,
            stop_s=STORE_STOP_S,
        )

    def ours(self) -> list[Part]:
        """Audit sink, API, workers, policies, deliveries, inbound: all that needs the stores."""
        workers = [self._worker(f"worker-{n}", STOCK, n) for n in range(1, self._workers + 1)]
        beside = [*self._others(), *self._deliveries(), *self._inbound()]
        return [self._audit(), self._api(), *workers, *beside]

    def _others(self) -> list[Part]:
        return [
            self._policies() if name == POLICIES else self._worker(name, name.removesuffix("-1"), 1)
            for name in beside_stock()
        ]

    def _deliveries(self) -> list[Part]:
        """What sends events to services, where a file says which."""
        if not delivering():
            return []
        port = self._ports.claim("deliveries metrics", DELIVERIES_METRICS_PORT)
        own = {"STOCKYARD_METRICS_PORT": str(port)} | delivering()
        return [
            Part(
                name=DELIVERIES,
                command=_module("api.deliveries"),
                ready=probes.http(port, "/metrics"),
                environment=self.common() | own,
                metrics_port=port,
                stop_s=DELIVERIES_STOP_S,
            )
        ]

    def _inbound(self) -> list[Part]:
        """What takes the events of other systems, where that is asked for."""
        if not taking_inbound():
            return []
        port = self._ports.claim("inbound metrics", INBOUND_METRICS_PORT)
        return [
            Part(
                name=INBOUND,
                command=_module("api.inbound"),
                ready=probes.http(port, "/metrics"),
                environment=self.common() | {"STOCKYARD_METRICS_PORT": str(port)},
                metrics_port=port,
                stop_s=INBOUND_STOP_S,
            )
        ]

    def common(self) -> dict[str, str]:
        """What every process of ours is told."""
        return {"STOCKYARD_HOME": str(self._home), "STOCKYARD_KAFKA": self.kafka_address}

    def _worker(self, name: str, domain: str, number: int) -> Part:
        usual = METRICS_PORT + METRICS_PORTS * DOMAINS.index(domain) + number
        port = self._ports.claim(f"{name} metrics", usual)
        return Part(
            name=name,
            command=_module("agents", "--domain", domain, "--number", str(number)),
            ready=probes.assigned(self._home / "run" / f"{name}.json"),
            environment=self.common() | {"STOCKYARD_METRICS_PORT": str(port)},
            metrics_port=port,
        )

    def _policies(self) -> Part:
        name = POLICIES
        port = self._ports.claim(f"{name} metrics", METRICS_PORT + METRICS_PORTS)
        return Part(
            name=name,
            command=_module("agents", "--policies", "--number", "1"),
            ready=probes.http(port, "/metrics"),
            environment=self.common() | {"STOCKYARD_METRICS_PORT": str(port)},
            metrics_port=port,
        )

    def _audit(self) -> Part:
        port = self._ports.claim("audit metrics", METRICS_PORT)
        own = {"STOCKYARD_METRICS_PORT": str(port), PRIVATE + "WRITER": self.dsn("writer")}
        return Part(
            name="audit",
            command=_module("tables"),
            ready=probes.http(port, "/metrics"),
            environment=self.common() | own,
            metrics_port=port,
        )

    def _api(self) -> Part:
        own = {"STOCKYARD_API_PORT": str(self._api_port), PRIVATE + "READER": self.dsn("reader")}
        return Part(
            name="api",
            command=_module("api"),
            ready=probes.http(self._api_port, "/health/ready"),
            environment=self.common() | own,
            port=self._api_port,
            metrics_port=self._api_port,
        )
