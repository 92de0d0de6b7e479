"""``herd view``: look at a run, or a recording, in a browser; or write it as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from herd_graph.cli.options import JsonOption
from herd_graph.cli.pages import OpenOption, PortOption
from herd_graph.cli.replay import RecordingArgument

if TYPE_CHECKING:
    from herd_graph.debug.web.desk import Desk


def view(
    run: RecordingArgument = "last",
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write one file that needs nothing else, to send to somebody; serve nothing.",
            show_default=False,
        ),
    ] = None,
    port: PortOption = 0,
    opens: OpenOption = False,
    as_json: JsonOption = False,
) -> None:
    """Look at a run or a recording in the browser: plan, results, why, checks, time and cost.

    Nothing is called, and nothing leaves this machine.

    Example: herd view last --html run.html
    """
    from herd_graph.cli.output import emit_json, say
    from herd_graph.cli.pages import show_page
    from herd_graph.cli.session import open_herd, run_until_done
    from herd_graph.debug.web.desk import Desk
    from herd_graph.errors import ConfigError
    from herd_graph.threads import in_thread

    async def opened(desk: Desk) -> str:
        path = Path(run)
        is_file = await in_thread(
            lambda: path.suffix == ".herdrun" or path.is_file(), label="recording"
        )
        if is_file:
            return await desk.open_file(path, path.name)
        return (await desk.look(run)).row.id

    async def address(desk: Desk) -> str:
        return f"#/run/{quote(await opened(desk), safe='')}"

    async def write(target: Path) -> None:
        from herd_graph.debug.web.export import export

        desk = Desk(herd._driver)
        try:
            look = await desk.look(await opened(desk))
            happened = await desk.events(look, None)
            page = await in_thread(lambda: export(look, happened), label="export")
            await in_thread(lambda: target.write_text(page, encoding="utf-8"), label="export")
        except OSError as error:
            raise ConfigError(
                f"{str(target)!r} cannot be written: {error.strerror or error}. Expected a file in "
                "a folder that may be written. Choose another: --html FILE."
            ) from error
        finally:
            await desk.close()

    with open_herd() as herd:
        if html is None:
            run_until_done(
                show_page(herd, address, port=port, opens=opens, as_json=as_json, starts=False)
            )
            return
        run_until_done(write(html))
    if as_json:
        emit_json({"wrote": str(html)})
    else:
        say(f"Wrote {html}.")
