"""A port for a server that has to be told one before it starts."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def reserved_port() -> Generator[int]:
    """Keep a port of loopback for a server of this test.

    The socket is bound for as long and never listens: nobody else is given the port, a server that
    binds it with ``SO_REUSEADDR`` (as asyncio's do) listens on it, and while none does, who
    connects is refused.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])
