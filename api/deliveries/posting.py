"""One attempt: an HTTP POST of an event as it stands on the topic, signed."""

import time
from types import TracebackType
from typing import Self

import aiohttp

from api.deliveries import signing, telemetry
from api.deliveries.addresses import PublicResolver
from api.deliveries.answers import Answer, answered, failed
from api.deliveries.endpoints import Endpoint
from api.deliveries.events import Outgoing

KEEP_ALIVE_S = 4.0  # many servers close an idle connection after 5: no request should meet that
SAID_BYTES = 300  # of an answer's body, for the log and the dead letter
REST_BYTES = 64 << 10  # read of a body, so that its connection can be used again
DNS_CACHE_S = 10
SENT = {"content-type": "application/json", "user-agent": "stockyard", "accept": "*/*"}


class Poster:
    """Connections to one endpoint. It follows no redirect, keeps no cookie, uses no proxy."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=endpoint.parallel,
                keepalive_timeout=KEEP_ALIVE_S,
                ttl_dns_cache=DNS_CACHE_S,
                resolver=None if endpoint.private else PublicResolver(),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=endpoint.timeout_s),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def post(self, event: Outgoing) -> Answer:
        """Send it once; whatever comes of it is an answer."""
        now_s = time.time()
        headers = signing.headers(self._endpoint.keys, event.name, int(now_s), event.body)
        with telemetry.SECONDS.labels(self._endpoint.name).time():
            try:
                async with self._session.post(
                    self._endpoint.url,
                    data=event.body,
                    headers=SENT | headers,
                    allow_redirects=False,
                ) as response:
                    retry_after = response.headers.get("retry-after")
                    said = await _said(response)
                    return answered(response.status, retry_after, now_s, said)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                return failed(error, self._endpoint.timeout_s)


async def _said(response: aiohttp.ClientResponse) -> str:
    """What it says of itself, where it refuses; a status counts, even if no body ends."""
    try:
        body = await response.content.read(REST_BYTES)
    except (aiohttp.ClientError, OSError, TimeoutError):
        return ""
    if response.status < 300:
        return ""
    text = body[:SAID_BYTES].decode(errors="replace")
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
