"""Run the application: sockets with patience for no one, and an end that loses nothing.

On SIGTERM (or Ctrl-C) no connection is accepted any more, runs under way get some time to end, and
what has not ended by then is interrupted: its client is told the run's id, with which it can be gone
on with. A second signal ends the process at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import signal
import sys
import threading
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, cast

from herd_graph.errors import ConfigError
from herd_graph.extras import need, present

if TYPE_CHECKING:
    import socket

    from starlette.applications import Starlette

    from herd_graph.serve.host import Host

_GRACE_S = 15.0
"""What is left, after a drain, for the answers of interrupted runs to go out."""
MOST_CONNECTIONS = 2048
_SWEEP_S, _IDLE_S, _FULL_S = 0.2, 5.0, 600.0
"""Seconds between two looks at young garbage; at all of it while nothing goes on, and while much does."""
_MOST_YOUNG = 200_000
"""Objects after which the collector looks by itself: something has made them faster than that."""


def is_loopback(address: str) -> bool:
    """Say whether an address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def check_reach(address: str, *, keys: int) -> None:
    """Refuse to be reached from elsewhere without a key. Raises ``ConfigError``."""
    if not keys and not is_loopback(address):
        raise ConfigError(
            f"Address {address!r} is reached from other machines, and there is no key. Expected one: "
            "whoever reaches the server could run every expert. Make one: herd serve keys add NAME; "
            "or pass --key; or serve 127.0.0.1."
        )


def serve(
    app: Starlette,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve an application until a signal ends it.

    Args:
        app: What ``create_app`` made.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        ready: Called with the URL once connections are accepted.

    Raises:
        ConfigError: The address is taken, or may not be listened on.
        MissingExtra: The extra ``serve`` is not installed.
    """
    sweeping: list[asyncio.Task[None]] = []

    def settled(url: str) -> None:
        _spare_the_collector()
        sweeping.append(asyncio.create_task(_sweep(app.state.host), name="herd:serve:sweep"))
        _take_short_turns()
        if ready is not None:
            ready(url)

    server = make_server(app, host=host, port=port, ready=settled)
    listening = bind(host, port)
    with _signals_taken(), contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def _spare_the_collector() -> None:
    """Have Python's garbage collector leave alone what is loaded by now, and wait for ``_sweep``.

    Libraries are 200,000 objects; walking them all stops every request for over 100 ms, again and
    again under load. A run under way is 700 more. Left to itself the collector counts what was made
    less what is gone: while as many runs end as begin it looks at nothing for seconds, and then at
    all the runs of these seconds, for 100 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MOST_YOUNG, 1_000_000, 1_000_000)


async def _sweep(host: Host) -> None:
    """Look through what is young again and again, so that it never takes long.

    There is no cycle in what a run leaves behind, and old cycles are rare: they are looked for while
    nothing goes on, and under unbroken load every few minutes.
    """
    clock = asyncio.get_running_loop().time
    last, worked = clock(), False
    while True:
        await asyncio.sleep(_SWEEP_S)
        gc.collect(0)
        worked = worked or bool(host.live)
        wait_s = _FULL_S if host.live else _IDLE_S
        if worked and clock() - last >= wait_s:
            gc.collect()
            last, worked = clock(), False


def _take_short_turns() -> None:
    """Have threads wait for the interpreter a millisecond at most, not Python's five.

    Each database call and each file lets go of it and must have it back: with a loop that is always
    busy, a commit of forty calls takes as many turns.
    """
    sys.setswitchinterval(0.001)


@contextlib.contextmanager
def _signals_taken() -> Generator[None]:
    """Keep uvicorn's signals from ending the process: it raises them again once it has stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _ignored)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _ignored(number: int, frame: object) -> None:
    """Do nothing: uvicorn has stopped by then."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises ``ConfigError``."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
        listening.listen(1024)
    except (OSError, OverflowError) as error:
        listening.close()
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            f"{host}:{port} cannot be listened on: {why}. Expected a free port and an address of "
            "this machine. Take another: --port 0 finds a free one."
        ) from error
    listening.set_inheritable(False)
    return listening


def make_server(
    app: Starlette,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    ready: Callable[[str], None] | None = None,
) -> Any:
    """Return a uvicorn server for an application, which drains before it ends."""
    uvicorn: Any = need("uvicorn", "serve")
    parts: Host = app.state.host
    settings = parts.settings

    class Server(uvicorn.Server):  # pyright: ignore[reportUntypedBaseClass]
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)  # pyright: ignore[reportUnknownMemberType]
            if ready is not None and self.started and not self.should_exit:
                ready(_url(sockets, host, port))

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            draining = asyncio.create_task(parts.drain(settings.drain_s))
            await super().shutdown(sockets)  # pyright: ignore[reportUnknownMemberType]
            await draining

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_protocol(settings.head_s),
        loop="auto",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        limit_concurrency=MOST_CONNECTIONS,
        backlog=1024,
        timeout_graceful_shutdown=int(settings.drain_s + _GRACE_S),
        h11_max_incomplete_event_size=64 << 10,
        lifespan="on",
    )
    return Server(config)


def _url(sockets: list[socket.socket] | None, host: str, port: int) -> str:
    taken = sockets[0].getsockname()[1] if sockets else port
    return f"http://{f'[{host}]' if ':' in host else host}:{taken}"


class Impatient(asyncio.Protocol):
    """Gives the head of a request so many seconds, in front of a protocol of uvicorn's.

    uvicorn times the pause between requests alone: a client that sends one byte of a head every few
    seconds would hold its connection for ever.
    """

    head_s = 10.0
    cycle: Any
    transport: Any
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Take what came, and see whether a head is still to come."""
        super().data_received(data)
        if self._answers():
            self._calm()
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._calm()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Leave the pause until the next request begins to uvicorn's own limit."""
        self._calm()
        cast("Any", super()).on_response_complete()

    def _answers(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect_head(self) -> None:
        if self._late is None:
            self._late = asyncio.get_running_loop().call_later(self.head_s, self._close)

    def _calm(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _close(self) -> None:
        if not self._answers():
            self.transport.close()


def _protocol(head_s: float) -> type[Any]:
    """Return uvicorn's HTTP protocol, the fast one where it is installed, made impatient."""
    name = "httptools_impl.HttpToolsProtocol" if present("httptools") else "h11_impl.H11Protocol"
    module, _, kind = name.partition(".")
    usual: Any = getattr(need(f"uvicorn.protocols.http.{module}", "serve"), kind)
    return type("Impatient", (Impatient, usual), {"head_s": head_s})


__all__ = ("bind", "check_reach", "is_loopback", "make_server", "serve")
