"""No network in tests: refused at the socket, below every library, for everything but loopback."""

from __future__ import annotations

import contextlib
import ipaddress
import sys
from collections.abc import Generator
from typing import Any, cast

_EVENTS = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
    }
)
_active: list[list[str]] = []
_installed = False


class NetworkBlocked(OSError):
    """A connection off this machine was tried under ``no_network``."""


def _is_loopback(host: object) -> bool:
    if host is None:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if text in {"", "localhost", "ip6-localhost"} or text.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _host(event: str, args: tuple[Any, ...]) -> object:
    """Return the host that an audited call names; None for local sockets."""
    if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        return args[0]
    address: object = args[1] if len(args) > 1 else None
    if isinstance(address, tuple) and address:
        return cast("tuple[object, ...]", address)[0]
    return None  # a path of a Unix socket


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not _active or event not in _EVENTS:
        return
    host = _host(event, args)
    if not _is_loopback(host):
        tried = f"{event.removeprefix('socket.')} {host!r}"
        _active[-1].append(tried)
        raise NetworkBlocked(
            f"The network was used ({tried}). Expected loopback only. Use a local server, a "
            "scripted expert, or a recording."
        )


@contextlib.contextmanager
def no_network(*, strict: bool = True) -> Generator[list[str]]:
    """Refuse every connection that leaves this machine.

    It holds for all threads, and for everything that goes through Python's sockets; native code
    with sockets of its own is not seen, nor are child processes.

    Args:
        strict: Fail at the end if anything was tried, even if the library that tried it went on.

    Yields:
        What was tried, as it is tried.

    Raises:
        NetworkBlocked: At the connection; and at the end, when ``strict``.
    """
    global _installed  # noqa: PLW0603 - an audit hook can be added once and never removed
    if not _installed:
        sys.addaudithook(_audit)
        _installed = True
    tried: list[str] = []
    _active.append(tried)
    try:
        yield tried
    finally:
        _active[:] = [each for each in _active if each is not tried]
    if strict and tried:
        raise NetworkBlocked(
            f"The network was tried: {', '.join(tried[:5])}. Expected loopback only. Find who asks "
            "for it: the first attempt raised where it was made."
        )
