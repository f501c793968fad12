"""An installation on three brokers, each with two copies beside it, and links that can be cut."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.chaos.installation import READY_S, TOPICS, Installation
from tests.chaos.isolation import Isolation, Link
from tests.chaos.processes import NotReady, Process, free_port, wait_for
from tests.chaos.proxy import Orders, write_orders

BROKERS = (1, 2, 3)
HEAP = "256m"
JAVA = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}  # a broker that lives for a minute or two
LOOPBACK = "127.0.0.1"
POSTGRES_LINK = 21
WORKER_LINKS = {f"worker-{number}": 10 + number for number in (1, 2, 3)}
PROXIED = "worker-3"  # it has no wire: its way to the brokers is the proxy
ANSWER_S = 2.0


class Cluster(Installation):
    """Use `cluster()`, which cleans up."""

    def __init__(self, home: Path, partitions: int, isolation: Isolation, seed: int) -> None:
        super().__init__(home, partitions)
        self.links: dict[str, Link] = {}
        if not isolation.no_network:
            self.links = {f"kafka-{number}": Link(number) for number in BROKERS}
            for name, number in WORKER_LINKS.items():
                self.links[name] = Link(number, wired=name != PROXIED)
            self.links["postgres"] = Link(POSTGRES_LINK)
            self.postgres_host = self.links["postgres"].address
        self.orders = home / "orders.json"
        self._ports = {number: (free_port(), free_port()) for number in BROKERS}
        self._id = urlsafe_b64encode(b"k" + Random(seed).randbytes(15)).decode().rstrip("=")
        self.kafka = ",".join(self.address(number) for number in BROKERS)
        self._common |= {"STOCKYARD_KAFKA": self.kafka, "STOCKYARD_REPLICATION": "3"}
        self.brokers: dict[int, Process] = {}
        self.admin = AdminClient(
            {"bootstrap.servers": self.kafka, "log_level": 2, "reconnect.backoff.max.ms": 500}
        )

    def host(self, number: int) -> str:
        """The address of a broker."""
        link = self.links.get(f"kafka-{number}")
        return link.address if link else LOOPBACK

    def address(self, number: int) -> str:
        """Where clients find a broker."""
        return f"{self.host(number)}:{self._ports[number][0]}"

    def _inside(self, name: str) -> Sequence[str]:
        link = self.links.get(PROXIED if name == "naive" else name)
        return link.enter if link else ()

    def start_brokers(self) -> None:
        """All three, and the topics."""
        voters = ",".join(f"{n}@{self.host(n)}:{self._ports[n][1]}" for n in BROKERS)
        for number in BROKERS:
            home = self.home / f"kafka-{number}"
            where = ["--home", str(home), "--port", str(self._ports[number][0])]
            where += ["--host", self.host(number), "--heap", HEAP, "--node", str(number)]
            where += ["--voters", voters, "--cluster", self._id]
            broker = self._process(f"kafka-{number}", ["-m", "local.kafka", *where], JAVA)
            broker.start()
            self.brokers[number] = broker
        wait_for("three brokers", READY_S, self._all_there, 0.3)
        self.make_topics(self.admin, len(BROKERS))
        wait_for("copies of all topics", READY_S, self.whole, 0.3)

    def proxy(self) -> Process | None:
        """The proxied worker's only way to the brokers, not started; None without namespaces."""
        link = self.links.get(PROXIED)
        if link is None:
            return None
        for number in BROKERS:
            link.inside("ip", "address", "add", f"{self.host(number)}/32", "dev", "lo")
        write_orders(self.orders, Orders())
        addresses = [self.address(number) for number in BROKERS]
        given = [link.namespace, str(self.orders), *addresses]
        return self._process("proxy", ["-m", "tests.chaos.proxy", *given], {})

    def _all_there(self) -> bool:
        for broker in self.brokers.values():
            if not broker.alive:
                raise NotReady(f"{broker.name} ended: {broker.tail()}")
        try:
            return len(self.admin.list_topics(timeout=ANSWER_S).brokers) == len(BROKERS)
        except KafkaException:
            return False

    def whole(self) -> bool:
        """Whether every copy of every partition is in sync, and each has a leader."""
        try:
            topics = self.admin.list_topics(timeout=ANSWER_S).topics
        except KafkaException:
            return False
        if not {self.topic(name) for name in TOPICS} <= topics.keys():
            return False
        return all(
            partition.leader in BROKERS and len(partition.isrs) == len(partition.replicas)
            for topic in topics.values()
            for partition in topic.partitions.values()
        )

    def leader(self, topic: str, partition: int) -> int | None:
        """The broker that leads a partition; None where nobody says so."""
        try:
            found = self.admin.list_topics(topic, timeout=ANSWER_S).topics[topic]
        except KafkaException:
            return None
        one = found.partitions.get(partition)
        return one.leader if one is not None and one.leader in BROKERS else None

    def controller(self) -> int:
        """The node that leads the controllers, by what each has written of the last election."""
        elections = []
        for number in BROKERS:
            path = self.home / f"kafka-{number}/log/__cluster_metadata-0/quorum-state"
            told = json.loads(path.read_text())
            if told["leaderId"] in BROKERS:
                elections.append((int(told["leaderEpoch"]), int(told["leaderId"])))
        return max(elections)[1]

    def end(self) -> None:
        super().end()
        for link in self.links.values():
            link.end()


@contextmanager
def cluster(partitions: int, isolation: Isolation, seed: int) -> Iterator[Cluster]:
    """A home of its own that is gone afterwards."""
    with TemporaryDirectory(prefix="stockyard-chaos-", ignore_cleanup_errors=True) as home:
        made = Cluster(Path(home), partitions, isolation, seed)
        try:
            yield made
        finally:
            made.end()
