"""What the debugger's page costs: python -m benchmarks.debug.page [REPEATS].

A run of 2,000 steps and a run with a video of 50 MB, in headless Chromium, by its Performance API: the
first contentful paint, the moment when the plan is drawn (both since the navigation began), how much
came over the wire meanwhile, and how much of the video was read. The server runs in this process, with
the run in its cache, as it is for whoever steps through it. Needs playwright and a Chromium.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from herd_graph import Herd, Text, Video, expert
from herd_graph.plans import Plan
from herd_graph.testing import no_network

REPEATS = int(sys.argv[1]) if len(sys.argv) > 1 else 7
STEPS = 2000
CHROMIUM = (
    os.environ.get("HERD_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
)
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
BYTES = """performance.getEntriesByType('resource').reduce((sum, each) => sum + each.transferSize, 0)
    + performance.getEntriesByType('navigation')[0].transferSize"""
VIDEO = """performance.getEntriesByType('resource').filter((each) => each.name.includes('/content'))
    .length"""
MARK = """() => { const done = () => document.querySelector('.plan .node.is-done');
    new MutationObserver(() => { if (done() && !window.drawn) window.drawn = performance.now(); })
        .observe(document, { childList: true, subtree: true, attributes: true }); }"""


@expert
def more(text: Text) -> Text:
    """Add a letter."""
    return Text(f"{text.text}.")


@expert
def cut(video: Video) -> Video:
    """Give a video back."""
    return video


def wide() -> Plan:
    """Return a hundred layers of twenty steps each."""
    steps: list[dict[str, Any]] = []
    for at in range(STEPS):
        source = {"input": "text"} if at < 20 else {"step": f"s{at - 20 + at % 3}"}
        steps.append({"id": f"s{at}", "expert": "more", "inputs": {"text": source}})
    return Plan.parse({"inputs": {"text": {"name": "text", "kind": "text"}}, "steps": steps})


def film(folder: Path) -> tuple[Plan, Path]:
    """Return a plan with a video, and 50 MB that begin as one."""
    path = folder / "film.mp4"
    with path.open("wb") as writer:
        writer.write(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
        writer.truncate(50 << 20)
    step = {"id": "s1", "expert": "cut", "inputs": {"video": {"input": "video"}}}
    inputs = {"video": {"name": "video", "kind": "video"}}
    return Plan.parse({"inputs": inputs, "steps": [step]}), path


def measured(page: Any, url: str) -> tuple[float, float, float, float]:
    """Open an address; return paint and plan in ms, kB over the wire, and reads of payloads."""
    page.goto("about:blank")
    page.goto(url)
    page.locator(".plan .node.is-done").first.wait_for()  # no eval: its policy forbids it
    told: list[float] = [page.evaluate(each) for each in (PAINT, "window.drawn", BYTES, VIDEO)]
    return told[0], told[1], told[2] / 1000, told[3]


def row(name: str, rows: list[tuple[float, float, float, float]]) -> str:
    """Return a line: medians with the least and the most."""
    paint, plan, sent, reads = zip(*rows, strict=True)
    cells = [
        f"{statistics.median(each):6.0f} ({min(each):.0f} … {max(each):.0f})"
        for each in (paint, plan, sent)
    ]
    return f"{name:<24}{cells[0]:>24}{cells[1]:>24}{cells[2]:>24}{max(reads):>8.0f}"


def main() -> None:
    """Measure and print."""
    from herd_graph.debug.web.security import Keyring

    api: Any = import_module("playwright.sync_api")
    with tempfile.TemporaryDirectory() as folder, no_network():
        herd = Herd(more, cut, home=Path(folder))
        plan, path = film(Path(folder))
        runs = {
            f"{STEPS:,} steps": herd.run(wide(), text=Text("a")).id,
            "a video of 50 MB": herd.run(plan, video=Video(path)).id,
        }
        keyring = Keyring()
        with serving(herd, keyring) as url, api.sync_playwright() as started:
            browser = started.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
            )
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.add_init_script(f"({MARK})()")
            page.goto(f"{url}?token={keyring.token()}")
            print(f"{REPEATS} times; ms since the navigation began, median (least … most)")
            print(f"{'':<24}{'first paint':>24}{'plan drawn':>24}{'kB':>24}{'reads':>8}")
            for name, run in runs.items():
                measured(page, f"{url}#/run/{run}")  # once, so that the server has it at hand
                found = [measured(page, f"{url}#/run/{run}") for _ in range(REPEATS)]
                print(row(name, found))
            browser.close()
        herd.close()
    load = os.getloadavg()[0]
    print(f"load {load:.1f} on {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}")


def serving(herd: Herd, keyring: Any) -> Any:
    """Serve the page on a thread of its own, for the length of a block."""
    import asyncio
    import contextlib
    import threading
    from collections.abc import Generator

    from herd_graph.debug.web.desk import Desk
    from herd_graph.debug.web.server import serve

    @contextlib.contextmanager
    def served() -> Generator[str]:
        ready, found, ends = threading.Event(), list[str](), list[Callable[[], object]]()

        async def work() -> None:
            task, loop = asyncio.current_task(), asyncio.get_running_loop()
            assert task is not None
            ends.append(lambda: loop.call_soon_threadsafe(task.cancel))

            def opened(url: str) -> None:
                found.append(url)
                ready.set()

            with contextlib.suppress(asyncio.CancelledError):
                await serve(Desk(herd._driver), ready=opened, keyring=keyring)

        thread = threading.Thread(target=lambda: asyncio.run(work()), daemon=True)
        thread.start()
        ready.wait(60)
        try:
            yield found[0]
        finally:
            ends[0]()
            thread.join(20)

    return served()


if __name__ == "__main__":
    main()
