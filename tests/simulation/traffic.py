"""Commands by seed: few rows and many of them contended, repeats, reuse, misrouting and junk."""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from schemas.domains import STOCK
from tests.chaos.oracle import owner
from tests.simulation.lives import TTL_S, Lives
from tests.simulation.sendings import SKUS

MIX = {
    "ReceiveStock": 20,
    "ShipStock": 20,
    "ReserveStock": 30,
    "ReleaseReservation": 9,
    "ShipReservation": 9,
    "AdjustStock": 18,
    "SetReorderPoint": 12,
}
RESERVING = MIX | {"ShipStock": 5, "ReserveStock": 90, "AdjustStock": 12}
REPEATED, REUSED, MISROUTED, JUNK, TICKS = 0.14, 0.04, 0.12, 0.05, 0.02
POINTS = (0, 4, 10, 20)
SCARCE, PLENTY = 12, 60  # that a line receives, at the most
RARER = (0.0, 0.2, 0.5, 0.7)  # share of the commands, by seed
FOLLOWED = 0.15  # of the usual reservations: few of them find enough
BURST = 0.8  # share of the records that follow at once
GAP_S = 2.5
JUNK_VALUES = (
    None,
    b"",
    b"{",
    b"\xff\xfe\x00",
    b"[1]",
    b'{"type":"ReceiveStock","id":"","warehouse":"W0"}',
    b'{"type":"ReceiveStock","id":"x y","warehouse":"W0","lines":[]}',
    b'{"type":"ReceiveStock","id":"no warehouse"}',
    b'{"type":"Tick","time":"2026-01-01T00:00:00Z"}',
)

Headers = tuple[tuple[str, bytes], ...]
Placed = tuple[int, bytes | None, bytes | None, Headers]


@dataclass(frozen=True, slots=True)
class Wish:
    """One record, appended at a virtual time whatever the workers do."""

    number: int
    at_s: float
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    domain: str = STOCK


class Traffic:
    """A stream of wishes; the same seed gives the same stream."""

    def __init__(self, seed: int, partitions: int) -> None:
        self._rng = Random(f"{seed}/traffic")
        self._partitions = partitions
        self._mix = MIX if self._rng.random() < 0.6 else RESERVING
        self._received_max = SCARCE if self._rng.random() < 0.7 else PLENTY
        self._warehouses = [f"W{n}" for n in range(self._rng.randint(2, 5))]
        self._rarer = self._rng.choice(RARER)
        self._lives = Lives(self._rng, self._warehouses)
        self._past: list[dict[str, Any]] = []
        self._number = 0
        self._now_s = 0.3

    def wishes(self, count: int) -> list[Wish]:
        """The first `count` records, in the order of their times."""
        return [self._wish(number) for number in range(count)]

    def _wish(self, number: int) -> Wish:
        rng = self._rng
        self._now_s += rng.uniform(0, 0.01) if rng.random() < BURST else rng.uniform(0, GAP_S)
        draw = rng.random()
        at_s = round(self._now_s, 4)
        if draw < JUNK:
            return Wish(number, at_s, *self._junk())
        if draw < JUNK + TICKS:
            return Wish(number, at_s, rng.randrange(self._partitions), None, b'{"type":"Tick"}')
        if draw < JUNK + TICKS + REPEATED and self._past:
            return Wish(number, at_s, *self._routed(self._repeat()))
        command = self._command()
        self._past.append(command)
        return Wish(number, at_s, *self._routed(command))

    def _junk(self) -> Placed:
        rng = self._rng
        value = rng.choice(JUNK_VALUES)
        headers = (("trace", b"1"), ("source_offset", b"7")) if rng.random() < 0.3 else ()
        at = rng.randrange(self._partitions)
        if rng.random() < 0.4:  # invalid, but to be answered
            value = json.dumps(self._command() | {"colour": "green"}).encode()
        return at, rng.choice((None, b"k")), value, headers

    def _routed(self, command: dict[str, Any]) -> Placed:
        rng = self._rng
        partition = owner(command["warehouse"], self._partitions)
        headers: Headers = (("trace", b"%d" % self._number),) if rng.random() < 0.2 else ()
        if rng.random() < MISROUTED:
            partition = rng.randrange(self._partitions)
            if rng.random() < 0.1:
                headers += (("forwarded_from", b"elsewhere/0/1"),)
        value = json.dumps(command, separators=(",", ":")).encode()
        return partition, command["warehouse"].encode(), value, headers

    def _repeat(self) -> dict[str, Any]:
        rng = self._rng
        command = dict(rng.choice(self._past) if rng.random() < 0.4 else self._past[-1])
        if rng.random() < REUSED / REPEATED:
            return self._command() | {"id": command["id"], "warehouse": command["warehouse"]}
        if rng.random() < 0.5:
            command |= {"time": "2026-12-24T18:00:00Z", "actor": "retry"}
        return command

    def _command(self) -> dict[str, Any]:
        rng = self._rng
        self._number += 1
        warehouse = rng.choice(self._warehouses)
        command: dict[str, Any] = {"id": f"c{self._number}", "warehouse": warehouse}
        if rng.random() < self._rarer:
            command = self._lives.next(command, self._number)
        else:
            command |= self._usual()
            if self._lives.pooled:
                command = self._lives.through(command)
            if command["type"] == "ReserveStock" and rng.random() < FOLLOWED:
                self._lives.reserved(command)
        if rng.random() < 0.2:
            command["correlation_id"] = f"checkout-{self._number}"
        return command

    def _usual(self) -> dict[str, Any]:
        rng = self._rng
        kind = rng.choices(list(self._mix), list(self._mix.values()))[0]
        command: dict[str, Any] = {"type": kind}
        if kind in ("ReserveStock", "ReleaseReservation", "ShipReservation"):
            command["reservation"] = f"r{rng.randrange(max(4, self._number // 6))}"
        if kind not in ("ReleaseReservation", "ShipReservation"):
            command["lines"] = self._lines(kind)
        if kind == "ReserveStock":
            command["ttl_seconds"] = rng.choice(TTL_S)
        if kind == "AdjustStock":
            command["reason"] = "count"
        return command

    def _lines(self, kind: str) -> list[dict[str, Any]]:
        rng = self._rng
        skus = [rng.choice(SKUS) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
        if kind == "SetReorderPoint":
            return [{"sku": sku, "reorder_point": rng.choice(POINTS)} for sku in set_of(skus)]
        if kind == "AdjustStock":
            sign = rng.choice((-1, -1, 1))
            return [{"sku": sku, "delta": sign * rng.randint(1, 6)} for sku in skus]
        most = self._received_max if kind == "ReceiveStock" else 4
        return [{"sku": sku, "quantity": rng.randint(1, most)} for sku in skus]


def set_of(names: list[str]) -> list[str]:
    """Each name once, in the order of the first."""
    return list(dict.fromkeys(names))
