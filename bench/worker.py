"""Our worker as a benchmark sees it: started, ready when it serves every partition, ended."""

import re
import sys
import time
from dataclasses import dataclass

from bench.child import Child, Died
from bench.metrics import scrape
from bench.stage import PARTITIONS, Stage
from local.ports import free_port
from schemas.domains import STOCK

READY_S_MAX = 600.0  # 10 million rows and 20 million ids are rebuilt in that
POLL_S = 0.1
SERVING = re.compile(r'stockyard_partition_state\{partition="(\d+)",state="serving"\} 1\.0')


@dataclass(slots=True)
class Worker:
    """One worker process and its metrics port."""

    child: Child
    port: int
    started_s: float  # time.time()

    @classmethod
    def start(
        cls,
        stage: Stage,
        prefix: str,
        number: int = 1,
        home: str = "engine",
        interval_ms: int | None = None,
        domain: str = STOCK,
    ) -> "Worker":
        """Start it, on the commit interval of the benchmark unless another is named."""
        port = free_port()
        environment = stage.environment(prefix, home) | {"STOCKYARD_METRICS_PORT": str(port)}
        if interval_ms is not None:
            environment["STOCKYARD_COMMIT_INTERVAL_MS"] = str(interval_ms)
        command = [sys.executable, "-m", "agents", "--number", str(number), "--domain", domain]
        started_s = time.time()
        name = f"worker-{number}" if domain == STOCK else f"{domain}-{number}"
        return cls(stage.start(name, command, environment), port, started_s)

    def serving(self) -> set[int]:
        """The partitions it decides at this moment."""
        return {int(number) for number in SERVING.findall(scrape(self.port))}

    def wait_serving(self, count: int = PARTITIONS) -> float:
        """Wait until it serves so many partitions; seconds since its start."""
        until = time.time() + READY_S_MAX
        while len(self.serving()) < count:
            self.child.check()
            if time.time() > until:
                raise Died(f"{self.child.name} serves {self.serving()} after {READY_S_MAX:.0f} s")
            time.sleep(POLL_S)
        return time.time() - self.started_s
