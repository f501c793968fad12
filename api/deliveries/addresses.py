"""Which addresses an endpoint may have: not those of our own network, unless its file says so.

Names are looked at when they are resolved for a connection: what a name meant earlier says nothing.
"""

import errno
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddress(OSError):
    """A name leads into a private network, and its endpoint is not allowed to."""

    def __init__(self, told: str) -> None:
        super().__init__(errno.EACCES, told)  # as strerror: of others aiohttp says nothing


def is_public(text: str) -> bool:
    """Whether this address is one of the internet's."""
    address = ip_address(text.partition("%")[0])
    inner = _inner(address) if isinstance(address, IPv6Address) else None
    told = inner or address
    return told.is_global and not told.is_multicast


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address only wraps."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses alone."""

    def __init__(self) -> None:
        self._names = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All its public addresses; raises PrivateAddress where it has none."""
        found = await self._names.resolve(host, port, family)
        public = [one for one in found if is_public(one["host"])]
        if not public:
            raise PrivateAddress(
                f"{host} is at {', '.join(one['host'] for one in found)}, in a private network: "
                "set private = true for this endpoint if that is meant"
            )
        return public

    async def close(self) -> None:
        await self._names.close()
