"""A real debugger's page on loopback, the experts behind it, and a browser that looks at it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar
from weakref import WeakSet

import numpy as np
from PIL import Image as pil
from PIL import ImageDraw

from herd_graph import Audio, ExpertContext, Herd, Image, Table, Text, expert
from herd_graph.debug.session import DebugSession
from herd_graph.debug.web.desk import Desk
from herd_graph.debug.web.security import Keyring
from herd_graph.debug.web.server import serve
from herd_graph.plans import Plan

T = TypeVar("T")
CHROMIUM = (
    os.environ.get("HERD_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
)
PATIENCE_MS = 60_000
"""How long the page may take; a shared machine stalls, and what passes does not wait."""
STANDS = re.compile(r"^\[")
"""How what is said begins when no command goes on."""


@expert(tags=["ocr"], examples=["read the sign"])
def read_sign(picture: Image) -> Text:
    """Read what is written in a picture."""
    return Text(f"NO ENTRY AFTER 9 ({picture.pil().width} px)")


@expert(tags=["objects"], examples=["find the things in the picture"])
def find_things(picture: Image) -> list[dict[str, Any]]:
    """Find things in a picture, with a box around each."""
    del picture
    return [
        {"label": "sign", "score": 0.93, "x": 40, "y": 30, "width": 120, "height": 80},
        {"label": "pole", "score": 0.41, "x": 95, "y": 110, "width": 12, "height": 60},
    ]


@expert(tags=["capitals"], examples=["write it in capital letters"])
def shout(text: Text) -> Text:
    """Write a text in capital letters."""
    return Text(text.text.upper())


@expert(tags=["quiet"], examples=["write it in small letters"])
def whisper(text: Text) -> Text:
    """Write a text in small letters."""
    return Text(text.text.lower())


@expert(tags=["sound"], examples=["say it aloud"])
def say(text: Text) -> Audio:
    """Say a text: a tone that is as long as it."""
    time = np.arange(400 * max(4, len(text.text))) / 8000
    wave = np.sin(2 * np.pi * 330 * time) * np.exp(-((time * 3) % 1.0) * 3)
    return Audio.from_samples(wave.astype(np.float32), 8000, name="said.wav")


@expert(tags=["words"], examples=["list the words"])
def words(text: Text) -> list[str]:
    """List the words of a text."""
    return text.text.split()


@expert(tags=["count"], examples=["count the letters"])
def letters(word: str) -> int:
    """Count the letters of a word."""
    return len(word)


@expert(tags=["table"], examples=["make a table of the words"])
def tabled(text: Text) -> Table:
    """Make a table of the words of a text."""
    return Table([{"word": each, "letters": len(each)} for each in text.text.split()])


@expert(tags=["send"], examples=["send it"], approve=True)
def send(text: Text) -> Text:
    """Send a text away."""
    return Text(f"sent: {text.text}")


@expert
def fall(text: Text) -> Text:
    """Fall over a text."""
    raise ValueError(f"tripped over {text.text!r}")


class Gate:
    """A call that waits until it is let go."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.let_go = threading.Event()
        gate = self

        @expert(tags=["wait"])
        async def dawdle(text: Text, ctx: ExpertContext) -> Text:
            """Take a long time over a text."""
            gate.started.set()
            ctx.token("slowly ")
            await asyncio.to_thread(gate.let_go.wait, 120)
            return text

        self.expert = dawdle


def crew(*more: object, home: Path | None = None) -> Herd:
    """Return a herd of these experts, its runs in memory."""
    members = (read_sign, find_things, shout, whisper, say, words, letters, tabled, send, fall)
    return Herd(*members, *more, checkpoints="memory", home=home)


def sign() -> Image:
    """Return a picture of a sign."""
    drawn = pil.new("RGB", (200, 180), "#dfe7ef")
    draw = ImageDraw.Draw(drawn)
    draw.rectangle((40, 30, 160, 110), fill="#c02020", outline="white", width=4)
    draw.rectangle((95, 110, 107, 170), fill="#777777")
    draw.text((58, 62), "NO ENTRY", fill="white")
    return Image(drawn, name="sign.png")


PLAN = Plan.parse(
    {
        "inputs": {"photo": {"name": "photo", "kind": "image"}},
        "steps": [
            {"id": "s1", "expert": "read_sign", "inputs": {"picture": {"input": "photo"}}},
            {"id": "s2", "expert": "find_things", "inputs": {"picture": {"input": "photo"}}},
            {"id": "s3", "expert": "shout", "inputs": {"text": {"step": "s1"}}},
            {"id": "s4", "expert": "say", "inputs": {"text": {"step": "s3"}}},
            {"id": "s5", "expert": "tabled", "inputs": {"text": {"step": "s1"}}},
            {"id": "s6", "expert": "words", "inputs": {"text": {"step": "s1"}}},
            {
                "id": "s7",
                "expert": "letters",
                "inputs": {"word": {"item": True}},
                "foreach": {"step": "s6"},
            },
        ],
    }
)


class Served:
    """A page that is served, on a loop of its own."""

    def __init__(self, herd: Herd, *, fixed: bool = False) -> None:
        self.herd = herd
        self.keyring = Keyring()
        self.url = ""
        self.desk: Desk
        self.loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._fixed = fixed
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._problem: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)

        async def work() -> None:
            opens: Any = None if self._fixed else self.herd.debug
            self.desk = Desk(self.herd._driver, opens)

            def ready(url: str) -> None:
                self.url = url
                self._ready.set()

            self._task = asyncio.current_task()
            with suppress(asyncio.CancelledError):
                await serve(self.desk, ready=ready, keyring=self.keyring)

        try:
            self.loop.run_until_complete(work())
        except BaseException as error:
            self._problem = error
        finally:
            self._ready.set()
            self.loop.close()

    @property
    def link(self) -> str:
        """The link that opens it once."""
        return f"{self.url}?token={self.keyring.token()}"

    def do(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Carry something out on the page's loop."""
        return asyncio.run_coroutine_threadsafe(work(), self.loop).result(timeout=60)

    def add(self, session: DebugSession) -> str:
        """Open a session, and return its run."""
        return self.do(lambda: self.desk.add(session)).session.run

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        if self._problem is not None:
            raise self._problem
        return self

    def __exit__(self, *_: object) -> None:
        for each in tuple(Seen.opened):
            each.forget(self.url)
        task = self._task
        assert task is not None
        self.loop.call_soon_threadsafe(task.cancel)
        self._thread.join(60)
        assert not self._thread.is_alive()


@contextmanager
def debugging(herd: Herd, *breaks: str, plan: Plan = PLAN) -> Generator[tuple[Served, str]]:
    """Serve a page with one session, and give the page and the session's run."""
    with Served(herd) as served:
        photo: dict[str, Any] = {"photo": sign()} if "photo" in plan.inputs else {}
        yield served, served.add(herd.debug(plan, breaks=breaks, **photo))


class Seen:
    """One browser, as one person has it: its windows share cookies.

    Args:
        browser: Playwright's.
    """

    opened: ClassVar[WeakSet[Seen]] = WeakSet()

    def __init__(self, browser: Any) -> None:
        self.opened.add(self)
        self._ended: list[str] = []
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.context.set_default_timeout(PATIENCE_MS)
        self.errors: list[str] = []
        self.asked: list[str] = []
        """Every address that was asked for."""

    def open(self, url: str) -> Any:
        """Open another window."""
        page = self.context.new_page()
        page.on("console", self._told)
        page.on("pageerror", self._failed)
        page.on("request", self._noted)
        page.goto(url)
        return page

    def run(self, served: Served, run: str, more: str = "") -> Any:
        """Open a run, by the link the first time."""
        page = self.open(f"{served.link}#/run/{run}{more}")
        page.wait_for_selector(".plan .node")
        return page

    def _failed(self, error: Any) -> None:
        self.errors.append(str(error))

    def _noted(self, request: Any) -> None:
        self.asked.append(str(request.url))

    def _told(self, message: Any) -> None:
        # A server that has ended is no error of the page's: some tests end it under an open window.
        if message.type != "error" or "net::ERR_" in message.text:
            return
        where = str(message.location.get("url", ""))
        if not any(where.startswith(each) for each in self._ended):
            self.errors.append(f"{message.text} {where}")

    def forget(self, url: str) -> None:
        """Take what this server ended with for an error, and what comes while it ends for none.

        A window goes on asking while the server lets go of what it holds: a refusal then says
        nothing about the page.
        """
        for page in self.context.pages:
            with suppress(Exception):
                page.evaluate("1")  # what was said up to now is heard
        self._ended.append(url)

    def close(self) -> None:
        """Close every window."""
        self.context.close()


def listening(page: Any, served: Served, run: str) -> None:
    """Wait until a page is told what happens in a session."""
    live = served.desk.live(run)
    end = time.monotonic() + PATIENCE_MS / 1000
    while not live._listeners:
        assert time.monotonic() < end, "nobody listens"
        page.wait_for_timeout(10)  # looks again


def press(page: Any, command: str) -> None:
    """Press a button of the toolbar, and wait until it has been carried out."""
    wanted(page.locator(".said")).to_have_text(STANDS)  # and not what is said while one goes on
    before = page.locator(".said").text_content()
    page.locator(f'[data-command="{command}"]').click()
    stopped(page, before)


def stopped(page: Any, before: str) -> None:
    """Wait until the page stands at another stop than it did."""
    wanted(page.locator(".said")).not_to_have_text(before)
    wanted(page.locator(".said")).to_have_text(STANDS)


def wanted(locator: Any) -> Any:
    """Return what waits until a part of the page is as it should be."""
    playwright: Any = import_module("playwright.sync_api")
    playwright.expect.set_options(timeout=PATIENCE_MS)  # a shared machine stalls
    return playwright.expect(locator, "the page shows something else")


def text_plan(*steps: dict[str, Any]) -> Plan:
    """Return a plan whose one input is a text."""
    return Plan.parse({"inputs": {"text": {"name": "text", "kind": "text"}}, "steps": list(steps)})


def node(page: Any, step: str) -> Any:
    """Return a step in the plan."""
    return page.locator(f'.plan [data-key="step:{step}"]')
