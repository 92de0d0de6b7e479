"""Draw the full-screen debugger for the docs.

    python docs/full_screen.py

The picture is text as SVG, drawn by Textual itself; the fonts that it would fetch are left out.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from debug_pages import PLAN, crew, sign  # noqa: E402 - the sample of the debugger's tests

from herd_graph.debug.tui.app import DebugApp  # noqa: E402
from herd_graph.debug.tui.tree import PlanTree  # noqa: E402


async def draw() -> str:
    """Step to a breakpoint, look at what was found in a picture, and return the screen as SVG."""
    async with crew().debug(PLAN, photo=sign(), breaks=["s5"]) as session:
        app = DebugApp(session)
        async with app.run_test(size=(110, 38)) as pilot:
            await pilot.press("c")
            await app.workers.wait_for_complete()
            await pilot.pause()
            app.query_one(PlanTree).choose("s2")
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()
            drawn = app.export_screenshot(title="herd debug --tui")
    return re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)


if __name__ == "__main__":
    (HERE / "images" / "debug-tui.svg").write_text(asyncio.run(draw()), encoding="utf-8")
