"""The parts beside the worker: PostgreSQL, the audit sink and the API, each on its own."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from bench.child import ROOT, Child, Died, progress
from bench.metrics import scrape
from bench.stage import Stage
from local.ports import free_port
from local.postgres import dsn

POSTGRES_WAIT_S = 120.0
READY_WAIT_S = 300.0
ROLE = "STOCKYARD_POSTGRES_"


@dataclass(slots=True)
class Postgres:
    """A running server with our schema."""

    stage: Stage
    child: Child
    port: int

    @classmethod
    def start(cls, stage: Stage) -> "Postgres":
        """Initialise, start, migrate."""
        progress("postgres starts")
        port = free_port()
        where = ["--home", str(stage.home / "postgres"), "--port", str(port)]
        child = stage.start("postgres", [sys.executable, "-m", "local.postgres", *where])
        server = cls(stage, child, port)
        server._migrate()
        return server

    def dsn(self, role: str) -> str:
        """Connection string of a role."""
        return dsn(self.stage.home / "postgres", role, self.port)

    def _migrate(self) -> None:
        until = time.monotonic() + POSTGRES_WAIT_S
        while True:
            self.child.check()
            said = "its passwords are not written yet"
            if (self.stage.home / "postgres" / "owner.password").exists():
                roles = {f"{ROLE}{r.upper()}": self.dsn(r) for r in ("owner", "writer", "reader")}
                done = subprocess.run(
                    [sys.executable, "-m", "tables", "migrate"],
                    cwd=ROOT,
                    env={**os.environ, **roles},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                if not done.returncode:
                    return
                said = done.stderr
            if time.monotonic() > until:
                raise Died(f"the database could not be migrated: {said}")
            time.sleep(0.5)


def start_sink(stage: Stage, postgres: Postgres, prefix: str) -> tuple[Child, int]:
    """The audit sink with the history behind it, and its metrics port."""
    port = free_port()
    own = {"STOCKYARD_METRICS_PORT": str(port), ROLE + "WRITER": postgres.dsn("writer")}
    command = [sys.executable, "-m", "tables"]
    return stage.start("audit", command, stage.environment(prefix) | own), port


def start_api(stage: Stage, postgres: Postgres, prefix: str) -> tuple[Child, int]:
    """The API, once it has caught up with the changelog, and its port."""
    port = free_port()
    own = {"STOCKYARD_API_PORT": str(port), ROLE + "READER": postgres.dsn("reader")}
    child = stage.start("api", [sys.executable, "-m", "api"], stage.environment(prefix) | own)
    until = time.monotonic() + READY_WAIT_S
    while _behind(scrape(port)):
        child.check()
        if time.monotonic() > until:
            raise Died(f"the API has not caught up after {READY_WAIT_S:.0f} s")
        time.sleep(0.2)
    return child, port


def _behind(page: str) -> bool:
    return not page or "stockyard_api_caught_up" not in page or "caught_up{" in _zero(page)


def _zero(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if line.endswith(" 0.0"))
