"""Services under delivery, and the process that delivers to them, in a tenant of its own."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from prometheus_client.parser import text_string_to_metric_families
from standardwebhooks.webhooks import Webhook

from local.parts import ROOT
from local.ports import free_port
from local.probes import http_get
from streams.topics import owner

PARTITIONS = 4
WAIT_S = 60.0
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
EVENTS, ALERTS, DEAD = "stock.events.v1", "stock.alerts.v1", "deliveries.dead-letters.v1"
LAG = "stockyard_delivery_lag_records"
# as fast as a test wants it
HASTY = {"timeout_s": 2, "pause_s": 0.1, "pause_s_max": 0.5, "private": True}


def until(what: str, holds: Callable[[], bool], within_s: float = WAIT_S) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.05)


@dataclass
class Request:
    """One request as the service noted it."""

    path: str
    headers: dict[str, str]
    body: str
    status: int
    at: float

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def name(self) -> str:
        return self.headers["webhook-id"]


class Service:
    """A receiver: started, killed, told how to answer."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.port, self._folder = name, free_port(), folder / name
        self._folder.mkdir()
        (self._folder / "requests.jsonl").touch()
        self._process: subprocess.Popen[bytes] | None = None
        self.answers()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def answers(self, **behaviour: Any) -> None:
        """From now on it answers like this."""
        new = self._folder / "behaviour.new"
        new.write_text(json.dumps(behaviour))
        new.replace(self._folder / "behaviour.json")

    def start(self) -> "Service":
        where = ["--port", str(self.port), "--folder", str(self._folder)]
        command = [sys.executable, "-m", "tests.deliveries.receiver", *where]
        self._process = subprocess.Popen(command, cwd=ROOT)
        until("it listens", self._listens)
        return self

    def kill(self) -> None:
        """SIGKILL, where it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def requests(self) -> list[Request]:
        """All it has been sent, in the order of arrival."""
        text = (self._folder / "requests.jsonl").read_text()
        lines = text.rpartition("\n")[0].splitlines()  # the last may be half written
        return [Request(**json.loads(line)) for line in lines]

    def taken(self) -> list[Request]:
        return [one for one in self.requests() if one.status < 300]

    def _listens(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0


def assert_signed(requests: list[Request]) -> None:
    """An implementation that is not ours verifies every signature, and refuses another body."""
    hook = Webhook(SECRET)
    for one in requests:
        assert "." not in one.name
        now = str(int(time.time()))  # it may be long ago; its own time is signed
        assert abs(int(one.headers["webhook-timestamp"]) - one.at) < 5
        signed = hook.sign(one.name, _utc(one.headers["webhook-timestamp"]), one.body)
        assert one.headers["webhook-signature"] == signed
        fresh = {"webhook-id": one.name, "webhook-timestamp": now}
        fresh["webhook-signature"] = hook.sign(one.name, _utc(now), one.body)
        hook.verify(one.body, fresh)


def _utc(seconds: str) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(seconds), UTC)


class Deliveries:
    """A tenant's topics, the file of its endpoints, and `python -m api.deliveries`."""

    def __init__(self, kafka: str, folder: Path) -> None:
        self.kafka, self.folder = kafka, folder
        self.prefix = f"d{uuid4().hex[:8]}."
        self.log = folder / "deliveries.log"
        self._file, self._port = folder / "deliveries.toml", free_port()
        self._processes: list[subprocess.Popen[bytes]] = []
        self.producer = Producer({"bootstrap.servers": kafka, "linger.ms": 2})
        self._make_topics([EVENTS, ALERTS])
        self._sequences = dict.fromkeys(range(PARTITIONS), 0)

    def _make_topics(self, topics: list[str]) -> None:
        admin = AdminClient({"bootstrap.servers": self.kafka})
        made = [NewTopic(self.prefix + topic, PARTITIONS, 1) for topic in topics]
        for future in admin.create_topics(made).values():
            future.result()

    def put(self, warehouse: str, **fields: Any) -> str:
        """An event of a warehouse, as its worker would write it; its id."""
        partition = owner(warehouse, PARTITIONS)
        self._sequences[partition] += 1
        seq = self._sequences[partition]
        event = {"type": "StockReceived", "id": f"{partition}-{seq}", "partition": partition,
                 "seq": seq, "warehouse": warehouse, "correlation_id": f"c-{seq}"}  # fmt: skip
        self.write(EVENTS, warehouse, json.dumps(event | fields).encode(), partition)
        return str(event["id"])

    def write(self, topic: str, key: str | None, value: bytes | None, partition: int) -> None:
        """Any record."""
        self.producer.produce(
            self.prefix + topic,
            value,
            key=key,
            partition=partition,
            on_delivery=_raise,
        )
        self.producer.poll(0)

    def endpoints(self, *endpoints: Mapping[str, Any]) -> None:
        """Write the file."""
        text = ""
        for endpoint in endpoints:
            lines = [f"{name} = {json.dumps(value)}" for name, value in endpoint.items()]
            text += "\n".join(["[[endpoint]]", *lines, ""])
        self._file.write_text(text)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process."""
        self._processes.append(self._begin(self._port))
        return self._processes[-1]

    def start_another(self) -> subprocess.Popen[bytes]:
        """Start one beside it, with metrics of its own."""
        self._processes.append(self._begin(0))
        return self._processes[-1]

    def _begin(self, port: int) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "api.deliveries"],
                cwd=ROOT,
                env=self.environment() | {"STOCKYARD_METRICS_PORT": str(port)},
                stdout=output,
                stderr=output,
            )

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "STOCKYARD_KAFKA": self.kafka,
            "STOCKYARD_TOPIC_PREFIX": self.prefix,
            "STOCKYARD_PARTITIONS": str(PARTITIONS),
            "STOCKYARD_DELIVERIES": str(self._file),
            "SECRET_OF_A_TEST": SECRET,
        }

    def kill(self) -> None:
        """SIGKILL to all that run."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM to all that run, and they must obey."""
        assert set(self._end(signal.SIGTERM)) <= {0}

    def _end(self, number: signal.Signals) -> list[int]:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(number)
        codes = [process.wait(20) for process in self._processes]
        self._processes = []
        return codes

    def figures(self, endpoint: str) -> dict[str, float]:
        """Its metrics, by their names; a circuit's state by `circuit:STATE`."""
        import asyncio

        try:
            _, text = asyncio.run(http_get(self._port, "/metrics"))
        except (OSError, TimeoutError):
            return {}
        found: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.labels.get("endpoint") == endpoint:
                    state = sample.labels.get("state")
                    name = f"circuit:{state}" if state else sample.name
                    found[name] = found.get(name, 0.0) + sample.value
        return found

    def committed(self, endpoint: str) -> int:
        """Offsets that its group has committed, in sum."""
        group = f"{self.prefix}deliveries.{endpoint}"
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": group})
        asked = [TopicPartition(self.prefix + EVENTS, one) for one in range(PARTITIONS)]
        found = consumer.committed(asked, timeout=10)
        consumer.close()
        return sum(max(0, one.offset) for one in found)

    def dead_letters(self) -> list[Any]:
        """All of them, as they stand."""
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": "none",
                             "enable.partition.eof": True})  # fmt: skip
        consumer.assign([TopicPartition(self.prefix + DEAD, n, 0) for n in range(PARTITIONS)])
        found, ended = [], 0
        while ended < PARTITIONS:
            one = consumer.poll(10)
            assert one is not None
            error = one.error()
            if error is not None:
                ended += error.code() == KafkaError._PARTITION_EOF
            else:
                found.append(one)
        consumer.close()
        return found

    def redrive(self, *arguments: str, succeeds: bool = True) -> list[dict[str, Any]]:
        """`./stockyard deliveries redrive --json`: what it says of each endpoint."""
        ended = subprocess.run(
            [sys.executable, "-m", "cli", "deliveries", "redrive", "--json", *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            check=False,
            text=True,
            timeout=WAIT_S,
        )
        assert (ended.returncode == 0) == succeeds, ended.stdout + ended.stderr
        found: list[dict[str, Any]] = json.loads(ended.stdout)
        return found

    def logged(self, event: str) -> list[dict[str, Any]]:
        """What its log says of something."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]
        return [line for line in lines if line["event"] == event]


def endpoint(service: Service, **options: Any) -> dict[str, Any]:
    """An endpoint of the file that leads to a service."""
    own = {"name": service.name, "url": service.url, "secret_env": "SECRET_OF_A_TEST"}
    return own | {"topics": [EVENTS]} | HASTY | options


def _raise(error: Any, _: Any) -> None:
    assert error is None, error
