"""The server that is measured: experts that take a while and cost nothing, everything else real."""

from __future__ import annotations

import asyncio
import sys
import tempfile

from herd_graph import Herd, Text, expert
from herd_graph.serve import Settings, create_app
from herd_graph.serve.lifecycle import serve

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0


@expert(tags=["capitals"], examples=["shout the letter", "write it in capital letters"])
async def shout(text: Text) -> Text:
    """Write a text in capital letters."""
    await asyncio.sleep(SECONDS)
    return Text(text.text.upper())


@expert(tags=["mood"], examples=["is the letter friendly?"])
async def mood(text: Text) -> Text:
    """Tell how friendly a text sounds."""
    await asyncio.sleep(SECONDS)
    return Text("friendly" if "please" in text.text else "neutral")


@expert(tags=["title"], examples=["give the letter a title"])
async def title(text: Text) -> Text:
    """Give a text a title."""
    await asyncio.sleep(SECONDS)
    return Text(text.text.title()[:40])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home, Herd(shout, mood, title, home=home) as herd:
        app = create_app(herd, settings=Settings(doors=("openai",), most_runs=2048))
        serve(app, port=0, ready=lambda url: print(url, flush=True))
