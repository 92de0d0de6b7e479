"""A small herd for the doors of a server; run as a program it is an MCP server on stdio."""

from __future__ import annotations

import asyncio

from PIL import Image as pil

from herd_graph import Audio, ExpertContext, Herd, Image, Plan, Table, Task, Text, expert
from herd_graph.testing import FakeRouter


@expert(examples=["shout hello"])
async def shout(text: str, times: int = 1) -> str:
    """Say it in capitals."""
    return " ".join([text.upper()] * times)


@expert
async def mirror(picture: Image) -> Image:
    """Turn a picture around."""
    return Image(picture.pil().transpose(pil.Transpose.FLIP_LEFT_RIGHT), name="mirrored.png")


@expert
async def beep(seconds: float) -> Audio:
    """Make a tone."""
    import numpy as np

    samples = np.sin(np.arange(int(8000 * seconds)) / 8000 * 440 * 2 * np.pi)
    return Audio.from_samples(samples, 8000)


@expert
async def letters(text: Text) -> Table:
    """Count letters."""
    return Table([{"letter": each, "times": text.text.count(each)} for each in "ab"])


@expert(approve=True)
async def send(text: str) -> str:
    """Send a text."""
    return f"sent {text}"


@expert(name="run")
async def marathon(text: str) -> str:
    """Bear the name of a tool of the herd itself."""
    return f"ran {text}"


@expert
async def wait(seconds: float, ctx: ExpertContext) -> str:
    """Wait, and say so."""
    ctx.progress(0.5, "half of it")
    await asyncio.sleep(seconds)
    return "waited"


@expert
async def fail(text: str) -> str:
    """Fail."""
    raise ValueError(f"no {text}")


EXPERTS = (shout, mirror, beep, letters, send, marathon, wait, fail)


def planned(task: Task) -> Plan:
    """A request names an expert and what it gets: ``shout hello``; ``mirror`` gets the first file."""
    name, _, rest = task.text.partition(" ")
    if name not in {each.name for each in EXPERTS}:
        return Plan(reason=f"Nobody can {name!r}.")
    card = next(each.card for each in EXPERTS if each.name == name)
    port = card.inputs[0]
    given = (
        {"input": "a1"}
        if port.name == "picture"
        else {"value": float(rest) if port.name == "seconds" else rest}
    )
    return Plan.parse(
        {"steps": [{"id": "s1", "expert": name, "inputs": {port.name: given}, "ask": task.text}]}
    )


def small_herd(**settings: object) -> Herd:
    """Return the herd."""
    settings.setdefault("checkpoints", "memory")
    return Herd(*EXPERTS, router=FakeRouter(planned), **settings)  # type: ignore[arg-type]


if __name__ == "__main__":
    from herd_graph.serve.mcp import create_server, serve_stdio

    with small_herd() as herd:
        asyncio.run(serve_stdio(create_server(herd)))
