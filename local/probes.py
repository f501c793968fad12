"""Whether a part does its work yet: asked of the part itself, over its own door."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from local.ports import LOOPBACK

Probe = Callable[[int], Coroutine[Any, Any, bool]]
"""Called with the part's pid."""

ANSWER_S = 2.0


async def http_get(port: int, path: str) -> tuple[int, str]:
    """Status and body of a request to a loopback port; raises OSError or TimeoutError."""
    async with asyncio.timeout(ANSWER_S):
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            request = f"GET {path} HTTP/1.0\r\nHost: {LOOPBACK}\r\n\r\n"
            writer.write(request.encode())
            answer = (await reader.read()).decode()
        finally:
            writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    words = head.split(" ", 2)
    return (int(words[1]) if len(words) > 1 and words[1].isdigit() else 0), body


async def metrics(port: int | None) -> str | None:
    """What a part tells at its port for metrics; None where it has none, or does not answer."""
    if port is None:
        return None
    try:
        _, body = await http_get(port, "/metrics")
    except (OSError, TimeoutError):
        return None
    return body


def samples(exposition: str) -> Iterator[Sample]:
    """Each value of each metric, from the Prometheus text format."""
    for family in text_string_to_metric_families(exposition):
        yield from family.samples


def http(port: int, path: str) -> Probe:
    """Ready when a request is answered with 200."""

    async def probe(_pid: int) -> bool:
        try:
            status, _ = await http_get(port, path)
        except (OSError, TimeoutError):
            return False
        return status == 200

    return probe


def kafka(bootstrap: str) -> Probe:
    """Ready when the broker names itself in its metadata."""

    async def probe(_pid: int) -> bool:
        if not await _connects(bootstrap):
            return False
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000)
        try:
            await admin.start()
            cluster = await admin.describe_cluster()
        except (KafkaError, OSError):
            return False
        finally:
            await admin.close()
        return bool(cluster["brokers"])

    return probe


async def _connects(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(ANSWER_S):
            _, writer = await asyncio.open_connection(host, int(port))
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def postgres(dsn: Callable[[], str]) -> Probe:
    """Ready when a role of ours can connect."""

    async def probe(_pid: int) -> bool:
        try:
            connection = await asyncpg.connect(dsn(), timeout=ANSWER_S)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    return probe


def assigned(file: Path) -> Probe:
    """Ready when the worker has told which partitions it owns."""

    async def probe(pid: int) -> bool:
        return owned(file, pid) is not None

    return probe


def owned(file: Path, pid: int | None) -> list[int] | None:
    """The partitions that a worker says it owns; None while it says nothing."""
    told = _told(file, pid)
    return sorted(told["partitions"]) if told else None


def compiled(file: Path, pid: int | None) -> bool | None:
    """Whether a worker says that it runs compiled; None while it says nothing."""
    told = _told(file, pid)
    return told.get("compiled") if told else None


def _told(file: Path, pid: int | None) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return told if pid in (None, told.get("pid")) else None
