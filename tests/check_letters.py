"""A letter, what experts make of it, and what the checks of the default level say to that."""

from __future__ import annotations

import asyncio
from typing import Any

from check_results import TO, result
from PIL import Image as pil
from PIL import ImageDraw, ImageFont

from herd_graph.artifacts import Data, Image, Text
from herd_graph.coordination.checks import Checked, run_checks
from herd_graph.coordination.checks.base import CheckInput
from herd_graph.coordination.checks.standard import standard

LETTER = (
    "Dear Mr Hughes, your order of 24 oak shelves left our warehouse in Leeds on 14 March 2025. "
    "The driver, Tom Barker, will call you one hour before he arrives. The bill of 1,340.50 pounds "
    "is due within 30 days. Please have somebody at home."
)
CARTA = (
    "Caro Sr. Hughes, a sua encomenda de 24 prateleiras de carvalho saiu do nosso armazém em Leeds "
    "em 14 de março de 2025. O motorista, Tom Barker, vai ligar-lhe uma hora antes de chegar. A "
    "conta de 1.340,50 libras vence em 30 dias. Por favor, tenha alguém em casa."
)
SHORT = "The driver, Tom Barker, will call you one hour before he arrives."


def held(subject: CheckInput, level: Any = "default") -> Checked:
    return asyncio.run(run_checks(subject, standard(), level))


def told(subject: CheckInput) -> list[str]:
    """Return what is not passed, as ``check level``."""
    return [f"{each.check} {each.level}" for each in held(subject).verdicts if each.level != "pass"]


def translated(text: str, *, to: str = "pt", source: str = LETTER) -> CheckInput:
    given = {"text": Text(source), "to": Data(to)}
    return result(
        given, {"result": Text(text)}, name="translate", tags=("translation",), ports={"to": TO}
    )


def summarised(text: str, **more: Any) -> CheckInput:
    return result(
        {"text": Text(LETTER)}, {"result": Text(text)}, name="summarize", tags=("summary",), **more
    )


def page(text: str) -> Image:
    picture = pil.new("RGB", (760, 60 + 46 * (text.count("\n") + 1)), "white")
    draw = ImageDraw.Draw(picture)
    draw.multiline_text((30, 24), text, fill="black", font=ImageFont.load_default(32), spacing=10)
    return Image(picture)
