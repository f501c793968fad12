"""Current state as the API answers it, page by page and one by one, for the books."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from cli.copies import Copy, Numbers
from cli.event_view import Key
from cli.exceptions import BooksError
from cli.findings import Check
from cli.ledger import Ledger
from schemas.rows import (
    Balances,
    ChannelReservation,
    Count,
    Policy,
    Reservation,
    Row,
    Transfer,
    Waiter,
)

PAGE_ROWS = 1_000  # the API's largest page
TOLD = ("on_hand", "reserved", "reorder_point", "version", "allocated")  # of a row, in its order
ANSWER_S = 30.0
READINGS = 3  # of all pages: a system at work moves between two of them


class Api:
    """A connection to the API; errors are BooksError."""

    def __init__(self, address: str) -> None:
        self._address = address
        parts = urlsplit(address)
        assert parts.hostname is not None, f"{address} names no host"
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=ANSWER_S)

    def get(self, path: str) -> Any:
        """The JSON of an answer, also of one that says to ask again; None for 404."""
        status, body = self._ask("GET", path)
        if status == http.client.NOT_FOUND:
            return None
        if status not in (http.client.OK, http.client.ACCEPTED):
            raise BooksError(f"the API answers {path} with {status}: {body[:300]!r}")
        return json.loads(body)

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        status, told = self._ask("POST", path, json.dumps(body).encode())
        return status, json.loads(told)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        try:
            headers = {} if body is None else {"Content-Type": "application/json"}
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise BooksError(
                f"the API at {self._address} does not answer ({error!r}): see ./stockyard status"
            ) from error

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()

    def copies(self, check: Check) -> dict[int, list[Copy]]:
        """Its rows by partition; several copies of one that moved on between the pages."""
        for _ in range(READINGS):
            pages = self._pages()
            if all(len(by_seq) == 1 for by_seq in pages.values()):
                break
        return {
            partition: [
                Copy(f"API, partition {partition}", seq + 1, check, rows, whole=len(by_seq) == 1)
                for seq, rows in sorted(by_seq.items())
            ]
            for partition, by_seq in pages.items()
        }

    def _pages(self) -> dict[int, dict[int, list[tuple[Key, Numbers]]]]:
        found: dict[int, dict[int, list[tuple[Key, Numbers]]]] = {}
        query = {"limit": str(PAGE_ROWS)}
        while True:
            page = self.get(f"/v1/stock?{urlencode(query)}")
            for position in page["positions"]:
                found.setdefault(position["partition"], {}).setdefault(position["seq"], [])
            for row in page["rows"]:
                position = row["position"]
                told = tuple(row[name] for name in TOLD)
                key = (row["warehouse"], row["sku"])
                found[position["partition"]][position["seq"]].append((key, told))
            if page["next"] is None:
                return found
            query["after"] = page["next"]


def check_one_by_one(api: Api, ledger: Ledger, check: Check) -> None:
    """Everything that the API does not tell page by page, where it has seen no later event."""
    for kind, expected in _expected(ledger):
        for (warehouse, name), view in expected:
            answer = api.get(f"/v1/{kind}/{quote(warehouse)}/{quote(name)}")
            if answer is not None and answer["position"]["seq"] >= ledger.next_seq:
                continue  # it has moved on since the events were read
            told = answer and {field: answer[field] for field in view}
            if told != view:
                check.differ(
                    f"API, {kind} {warehouse}/{name}: {told or 'nothing'}; the events say {view}"
                )


def _expected(ledger: Ledger) -> Iterator[tuple[str, Iterator[tuple[Key, dict[str, Any]]]]]:
    yield "backorders", ((key, _queue(one)) for key, one in ledger.queues.items())
    yield "channels", ((key, _channels(ledger, key)) for key in ledger.channels)
    yield "reservations", ((key, _reservation(one)) for key, one in ledger.held.items())
    yield "counts", ((key, _count(one)) for key, one in ledger.counts.items())
    yield "transfers", ((key, _leaves(one)) for key, one in ledger.outgoing.items())
    yield "arrivals", ((key, _comes(one)) for key, one in ledger.incoming.items())
    yield (
        "accounts",
        ((key, _accounts(ledger.rows[key], one)) for key, one in ledger.balances.items()),
    )


def _reservation(held: Reservation) -> dict[str, Any]:
    lines = [msgspec.structs.asdict(line) for line in held.lines]
    said = {"state": held.state, "expires_at": held.expires_at, "lines": lines}
    return said | ({"channel": held.channel} if isinstance(held, ChannelReservation) else {})


def _channels(ledger: Ledger, key: Key) -> dict[str, Any]:
    available, policy = ledger.rows[key].available, ledger.policies.get(key, Policy())

    def left(channel: str | None) -> int:
        return max(0, ledger.pools.free(key, channel, available, policy))

    told = [
        msgspec.structs.asdict(one) | {"left": left(one.channel)} for one in ledger.channels[key]
    ]
    return {"available": available, "left": left(None), "channels": told}


def _queue(queue: list[Waiter]) -> dict[str, Any]:
    told = [msgspec.structs.asdict(waiter) for waiter in queue]
    return {"queue": [{name: one[name] for name in one if name != "seq"} for one in told]}


def _count(count: Count) -> dict[str, Any]:
    lines = [
        {"sku": line.sku, "counted": line.counted, "is_final": line.is_final}
        for line in count.lines
    ]
    told = {"state": count.state, "tolerance": count.tolerance, "counters": count.counters}
    return told | {"lines": lines}


def _leaves(transfer: Transfer) -> dict[str, Any]:
    return {"to_warehouse": transfer.other} | _transferred(transfer)


def _comes(transfer: Transfer) -> dict[str, Any]:
    return {"from_warehouse": transfer.other} | _transferred(transfer)


def _transferred(transfer: Transfer) -> dict[str, Any]:
    lines = [
        msgspec.structs.asdict(line) | {"missing": max(0, line.quantity - line.received)}
        for line in transfer.lines
    ]
    return {"state": transfer.state, "lines": lines}


def _accounts(row: Row, balances: Balances) -> dict[str, Any]:
    in_row = {
        "sellable": row.on_hand,
        "supplier": row.supplier,
        "customer": row.customer,
        "gain_loss": row.gain_loss,
    }
    return {"accounts": in_row | msgspec.structs.asdict(balances)}
