"""Commands by seed from a librdkafka producer: a year of trouble in seconds, the same each time.

All types over 16 warehouses, with repeats, misrouted records, odd keys and headers, and junk.
"""

import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, Message, Producer

from tests.chaos import junk, stories
from tests.chaos.routing import owner
from tests.chaos.stories import GOLD, Stories

REPEATED, JUNK, MISROUTED = 0.05, 0.01, 0.20  # shares of all records
REUSED = 0.06  # of the repeats: the id with another payload
REMEMBERED = 5_000  # wishes that a repeat may repeat
FORGED: tuple[str, str | bytes | None] = ("source_offset", b"1")  # a dead letter has its own
MESSAGE_BYTES_MAX = 2 << 20  # of a record with its envelope
PARTITION_BY_KEY = -1  # librdkafka's RD_KAFKA_PARTITION_UA
BURST = 50  # records between two looks at the clock
FLUSH_TIMEOUT_S = 60.0
RECONNECT_MS = 500  # a broker that is back is met this soon

Delivery = Callable[[KafkaError | None, Message], None]

WAREHOUSES = tuple(
    f"{city}-{number}" for city in ("LON", "ber", "N.Y", "sao_paulo") for number in range(1, 5)
)
MIX = {
    "ReceiveStock": 22,
    "ShipStock": 24,
    "ReserveStock": 24,
    "ReleaseReservation": 8,
    "ShipReservation": 9,
    "AdjustStock": 7,
    "SetReorderPoint": 6,
    **stories.MIX,
}

AT_A_TILL = 0.05  # of receipts and sales: as many come as go
Headers = list[tuple[str, str | bytes | None]]


class Wish(NamedTuple):
    """One record to produce."""

    kind: str  # what it is for, in the counts
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None  # None: murmur2 of the key, as librdkafka has it


class Traffic:
    """A stream of wishes; the same seed gives the same stream."""

    def __init__(
        self,
        seed: int,
        partitions: int,
        *,
        skus: int = 3_000,
        junk_share: float = JUNK,
        repeated: float = REPEATED,
    ) -> None:
        self.rng = Random(seed)
        self.seed, self.partitions, self.skus = seed, partitions, skus
        self.junk_share, self.repeated = junk_share, repeated
        self.past: deque[tuple[dict[str, Any], bytes]] = deque(maxlen=REMEMBERED)
        self.stories = Stories(self.rng, self._sku, self._warehouse)
        self.number = 0

    def wishes(self, count: int) -> Iterator[Wish]:
        """The next `count` records."""
        for _ in range(count):
            draw = self.rng.random()
            if draw < self.junk_share:
                yield self._junk()
            elif draw < self.junk_share + self.repeated and self.past:
                yield self._repeat()
            else:
                command = self._command()
                value = self._encoded(command)
                self.past.append((command, value))
                yield self._routed(command["type"], command["warehouse"], value)

    def _command(self) -> dict[str, Any]:
        rng = self.rng
        kind = rng.choices(list(MIX), list(MIX.values()))[0]
        warehouse = self._warehouse()
        command: dict[str, Any] = {"type": kind, "id": self._id(), "warehouse": warehouse}
        if kind in stories.KINDS:
            command |= self.stories.fields(kind, warehouse, self._lines)
        else:
            command["lines"] = self._lines(kind)
        if kind == "ShipStock":
            command["lines"] = self.stories.sold(warehouse, command["lines"])
            command |= self.stories.through()
        if kind == "ReceiveStock":
            self.stories.received(warehouse, command["lines"])
        if kind == "AdjustStock":
            command["reason"] = rng.choice(("count", "d\u00e9chet \U0001f4a5", "a\u0000b"))
        if rng.random() < 0.3:
            command["time"] = f"2026-11-{rng.randint(1, 30):02}T10:{rng.randint(0, 59):02}:00.5Z"
        if kind not in stories.SIGNED and rng.random() < 0.3:
            command["actor"] = f"user:{rng.randint(1, 99)}"
        if rng.random() < 0.3:
            command["correlation_id"] = f"checkout-{self.number}"
        return command

    def _warehouse(self) -> str:
        return WAREHOUSES[int(len(WAREHOUSES) * self.rng.random() ** 1.5)]

    def _id(self) -> str:
        self.number += 1
        name = f"{self.seed}-{self.number}"
        return name + self.rng.choice(("", "", "", "", "/a%2F", '"\\', "#?&", "~" * 100))

    def _lines(self, kind: str) -> list[dict[str, Any]]:
        rng = self.rng
        draw = rng.random()
        count = 1 if draw < 0.7 else rng.randint(2, 6) if draw < 0.97 else rng.randint(20, 80)
        if kind == "ReceiveStock" and rng.random() < 0.004:
            return [{"sku": GOLD, "quantity": 10**12 - i} for i in range(rng.choice((1, 400)))]
        if kind in ("ReceiveStock", "ShipStock") and rng.random() < AT_A_TILL:
            return [{"sku": rng.choice(stories.TILLS), "quantity": rng.randint(1, 9)}]
        lines = []
        for _ in range(count):
            line: dict[str, Any] = {"sku": self._sku()}
            if kind == "ReceiveStock":
                line["quantity"] = rng.randint(1, 60)
            elif kind == "AdjustStock":
                line["delta"] = rng.choice((-1, 1)) * rng.randint(1, 25)
            elif kind == "SetReorderPoint":
                line["reorder_point"] = rng.choice((0, 3, 10, 10, 25, 10**15))
            else:
                line["quantity"] = rng.randint(1, 12)
            lines.append(line)
        if kind == "SetReorderPoint":
            lines = list({line["sku"]: line for line in lines}.values())
        if kind == "AdjustStock":  # deltas that cancel are junk of their own
            lines = [line | {"delta": abs(line["delta"])} for line in lines] if count > 1 else lines
        return lines

    def _sku(self) -> str:
        number = int(self.skus * self.rng.random() ** 3)  # few are hot, most are cold
        name = f"{85_000 + number}{'ABC'[number % 3]}"
        odd = ("\u00e4-", "a/", "%2e", "\u6771\u4eac ", "\U0001f4e6", "x\u200b", '"', "\\")
        return odd[number // 20 % len(odd)] + name if number % 20 == 7 else name

    def _encoded(self, command: dict[str, Any]) -> bytes:
        """One of the ways to write it: the order of keys, blanks and escapes mean nothing."""
        rng = self.rng
        names = list(command)
        if rng.random() < 0.5:
            rng.shuffle(names)
        lines = command.get("lines")
        if lines is not None and rng.random() < 0.3:
            command = command | {"lines": [dict(reversed(list(line.items()))) for line in lines]}
        return json.dumps(
            {name: command[name] for name in names},
            ensure_ascii=rng.random() < 0.5,
            separators=(",", ":") if rng.random() < 0.7 else (" ,\n", " :\t"),
        ).encode()

    def _repeat(self) -> Wish:
        rng = self.rng
        command, value = rng.choice(self.past) if rng.random() < 0.7 else self.past[-1]
        again = dict(command)
        if rng.random() < REUSED:
            again["reason" if again["type"] == "AdjustStock" else "actor"] = "someone else"
            if again["type"] != "AdjustStock":
                again |= {"type": "ReceiveStock", "lines": [{"sku": "A1", "quantity": 7}]}
                again = {name: again[name] for name in again if name in _RECEIVE}
            return self._routed("reused id", again["warehouse"], self._encoded(again))
        if rng.random() < 0.5:
            again |= {"time": "2026-12-24T18:00:00Z", "actor": "retry", "correlation_id": "r"}
            again |= stories.MEANT.get(again["type"], {}) | again
        encoded = value if rng.random() < 0.2 else self._encoded(again)
        return self._routed("repeated", again["warehouse"], encoded)

    def _junk(self) -> Wish:
        rng = self.rng
        base = self._command()
        name, value = junk.make(rng, base)
        keys = (None, b"", base["warehouse"].encode(), b"\xff\xfe", b"k" * 300)
        partition = owner(base["warehouse"], self.partitions)
        if rng.random() < 0.4:
            partition = rng.randrange(self.partitions)
        headers = self._headers() if rng.random() < 0.3 else []
        return Wish(f"junk: {name}", rng.choice(keys), value, headers, partition)

    def _routed(self, kind: str, warehouse: str, value: bytes) -> Wish:
        rng = self.rng
        home = owner(warehouse, self.partitions)
        headers = self._headers() if rng.random() < 0.02 else []
        if rng.random() < MISROUTED and self.partitions > 1:
            wrong = (home + rng.randint(1, self.partitions - 1)) % self.partitions
            if rng.random() < 0.002:
                headers.append(("forwarded_from", b"elsewhere/0/0"))
            key = rng.choice((warehouse.encode(), None, b"some other key"))
            return Wish(f"misrouted {kind}", key, value, headers, wrong)
        if rng.random() < 0.05:
            key = rng.choice((None, b"", b"some other key"))
            return Wish(kind, key, value, headers, home)
        return Wish(kind, warehouse.encode(), value, headers, None)

    def _headers(self) -> Headers:
        return [
            ("trace", self.rng.randbytes(8)),
            ("trace", b"2"),
            ("empty", b""),
            ("null", None),
            FORGED,
        ]


_RECEIVE = frozenset(("type", "id", "warehouse", "lines", "time", "actor", "correlation_id"))


class Sender:
    """Produces wishes, paced, and counts what the broker acknowledged."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.topic = topic
        self.sent: Counter[str] = Counter()
        self.failed: list[str] = []
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "partitioner": "murmur2_random",
                "enable.idempotence": True,
                "message.max.bytes": MESSAGE_BYTES_MAX,
                "compression.type": "lz4",
                "linger.ms": 5,
                "queue.buffering.max.messages": 500_000,
                "reconnect.backoff.max.ms": RECONNECT_MS,
                "log_level": 2,
            }
        )

    def send(self, wishes: Iterable[Wish], per_second: float = 0.0) -> None:
        """Produce them, at most `per_second` (0: as fast as the broker takes them)."""
        began = time.monotonic()
        for count, wish in enumerate(wishes, 1):
            self._produce(wish)
            if count % BURST == 0:
                self._producer.poll(0)
                ahead_s = count / per_second - (time.monotonic() - began) if per_second else 0.0
                if ahead_s > 0:
                    time.sleep(ahead_s)

    def flush(self) -> None:
        """Wait until the broker has everything; raises RuntimeError where it has not."""
        left = self._producer.flush(FLUSH_TIMEOUT_S)
        if left or self.failed:
            raise RuntimeError(f"{left} not delivered, failed: {self.failed[:3]}")

    def _delivery(self, _wish: Wish) -> Delivery:
        """What is called when a broker has answered for a wish that is about to be sent."""
        return self._delivered

    def _produce(self, wish: Wish) -> None:
        told = self._delivery(wish)
        for _ in range(1_000):
            try:
                self._producer.produce(
                    self.topic,
                    value=wish.value,
                    key=wish.key,
                    headers=list(wish.headers),
                    on_delivery=told,
                    partition=PARTITION_BY_KEY if wish.partition is None else wish.partition,
                )
                break
            except BufferError:
                self._producer.poll(0.1)
        else:
            raise RuntimeError("the broker takes nothing: is it up?")
        self.sent[wish.kind] += 1

    def _delivered(self, error: KafkaError | None, _record: Message) -> None:
        if error is not None:
            self.failed.append(str(error))
