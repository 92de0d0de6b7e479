"""``herd mcp``: the herd as an MCP server on stdin and stdout, for clients that start it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from herd_graph.cli.options import RouterOption


def mcp(
    folder: Annotated[
        list[Path] | None,
        typer.Option(
            "--folder",
            metavar="DIR",
            help="Where files may be read by path; repeat it. By default HERD_FOLDERS, else here.",
            show_default=False,
        ),
    ] = None,
    experts: Annotated[
        bool, typer.Option("--experts/--no-experts", help="Offer each expert as a tool.")
    ] = True,
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="The most that loaded models may hold, such as '2 GiB'.",
            show_default=False,
        ),
    ] = None,
    router: RouterOption = None,
) -> None:
    """Serve the herd as MCP tools on stdin and stdout.

    An MCP client starts this itself: give it the command 'herd mcp'. Experts with side effects are
    only called when the client can ask a person, and the person says yes.

    Example: herd mcp --folder ~/inbox
    """
    from herd_graph.cli.output import results
    from herd_graph.cli.session import open_herd, run_until_done
    from herd_graph.serve.mcp import create_server, serve_stdio

    with open_herd(memory=memory, router=router) as herd:
        server = create_server(herd, folders=folder or (), experts=experts)
        run_until_done(serve_stdio(server, results()))
