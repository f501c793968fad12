"""Warehouses, orders and the relays between them in memory: the real deciders and policies.

Each actor has a log of commands and decides them in its order, when it comes to it. A relay reads
an actor's events in their order, when it comes to it, and may go back and carry some again, as one
does that was taken for dead. Of each (key, id) the first counts, as in the engine.
"""

import json
from random import Random
from typing import Any

from agents.orders.policy import asked, told
from tests.orders.desk import Desk
from tests.stock.bytes_of import Shop

WAREHOUSES = ("L", "M", "N")


class Log:
    """An actor's commands: those of producers, and, apart, those of relays."""

    def __init__(self) -> None:
        self.commands: list[bytes] = []
        self.decided = 0
        self._seen: set[tuple[bool, str, str]] = set()

    def add(self, key: str, value: bytes, caused: bool) -> None:
        """A repeat has no effect, and is not kept at all."""
        name = caused, key, json.loads(value)["id"]
        if name not in self._seen:
            self._seen.add(name)
            self.commands.append(value)

    @property
    def waiting(self) -> int:
        """Commands that are not decided."""
        return len(self.commands) - self.decided

    def next(self) -> bytes:
        """The one to be decided."""
        self.decided += 1
        return self.commands[self.decided - 1]


class World:
    """Everything, one step at a time; a seed says which."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.desk, self.orders_log = Desk(), Log()
        self.shops = {name: Shop() for name in WAREHOUSES}
        self.logs = {name: Log() for name in WAREHOUSES}
        for number, shop in enumerate(self.shops.values()):
            shop.moment.partition = number
        self.carried = dict.fromkeys((*WAREHOUSES, "orders"), 0)
        self._sent = 0

    def send(self, key: str, kind: str, **fields: Any) -> None:
        """A producer's command for a warehouse, or for an order."""
        self._sent += 1
        is_order = key not in WAREHOUSES
        head = {"type": kind, "id": f"c-{self._sent}", "order" if is_order else "warehouse": key}
        log = self.orders_log if is_order else self.logs[key]
        log.add(key, json.dumps(head | fields).encode(), caused=False)

    def steps(self) -> list[tuple[str, str]]:
        """What could come next."""
        found = [("decide", name) for name, log in self.logs.items() if log.waiting]
        if self.orders_log.waiting:
            found.append(("decide", "orders"))
        return found + [
            ("carry", name)
            for name, position in self.carried.items()
            if position < len(self._events(name))
        ]

    def _events(self, name: str) -> list[bytes]:
        return self.desk.events if name == "orders" else self.shops[name].events

    def step(self) -> bool:
        """One of them, drawn; whether there was any."""
        found = self.steps()
        if found:
            what, name = self.random.choice(found)
            (self.decide if what == "decide" else self.carry)(name)
        return bool(found)

    def decide(self, name: str) -> None:
        """An actor decides its next command."""
        if name == "orders":
            self.desk.put(self.orders_log.next())
        else:
            self.shops[name].put(self.logs[name].next())

    def carry(self, name: str) -> None:
        """A relay carries one event of an actor's."""
        event = self._events(name)[self.carried[name]]
        self.carried[name] += 1
        if name == "orders":
            for warehouse, _, command in asked(event):
                self.logs[warehouse].add(warehouse, command, caused=True)
        else:
            for order, _, command in told(event):
                self.orders_log.add(order, command, caused=True)

    def go_back(self) -> None:
        """A relay that was taken for dead carries some events again."""
        name = self.random.choice(list(self.carried))
        self.carried[name] = self.random.randint(0, self.carried[name])

    def pass_time(self, ms: int) -> None:
        """Time passes everywhere; what falls due comes about."""
        for shop in self.shops.values():
            shop.pass_time(ms)

    def settle(self) -> None:
        """Let everything come to its end."""
        while self.step():
            pass
