"""``herd serve``: the herd behind OpenAI's API, MCP and A2A; and the keys that open it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herd_graph.cli.options import BudgetOption, JsonOption, QuietOption, command

if TYPE_CHECKING:
    from herd_graph.serve.host import Host
    from herd_graph.serve.keys import Key, KeyRing
    from herd_graph.serve.settings import Door

app = typer.Typer(
    invoke_without_command=True,
    help="Serve the herd: OpenAI's API, MCP and A2A over HTTP. Example: herd serve --port 8000",
)
keys_app = typer.Typer(
    no_args_is_help=True,
    help="Make, list and revoke API keys. Example: herd serve keys add alice --usd 5",
)
app.add_typer(keys_app, name="keys")


@app.callback()
def serve(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 finds a free one.")
    ] = 8000,
    host: Annotated[
        str, typer.Option(help="The address to listen on; other than loopback's needs keys.")
    ] = "127.0.0.1",
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY",
            envvar="HERD_SERVE_KEY",
            help="A key besides those of 'herd serve keys'; repeat it for several.",
            show_default=False,
        ),
    ] = None,
    keys_from: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A file with a key in each line; # begins a comment.",
            show_default=False,
        ),
    ] = None,
    openai: Annotated[
        bool, typer.Option("--openai", help="Only OpenAI's API (and others named).")
    ] = False,
    mcp: Annotated[bool, typer.Option("--mcp", help="Only MCP (and others named).")] = False,
    a2a: Annotated[bool, typer.Option("--a2a", help="Only A2A (and others named).")] = False,
    fetch_from: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Fetch image URLs from this host (*.example.com, or * for every public one).",
            show_default=False,
        ),
    ] = None,
    fetch_network: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CIDR",
            help="Let such a host be in this private network.",
            show_default=False,
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="A web page that may call it from a browser.", show_default=False
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Another name that it is reached under.", show_default=False
        ),
    ] = None,
    public_url: Annotated[
        str,
        typer.Option(metavar="URL", help="Where clients reach it, for links.", show_default=False),
    ] = "",
    alias: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=MODEL",
            help="Another name for a model: gpt-4o-mini=herd.",
            show_default=False,
        ),
    ] = None,
    drain: Annotated[
        float, typer.Option(min=0, help="Seconds that runs get to end when it is stopped.")
    ] = 30.0,
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE", help="The most that loaded models may hold.", show_default=False
        ),
    ] = None,
    budget: BudgetOption = None,
    quiet: QuietOption = False,
) -> None:
    """Serve the herd until Ctrl-C or SIGTERM; runs under way get time to end.

    On this machine alone no key is needed. To be reached from elsewhere it wants keys: make them with
    'herd serve keys add NAME'.
    """
    if context.invoked_subcommand is not None:
        return
    from herd_graph.budgets import Budget
    from herd_graph.cli.output import say
    from herd_graph.cli.session import open_herd
    from herd_graph.serve import create_app
    from herd_graph.serve.lifecycle import check_reach, is_loopback
    from herd_graph.serve.lifecycle import serve as serve_app
    from herd_graph.serve.settings import DOORS, Settings

    named: tuple[Door, ...] = tuple(
        door for door, wanted in zip(DOORS, (openai, mcp, a2a), strict=True) if wanted
    )
    given = [*(key or ()), *_keys_in(keys_from)]
    settings = Settings(
        doors=named or DOORS,
        hosts=tuple(allow_host or ()),
        origins=tuple(each.rstrip("/") for each in allow_origin or ()),
        fetch_from=tuple(fetch_from or ()),
        fetch_networks=tuple(_network(each) for each in fetch_network or ()),
        public_url=public_url,
        drain_s=drain,
        models=dict(_alias(each) for each in alias or ()),
    )
    options: dict[str, Any] = {} if memory is None else {"memory": memory}
    if budget is not None:
        options["budget"] = Budget.parse(budget)
    with open_herd(**options) as herd:
        with _ring(given) as ring:
            keys = len(ring)
        check_reach(host, keys=keys)
        served = create_app(
            herd,
            settings=settings,
            keys=given,
            need_key=keys > 0,
            local_only=is_loopback(host),
        )

        def ready(url: str) -> None:
            if not quiet:
                for line in _greeting(url, served.state.host, keys):
                    say(line)

        serve_app(served, host=host, port=port, ready=ready)


def _greeting(url: str, parts: Host, keys: int) -> list[str]:
    paths = {"openai": "/v1", "mcp": "/mcp", "a2a": "/.well-known/agent-card.json"}
    lines = [f"Serving at {url} (Ctrl-C stops it)"]
    lines += [f"  {door:<7} {url}{paths[door]}" for door in parts.opened]
    lines += [f"  {door:<7} not there: {why}" for door, why in parts.missing.items()]
    opened = f"one of {keys} key{'s' if keys > 1 else ''}" if keys else "no key"
    return [*lines, f"  It needs {opened}. What it can do: {url}/openapi.json"]


def _keys_in(path: Path | None) -> list[str]:
    from herd_graph.errors import ConfigError

    if path is None:
        return []
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The keys in {str(path)!r} cannot be read: {error}. Expected a text file with a key in "
            "each line. Check the path and its permissions."
        ) from error
    found = [line.partition("#")[0].strip() for line in lines]
    return [each for each in found if each]


def _network(text: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no network. Expected CIDR: 10.1.0.0/16.") from None


def _alias(text: str) -> tuple[str, str]:
    name, equals, model = text.partition("=")
    if not equals or not name or not model:
        raise typer.BadParameter(f"{text!r} is no alias. Expected NAME=MODEL: gpt-4o-mini=herd.")
    return name, model


@contextmanager
def _ring(given: Sequence[str] = ()) -> Generator[KeyRing]:
    """Give the keys of this home."""
    from herd_graph.config import Config
    from herd_graph.serve.keys import KeyRing
    from herd_graph.serve.records import Records

    records = Records(Config.from_environment().home / "serve.sqlite")
    try:
        yield KeyRing(records, given)
    finally:
        records.close()


@command(keys_app, "add")
def add_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is.")],
    requests: Annotated[
        int | None,
        typer.Option("--requests", min=1, help="Requests per minute.", show_default=False),
    ] = None,
    usd: Annotated[
        float | None, typer.Option("--usd", help="USD per day.", show_default=False)
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", help="Seconds of work per day.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key; it is shown once, and only its hash is kept.

    Example: herd serve keys add alice --requests 60 --usd 5
    """
    from herd_graph.cli.output import emit, emit_json, say
    from herd_graph.serve.keys import Limits

    limits = Limits(requests_per_minute=requests, usd_per_day=usd, seconds_per_day=seconds)
    with _ring() as ring:
        made, token = ring.add(name, limits)
    if as_json:
        emit_json({**_dump(made), "key": token})
        return
    emit(token)
    say(f"This is the key of {name!r}. It is not shown again.", "dim")


@command(keys_app, "list")
def list_keys(as_json: JsonOption = False) -> None:
    """List keys, their limits, and what they used today.

    Example: herd serve keys list
    """
    from herd_graph.cli.output import emit_columns, emit_json, say
    from herd_graph.serve.keys import Meter

    with _ring() as ring:
        meter = Meter(ring.records)
        rows = [(key, meter.used(key)) for key in ring.all()]
    if as_json:
        emit_json(
            [
                {
                    **_dump(key),
                    "today": {name: getattr(used, name) for name in ("requests", "seconds", "usd")},
                }
                for key, used in rows
            ]
        )
        return
    if not rows:
        say("There are no keys. Make one: herd serve keys add NAME.")
        return
    emit_columns(
        ("key", "name", "requests/min", "USD/day", "seconds/day", "today", "state"),
        [
            (
                key.id,
                key.name,
                _limit(key.limits.requests_per_minute),
                _limit(key.limits.usd_per_day),
                _limit(key.limits.seconds_per_day),
                f"{used.requests} requests, ${used.usd:.4f}, {used.seconds:.0f} s",
                "works" if key.revoked is None else "revoked",
            )
            for key, used in rows
        ],
        right=frozenset({2, 3, 4}),
    )


@command(keys_app, "revoke")
def revoke_key(
    which: Annotated[str, typer.Argument(metavar="KEY", help="A key's id, or its name.")],
    as_json: JsonOption = False,
) -> None:
    """Make a key useless; a server that runs notices within two seconds.

    Example: herd serve keys revoke alice
    """
    from herd_graph.cli.output import emit, emit_json

    with _ring() as ring:
        gone = ring.revoke(which)
    if as_json:
        emit_json({"revoked": gone.id, "name": gone.name})
    else:
        emit(f"Revoked {gone.id} ({gone.name})")


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _dump(key: Key) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "id": key.id,
        "name": key.name,
        "created": key.created,
        "revoked": key.revoked,
        "limits": asdict(key.limits),
    }
