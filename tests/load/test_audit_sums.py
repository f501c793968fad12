"""The books where PostgreSQL goes away while it is asked."""

from typing import Any

import asyncpg
import pytest

from cli.audit_sums import audited
from cli.exceptions import BooksError


class Gone:
    """A connection whose server has died."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def fetch(self, *_: Any) -> None:
        raise self._error

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        ConnectionResetError("reset by peer"),
    ],
)
async def test_that_is_said_and_no_defect(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def connect(*_: str) -> Gone:
        return Gone(error)

    monkeypatch.setattr("cli.audit_sums.connect", connect)
    with pytest.raises(BooksError, match=r"PostgreSQL does not answer .*see \./stockyard status"):
        await audited("postgresql://reader@127.0.0.1/stockyard", {})
