"""The outermost layer of every request: bounds, security headers and metrics, in one pass."""

import asyncio
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import is_unicode
from api.problems import Problem, address, unavailable
from api.telemetry import IN_FLIGHT, LATENCY, METHODS, REQUESTS, UNMATCHED

IN_FLIGHT_MAX = 2_048  # at 1 MiB of body for the few that have one, and some KiB for the others

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class Edge:
    """ASGI, not Starlette's middleware: that costs a task and a queue for each request.

    What cannot be served is refused here, before it is routed, read and checked: a flood of
    refusals must leave the processor to what is served. `refuse` says so of a route of its own.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[Scope], Problem | None]) -> None:
        self._app, self._refuse = app, refuse
        self._in_flight = 0
        self._latency = {UNMATCHED: LATENCY.labels(UNMATCHED)}
        self._requests = {("GET", UNMATCHED, 404): REQUESTS.labels("GET", UNMATCHED, "404")}
        IN_FLIGHT.set_function(lambda: self._in_flight)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def answer(event: Message) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
                headers = event.setdefault("headers", [])
                headers += _HEADERS
                if not any(name == _POLICY[0] for name, _ in headers):
                    headers.append(_POLICY)
            await send(event)

        self._in_flight += 1
        try:
            refusal = self._refusal(scope)
            if refusal is not None:
                await refusal.response(address(scope))(scope, receive, answer)
            else:
                await self._app(scope, receive, answer)
        except asyncio.CancelledError:
            status = 499  # the client went away
            raise
        finally:
            self._in_flight -= 1
            self._count(scope, status, time.perf_counter() - started)

    def _refusal(self, scope: Scope) -> Problem | None:
        if self._in_flight > IN_FLIGHT_MAX:
            return unavailable("OVERLOADED", "Too many requests at a time; ask again soon.")
        if "\ufffd" in scope["path"] and not is_unicode(scope["raw_path"]):
            return Problem(400, "INVALID_REQUEST", "The path is no UTF-8 once decoded.")
        query = scope["query_string"]
        if b"%" in query and not is_unicode(query):
            return Problem(400, "INVALID_REQUEST", "The query is no UTF-8 once decoded.")
        return self._refuse(scope)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "(other)"
        route = getattr(scope.get("route"), "path", UNMATCHED)
        histogram = self._latency.get(route)
        if histogram is None:
            histogram = self._latency[route] = LATENCY.labels(route)
        histogram.observe(seconds)
        key = method, route, status
        counter = self._requests.get(key)
        if counter is None:
            counter = self._requests[key] = REQUESTS.labels(method, route, str(status))
        counter.inc()
