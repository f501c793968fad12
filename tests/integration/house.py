"""A whole installation on the session's stores, on which the demo is played."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from confluent_kafka import Producer
from rich.console import Console

from cli import play
from cli.bookkeeping import check_books
from cli.demo import SAMPLE
from cli.findings import Check, Findings
from cli.installation import Installation as Where
from cli.invoices import Command
from cli.sending import Sender
from schemas.domains import DOMAINS
from streams.settings import Settings
from streams.topics import Topics, ensure_topics, owner
from tests.api.processes import Api, Installation, Process
from tests.audit.conftest import bring_to_version, clear
from tests.integration.installation import read
from tests.integration.processes import until
from tests.stores import Database

PARTITIONS = 4
PREFIX = "books."
READY_S = 40.0
WAREHOUSE, SKU = "EIRE", "10002"  # a row of the sample that no scene moves
PLACE = owner(WAREHOUSE, PARTITIONS)


@dataclass
class House:
    """A whole installation, and its books."""

    installation: Installation
    database: Database
    api: Api
    worker: Process
    output: StringIO = field(default_factory=StringIO)  # what the demo shows

    @property
    def settings(self) -> Settings:
        return self.installation.settings

    @property
    def topics(self) -> Topics:
        return Topics.of("stock", PREFIX)

    @property
    def where(self) -> Where:
        return Where(self.settings, self.database.reader, self.api.address)

    def play(self) -> Check:
        """The demo, as `./stockyard demo` plays it where there is no terminal."""
        console = Console(file=self.output, width=200, highlight=False)
        return asyncio.run(play.play(self.where, SAMPLE, console))

    def check(self) -> Findings:
        """The books, as `./stockyard books` checks them."""
        return asyncio.run(check_books(self.where, lambda partitions: None))

    def load(self) -> dict[str, int]:
        """What `./stockyard load` says of the sample."""
        told = subprocess.run(
            [sys.executable, "-m", "cli", "load", str(SAMPLE), "--json"],
            env=os.environ | self.installation.environment(),
            check=True,
            capture_output=True,
        )
        summary: dict[str, int] = json.loads(told.stdout)
        return summary

    def send(self, commands: Iterable[Command], partition: int | None = None) -> None:
        """Commands to their topic, as `./stockyard load` sends them."""

        async def produce() -> None:
            async with Sender(self.settings) as sender:
                for command in commands:
                    await sender.send(command, partition)
                await sender.flush()

        asyncio.run(produce())

    def produce(self, topic: str, *records: tuple[bytes, bytes]) -> None:
        """Forge records on the planted row's partition of a topic."""
        producer = Producer({"bootstrap.servers": self.settings.kafka})
        for key, value in records:
            producer.produce(topic, value, key, PLACE)
        assert producer.flush(READY_S) == 0

    def last(self, topic: str, key: bytes | None = None) -> bytes:
        """The last value on that partition of a topic, of a key where one is named."""
        values = [
            record.value()
            for record in read(self.settings.kafka, topic, PARTITIONS)
            if record.partition() == PLACE and key in (None, record.key())
        ]
        assert values[-1] is not None
        return values[-1]

    def found(self, line: str) -> list[Any]:
        """What a pattern finds in the lines that the demo has shown."""
        return re.findall(rf"^{line}$", self.output.getvalue(), re.MULTILINE)

    def told(self, domain: str) -> list[dict[str, Any]]:
        """A domain's events."""
        events = read(self.settings.kafka, Topics.of(domain, PREFIX).events, PARTITIONS)
        return [json.loads(record.value() or b"") for record in events]

    def stop_worker(self) -> None:
        """End it, so that its store is free."""
        assert self.worker.stop() == 0

    def start_worker(self) -> None:
        """Start it again and wait until it serves all partitions."""
        self.worker = self.installation.worker()
        until("the worker serves", READY_S, self._serves)

    def _serves(self) -> bool:
        path = self.settings.home / "run" / "worker-1.json"
        told = json.loads(path.read_text()) if path.exists() else {}
        states = list(told.get("states", {}).values())
        return told.get("pid") == self.worker.pid and states == ["serving"] * PARTITIONS


async def prepare(settings: Settings, postgres: Database) -> None:
    for domain in DOMAINS:
        await ensure_topics(settings, Topics.of(domain, PREFIX))
    await clear(postgres)
    await bring_to_version(postgres)
