"""After a run: what every domain's events asked of others, and what these made of it.

Every command that a policy makes is there, with its bytes, in the order of its events, and nothing
else is. Each has one outcome, however often it was carried; who carries alone does it once. And
each domain's log gives its events.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agents.composition import actor_of, policies_of
from schemas.domains import KEYS, STOCK
from streams.batch import Batch
from streams.stamp import Stamp
from streams.topics import owner
from tests.chaos.caused import cause_of
from tests.chaos.checker import Logs, Report
from tests.chaos.records import Record
from tests.integration.refolding import refolded
from tests.simulation.installation import Installation, relay_of

NAMED = "forwarded_from"
Name = tuple[str, str]
"""(key, id) of a command."""
Ends = tuple[int, int]
"""The partition of a command's cause, and its own."""


@dataclass(slots=True)
class Wanted:
    """A command that an event asks for."""

    name: Name
    cause: str
    value: bytes


def untold(there: Installation) -> str:
    """Which relay has not carried all; empty where each has."""
    for source, target in there.ends:
        name = relay_of(source, target)
        known = there.broker.positions.get(name, {})
        for number in range(there.plan.partitions):
            place = there.topics[source].events, number
            at, _ = known.get(place, (0, ""))
            if there.broker.logs[place].read(at, 1)[0]:
                return f"{name} has carried {place[0]}/{number} to {at}"
    return ""


class Told:
    """What relays had to carry, and what they have; `relayed`: the places of that, by target."""

    def __init__(self, there: Installation, logs: dict[str, Logs]) -> None:
        self._there, self._logs = there, logs
        self._partitions = there.plan.partitions
        kinds = {fault.kind for fault in there.plan.faults}
        self._alone = there.plan.policies == 1 and "relay step late" not in kinds
        self._wanted = {
            ends: self._asked(policy, logs[ends[0]])
            for ends, policy in policies_of(there.plan.domains).items()
        }
        self._caused: dict[str, dict[Name, list[Record]]] = {
            domain: self._found(domain) for domain in logs
        }
        self.relayed = {domain: set(self._carried(domain)) for domain in logs}

    def _asked(self, policy: Any, logs: Logs) -> dict[Ends, list[Wanted]]:
        asked: dict[Ends, list[Wanted]] = defaultdict(list)
        for partition, events in logs.events.items():
            for event in events:
                for key, cause, value in policy(event.value):
                    name = key, json.loads(value)["id"]
                    ends = partition, owner(key, self._partitions)
                    asked[ends].append(Wanted(name, cause, value))
        return asked

    def _found(self, domain: str) -> dict[Name, list[Record]]:
        """All commands that were caused, by their names."""
        found: dict[Name, list[Record]] = defaultdict(list)
        for records in self._logs[domain].commands.values():
            for record in records:
                if cause_of(record) is not None:
                    command = json.loads(record.value or b"{}")
                    found[command[KEYS[domain]], command["id"]].append(record)
        return found

    def _carried(self, domain: str) -> Iterator[tuple[int, int]]:
        for (_, target), asked in self._wanted.items():
            names = {one.name for wanted in asked.values() for one in wanted}
            for name in names if target == domain else ():
                for record in self._caused[domain].get(name, ()):
                    yield record.partition, record.offset

    def check(self, report: Report) -> None:
        """All of it."""
        for (source, target), asked in self._wanted.items():
            for ends, wanted in asked.items():
                where = f"{relay_of(source, target)} {ends[0]} to {ends[1]}"
                self._check_relay(report, target, where, ends[1], wanted)
        for domain in self._logs:
            self._check_outcomes(report, domain)
            if domain != STOCK:  # the oracle has refolded that
                self._check_refolded(report, domain)
        report.counts["hosted"] += 1

    def _check_relay(
        self, report: Report, target: str, where: str, home: int, wanted: list[Wanted]
    ) -> None:
        """Each is there as it was asked for, and the first of each in the order of the events."""
        reached, seen = -1, set[Name]()
        for want in wanted:
            records = self._caused[target].get(want.name, [])
            if not records:
                report.differ("never told", f"{where}: {want.cause}: {want.value!r}")
                continue
            if want.name in seen:
                continue  # asked for twice; it counts once
            seen.add(want.name)
            same = [one.value for one in wanted if one.name == want.name]
            for record in records:
                at = f"{where}: {record.partition}/{record.offset}"
                key = want.name[0].encode()
                if (record.partition, record.key) != (home, key) or record.value not in same:
                    report.differ("told otherwise", f"{at}: {record.value!r}, not {want.value!r}")
            if records[0].offset < reached:
                report.differ("told out of order", f"{where}: {want.cause} at {records[0].offset}")
            reached = records[0].offset
            if len(records) > 1 and self._alone:
                report.differ("told again", f"{where}: {want.name}, {len(records)} times")
            report.counts["relayed"] += 1
            report.counts["relayed again"] += len(records) - 1

    def _check_outcomes(self, report: Report, domain: str) -> None:
        """Each caused command has one outcome."""
        told: Counter[Name] = Counter()
        for events in self._logs[domain].events.values():
            for record in events:
                event = json.loads(record.value or b"{}")
                if event.get("command_id") is not None:
                    told[event[KEYS[domain]], event["command_id"]] += 1
        for name in self._caused[domain]:
            if told[name] != 1:
                report.differ("outcomes of a caused command", f"{domain}: {name}: {told[name]}")

    def _check_refolded(self, report: Report, domain: str) -> None:
        """The log of commands alone gives events, dead letters and what is sent on."""
        logs, there = self._logs[domain], self._there
        folder, topic = there.hosts[0].folder, there.topics[domain].commands
        actor = actor_of(domain, there.plan.window_s * 1_000)
        sent = self._sent_on(domain, topic)
        for number in range(self._partitions):
            log = [one for one in logs.commands[number] if one.offset < self._end(domain, number)]
            at = Stamp(b"\0" * 16, 0, 1, 0, self._partitions)
            path = folder / f"refolded-{domain}-{number}"
            batches = refolded(
                actor, topic, number, at, [_read(one) for one in log], path, there.plan.window_s
            )
            where = f"{domain}, partition {number}"
            _same(report, f"{where}: events", _events(batches), _told(logs.events[number]))
            letters = [one[1] for batch in batches for one in batch.dead_letters]
            _same(report, f"{where}: dead letters", letters, _told(logs.dead_letters[number]))
            for home in range(self._partitions):
                wanted = [
                    (key, value, tuple(headers))
                    for batch in batches
                    for to, key, value, headers in batch.forwards
                    if to == home
                ]
                _same(report, f"{where}: sent to {home}", wanted, sent[number, home])
            report.counts[f"events of {domain}"] += len(logs.events[number])

    def _end(self, domain: str, number: int) -> int:
        [host] = self._there.owners(domain, number)
        position = host.store_of(number).position()
        return int(position.stamp.next_offset) if position is not None else 0

    def _sent_on(self, domain: str, topic: str) -> dict[Ends, list[Any]]:
        """What the domain's own partitions sent each other: misrouted or caused."""
        sent: dict[Ends, list[Any]] = defaultdict(list)
        for home, records in self._logs[domain].commands.items():
            for record in records:
                origin = (dict(record.headers).get(NAMED) or b"").decode(errors="replace")
                cause = cause_of(record)
                if origin.startswith(f"{topic}/"):
                    source = int(origin.split("/")[1])
                elif cause is not None and (home, record.offset) not in self.relayed[domain]:
                    source = int(cause.partition("-")[0])
                else:
                    continue
                sent[source, home].append((record.key, record.value, record.headers))
        return sent


@dataclass
class _Read:
    """A record as the engine takes it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Any


def _read(record: Record) -> _Read:
    return _Read(record.offset, record.timestamp_ms, record.key, record.value, record.headers)


def _events(batches: list[Batch]) -> list[bytes]:
    return [value for batch in batches for _, value in batch.events]


def _told(records: list[Record]) -> list[bytes | None]:
    return [record.value for record in records]


def _same(report: Report, where: str, wanted: list[Any], have: list[Any]) -> None:
    if wanted == have:
        return
    pairs = enumerate(zip(wanted, have, strict=False))
    at = next((at for at, (want, told) in pairs if want != told), min(len(wanted), len(have)))
    want, told = (repr(one[at]) if at < len(one) else "nothing" for one in (wanted, have))
    report.differ("refolded otherwise", f"{where}, {at}: {told[:400]}, expected {want[:400]}")
