"""JSON messages over a socket: four bytes of length, then UTF-8."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from typing import cast

from herd_graph.types import JSONObject

_LENGTH = struct.Struct("!I")
MAX_BYTES = 64 << 20
"""A message holds references, never payloads; more than this is not one of ours."""


class Frames:
    """Sends and receives messages; one thread may receive while others send under a lock.

    Args:
        sock: A connected stream socket. With a timeout set on it, ``is_over`` is asked whenever
            nothing came for that long.
        is_over: Says that nothing more will come, though the socket is still open (a child of
            the other side may hold it).
    """

    def __init__(self, sock: socket.socket, is_over: Callable[[], bool] | None = None) -> None:
        self._socket = sock
        self._is_over = is_over
        self._buffer = bytearray()

    def send(self, message: JSONObject) -> None:
        """Send one message. Raises ``OSError`` when the other side is gone."""
        body = json.dumps(message, separators=(",", ":")).encode()
        self._socket.sendall(_LENGTH.pack(len(body)) + body)

    def receive(self) -> JSONObject | None:
        """Return the next message; None when the other side is gone."""
        head = self._take(_LENGTH.size)
        if head is None:
            return None
        (length,) = _LENGTH.unpack(head)
        if length > MAX_BYTES:
            return None
        body = self._take(length)
        return None if body is None else cast("JSONObject", json.loads(body))

    def _take(self, count: int) -> bytes | None:
        while len(self._buffer) < count:
            try:
                piece = self._socket.recv(1 << 16)
            except TimeoutError:
                if self._is_over is not None and self._is_over():
                    return None
                continue
            except OSError:
                return None
            if not piece:
                return None
            self._buffer += piece
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken
