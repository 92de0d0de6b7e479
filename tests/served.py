"""A real server on loopback for the tests of ``herd serve``, and the experts behind it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from herd_graph import Audio, ExpertContext, Herd, Image, Text, expert
from herd_graph.serve import Settings, create_app
from herd_graph.serve.lifecycle import bind, make_server


@expert(tags=["capitals"], examples=["shout the letter", "write it in capital letters"])
async def shout(text: Text) -> Text:
    """Write a text in capital letters."""
    return Text(text.text.upper())


@expert(tags=["letters"], examples=["spell the word letter by letter"])
async def spell(text: Text, ctx: ExpertContext) -> Text:
    """Spell a text letter by letter, while somebody listens."""
    for letter in text.text:
        ctx.token(f"{letter}-")
        await asyncio.sleep(0)
    return Text("".join(f"{letter}-" for letter in text.text))


@expert(tags=["picture"], examples=["what size does the picture have?"])
def measure(picture: Image) -> Text:
    """Tell the size of a picture."""
    image = picture.pil()
    return Text(f"{image.width} x {image.height}")


@expert(tags=["sound"], examples=["play the text as a tone"])
def hum(text: Text) -> Audio:
    """Hum a tone as long as a text."""
    import numpy as np

    tone = np.sin(np.arange(800 * max(1, len(text.text))) / 10)
    return Audio.from_samples(tone.astype(np.float32), 8000, name="tone.wav")


@expert(tags=["paint"], examples=["paint a square"])
def paint(colour: str) -> Image:
    """Paint a square in a colour."""
    from PIL import Image as pil

    return Image(pil.new("RGB", (4, 4), colour))


@expert
def fall(text: Text) -> Text:
    """Fall over a text."""
    raise ValueError(f"tripped over {text.text!r}")


@expert(approve=True, tags=["send"], examples=["send the letter away"])
def send(text: Text) -> Text:
    """Send a letter away by post."""
    return Text(f"sent: {text.text}")


class Slow:
    """Calls that wait until they are let go, and that can be counted."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.cancelled = threading.Event()
        self.let_go = threading.Event()
        slow = self

        @expert(tags=["wait"], examples=["wait a while"])
        async def dawdle(text: Text) -> Text:
            """Take a long time over a text."""
            slow.started.set()
            try:
                while not slow.let_go.is_set():  # noqa: ASYNC110 - of another thread
                    await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                slow.cancelled.set()
                raise
            return Text(f"at last: {text.text}")

        self.expert = dawdle


EXPERTS = (shout, spell, measure, hum, paint, fall, send)


class Served:
    """A server that runs."""

    def __init__(self, app: Any, server: Any, url: str, thread: threading.Thread) -> None:
        self.app = app
        self.host = app.state.host
        self.server = server
        self.url = url
        self.thread = thread

    def stop(self) -> None:
        """Do what SIGTERM does, and wait for the end."""
        self.server.should_exit = True
        self.thread.join(timeout=120)
        assert not self.thread.is_alive()

    def client(self, key: str = "any", **options: Any) -> Any:
        """Return OpenAI's own client, talking to this server."""
        import openai

        options.setdefault("max_retries", 0)
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=key, **options)

    def async_client(self, key: str = "any", **options: Any) -> Any:
        """Return OpenAI's own async client, talking to this server."""
        import openai

        options.setdefault("max_retries", 0)
        return openai.AsyncOpenAI(base_url=f"{self.url}/v1", api_key=key, **options)


@contextmanager
def serving(herd: Herd, settings: Settings | None = None, **options: Any) -> Generator[Served]:
    """Serve a herd on a free port of loopback."""
    app = create_app(herd, settings=settings or Settings(doors=("openai",)), **options)
    ready = threading.Event()
    urls: list[str] = []

    def told(url: str) -> None:
        urls.append(url)
        ready.set()

    server = make_server(app, ready=told)
    listening = bind("127.0.0.1", 0)
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    assert ready.wait(120)
    served = Served(app, server, urls[0], thread)
    try:
        yield served
    finally:
        if thread.is_alive():
            served.stop()
