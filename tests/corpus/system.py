"""The whole system under the corpus: a worker, the audit sink and the API, on real servers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.ports import free_port
from schemas.domains import STOCK
from tests.api.processes import Api, Process
from tests.integration.installation import Installation
from tests.integration.processes import Worker
from tests.stores import running_postgres

PARTITIONS = 4


@dataclass(frozen=True)
class System:
    """Its parts, all ready."""

    installation: Installation
    worker: Worker
    sink: Process
    api: Api

    @property
    def port(self) -> int:
        """Where the API answers."""
        return int(self.api.address.rpartition(":")[2])

    def unharmed(self) -> None:
        """Every process is the one that was started, and none has dropped or lost anything."""
        assert self.worker.ended() is None
        assert self.sink.is_running()
        assert self.api.is_running()
        for event in ("batch_dropped", "partition_stopped", "partition_unowned", "defect"):
            assert not self.worker.logged(event), self.worker.logged(event)[:3]
        opened = self.worker.logged("partition_open")
        assert len(opened) == PARTITIONS, "a partition was opened again"
        for log in (self.worker.log, self.sink.log, self.api.log):
            _, traceback, after = log.read_text(errors="replace").partition("Traceback")
            assert not traceback, f"{log}: {after[:6_000]}"


@contextmanager
def running(kafka: str, home: Path, domains: tuple[str, ...]) -> Iterator[System]:
    """A system of its own on this broker, of these domains."""
    with running_postgres(home / "postgres") as database:
        environment = os.environ | database.variables()
        migrate = [sys.executable, "-m", "tables", "migrate"]
        subprocess.run(migrate, env=environment, check=True, capture_output=True)
        installation = Installation(kafka, home, PARTITIONS, domains=domains)
        worker = installation.started()
        for domain in domains:
            if domain != STOCK:
                installation.process(f"{domain}-1", "--domain", domain).start()
        installation.process("policies-1", "--policies").start()
        port = free_port()
        variables = {
            "STOCKYARD_HOME": str(home),
            "STOCKYARD_KAFKA": kafka,
            "STOCKYARD_TOPIC_PREFIX": installation.prefix,
            "STOCKYARD_PARTITIONS": str(PARTITIONS),
            "STOCKYARD_IDEMPOTENCY_WINDOW_S": "86400",
            "STOCKYARD_API_PORT": str(port),
            "STOCKYARD_DOMAINS": ",".join(domains),
        } | database.variables()
        sink = Process(["tables"], home / "sink.log", variables)
        api = Api(home / "api.log", variables, port)
        try:
            installation.serve(worker)
            api.until_ready()
            yield System(installation, worker, sink, api)
        finally:
            api.stop()
            sink.stop()
            installation.close()
