"""Rows of the replicas page by page, in the order of their keys: nothing is skipped or repeated."""

import heapq
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fastapi import Response

from api.follower import Follower
from api.problems import Problem, invalid
from api.reading import answer, position
from api.replica import Replica

LAST = "\U0010ffff"

KeyOf = Callable[[str, str], bytes]
"""Key of a row, by its warehouse and name; with an empty name, what a warehouse's start with."""


Told = Callable[[str, str, bytes, dict[str, int]], dict[str, Any]]
"""What is shown of a row: of its warehouse, its name, its bytes and the position."""


def no_cursor() -> Problem:
    """400: `after` is nothing that a page gave."""
    return invalid("`after` is no cursor.", "query.after", "is no `next` of a page")


def rows(
    replicas: list[Replica], key_of: KeyOf, warehouse: str | None, after: tuple[str, str]
) -> Iterator[tuple[str, str, bytes]]:
    """(warehouse, name, value) behind a cursor, of one warehouse or of all."""
    start, stop = key_of(*after) + b"\0", key_of(LAST, "")
    if warehouse is not None:
        start = max(start, key_of(warehouse, ""))
        stop = key_of(warehouse, "")[:-1] + b"\1"
    for key, value in heapq.merge(*(replica.scan(start, stop) for replica in replicas)):
        _, where, what = key.split(b"\0", 2)
        yield where.decode(), what.decode(), value


def page(
    follower: Follower,
    replicas: list[Replica],
    found: Iterable[tuple[str, str, bytes | None]],
    limit: int,
    told: Told,
) -> Response:
    """200 with up to `limit` of the rows found, where the next page begins, and the positions.

    A row of None ends a page early: whoever looks for rows has looked long enough for one answer.
    """
    positions = {replica.partition: position(replica) for replica in replicas}
    shown: list[dict[str, Any]] = []
    following: tuple[str, str] | None = None
    for where, what, value in found:
        if len(shown) == limit:
            break
        following = (where, what)
        if value is None:
            break
        shown.append(told(where, what, value, positions[follower.of(where).partition]))
    else:
        following = None
    after = encoded(following) if following else None
    return answer({"rows": shown, "next": after, "positions": list(positions.values())})


def encoded(cursor: tuple[str, str]) -> str:
    """A cursor as clients get it."""
    return urlsafe_b64encode("\0".join(cursor).encode()).decode().rstrip("=")


def decoded(text: str | None) -> tuple[str, str]:
    """Where a page begins; Problem 400. Without a text at the first row."""
    if text is None:
        return "", ""
    try:
        warehouse, name = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("\0")
    except (Base64Error, ValueError):
        raise no_cursor() from None
    return warehouse, name
