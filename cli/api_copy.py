"""Current stock as the API answers it, page by page, for the books."""

import http.client
import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from cli.copies import Copy
from cli.exceptions import BooksError
from cli.findings import Check
from cli.ledger import Key, Ledger
from schemas.rows import Row

PAGE_ROWS = 1_000  # the API's largest page
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
        """The JSON of an answer; None for 404."""
        try:
            self._connection.request("GET", path)
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise BooksError(
                f"the API at {self._address} does not answer ({error!r}): see ./stockyard status"
            ) from error
        if answer.status == http.client.NOT_FOUND:
            return None
        if answer.status != http.client.OK:
            raise BooksError(f"the API answers {path} with {answer.status}: {body[:300]!r}")
        return json.loads(body)

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

    def _pages(self) -> dict[int, dict[int, list[tuple[Key, Row]]]]:
        found: dict[int, dict[int, list[tuple[Key, Row]]]] = {}
        query = {"limit": str(PAGE_ROWS)}
        while True:
            page = self.get(f"/v1/stock?{urlencode(query)}")
            for position in page["positions"]:
                found.setdefault(position["partition"], {}).setdefault(position["seq"], [])
            for row in page["rows"]:
                position = row["position"]
                told = Row(row["on_hand"], row["reserved"], row["reorder_point"], row["version"])
                key = (row["warehouse"], row["sku"])
                found[position["partition"]][position["seq"]].append((key, told))
            if page["next"] is None:
                return found
            query["after"] = page["next"]

    def check_open(self, ledger: Ledger, check: Check) -> None:
        """Every reservation that the events leave open, one by one."""
        for (warehouse, name), lines in ledger.open.items():
            answer = self.get(f"/v1/reservations/{quote(warehouse)}/{quote(name, safe='')}")
            if answer is not None and answer["position"]["seq"] >= ledger.next_seq:
                continue  # it has moved on since the events were read
            told = (
                {line["sku"]: line["quantity"] for line in answer["lines"]}
                if answer is not None and answer["state"] == "open"
                else None
            )
            if told != lines:
                shown = f"open with {told}" if told is not None else "not open"
                check.differ(
                    f"API, reservation {warehouse}/{name}: {shown}; the events say it is open "
                    f"with {lines}"
                )
