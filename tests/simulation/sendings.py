"""Transfers by seed: what is sent, and what arrives of it: all, a part, too much, another SKU."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

SKUS = ("A1", "B2", "\u00e4/%", "C3")
BEGINS, UNSUPPLIED, REPEATED, TO_ITSELF = 0.25, 0.2, 0.08, 0.04
CLOSES, ELSEWHERE, BY_HAND, OVER, OTHER = 0.12, 0.05, 0.03, 0.15, 0.1
TRIES_MAX = 8  # commands about one transfer, many of which come before its announcement
SUPPLIED = 20  # of each line
KEPT = 3  # transfers that go on at a time

Fields = dict[str, Any]


@dataclass(slots=True)
class Sending:
    """A transfer that was asked for, or will be."""

    sender: str
    receiver: str
    name: str
    left: dict[str, int] = field(default_factory=dict)
    asked: bool = False
    tries: int = 0


class Sendings:
    """What is on its way between warehouses, in the same partition and in others."""

    def __init__(self, rng: Random, warehouses: list[str]) -> None:
        self._rng = rng
        self._warehouses = warehouses
        self._sent: list[Sending] = []

    def next(self, command: Fields, number: int) -> Fields:
        """A command at one of a transfer's ends; the first of one supplies what it will send."""
        rng = self._rng
        waiting = [one for one in self._sent if not one.asked]
        if waiting and rng.random() < 0.5:
            return self._dispatched(command, waiting[0])
        sent = [one for one in self._sent if one.asked]
        if not sent or rng.random() < BEGINS:
            return self._begun(command, number)
        sending = rng.choice(sent)
        sending.tries += 1
        if sending.tries == TRIES_MAX:
            self._sent.remove(sending)
        return self._at_the_receiver(command, sending)

    def _begun(self, command: Fields, number: int) -> Fields:
        rng, sender = self._rng, command["warehouse"]
        others = [one for one in self._warehouses if one != sender]
        receiver = sender if rng.random() < TO_ITSELF else rng.choice(others)
        name = f"t{number}"
        if self._sent and rng.random() < REPEATED:
            sender, name = self._sent[-1].sender, self._sent[-1].name
        lines = self._lines()
        sending = Sending(sender, receiver, name)
        for line in lines:
            sending.left[line["sku"]] = sending.left.get(line["sku"], 0) + line["quantity"]
        self._sent = [*self._sent[1 - KEPT :], sending]
        if rng.random() < UNSUPPLIED:
            return self._dispatched(command, sending)
        return command | {
            "type": "MoveStock",
            "warehouse": sender,
            "from_account": "supplier",
            "to_account": "sellable",
            "reason": "RECEIVED",
            "lines": [line | {"quantity": SUPPLIED} for line in lines],
        }

    def _dispatched(self, command: Fields, sending: Sending) -> Fields:
        sending.asked = True
        lines = [{"sku": sku, "quantity": n} for sku, n in sending.left.items()]
        if self._rng.random() < OTHER:  # a SKU on two lines counts with their sum
            lines = [*lines, lines[0] | {"quantity": 1}]
        return command | {
            "type": "DispatchTransfer",
            "warehouse": sending.sender,
            "to_warehouse": sending.receiver,
            "transfer": sending.name,
            "lines": lines,
        }

    def _at_the_receiver(self, command: Fields, sending: Sending) -> Fields:
        rng = self._rng
        told = {
            "warehouse": sending.receiver,
            "from_warehouse": sending.sender,
            "transfer": sending.name,
        }
        if rng.random() < ELSEWHERE:
            told["warehouse"] = rng.choice(self._warehouses)
        if rng.random() < BY_HAND:  # of the engine's own commands: what they name is not there
            to = {"warehouse": sending.sender, "to_warehouse": sending.receiver}
            never = {"type": "SettleTransfer", "transfer": "never", "is_final": True}
            return command | to | never | {"lines": self._lines()}
        if rng.random() < CLOSES:
            return command | told | {"type": "CloseTransfer"}
        return command | told | {"type": "ReceiveTransfer", "lines": self._arrived(sending.left)}

    def _arrived(self, sent: dict[str, int]) -> list[Fields]:
        """Most are of what was sent, whole or in part; some of more, or of what nobody sent."""
        rng = self._rng
        lines: list[Fields] = [{"sku": sku, "quantity": n} for sku, n in sent.items()]
        if rng.random() < 0.5:
            line = rng.choice(lines)
            lines = [line | {"quantity": rng.randint(1, line["quantity"])}]
        if rng.random() < OVER:
            lines[-1] = lines[-1] | {"quantity": lines[-1]["quantity"] + rng.randint(1, 3)}
        if rng.random() < OTHER:
            lines = [*lines, {"sku": rng.choice(SKUS), "quantity": 1}]
        return lines

    def _lines(self) -> list[Fields]:
        rng = self._rng
        skus = [rng.choice(SKUS) for _ in range(rng.choice((1, 1, 2)))]
        return [{"sku": sku, "quantity": rng.randint(1, 6)} for sku in skus]
