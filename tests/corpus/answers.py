"""What the API answered, compared with the labels; and what must hold of every answer."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.corpus.case import ANYWHERE, Case, Request
from tests.corpus.fates import unlike
from tests.corpus.http import Connection, Reply
from tests.corpus.requests import get

Shown = tuple[tuple[str, str], ...]

LATER, AGAIN_MAX = (408, 503), 5  # a machine too busy says so, and asks to be asked again
MEMBERS = {"type", "title", "status", "detail", "instance", "code"}
ALWAYS = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "x-frame-options": "DENY",
}


async def ask(connection: Connection, case: Case) -> list[str]:
    """Make a case's requests, one after the other: what differs."""
    wrong = []
    for number, request in enumerate(case.requests):
        reply = await connection.ask(request.value)
        for _ in range(AGAIN_MAX):
            if reply.status not in LATER:
                break
            await asyncio.sleep(1)
            reply = await connection.ask(request.value)
        text = _difference(request, reply)
        if text:
            head = request.value.partition(b"\r\n")[0][:120]
            wrong.append(f"{case.id} ({case.name}) {number} {head!r} {request.answer}: {text}")
    return wrong


def _difference(request: Request, reply: Reply) -> str:
    answer = request.answer
    if reply.status != answer.status:
        return f"{reply.status} {reply.body[:300]!r}"
    if reply.status == 400 and not answer.what and not reply.header("content-security-policy"):
        return ""  # no HTTP: the server's answer, before any of ours
    for name, value in ALWAYS.items():
        if reply.header(name) != value:
            return f"header {name}: {reply.header(name)!r}"
    if reply.header("set-cookie") or not reply.header("content-security-policy"):
        return f"headers {reply.headers}"
    found = reply.json()
    return _of_problem(request, reply, found) if reply.status >= 400 else _of_event(request, found)


def _of_event(request: Request, found: dict[str, Any]) -> str:
    if request.answer.what and found.get("type") != request.answer.what:
        return f"{found}"[:300]
    return next((text for text in (unlike(found, *one) for one in request.shown) if text), "")


def _of_problem(request: Request, reply: Reply, found: dict[str, Any]) -> str:
    answer = request.answer
    if reply.header("content-type") != "application/problem+json" or not found.keys() >= MEMBERS:
        return f"no problem details: {reply.headers} {found}"[:300]
    if found["status"] != answer.status or (answer.what and found["code"] != answer.what):
        return f"{found}"[:300]
    path = found["errors"][0]["path"] if found.get("errors") else ""
    if answer.path not in ("", ANYWHERE, path):
        return f"path {path!r}: {found}"[:300]
    if answer.details and found["details"] != answer.details:
        return f"details {found['details']}"
    return ""


async def read_back(connection: Connection, case: Case) -> list[str]:
    """Ask for what a case has left behind: its rows, nothing of what was refused, its texts."""
    wrong = []
    reply = await connection.ask(get(f"/v1/stock?warehouse={case.id}&limit=1000"))
    rows = {(row["sku"], row["on_hand"], row["reserved"]) for row in reply.json()["rows"]}
    wanted = _rows(case)
    if wanted is not None and rows != wanted:
        wrong.append(f"{case.id} ({case.name}): rows {rows}, not {wanted}"[:500])
    for value, shown in _texts(case):
        wrong += [
            f"{case.id} ({case.name}): {text}" for text in await _shown(connection, value, shown)
        ]
    return wrong


def _rows(case: Case) -> set[tuple[str, int, int]] | None:
    if case.rows is not None:
        return {(row.sku, row.on_hand, row.reserved) for row in case.rows}
    kept = [step.verdict.kind == "done" for step in case.steps]
    kept += [request.answer.status == 200 for request in case.requests]
    return None if any(kept) else set()


def _texts(case: Case) -> Iterator[tuple[bytes, Shown]]:
    for step in case.steps:
        if step.shown and step.value is not None:
            yield step.value, step.shown
    for request in case.requests:
        if request.shown:
            yield request.value.partition(b"\r\n\r\n")[2], request.shown


async def _shown(connection: Connection, value: bytes, shown: Shown) -> Iterator[str]:
    """Each text where the API shows it: in the row of its SKU, and in the command's outcome."""
    command = json.loads(value)
    warehouse, name = command["warehouse"], quote(command["id"], safe="")
    outcome = (await connection.ask(get(f"/v1/commands/{warehouse}/{name}"))).json()
    wrong = [] if outcome["type"] == "CommandRejected" else [unlike(outcome, *one) for one in shown]
    for path, text in shown:
        if path.endswith(".sku"):
            target = f"/v1/stock/{warehouse}/{quote(text, safe='')}"
            wrong.append(unlike((await connection.ask(get(target))).json(), "sku", text))
            moved = f"/v1/movements?warehouse={warehouse}&sku={quote(text, safe='')}"
            events = (await connection.ask(get(moved))).json()["events"]
            wrong.append("" if events == [outcome] else f"movements {events}"[:300])
    return (text for text in wrong if text)
