"""The readers' checks bite as well: wrong audit rows and wrong answers are each found."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from tests.chaos import api_promises, api_rows, audit_rows, checker
from tests.chaos.audit_rows import Place
from tests.chaos.checker import Logs, Report, Truth
from tests.chaos.oracle_queues import ordered
from tests.chaos.records import Record, Row, Transfer
from tests.chaos.routing import owner, rfc3339
from tests.chaos.synthetic import faultless
from tests.chaos.traffic import Traffic

PARTITIONS = 3
EVENTS = "stock.events.v1"

AuditRows = dict[Place, Record]


@pytest.fixture(scope="module")
def run() -> tuple[Logs, Truth]:
    logs = faultless(Traffic(12, PARTITIONS, skus=40).wishes(1_500), PARTITIONS)
    report, truth = checker.check(logs)
    assert report.right, str(report)
    return logs, truth


def _audited(logs: Logs) -> AuditRows:
    return {
        (topic, partition, record.offset): record
        for topic, partitions in audit_rows.audited(logs).items()
        for partition, records in partitions.items()
        for record in records
    }


def _lose(rows: AuditRows) -> None:
    del rows[EVENTS, 1, 5]


def _change_a_byte(rows: AuditRows) -> None:
    row = rows[EVENTS, 1, 5]
    rows[EVENTS, 1, 5] = row._replace(value=(row.value or b"").replace(b'"seq"', b'"sEq"'))


def _write_anew(rows: AuditRows) -> None:
    row = rows[EVENTS, 1, 5]
    compact = json.dumps(json.loads(row.value or b""), separators=(",", ":"))
    rows[EVENTS, 1, 5] = row._replace(value=compact.encode())


def _strip_headers(rows: AuditRows) -> None:
    place = next(place for place, row in rows.items() if row.headers)
    rows[place] = rows[place]._replace(headers=())


def _misdate(rows: AuditRows) -> None:
    row = rows[EVENTS, 1, 5]
    rows[EVENTS, 1, 5] = row._replace(timestamp_ms=row.timestamp_ms + 1)


def _invent(rows: AuditRows) -> None:
    rows[EVENTS, 1, 10**6] = rows[EVENTS, 1, 5]


def test_a_true_audit_log_is_right(run: tuple[Logs, Truth]) -> None:
    report = Report()
    audit_rows.compare(report, audit_rows.audited(run[0]), _audited(run[0]), [])
    assert not report.found, str(report)


@pytest.mark.parametrize(
    ("plant", "sort"),
    [
        (_lose, "audit row missing"),
        (_change_a_byte, "audit row"),
        (_write_anew, "audit row"),
        (_strip_headers, "audit row"),
        (_misdate, "audit row"),
        (_invent, "audit row of no record"),
    ],
)
def test_a_wrong_audit_log_is_found(
    run: tuple[Logs, Truth], plant: Callable[[AuditRows], None], sort: str
) -> None:
    report, rows = Report(), _audited(run[0])
    plant(rows)
    audit_rows.compare(report, audit_rows.audited(run[0]), rows, [])
    assert report.found[sort] == 1, str(report)


def test_a_doubled_audit_row_is_found(run: tuple[Logs, Truth]) -> None:
    report = Report()
    audit_rows.compare(report, audit_rows.audited(run[0]), _audited(run[0]), [(EVENTS, 1, 5)])
    assert report.found["audit row twice"] == 1


class _Api:
    """Answers as the contract says, from the truth; `spoil` may change each answer."""

    def __init__(
        self, logs: Logs, truth: Truth, spoil: Callable[[str, Any], Any] = lambda _, body: body
    ) -> None:
        self.logs, self.truth, self.spoil = logs, truth, spoil
        events = [record for partition in logs.events.values() for record in partition]
        self.events = [json.loads(record.value or b"") for record in events]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        _, _, kind, *rest = path.split("/", 4)
        found = getattr(self, kind)(*map(unquote, rest), **dict(request.url.params))
        if found is None:
            return httpx.Response(404, json={})
        return httpx.Response(200, json=self.spoil(kind, found))

    def _view(self, warehouse: str, sku: str, row: Row) -> dict[str, Any]:
        return {
            "warehouse": warehouse,
            "sku": sku,
            "on_hand": row.on_hand,
            "reserved": row.reserved,
            "available": row.on_hand - row.reserved,
            "reorder_point": row.reorder_point,
            "version": row.version,
            "allocated": row.allocated,
            "position": self._position(warehouse),
        }

    def _position(self, warehouse: str) -> dict[str, int]:
        partition = owner(warehouse, PARTITIONS)
        seq = json.loads(self.logs.events[partition][-1].value or b"")["seq"]
        return {"partition": partition, "seq": seq}

    def backorders(self, warehouse: str, sku: str) -> Any:
        row = self.truth.predictions[owner(warehouse, PARTITIONS)].rows.get((warehouse, sku))
        waiting = [] if row is None else ordered(row.queue)
        names = ("reservation", "missing", "priority", "promised", "partial", "channel")
        return row and {
            "warehouse": warehouse,
            "sku": sku,
            "missing": sum(one.missing for one in waiting),
            "queue": [{name: getattr(one, name) for name in names} for one in waiting],
            "position": self._position(warehouse),
        }

    def promises(self, warehouse: str, sku: str, **wanted: str) -> Any:
        told = self.truth.predictions[owner(warehouse, PARTITIONS)]
        row, now = told.rows[warehouse, sku], rfc3339(told.log_time_ms)
        quantity, priority = int(wanted["quantity"]), int(wanted["priority"])
        said = api_promises.expected(row, now, quantity, priority)
        return {"warehouse": warehouse, "sku": sku, "position": self._position(warehouse)} | said

    def channels(self, warehouse: str, sku: str) -> Any:
        row = self.truth.predictions[owner(warehouse, PARTITIONS)].rows.get((warehouse, sku))
        return row and {
            "warehouse": warehouse,
            "sku": sku,
            "available": row.available,
            "left": row.free(None),
            "channels": [
                asdict(one) | {"left": row.free(one.channel)} for one in row.pools.values()
            ],
            "position": self._position(warehouse),
        }

    def accounts(self, warehouse: str, sku: str) -> Any:
        row = self.truth.predictions[owner(warehouse, PARTITIONS)].rows.get((warehouse, sku))
        return row and {
            "warehouse": warehouse,
            "sku": sku,
            "accounts": row.accounts,
            "position": self._position(warehouse),
        }

    def stock(self, warehouse: str = "", sku: str = "", **query: str) -> Any:
        rows = {
            key: row for told in self.truth.predictions.values() for key, row in told.rows.items()
        }
        if warehouse:
            row = rows.get((warehouse, sku))
            return row and self._view(warehouse, sku, row)
        keys = sorted(rows)
        start = int(query.get("after", 0))
        stop = start + int(query["limit"])
        page = [self._view(*key, rows[key]) for key in keys[start:stop]]
        return {"rows": page, "next": str(stop) if stop < len(keys) else None}

    def reservations(self, warehouse: str, name: str) -> Any:
        told = self.truth.predictions[owner(warehouse, PARTITIONS)]
        found = told.reservations[warehouse, name]
        return {
            "state": found.state,
            "expires_at": rfc3339(found.expires_at_ms),
            "lines": [
                {
                    "sku": sku,
                    "quantity": line.quantity,
                    "picked": line.picked,
                    "packed": line.packed,
                    "shipped": line.shipped,
                }
                | ({"missing": line.missing} if found.state == "waiting" else {})
                for sku, line in found.lines.items()
            ],
        }

    def counts(self, warehouse: str, name: str) -> Any:
        found = self.truth.predictions[owner(warehouse, PARTITIONS)].counts[warehouse, name]
        return {
            "state": found.state,
            "tolerance": found.tolerance,
            "lines": [
                {"sku": sku, "counted": line.counted, "is_final": line.is_final}
                for sku, line in found.lines.items()
            ],
            "counters": found.counters,
            "position": self._position(warehouse),
        }

    def transfers(self, warehouse: str, name: str) -> Any:
        found = self.truth.predictions[owner(warehouse, PARTITIONS)].transfers[warehouse, name]
        return self._end(warehouse, found) | {"to_warehouse": found.other}

    def arrivals(self, warehouse: str, name: str) -> Any:
        found = self.truth.predictions[owner(warehouse, PARTITIONS)].arrivals[warehouse, name]
        return self._end(warehouse, found) | {"from_warehouse": found.other}

    def _end(self, warehouse: str, found: Transfer) -> dict[str, Any]:
        lines = [
            {
                "sku": sku,
                "quantity": line.quantity,
                "received": line.received,
                "missing": max(0, line.quantity - line.received),
            }
            for sku, line in found.lines.items()
        ]
        return {"state": found.state, "lines": lines, "position": self._position(warehouse)}

    def commands(self, warehouse: str, name: str) -> Any:
        told = (
            event
            for event in self.events
            if (event["warehouse"], event.get("command_id")) == (warehouse, name)
        )
        return next(told, None)

    def movements(self, warehouse: str, sku: str, **_: str) -> Any:
        touched = [
            event
            for event in self.events
            if event["warehouse"] == warehouse
            and any(line["sku"] == sku for line in event.get("lines", ()))
        ]
        return {"events": touched, "next": None}


def _asked(run: tuple[Logs, Truth], spoil: Callable[[str, Any], Any]) -> Report:
    report = Report()
    transport = httpx.MockTransport(_Api(*run, spoil))
    client = httpx.Client(base_url="http://api", transport=transport)
    api_rows.check(report, *run, client, seed=1)
    return report


def test_a_true_api_is_right(run: tuple[Logs, Truth]) -> None:
    report = _asked(run, lambda _, body: body)
    assert not report.found, str(report)
    assert report.counts["API rows"] > 100


def _picked(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line | {"picked": line["picked"] + 1} for line in lines]


def _arrived(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line | {"missing": line["missing"] + 1} for line in lines]


def _shown(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the books, which who counts must not see."""
    return [line | {"book": 17} for line in lines]


def _spoil(kind: str, change: Callable[[Any], Any]) -> Callable[[str, Any], Any]:
    return lambda asked, body: change(body) if asked == kind else body


@pytest.mark.parametrize(
    ("kind", "change", "sort"),
    [
        ("stock", lambda body: body | {"rows": body.get("rows", [])[1:]}, "API row missing"),
        ("stock", lambda body: body | {"on_hand": 10**9}, "API row"),
        ("stock", lambda body: body | {"allocated": -1}, "API row"),
        ("accounts", lambda body: body | {"accounts": {"sellable": 1}}, "API accounts"),
        ("reservations", lambda body: body | {"state": "lost"}, "API reservation"),
        ("reservations", lambda body: body | {"lines": _picked(body["lines"])}, "API reservation"),
        ("counts", lambda body: body | {"lines": _shown(body["lines"])}, "API count"),
        ("transfers", lambda body: body | {"to_warehouse": "ROM-1"}, "API transfer"),
        ("transfers", lambda body: body | {"lines": _arrived(body["lines"])}, "API transfer"),
        ("arrivals", lambda body: body | {"from_warehouse": "ROM-1"}, "API transfer"),
        ("arrivals", lambda body: body | {"lines": _arrived(body["lines"])}, "API transfer"),
        ("backorders", lambda body: body | {"missing": body["missing"] + 1}, "API queue"),
        ("backorders", lambda body: body | {"queue": body["queue"][:-1]}, "API queue"),
        ("promises", lambda body: body | {"earliest": "2000-01-01T00:00:00Z"}, "API promises"),
        ("promises", lambda body: body | {"waiting": body["waiting"][:-1]}, "API promises"),
        ("promises", lambda body: body | {"days": body["days"][:-1]}, "API promises"),
        ("channels", lambda body: body | {"left": body["left"] + 1}, "API channels"),
        ("channels", lambda body: body | {"channels": body["channels"][1:]}, "API channels"),
        ("commands", lambda body: body | {"seq": 0}, "API outcome"),
        ("movements", lambda body: body | {"events": body["events"][:-1]}, "API movements"),
        ("movements", lambda body: body | {"events": body["events"] * 2}, "API movements"),
    ],
)
def test_a_wrong_answer_is_found(
    run: tuple[Logs, Truth], kind: str, change: Callable[[Any], Any], sort: str
) -> None:
    report = _asked(run, _spoil(kind, change))
    assert report.found[sort] > 0, str(report)
