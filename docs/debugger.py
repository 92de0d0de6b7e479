"""Make the README's second picture: the debugger's page on the sample task, as ``herd debug --web`` shows it.

    python docs/debugger.py            # writes docs/images/debugger.png

It needs playwright and a Chromium (``HERD_CHROMIUM``, or on the path); nothing is downloaded.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SAMPLES = FOLDER.parent / "graphs" / "samples"
TASK = (
    "What is said in the voice note, and who is mentioned? Translate it into Portuguese. "
    "Read the receipt and add up the prices. What does the letter say in English?"
)
FILES = ("voice_note.ogg", "receipt.png", "letter.txt")
WIDTH, HEIGHT = 1440, 860


def main() -> None:
    """Step through the sample task to its middle, and take the picture."""
    target = FOLDER / "images" / "debugger.png"
    command = [sys.executable, "-m", "herd_graph.cli", "debug", "--web", "--json", TASK]
    command += [part for name in FILES for part in ("-a", str(SAMPLES / name))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            url = json.loads(serving.stdout.readline())["url"]
            take(url, target)
        finally:
            serving.send_signal(signal.SIGINT)
    sys.stdout.write(f"Wrote {target}.\n")


def take(url: str, target: Path) -> None:
    """Photograph the page with the receipt in sight and a breakpoint before its sum."""
    playwright: Any = import_module("playwright.sync_api")
    chromium = os.environ.get("HERD_CHROMIUM") or shutil.which("chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.set_default_timeout(180_000)
        page.goto(url)
        page.locator(".plan .node").first.wait_for()
        reader = page.locator(".plan .node", has_text="read_text")
        adding = page.locator(".plan .place", has_text="calculate")
        adding.locator("[data-break]").click()
        page.keyboard.press("c")
        page.locator(".said", has_text="breakpoint was hit").wait_for()
        reader.click()
        page.locator(".panel-title", has_text="read_text").wait_for()
        page.locator('.panel [data-tab="in"]').click()
        page.locator(".panel .picture img").wait_for()
        page.mouse.move(0, 0)
        page.wait_for_timeout(500)  # the picture's decoding
        page.screenshot(path=str(target))
        browser.close()


if __name__ == "__main__":
    main()
