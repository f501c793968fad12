"""What the API shows against the oracle: every row of stock, and samples of all other reads."""

import json
from collections import defaultdict
from dataclasses import asdict
from random import Random
from typing import Any
from urllib.parse import quote

import httpx

from tests.chaos import api_promises
from tests.chaos.checker import Logs, Report, Truth
from tests.chaos.oracle_queues import ordered
from tests.chaos.processes import NotReady, wait_for
from tests.chaos.records import Record, Row, Transfer
from tests.chaos.routing import owner, rfc3339

WAITER = ("reservation", "missing", "priority", "promised", "partial", "channel")
PAGE = 1_000
SAMPLE = 300
PAGES_MAX = 10_000
CAUGHT_UP_S = 30.0
REJECTED = "IDEMPOTENCY_KEY_REUSED"


def check(report: Report, logs: Logs, truth: Truth, client: httpx.Client, seed: int) -> None:
    """Compare all rows, then samples by seed; the API must reach the end of the log first."""
    reader = _Reader(report, logs, truth, client, Random(seed))
    reader.rows()
    reader.single_rows()
    reader.accounts()
    reader.reservations()
    reader.backorders()
    reader.promises()
    reader.channels()
    reader.counts()
    reader.transfers()
    reader.outcomes()
    reader.movements()


class _Reader:
    def __init__(
        self, report: Report, logs: Logs, truth: Truth, client: httpx.Client, rng: Random
    ) -> None:
        self.report, self.logs, self.truth, self.rng = report, logs, truth, rng
        self.client = client
        self.seqs = {
            partition: json.loads(records[-1].value or b"")["seq"] if records else 0
            for partition, records in logs.events.items()
        }
        places = (f"{partition}:{seq}" for partition, seq in self.seqs.items() if seq)
        self.headers = {"X-Min-Position": ",".join(places)}

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        """(status, body), at the end of the log or later."""
        answer = self.client.get(path, params=query, headers=self.headers)
        self.report.counts["API reads"] += 1
        return answer.status_code, answer.json()

    def rows(self) -> None:
        """Every row, page by page."""
        wait_for("the API at the end of the log", 60, lambda: self._page(None)[0] == 200)
        want = {key: row for told in self._told() for key, row in told.rows.items()}
        after, seen = None, set()
        for _ in range(PAGES_MAX):
            status, page = self._page(after)
            if status != 200:
                self.report.differ("API page", f"{status} {page}")
                return
            for row in page["rows"]:
                key = row["warehouse"], row["sku"]
                if key in seen:
                    self.report.differ("API row twice", str(key))
                seen.add(key)
                self._compare_row(key, want.get(key), row)
            after = page["next"]
            if after is None:
                break
        self.report.counts["API rows"] += len(seen)
        for key in want.keys() - seen:
            self.report.differ("API row missing", str(key))

    def _page(self, after: str | None) -> tuple[int, Any]:
        more = {} if after is None else {"after": after}
        return self.get("/v1/stock", limit=PAGE, **more)

    def _told(self) -> list[Any]:
        return list(self.truth.predictions.values())

    def _compare_row(self, key: tuple[str, str], want: Row | None, have: dict[str, Any]) -> None:
        expected = want and {
            "warehouse": key[0],
            "sku": key[1],
            "on_hand": want.on_hand,
            "reserved": want.reserved,
            "available": want.available,
            "reorder_point": want.reorder_point,
            "version": want.version,
            "allocated": want.allocated,
            "position": self._position(key[0]),
        }
        if have != expected:
            self.report.differ("API row", f"{have}, expected {expected}")

    def _position(self, warehouse: str) -> dict[str, int]:
        partition = owner(warehouse, len(self.seqs))
        return {"partition": partition, "seq": self.seqs[partition]}

    def single_rows(self) -> None:
        """Rows one by one, and some that nobody ever saw."""
        keys = [key for told in self._told() for key in told.rows]
        for key in self._sample(keys):
            told = self.truth.predictions[owner(key[0], len(self.seqs))]
            status, row = self.get(f"/v1/stock/{key[0]}/{quote(key[1], safe='')}")
            if status != 200:
                self.report.differ("API row", f"{key}: {status} {row}")
            else:
                self._compare_row(key, told.rows[key], row)
        for warehouse, sku in (("LON-1", "never seen"), ("nowhere", "85000A")):
            status, body = self.get(f"/v1/stock/{warehouse}/{quote(sku, safe='')}")
            if status != 404:
                self.report.differ("API row of nobody", f"{warehouse}/{sku}: {status} {body}")

    def accounts(self) -> None:
        """All accounts of some SKUs, most of them such as have units elsewhere."""
        rows = {key: row for told in self._told() for key, row in told.rows.items()}
        beside = [key for key, row in rows.items() if row.is_beside]
        for warehouse, sku in [*self._sample(beside), *self._sample(list(rows))[:50]]:
            expected = {
                "warehouse": warehouse,
                "sku": sku,
                "accounts": rows[warehouse, sku].accounts,
                "position": self._position(warehouse),
            }
            status, have = self.get(f"/v1/accounts/{warehouse}/{quote(sku, safe='')}")
            if status != 200 or have != expected:
                self.report.differ("API accounts", f"{status} {have}, expected {expected}"[:900])
        status, body = self.get("/v1/accounts/LON-1/never%20seen")
        if status != 404:
            self.report.differ("API accounts of nobody", f"{status} {body}")

    def reservations(self) -> None:
        """A sample of the reservations, open, confirmed and closed."""
        found = {key: one for told in self._told() for key, one in told.reservations.items()}
        for warehouse, name in self._sample(list(found)):
            want = found[warehouse, name]
            status, have = self.get(f"/v1/reservations/{warehouse}/{quote(name, safe='')}")
            lines = [
                {
                    "sku": sku,
                    "quantity": line.quantity,
                    "picked": line.picked,
                    "packed": line.packed,
                    "shipped": line.shipped,
                }
                | ({"missing": line.missing} if want.state == "waiting" else {})
                for sku, line in want.lines.items()
            ]
            expected: dict[str, Any] = {"state": want.state, "lines": lines}
            if not want.confirmed_at_ms:  # a confirmed one has no end
                expected["expires_at"] = rfc3339(want.expires_at_ms)
            if status != 200 or {name: have.get(name) for name in expected} != expected:
                text = f"{warehouse}/{name}: {status} {have}, expected {expected}"
                self.report.differ("API reservation", text[:600])

    def backorders(self) -> None:
        """The queues of some SKUs, most of them such as somebody waits for."""
        rows = {key: row for told in self._told() for key, row in told.rows.items()}
        awaited = [key for key, row in rows.items() if row.queue]
        for warehouse, sku in [*self._sample(awaited), *self._sample(list(rows))[:50]]:
            queue = [
                {name: getattr(one, name) for name in WAITER}
                for one in ordered(rows[warehouse, sku].queue)
            ]
            expected = {
                "warehouse": warehouse,
                "sku": sku,
                "missing": sum(one["missing"] for one in queue),
                "queue": queue,
                "position": self._position(warehouse),
            }
            status, have = self.get(f"/v1/backorders/{warehouse}/{quote(sku, safe='')}")
            if status != 200 or have != expected:
                self.report.differ("API queue", f"{status} {have}, expected {expected}"[:900])

    def promises(self) -> None:
        """What may be promised of some SKUs, most of them such as somebody waits for."""
        rows = {key: row for told in self._told() for key, row in told.rows.items()}
        dated = [key for key, row in rows.items() if row.queue or row.coming]
        for warehouse, sku in [*self._sample(dated), *self._sample(list(rows))[:50]]:
            told = self.truth.predictions[owner(warehouse, len(self.seqs))]
            wanted, now = api_promises.asked(self.rng), rfc3339(told.log_time_ms)
            expected = {
                "warehouse": warehouse,
                "sku": sku,
                **api_promises.expected(rows[warehouse, sku], now, **wanted),
                "position": self._position(warehouse),
            }
            status, have = self.get(f"/v1/promises/{warehouse}/{quote(sku, safe='')}", **wanted)
            if status != 200 or have != expected:
                self.report.differ("API promises", f"{status} {have}, expected {expected}"[:900])

    def channels(self) -> None:
        """What is left to the channels of some SKUs, most of them such as have some."""
        rows = {key: row for told in self._told() for key, row in told.rows.items()}
        fenced = [key for key, row in rows.items() if row.pools]
        for warehouse, sku in [*self._sample(fenced), *self._sample(list(rows))[:50]]:
            row = rows[warehouse, sku]
            expected = {
                "warehouse": warehouse,
                "sku": sku,
                "available": row.available,
                "left": row.free(None),
                "channels": [
                    asdict(one) | {"left": row.free(name)} for name, one in row.pools.items()
                ],
                "position": self._position(warehouse),
            }
            status, have = self.get(f"/v1/channels/{warehouse}/{quote(sku, safe='')}")
            if status != 200 or have != expected:
                self.report.differ("API channels", f"{status} {have}, expected {expected}"[:900])

    def counts(self) -> None:
        """A sample of the counts; of the books they must say nothing."""
        found = {key: one for told in self._told() for key, one in told.counts.items()}
        for warehouse, name in self._sample(list(found)):
            want = found[warehouse, name]
            status, have = self.get(f"/v1/counts/{warehouse}/{quote(name, safe='')}")
            expected = {
                "state": want.state,
                "tolerance": want.tolerance,
                "lines": [
                    {"sku": sku, "counted": line.counted, "is_final": line.is_final}
                    for sku, line in want.lines.items()
                ],
                "counters": want.counters,
                "position": self._position(warehouse),
            }
            if status != 200 or {name: have.get(name) for name in expected} != expected:
                text = f"{warehouse}/{name}: {status} {have}, expected {expected}"
                self.report.differ("API count", text[:600])

    def transfers(self) -> None:
        """A sample of the transfers, at both ends."""
        sent = {key: one for told in self._told() for key, one in told.transfers.items()}
        for warehouse, name in self._sample(list(sent)):
            path = f"/v1/transfers/{warehouse}/{quote(name, safe='')}"
            self._compare_end(path, warehouse, sent[warehouse, name], "to_warehouse")
        due = {key: one for told in self._told() for key, one in told.arrivals.items()}
        for warehouse, name in self._sample(list(due)):
            sender, _, transfer = name.partition("/")
            path = f"/v1/arrivals/{warehouse}/{sender}/{quote(transfer, safe='')}"
            self._compare_end(path, warehouse, due[warehouse, name], "from_warehouse")

    def _compare_end(self, path: str, warehouse: str, want: Transfer, other: str) -> None:
        status, have = self.get(path)
        expected = {
            other: want.other,
            "state": want.state,
            "lines": [
                {
                    "sku": sku,
                    "quantity": line.quantity,
                    "received": line.received,
                    "missing": line.missing,
                }
                for sku, line in want.lines.items()
            ],
            "position": self._position(warehouse),
        }
        if status != 200 or {name: have.get(name) for name in expected} != expected:
            self.report.differ(
                "API transfer", f"{path}: {status} {have}, expected {expected}"[:600]
            )

    def outcomes(self) -> None:
        """A sample of the commands, each with its one outcome."""
        events = [record for records in self.logs.events.values() for record in records]
        for record in self._sample(events):
            event = json.loads(record.value or b"")
            if event.get("command_id") is None or event.get("code") == REJECTED:
                continue
            path = f"/v1/commands/{event['warehouse']}/{quote(event['command_id'], safe='')}"
            status, have = self.get(path)
            if status != 200 or have != event:
                self.report.differ("API outcome", f"{status} {have}, expected {event}"[:900])
        nobody = "/v1/commands/LON-1/never-sent"
        sure = 202 if self._waiting() else 404
        try:  # it looks through every partition first, and says 202 until it knows
            wait_for("that nobody sent it", CAUGHT_UP_S, lambda: self.get(nobody)[0] == sure, 0.5)
        except NotReady:
            self.report.differ("API outcome of nobody", f"{self.get(nobody)}, expected {sure}")

    def _waiting(self) -> bool:
        """Whether a tick came too late for the workers: then nobody can be sure of anything."""
        stamps = {partition: table.stamp for partition, table in self.truth.tables.items()}
        return any(
            records[-1].offset >= (stamp.next_offset if (stamp := stamps[partition]) else 0)
            for partition, records in self.logs.commands.items()
            if records
        )

    def movements(self) -> None:
        """The whole history of a few SKUs."""
        by_sku: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for partition in self.logs.events.values():
            for record in partition:
                self._index(by_sku, record)
        for warehouse, sku in self._sample(list(by_sku))[:40]:
            have, after = [], None
            for _ in range(PAGES_MAX):
                query: dict[str, Any] = {"warehouse": warehouse, "sku": sku, "limit": 100}
                if after is not None:
                    query["after"] = after
                status, page = self.get("/v1/movements", **query)
                if status != 200:
                    self.report.differ("API movements", f"{warehouse}/{sku}: {status} {page}")
                    return
                have += _events_of(page)
                after = page.get("next")
                if after is None:
                    break
            want = by_sku[warehouse, sku]
            if have != want:
                text = f"{warehouse}/{sku}: {len(have)} events, expected {len(want)}"
                self.report.differ("API movements", text)

    def _index(self, by_sku: dict[tuple[str, str], list[Any]], record: Record) -> None:
        event = json.loads(record.value or b"")
        for line in event.get("lines", ()):
            by_sku[event["warehouse"], line["sku"]].append(event)

    def _sample(self, items: list[Any]) -> list[Any]:
        return self.rng.sample(items, min(SAMPLE, len(items)))


def _events_of(page: dict[str, Any]) -> list[Any]:
    return list(page["events"])
