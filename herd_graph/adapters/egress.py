"""Which addresses may be fetched: what somebody else names must not reach inwards.

A server that a user added is trusted to be talked to; a URL that it *names* is not, and no more is
one in a request to ``herd serve``: a redirect or a link to ``http://169.254.169.254/`` would fetch
the secrets of the machine's own network. A name is resolved once, every address it has is judged, and
the connection goes to the address that was judged: a name that changes its mind between the look and
the call gains nothing.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from herd_graph.errors import HerdError

if TYPE_CHECKING:
    import httpx

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks up the addresses of a host."""
Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host and port."""
_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class EgressRefused(HerdError):
    """A URL that may not be fetched; ``why`` is the reason alone."""

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why or message


class NoAddress(EgressRefused):
    """A host that nobody knows."""


def origin_of(url: str) -> Origin:
    """Return scheme, host and port of a URL. Raises ``EgressRefused`` for what is no web address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise EgressRefused(
            f"{url!r:.200} is no URL: {error}. Expected http(s)://host/…", "it is no URL"
        ) from None
    if parts.scheme not in _PORTS or not host:
        raise EgressRefused(
            f"{url!r:.200} cannot be fetched. Expected http://… or https://….",
            "it is no http or https URL",
        )
    if parts.username is not None or parts.password is not None:
        raise EgressRefused(
            f"A URL for {host!r} holds a user name or password. Expected none: URLs end up in logs. "
            "Pass them as headers.",
            "it holds credentials",
        )
    if any(ord(each) <= 32 or ord(each) == 127 for each in url):
        raise EgressRefused(
            f"{url!r:.200} holds white space or control characters. Expected them as %20 and so on.",
            "it holds white space or control characters",
        )
    return parts.scheme, host.rstrip(".").lower(), port or _PORTS[parts.scheme]


async def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses that the machine's own resolver gives for a host."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: Address) -> bool:
    """Say whether an address belongs to the open internet, also in the forms that wrap another."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None:
            return False
        if address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(wrapped)
        if address.is_site_local or address.is_reserved:  # "::127.0.0.1", and a network's own NAT64
            return False
    return address.is_global and not address.is_multicast


def is_local(url: str) -> bool:
    """Say whether a URL is one of this machine: what is sent there does not leave it."""
    host = origin_of(url)[1]
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def judge(
    url: str,
    trusted: Collection[Origin] = (),
    *,
    inside: Collection[Network] = (),
    resolve: Resolve = addresses_of,
) -> str | None:
    """Return the address to connect to for a URL; None where its origin is trusted as it is.

    Args:
        url: Where to.
        trusted: Origins that a user named.
        inside: Networks that are not the open internet and may be reached all the same.
        resolve: Looks a name up.

    Raises:
        NoAddress: Nobody knows its host.
        EgressRefused: It is not http(s), or has an address inside a network.
    """
    origin = origin_of(url)
    if origin in trusted:
        return None
    _, host, port = origin
    literal = _literal(host)
    found = await _looked_up(host, port, resolve) if literal is None else [literal]
    for each in found:
        if not is_public(each) and not any(each in network for network in inside):
            raise EgressRefused(
                f"{url!r:.200} may not be fetched: {host!r} is {each}, inside a network. Expected an "
                "address of the open internet, or a server that was added by its own URL.",
                f"host {host!r} is inside a private network",
            )
    return str(found[0])


def _literal(host: str) -> Address | None:
    """Return the address that a host is, in any of its spellings: ``127.1`` is this machine too."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


async def _looked_up(host: str, port: int, resolve: Resolve) -> list[Address]:
    why = ""
    try:
        named = await resolve(host, port)
        found = [ipaddress.ip_address(each.partition("%")[0]) for each in named]
    except (OSError, ValueError) as error:  # a name that cannot be written as one is a ValueError
        found, why = [], f": {error}"
    if not found:
        raise NoAddress(
            f"{host!r} cannot be found{why}. Expected a name that has an address. Check it, and the "
            "network.",
            f"host {host!r} has no address",
        )
    return found


@functools.cache
def _certificates() -> Any:
    """Return whom all clients believe; reading the file takes a tenth of a second, and a megabyte."""
    lib: Any = import_module("httpx")
    return lib.create_ssl_context()


def http_client(
    trusted: Collection[Origin] = (),
    *,
    inside: Collection[Network] = (),
    resolve: Resolve = addresses_of,
    timeout_s: float = 60.0,
    **options: Any,
) -> httpx.AsyncClient:
    """Return an ``httpx`` client that goes only where ``judge`` lets it, and follows no redirect.

    Args:
        trusted: Origins that a user named; they may be inside a network.
        inside: Networks that may be reached, see ``judge``.
        resolve: Looks a name up.
        timeout_s: Seconds to connect, and between two pieces of an answer.
        options: More for ``httpx.AsyncClient``.
    """
    lib: Any = import_module("httpx")
    origins = frozenset(trusted)
    known: Any = lib.AsyncHTTPTransport(verify=_certificates())
    # A judged URL has the address in place of the name: a connection that was kept would be taken for
    # that of another name at the same address, whose certificate nobody has looked at.
    strange: Any = lib.AsyncHTTPTransport(
        verify=_certificates(), limits=lib.Limits(max_keepalive_connections=0)
    )

    class Guarded(lib.AsyncBaseTransport):  # the base is only known once httpx is needed
        async def handle_async_request(self, request: Any) -> Any:
            address = await judge(str(request.url), origins, inside=inside, resolve=resolve)
            if address is None:
                return await known.handle_async_request(request)
            request.extensions = {**request.extensions, "sni_hostname": request.url.host}
            request.url = request.url.copy_with(host=address)
            return await strange.handle_async_request(request)

        async def aclose(self) -> None:
            await known.aclose()
            await strange.aclose()

    return lib.AsyncClient(
        transport=Guarded(),
        timeout=lib.Timeout(timeout_s),
        follow_redirects=False,
        trust_env=False,
        **options,
    )


__all__ = (
    "EgressRefused",
    "Network",
    "NoAddress",
    "Origin",
    "Resolve",
    "addresses_of",
    "http_client",
    "is_local",
    "is_public",
    "judge",
    "origin_of",
)
