"""An ASGI app on loopback, in a thread of this process: real sockets, real HTTP."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Generator
from typing import Any


@contextlib.contextmanager
def served(app: Any) -> Generator[str]:
    """Serve an app while the block runs; the value is its URL."""
    import uvicorn

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        port = listener.getsockname()[1]
        config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        end = time.monotonic() + 120
        while not server.started:
            assert time.monotonic() < end
            assert thread.is_alive()
            time.sleep(0.01)  # looks again: nothing else tells that it has started
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(timeout=60)
