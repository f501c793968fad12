"""A PostgreSQL that answers, and lets nobody in: 503, as of one that is away."""

import asyncio
from asyncio import StreamReader, StreamWriter

import pytest

from api.history import History
from api.problems import Problem

NO_TLS = b"N"


def refusal(code: str) -> bytes:
    """PostgreSQL's ErrorResponse."""
    body = b"".join(field.encode() + b"\0" for field in ("SFATAL", "VFATAL", f"C{code}", "Mno"))
    return b"E" + (len(body) + 5).to_bytes(4) + body + b"\0"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("28P01", id="another password"),
        pytest.param("28000", id="no such role"),
        pytest.param("3D000", id="no such database"),
        pytest.param("42501", id="no right to it"),
        pytest.param("57P03", id="not up yet"),
    ],
)
async def test_whoever_is_not_let_in_has_no_history(code: str) -> None:
    async def refuse(reader: StreamReader, writer: StreamWriter) -> None:
        await packet(reader)
        writer.write(NO_TLS)
        await packet(reader)
        writer.write(refusal(code))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Problem) as refused:
            await History(f"postgresql://reader:pw@127.0.0.1:{port}/stockyard", "history").check()
    assert (refused.value.status, refused.value.code) == (503, "DATABASE_UNAVAILABLE")


async def packet(reader: StreamReader) -> bytes:
    """What a client sends first: its length, and the rest."""
    return await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
