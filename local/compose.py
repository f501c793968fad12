"""The same installation as containers: docker-compose.kafka.yml, where a docker engine answers."""

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from local import kafka, postgres, probes
from local.exceptions import LocalError
from local.parts import (
    API_PORT,
    DELIVERIES,
    DELIVERIES_METRICS_PORT,
    ENDPOINTS,
    INBOUND,
    INBOUND_METRICS_PORT,
    METRICS_PORT,
    METRICS_PORTS,
    POLICIES,
    ROOT,
    Part,
    beside_stock,
    delivering,
    taking_inbound,
)
from local.ports import LOOPBACK, Ports
from schemas.domains import DOMAINS, STOCK
from streams.settings import domains_at_work

FILE = ROOT / "docker-compose.kafka.yml"
WORKERS = "workers.yml"  # of a home, beside the file: written before anything is started
ANSWER_S = 5.0
DOWN_S = 120.0
STOP_S = 60.0  # compose's own: the longest stop_grace_period and a little
ROLES = ("superuser", *postgres.ROLES)

OTHERS = (*(f"{domain}-1" for domain in DOMAINS if domain != STOCK), POLICIES)

FURTHER_WORKER = """\
  worker-{number}:
    extends: {{ file: "{file}", service: worker-1 }}
    command: python -m agents --number {number}
    ports: !override ["{host}:{port}:9400"]
"""


def engine_answers() -> bool:
    """Whether a docker engine can run the compose file here."""
    if shutil.which("docker") is None:
        return False
    try:
        return all(
            subprocess.run(asked, capture_output=True, check=False, timeout=ANSWER_S).returncode
            == 0
            for asked in (["docker", "info"], ["docker", "compose", "version"])
        )
    except subprocess.TimeoutExpired:
        return False


def is_used(folder: Path) -> bool:
    """Whether this home has, or may have, its data in containers' volumes."""
    return (folder / "compose" / WORKERS).exists()


class Stack:
    """The containers of one home, with their published ports claimed."""

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder = folder
        self._own = folder / "compose"
        self._own.mkdir(exist_ok=True)
        ports = Ports(folder / "ports.json")
        self.kafka_port = ports.claim("kafka", kafka.USUAL_PORT)
        self.postgres_port = ports.claim("postgres", postgres.USUAL_PORT)
        self.api_port = ports.claim("api", API_PORT)
        self.audit_port = ports.claim("audit metrics", METRICS_PORT)
        self._other_ports = {
            name: ports.claim(f"{name} metrics", METRICS_PORT + METRICS_PORTS * place)
            for place, name in enumerate(OTHERS, 1)
        }
        self.deliveries_port = ports.claim("deliveries metrics", DELIVERIES_METRICS_PORT)
        self.inbound_port = ports.claim("inbound metrics", INBOUND_METRICS_PORT)
        self.worker_ports = {
            number: ports.claim(f"worker-{number} metrics", METRICS_PORT + number)
            for number in range(1, workers + 1)
        }

    @property
    def reader_dsn(self) -> str:
        """The reader's connection string, from this machine."""
        password = postgres.secret(self._own / "reader.password")
        return f"postgresql://reader:{password}@{LOOPBACK}:{self.postgres_port}/{postgres.DATABASE}"

    def part(self) -> Part:
        """All containers as one part: `docker compose up`, in the foreground."""
        (self._own / WORKERS).write_text(self._further_workers())
        for told in (self._folder / "run").glob("*-*.json"):
            told.unlink()  # of an earlier run: pids in containers do not tell them apart
        command = [*_compose(self._folder), "up", "--build", "--remove-orphans"]
        return Part(
            name="compose",
            command=command,
            ready=self._all_ready,
            environment=self._environment(),
            stop_s=STOP_S,
        )

    def _environment(self) -> dict[str, str]:
        secrets = {
            f"STOCKYARD_{role.upper()}_PASSWORD": postgres.secret(self._own / f"{role}.password")
            for role in ROLES
        }
        return secrets | {
            "STOCKYARD_HOME": str(self._folder),
            "STOCKYARD_UID": str(os.getuid()),
            "STOCKYARD_GID": str(os.getgid()),
            "STOCKYARD_CLUSTER_ID": self._cluster_id(),
            "STOCKYARD_DOMAINS": ",".join(domains_at_work()),
            "COMPOSE_PROFILES": ",".join([*domains_at_work(), *self._at_the_edge()]),
            **self._delivered(),
            "STOCKYARD_INBOUND_METRICS_PORT": str(self.inbound_port),
            "STOCKYARD_KAFKA_PORT": str(self.kafka_port),
            "STOCKYARD_POSTGRES_PORT": str(self.postgres_port),
            "STOCKYARD_API_PORT": str(self.api_port),
            "STOCKYARD_AUDIT_METRICS_PORT": str(self.audit_port),
            "STOCKYARD_WORKER_1_METRICS_PORT": str(self.worker_ports[1]),
            **{_port_variable(name): str(port) for name, port in self._other_ports.items()},
        }

    def _at_the_edge(self) -> dict[str, int]:
        """What is started only where it is asked for, and where it tells its metrics."""
        delivered = {DELIVERIES: self.deliveries_port} if delivering() else {}
        return ({INBOUND: self.inbound_port} if taking_inbound() else {}) | delivered

    def _delivered(self) -> dict[str, str]:
        """Where deliveries find their file, its folder mounted: something where there is none."""
        file = Path(delivering().get(ENDPOINTS, self._own / "none.toml"))
        return {
            "STOCKYARD_DELIVERIES_FOLDER": str(file.parent),
            "STOCKYARD_DELIVERIES_FILE": file.name,
            "STOCKYARD_DELIVERIES_METRICS_PORT": str(self.deliveries_port),
        }

    def _cluster_id(self) -> str:
        kept = self._own / "cluster.id"
        if not kept.exists():
            kept.write_text(kafka.cluster_id())
        return kept.read_text()

    def _further_workers(self) -> str:
        further = {number: port for number, port in self.worker_ports.items() if number > 1}
        secrets = _secrets()
        if not further and not secrets:
            return "services: {}\n"
        told = f"  {DELIVERIES}:\n    environment:\n" if secrets else ""
        return "services:\n" + "".join(
            [
                *(
                    FURTHER_WORKER.format(number=number, file=FILE, host=LOOPBACK, port=port)
                    for number, port in further.items()
                ),
                told,
                *(f"      {name}:\n" for name in secrets),
            ]
        )

    def metrics_ports(self) -> dict[str, int]:
        """Where each that is started tells its metrics, but for the audit sink and the API."""
        workers = {f"worker-{number}": port for number, port in self.worker_ports.items()}
        others = {name: self._other_ports[name] for name in beside_stock()}
        return workers | others | self._at_the_edge()

    async def _all_ready(self, pid: int) -> bool:
        ports = self.metrics_ports()
        unowning = (POLICIES, INBOUND, DELIVERIES)
        own = {name: ports.pop(name) for name in unowning if name in ports}
        if not all((self._folder / "run" / f"{worker}.json").exists() for worker in ports):
            return False
        asked = (
            probes.kafka(f"{LOOPBACK}:{self.kafka_port}"),
            probes.postgres(lambda: self.reader_dsn),
            probes.http(self.api_port, "/health/ready"),
            *(probes.http(port, "/metrics") for port in (self.audit_port, *own.values())),
        )
        for probe in asked:
            if not await probe(pid):
                return False
        return True


def _secrets() -> list[str]:
    """The variables that deliveries take secrets from: a container is given no others.

    What is wrong with the file is told by the process that reads it.
    """
    try:
        found = tomllib.loads(Path(delivering()[ENDPOINTS]).read_text(encoding="utf-8"))
        named = {one.get("secret_env") for one in found["endpoint"]}
    except (KeyError, OSError, ValueError, TypeError, AttributeError):
        return []
    return sorted(one for one in named if isinstance(one, str) and one.isidentifier())


def down(folder: Path, *, volumes: bool) -> None:
    """Remove this home's containers, and where told to the volumes with their data."""
    try:
        removed = subprocess.run(
            [*_compose(folder), "down", "--remove-orphans", *(["--volumes"] if volumes else [])],
            env={**_placeholders(), **os.environ},
            capture_output=True,
            check=False,
            text=True,
            timeout=DOWN_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LocalError(f"the containers could not be removed: {error}") from error
    if removed.returncode:
        raise LocalError(f"the containers could not be removed: {removed.stderr.strip()}")


def pids(folder: Path) -> dict[str, int]:
    """Service -> pid on this machine, of the containers that run."""
    project = f"label=com.docker.compose.project={_project(folder)}"
    listed = _docker("ps", "--quiet", "--filter", project).split()
    inspected: list[dict[str, Any]] = json.loads(_docker("inspect", *listed)) if listed else []
    return {
        one["Config"]["Labels"]["com.docker.compose.service"]: int(one["State"]["Pid"])
        for one in inspected
    }


def _docker(*arguments: str) -> str:
    asked = subprocess.run(
        ["docker", *arguments], capture_output=True, check=False, text=True, timeout=ANSWER_S
    )
    return asked.stdout if asked.returncode == 0 else ""


def _compose(folder: Path) -> list[str]:
    files = ["--file", str(FILE), "--file", str(folder / "compose" / WORKERS)]
    return ["docker", "compose", "--project-name", _project(folder), *files]


def _project(folder: Path) -> str:
    return "stockyard-" + sha256(str(folder).encode()).hexdigest()[:8]


def _placeholders() -> Mapping[str, str]:
    """What the file requires to be read at all; `down` uses none of it."""
    names = [f"{role.upper()}_PASSWORD" for role in ROLES]
    names += ["HOME", "UID", "GID", "CLUSTER_ID", "KAFKA_PORT", "POSTGRES_PORT", "API_PORT"]
    names += ["AUDIT_METRICS_PORT", "WORKER_1_METRICS_PORT", "DOMAINS"]
    names += [f"DELIVERIES_{name}" for name in ("FOLDER", "FILE", "METRICS_PORT")]
    names += ["INBOUND_METRICS_PORT"]
    every = {"COMPOSE_PROFILES": "*"} | {_port_variable(name): "1" for name in OTHERS}
    return {f"STOCKYARD_{name}": "1" for name in names} | every


def _port_variable(name: str) -> str:
    return f"STOCKYARD_{name.upper().replace('-', '_')}_METRICS_PORT"
