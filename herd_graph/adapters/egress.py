"""Which addresses may be fetched: what a description or an answer names must not reach inwards.

A server that a user added is trusted to be talked to; a URL that it *names* is not: a redirect or a
link to ``http://169.254.169.254/`` would fetch the secrets of the machine's own network. A name is
resolved once, every address it has is judged, and the connection goes to the address that was
judged: a name that changes its mind between the look and the call gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from herd_graph.errors import HerdError

if TYPE_CHECKING:
    import httpx

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host and port."""
_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class EgressRefused(HerdError):
    """A URL that may not be fetched."""


def origin_of(url: str) -> Origin:
    """Return scheme, host and port of a URL. Raises ``EgressRefused`` for what is no web address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise EgressRefused(f"{url!r} is no URL: {error}. Expected http(s)://host/…") from None
    if parts.scheme not in _PORTS or not host:
        raise EgressRefused(f"{url!r:.200} cannot be fetched. Expected http://… or https://….")
    if parts.username is not None or parts.password is not None:
        raise EgressRefused(
            f"A URL for {host!r} holds a user name or password. Expected none: URLs end up in logs. "
            "Pass them as headers."
        )
    return parts.scheme, host.rstrip(".").lower(), port or _PORTS[parts.scheme]


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
        if address.is_site_local:
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


async def judge(url: str, trusted: Collection[Origin] = ()) -> str | None:
    """Return the address to connect to for a URL; None where its origin is trusted as it is.

    Raises:
        EgressRefused: It is not http(s), has no address, or has one inside a network.
    """
    origin = origin_of(url)
    if origin in trusted:
        return None
    _, host, port = origin
    literal = _literal(host)
    found = await _addresses(host, port) if literal is None else [literal]
    inside = [each for each in found if not is_public(each)]
    if inside or not found:
        raise EgressRefused(
            f"{url!r:.200} may not be fetched: {host!r} is "
            f"{inside[0] if inside else 'nowhere'}, inside a network. Expected an address of the "
            "open internet, or a server that was added by its own URL."
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


async def _addresses(host: str, port: int) -> list[Address]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EgressRefused(
            f"{host!r} cannot be found: {error}. Check the name and the network."
        ) from error
    return [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]


def http_client(
    trusted: Collection[Origin] = (), *, timeout_s: float = 60.0, **options: Any
) -> httpx.AsyncClient:
    """Return an ``httpx`` client that goes only where ``judge`` lets it, and follows no redirect.

    Args:
        trusted: Origins that a user named; they may be inside a network.
        timeout_s: Seconds to connect, and between two pieces of an answer.
        options: More for ``httpx.AsyncClient``.
    """
    lib: Any = import_module("httpx")
    origins = frozenset(trusted)

    wire: Any = lib.AsyncHTTPTransport()

    class Guarded(lib.AsyncBaseTransport):  # the base is only known once httpx is needed
        async def handle_async_request(self, request: Any) -> Any:
            address = await judge(str(request.url), origins)
            if address is not None:
                host = request.url.host
                request.extensions = {**request.extensions, "sni_hostname": host}
                request.url = request.url.copy_with(host=address)
            return await wire.handle_async_request(request)

        async def aclose(self) -> None:
            await wire.aclose()

    return lib.AsyncClient(
        transport=Guarded(),
        timeout=lib.Timeout(timeout_s),
        follow_redirects=False,
        trust_env=False,
        **options,
    )


__all__ = ("EgressRefused", "Origin", "http_client", "is_local", "is_public", "judge", "origin_of")
