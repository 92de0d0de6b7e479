"""Fetch what a request points at, from nowhere but where the operator allows.

A URL in a request is somebody else's word. So: hosts on a list only; each name is resolved once,
every address that it has must be public, and the connection goes to the address that was looked at
(see ``herd_graph.adapters.egress``); redirects are looked at like the first URL; size and time have
limits; nothing of the server (no cookie, no proxy, no credentials) goes along.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from herd_graph.adapters.egress import (
    EgressRefused,
    NoAddress,
    Resolve,
    addresses_of,
    http_client,
    origin_of,
)
from herd_graph.artifacts.base import human_size
from herd_graph.serve.errors import Refusal

MOST_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_USUAL = {("http", 80), ("https", 443)}


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
    resolve: Resolve = field(default=addresses_of)

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
        lib: Any = import_module("httpx")
        try:
            self._admit(url, param)
            async with (
                asyncio.timeout(self.seconds),
                http_client(
                    inside=self._inside, resolve=self.resolve, timeout_s=self.seconds
                ) as client,
            ):
                for _ in range(MOST_REDIRECTS + 1):
                    location, content = await self._get(client, url, param)
                    if location is None:
                        return content, unquote(urlsplit(url).path.rpartition("/")[2])[:200]
                    url = urljoin(url, location)
                    self._admit(url, param)
        except TimeoutError:
            raise _failed(url, f"it took more than {self.seconds:g} s", param) from None
        except NoAddress as error:
            raise _failed(url, error.why, param) from None
        except EgressRefused as error:
            raise _refused(url, error.why, param) from None
        except (lib.HTTPError, lib.InvalidURL, OSError) as error:
            raise _failed(url, str(error) or type(error).__name__, param) from error
        raise _failed(url, f"it redirects more than {MOST_REDIRECTS} times", param)

    async def _get(self, client: Any, url: str, param: str) -> tuple[str | None, bytes]:
        """Return where it redirects to (None if it does not), and the content."""
        headers = {"user-agent": "herd", "accept": "*/*", "accept-encoding": "identity"}
        client.cookies.clear()
        async with client.stream(
            "GET", urlsplit(url)._replace(fragment="").geturl(), headers=headers
        ) as response:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                return response.headers["location"], b""
            if response.status_code != 200:
                raise _failed(url, f"it answered with status {response.status_code}", param)
            declared = response.headers.get("content-length", "")
            if declared.isdigit() and int(declared[:20]) > self.most_bytes:
                raise self._too_large(url, param)
            content = bytearray()
            async for piece in response.aiter_raw():
                content += piece
                if len(content) > self.most_bytes:
                    raise self._too_large(url, param)
            return None, bytes(content)

    def _admit(self, url: str, param: str) -> None:
        """Refuse a URL that is not on the list."""
        scheme, host, port = origin_of(url)
        usual = (scheme, port) in _USUAL
        names = {f"{host}:{port}", host} if usual else {f"{host}:{port}"}
        for allowed in self._allowed:
            wild = allowed == "*" or (allowed.startswith("*.") and host.endswith(allowed[1:]))
            if allowed in names or (wild and usual):
                return
        named = host if usual else f"{host}:{port}"  # another port is another server
        raise _refused(url, f"host {named!r} is not on this server's list", param)

    def _too_large(self, url: str, param: str) -> Refusal:
        return Refusal(
            413,
            f"{url!r:.200} holds more than {human_size(self.most_bytes)}. Expected less. Shrink "
            "it, or upload it to /v1/files.",
            code="too_large",
            param=param,
        )


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


__all__ = ("Egress",)
