"""Requests of HTTP/1.1 as bytes, and the answers that are due."""

from collections.abc import Callable

from tests.corpus.case import Answer, Seat

Asked = tuple[bytes, Answer]
Ask = Callable[[Seat], Asked]

HOST = b"Host: stockyard\r\n"


def get(target: str, *headers: bytes, method: str = "GET") -> bytes:
    """A request without a body; the target goes out as it is, in Latin-1."""
    lines = b"".join(one + b"\r\n" for one in headers)
    return f"{method} {target} HTTP/1.1\r\n".encode("latin-1") + HOST + lines + b"\r\n"


def post(body: bytes, *headers: bytes, target: str = "/v1/commands?wait=30") -> bytes:
    """A command to the API."""
    kinds = headers if any(one.lower().startswith(b"content-type") for one in headers) else (
        *headers, b"Content-Type: application/json")  # fmt: skip
    lines = b"".join(one + b"\r\n" for one in kinds)
    size = f"Content-Length: {len(body)}\r\n".encode()
    return f"POST {target} HTTP/1.1\r\n".encode() + HOST + lines + size + b"\r\n" + body


def refused(status: int, code: str = "", path: str = "") -> Answer:
    """A problem of this status, code and first flaw."""
    return Answer(status, code, path)
