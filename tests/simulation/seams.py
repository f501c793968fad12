"""Where the fakes are put beneath the product: the names of its modules that reach the world."""

import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn
from unittest.mock import patch

import structlog
from prometheus_client import Counter, Gauge, Histogram

from streams import (
    engine,
    ids,
    packing,
    reading,
    recovery,
    relay,
    replay,
    sender,
    store,
    telemetry,
    timers,
    worker,
)
from tables import sink
from tests.simulation import database, disk, producers, readers, relays
from tests.simulation.world import Clock, World, here

ALARMS = {"partition_stopped", "defect", "rebalance_failed", "expelled_again"}
_LIMITS: list[tuple[ModuleType, str, int]] = [  # (module, limit, least)
    (timers, "LOADED", 1),
    (timers, "HELD_MAX", 2),
    (engine, "EXPIRIES_MAX", 1),
    (engine, "ROWS_CACHED", 2),
    (ids, "TOMBSTONES_PER_BATCH", 1),
    (replay, "ROWS_PER_WRITE", 4),
]


@contextmanager
def simulated(world: World, home: Path, small: int) -> Iterator[None]:
    """Run the product on the world instead of on this machine."""
    incarnations = Random(f"{world.seed}/incarnations")
    names: list[tuple[ModuleType, str, Any]] = [
        (sender, "AIOKafkaClient", producers.Client),
        (packing, "BATCH_BYTES_MAX", 4_000),  # so that a transaction has several for a partition
        (reading, "AIOKafkaConsumer", readers.Reader),
        (recovery, "uuid4", lambda: SimpleNamespace(bytes=incarnations.randbytes(16))),
        (worker, "AIOKafkaProducer", producers.Ticker),
        (relay, "AIOKafkaConsumer", relays.Consumer),
        (relay, "AIOKafkaProducer", relays.Producer),
        (relay, "MARKS_S", 2.0),
        (relay, "check_topics", _all_there),
        (relay, "reach_again", _ignored),
        (relay, "start_http_server", _ignored),
        (relay, "collect_seldom", _ignored),
        (store, "Rdict", disk.Database),
        (store, "WriteBatch", disk.Batch),
        (sink, "connect", database.connect),
        (sink, "check_version", database.check_version),
        (sink, "LogReader", database.LogReader),
        (sink, "PERIOD_S", 0.5),
        *((module, "time", Clock) for module in _with_clocks()),
        *((module, name, _Unmeasured()) for module, name in _metrics()),
    ]
    if small < 1_000:
        names += [(module, name, small * least) for module, name, least in _LIMITS]
    before = structlog.get_config()
    with ExitStack() as stack:
        for module, name, fake in names:
            stack.enter_context(patch.object(module, name, fake))
        structlog.configure(
            processors=[_Ear(str(home))],
            wrapper_class=structlog.BoundLogger,
            cache_logger_on_first_use=False,
        )
        try:
            yield
        finally:
            structlog.configure(**before)


async def _all_there(*_: Any) -> None:
    """Every topic is as it should be."""


def _ignored(*_: Any) -> None:
    """Nothing of it is simulated."""


def _with_clocks() -> list[ModuleType]:
    return [
        module
        for name, module in sorted(sys.modules.items())
        if name.startswith(("streams.", "tables.")) and getattr(module, "time", None) is time
    ]


def _metrics() -> list[tuple[ModuleType, str]]:
    return [
        (module, name)
        for module in (relay, telemetry)
        for name, found in vars(module).items()
        if isinstance(found, Counter | Gauge | Histogram)
    ]


class _Unmeasured:
    """Takes a metric's place: nobody looks at what would cost every run a part of its time."""

    def labels(self, *_: object) -> "_Unmeasured":
        return self

    def count(self, *_: object) -> None:
        """Whatever is told."""

    inc = set = observe = remove = count


class _Ear:
    """Writes the product's logs into the trace, and takes its alarms for violations."""

    def __init__(self, home: str) -> None:
        self._home = home

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> NoReturn:
        told = event.pop("event")
        event.pop("exc_info", None)
        rest = " ".join(f"{name}={value}" for name, value in sorted(event.items()))
        line = f"{told} {rest}".replace(self._home, "")
        if told in ALARMS:
            here().violate(told, line)
        else:
            here().note(line)
        raise structlog.DropEvent
