"""Fetch what a request points at, from nowhere but where the operator allows.

A URL in a request is somebody's else word. So: hosts on a list only; each name is resolved once,
every address that it has must be public, and the connection goes to the address that was looked at
(a second look-up could give another one); redirects are looked at like the first URL; size and time
have limits; nothing of the server (no cookie, no proxy, no credentials) goes along.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from herd_graph.artifacts.base import human_size
from herd_graph.extras import need
from herd_graph.serve.errors import Refusal

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

MOST_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: Address) -> bool:
    """Say whether an address is anybody's to reach, also where it hides in an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address.teredo is not None:
            inner = address.teredo[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


@dataclass(kw_only=True)
class Egress:
    """The way out of the server.

    Args:
        hosts: ``name``, ``name:port``, ``*.name``, or ``*``; empty allows nothing.
        networks: Private networks that those hosts may be in.
        most_bytes: The most that is taken.
        seconds: The most that it may take, redirects included.
        resolve: Looks names up.
    """

    hosts: Iterable[str] = ()
    networks: Iterable[str] = ()
    most_bytes: int = 32 << 20
    seconds: float = 10.0
    resolve: Resolve = field(default=resolve)

    def __post_init__(self) -> None:
        self._allowed = tuple(each.lower().rstrip(".") for each in self.hosts)
        self._inside = tuple(ipaddress.ip_network(each) for each in self.networks)

    async def fetch(self, url: str, param: str) -> tuple[bytes, str]:
        """Return what is there, and the file name that the URL ends with.

        Args:
            url: Where.
            param: The field of the request that names it, for messages.

        Raises:
            Refusal: It is not allowed, not there, too large, or too slow.
        """
        try:
            async with asyncio.timeout(self.seconds):
                return await self._follow(url, param)
        except TimeoutError:
            raise _failed(url, f"it took more than {self.seconds:g} s", param) from None

    async def _follow(self, url: str, param: str) -> tuple[bytes, str]:
        core: Any = need("httpcore", "serve")
        for _ in range(MOST_REDIRECTS + 1):
            parts = self._admitted(url, param)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            address = await self._address(parts, port, param)
            async with core.AsyncConnectionPool(
                network_backend=_pinned(core, address), max_connections=1, retries=0
            ) as pool:
                try:
                    location, content = await self._get(pool, parts, param)
                except core.TimeoutException as error:
                    raise _failed(url, str(error) or "it did not answer", param) from error
                except (core.NetworkError, core.ProtocolError, OSError) as error:
                    raise _failed(url, str(error) or type(error).__name__, param) from error
            if location is None:
                return content, unquote(parts.path.rpartition("/")[2])[:200]
            url = urljoin(url, location)
        raise _failed(url, f"it redirects more than {MOST_REDIRECTS} times", param)

    async def _get(self, pool: Any, parts: SplitResult, param: str) -> tuple[str | None, bytes]:
        """Return where it redirects to (None if it does not), and the content."""
        url = parts._replace(fragment="").geturl()
        headers = {"user-agent": "herd", "accept": "*/*", "accept-encoding": "identity"}
        async with pool.stream("GET", url, headers=headers) as response:
            found = {name.lower(): value for name, value in response.headers}
            if response.status in _REDIRECTS and b"location" in found:
                return found[b"location"].decode("latin-1"), b""
            if response.status != 200:
                raise _failed(url, f"it answered with status {response.status}", param)
            declared = found.get(b"content-length", b"")
            if declared.isdigit() and int(declared) > self.most_bytes:
                raise self._too_large(url, param)
            content = bytearray()
            async for piece in response.aiter_stream():
                content += piece
                if len(content) > self.most_bytes:
                    raise self._too_large(url, param)
            return None, bytes(content)

    def _admitted(self, url: str, param: str) -> SplitResult:
        """Return the parts of a URL that is on the list."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower().rstrip("."), parts.port
        except ValueError:
            raise _refused(url, "it is no URL", param) from None
        if parts.scheme not in {"http", "https"} or not host:
            raise _refused(url, "it is no http or https URL", param)
        if parts.username is not None or parts.password is not None:
            raise _refused(url, "it holds credentials", param)
        if any(ord(each) <= 32 or ord(each) == 127 for each in url):
            raise _refused(url, "it holds white space or control characters", param)
        usual = port is None or port == {"http": 80, "https": 443}[parts.scheme]
        names = {f"{host}:{port}", host} if usual else {f"{host}:{port}"}
        for allowed in self._allowed:
            wild = allowed == "*" or (allowed.startswith("*.") and host.endswith(allowed[1:]))
            if allowed in names or (wild and usual):
                return parts
        raise _refused(url, f"host {host!r} is not on this server's list", param)

    async def _address(self, parts: SplitResult, port: int, param: str) -> str:
        """Resolve a host, once, and return an address of it that may be connected to."""
        url, host = parts.geturl(), parts.hostname or ""
        try:
            found = await self.resolve(host, port)
            addresses = [ipaddress.ip_address(each.partition("%")[0]) for each in found]
        except (OSError, UnicodeError, ValueError):
            addresses = []
        if not addresses:
            raise _failed(url, f"host {host!r} has no address", param)
        for each in addresses:
            if not is_public(each) and not any(each in network for network in self._inside):
                raise _refused(url, f"host {host!r} is inside a private network", param)
        return str(addresses[0])

    def _too_large(self, url: str, param: str) -> Refusal:
        return Refusal(
            413,
            f"{url!r:.200} holds more than {human_size(self.most_bytes)}. Expected less. Shrink "
            "it, or upload it to /v1/files.",
            code="too_large",
            param=param,
        )


def _pinned(core: Any, address: str) -> Any:
    """Return a network backend that connects to one address, whatever the name."""
    backend: Any = core.AnyIOBackend()

    class Pinned(core.AsyncNetworkBackend):  # pyright: ignore[reportUntypedBaseClass]
        async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> Any:
            del host
            return await backend.connect_tcp(address, port, *args, **options)

        async def connect_unix_socket(self, path: str, **_: Any) -> Any:
            raise OSError(f"{path!r} is a socket of this machine")

        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(seconds)

    return Pinned()


def _refused(url: str, why: str, param: str) -> Refusal:
    return Refusal(
        400,
        f"{url!r:.200} is not fetched: {why}. Expected a data: URL, or a host that the server "
        "allows (herd serve --fetch-from HOST). Send the content itself.",
        code="url_not_allowed",
        param=param,
    )


def _failed(url: str, why: str, param: str) -> Refusal:
    return Refusal(
        400,
        f"{url!r:.200} could not be fetched: {why}. Expected its content. Send it as a data: URL.",
        code="invalid_image_url",
        param=param,
    )


__all__ = ("Egress", "is_public", "resolve")
