"""The control: the right rules with the usual guarantee. It decides well and crashes badly.

State goes to disk with every batch, as Faust's tables do, and the offsets every now and then: what
lies between is decided again after a crash. Ids are remembered in memory only. No transactions.
"""

import pickle
import sys
from pathlib import Path
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from tests.chaos.changelog import STAMP_KEY
from tests.chaos.logs import record_of
from tests.chaos.oracle import Oracle
from tests.chaos.records import ExpectedEvent, Prediction, Record
from tests.chaos.synthetic import (
    Pair,
    caused_record,
    count_pair,
    event_bytes,
    gone_pairs,
    reservation_pair,
    row_pairs,
    said_of,
    stamp_bytes,
    transfer_pair,
)

BATCH = 200
RECORDS_PER_COMMIT = 1_000


class NaiveWorker:
    """All partitions, one after another."""

    def __init__(self, bootstrap: str, prefix: str, partitions: int, home: Path) -> None:
        self.prefix, self.partitions, self.home = prefix, partitions, home
        self.producer = Producer({"bootstrap.servers": bootstrap, "message.max.bytes": 4 << 20})
        self.consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "naive", "enable.auto.commit": False}
        )
        commands = self._topic("commands")
        self.oracles = self._loaded("state") or [
            Oracle(commands, number, partitions, 1) for number in range(partitions)
        ]
        for oracle in self.oracles:
            oracle.known.clear()  # in memory only, and this memory is new
        self.offsets = self._loaded("offsets") or [OFFSET_BEGINNING] * partitions
        self.consumer.assign(
            [TopicPartition(commands, number, at) for number, at in enumerate(self.offsets)]
        )

    def _topic(self, name: str) -> str:
        return f"{self.prefix}stock.{name}.v1"

    def _loaded(self, name: str) -> Any:
        path = self.home / f"naive.{name}"
        return pickle.loads(path.read_bytes()) if path.exists() else None

    def _save(self, name: str, value: object) -> None:
        path = self.home / f"naive.{name}"
        fresh = path.with_suffix(".fresh")
        fresh.write_bytes(pickle.dumps(value))
        fresh.replace(path)

    def run(self) -> None:
        """Until killed."""
        uncommitted = 0
        while True:
            found = self.consumer.consume(BATCH, timeout=0.1)
            for got in found:
                self._decide(record_of(got))
            self.producer.flush()
            self._save("state", self.oracles)
            uncommitted += len(found)
            if uncommitted >= RECORDS_PER_COMMIT:
                self._save("offsets", self.offsets)
                uncommitted = 0

    def _decide(self, record: Record) -> None:
        oracle = self.oracles[record.partition]
        told = oracle.told
        told.next_offset = record.offset  # decided before or not: at least once
        told = oracle.fold([record])
        for event in told.events:
            self._send("events", record.partition, event.fields["warehouse"], event_bytes(event))
            self._remember(oracle, event)
        for alert in told.alerts:
            self._send(
                "alerts", record.partition, alert.key, event_bytes(ExpectedEvent(alert.fields))
            )
        for letter in told.dead_letters:
            headers = [*letter.headers, *said_of(oracle.topic, letter)]
            self._send("dead-letters", record.partition, letter.key, letter.value, headers)
        for forward in told.forwards:
            headers = [*forward.headers, ("forwarded_from", forward.origin.encode())]
            self._send("commands", forward.target, forward.key, forward.value, headers)
        for target, key, value, headers_of in map(caused_record, told.caused):
            self._send("commands", target, key, value, headers_of)
        for done in (told.events, told.alerts, told.dead_letters, told.forwards, told.caused):
            done.clear()
        stamp = stamp_bytes(told, oracle.seq, self.partitions)
        self._send("changelog", record.partition, STAMP_KEY, stamp)
        self.offsets[record.partition] = record.offset + 1

    def _remember(self, oracle: Oracle, event: ExpectedEvent) -> None:
        warehouse, partition = event.fields["warehouse"], oracle.told.partition
        told = oracle.told
        pairs: list[tuple[bytes, bytes | None]] = []
        for line in event.fields.get("lines", ()):
            key = warehouse, line["sku"]
            if key in told.rows:
                pairs += [*gone_pairs(key, told.rows[key]), *row_pairs(key, told.rows[key])]
        given = [one["reservation"] for one in event.fields.get("filled", ())]
        for name in (event.fields.get("reservation"), event.fields.get("replaces"), *given):
            if name is not None:
                key = warehouse, name
                pairs.append(reservation_pair(key, told.reservations[key]))
        if "count" in event.fields:
            key = warehouse, event.fields["count"]
            pairs.append(count_pair(key, told.counts[key]))
        if "transfer" in event.fields:
            pairs.append(self._transfer_pair(told, event.fields))
        for written, value in pairs:
            self._send("changelog", partition, written, value)

    @staticmethod
    def _transfer_pair(told: Prediction, event: dict[str, Any]) -> Pair:
        warehouse, name, sender = event["warehouse"], event["transfer"], event.get("from_warehouse")
        if sender is None:
            return transfer_pair("t", (warehouse, name), told.transfers[warehouse, name])
        key = warehouse, f"{sender}/{name}"
        return transfer_pair("i", key, told.arrivals[key])

    def _send(
        self,
        topic: str,
        partition: int,
        key: str | bytes | None,
        value: bytes | None,
        headers: Any = (),
    ) -> None:
        self.producer.poll(0)
        self.producer.produce(
            self._topic(topic), value=value, key=key, partition=partition, headers=list(headers)
        )


if __name__ == "__main__":
    where, tenant, count, folder = sys.argv[1:]
    NaiveWorker(where, tenant, int(count), Path(folder)).run()
