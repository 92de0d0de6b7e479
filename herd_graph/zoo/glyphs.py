"""Characters in installed fonts: as many labelled pictures as a machine has fonts, none downloaded.

``DiffusionExpert`` is what they make: it draws the character that a text asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from herd_graph.artifacts import Image
from herd_graph.cards import ExpertCard, Port
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ExpertFailed
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.extras import need
from herd_graph.threads import in_thread
from herd_graph.types import Kind
from herd_graph.zoo.diffusion import Painter, conditions_of
from herd_graph.zoo.zoo import ExpertZoo

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "C:/Windows/Fonts")
CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
CONFUSABLE = ("0O", "1I", "5S", "2Z", "8B")
"""Characters that many fonts draw alike; a judge counts them as one."""
NO_LETTERS = ("symbol", "dingbat", "ornament", "keyboard", "d050000l")
"""In the names of fonts that have something else at the places of letters."""
WORDINGS = (
    "Draw the {what} {character}",
    "draw the {what} {character}",
    "Draw a {character}",
    "paint the {what} {character}",
    "Paint a {character}",
    "a picture of the {what} {character}",
    "Draw me the {what} {character}, please",
    "please draw {character}",
    "I want a drawing of the {what} {character}.",
    "show me the {what} {character} as a picture",
    "Can you paint a {character}?",
    "{character}",
    "sketch the {what} {character}",
    "Make a picture of {character}",
    "the {what} {character}",
    "Write the {what} {character} as an image",
)
"""How a character may be asked for: a painter that has heard one way alone understands no other."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Glyphs:
    """Pictures of characters.

    Attributes:
        pictures: Shape (pictures, side, side), float32 from −1 (paper) to 1 (ink).
        characters: What each shows.
        fonts: The file of each.
    """

    pictures: Any
    characters: tuple[str, ...]
    fonts: tuple[str, ...]

    def of(self, fonts: Iterable[str]) -> Glyphs:
        """Return those of some fonts alone: whole fonts are held out, never single pictures."""
        wanted = set(fonts)
        kept = [at for at, font in enumerate(self.fonts) if font in wanted]
        return Glyphs(
            pictures=self.pictures[kept],
            characters=tuple(self.characters[at] for at in kept),
            fonts=tuple(self.fonts[at] for at in kept),
        )


def installed_fonts(folders: Sequence[str] = FOLDERS) -> list[Path]:
    """Return the font files of this machine, sorted."""
    found = [path for folder in folders for path in Path(folder).rglob("*.[to]tf")]
    return sorted(path for path in found if path.is_file())


def draw_glyphs(fonts: Sequence[Path], *, characters: str = CHARACTERS, side: int = 32) -> Glyphs:
    """Draw characters in fonts, centred; a font that lacks one, or is of symbols, is left out."""
    from PIL import Image as pil
    from PIL import ImageDraw, ImageFont

    pictures: list[Any] = []
    shown: list[str] = []
    named: list[str] = []
    for path in fonts:
        try:
            font = ImageFont.truetype(str(path), round(side * 0.8))
        except OSError:
            continue
        if any(word in " ".join(map(str, font.getname())).casefold() for word in NO_LETTERS):
            continue
        drawn: list[Any] = []
        for each in characters:
            canvas = pil.new("L", (side, side), 0)
            box = font.getbbox(each)
            at = ((side - box[0] - box[2]) / 2, (side - box[1] - box[3]) / 2)
            ImageDraw.Draw(canvas).text(at, each, fill=255, font=font)
            drawn.append(np.asarray(canvas, dtype=np.float32) / 127.5 - 1)
        # Symbol fonts draw one box for everything that they lack.
        if (
            len({each.tobytes() for each in drawn}) == len(drawn)
            and min(d.max() for d in drawn) > 0
        ):
            pictures += drawn
            shown += characters
            named += [path.name] * len(characters)
    made = np.stack(pictures) if pictures else np.zeros((0, side, side), dtype=np.float32)
    return Glyphs(pictures=made, characters=tuple(shown), fonts=tuple(named))


def prompt_for(character: str, wording: str = WORDINGS[0]) -> str:
    """Return the words with which a character is asked for."""
    what = "digit" if character.isdigit() else "letter"
    return wording.format(what=what, character=character)


def lessons(zoo: ExpertZoo, glyphs: Glyphs, *, seed: int = 0) -> tuple[Any, Any]:
    """Return what ``Painter.fit`` learns from: each picture, and how it might have been asked for.

    Args:
        zoo: Whose base reads the requests.
        glyphs: The pictures.
        seed: Of the wording that each picture is asked for in.
    """
    torch: Any = need("torch", "zoo")
    draw = np.random.default_rng(seed)
    prompts = [
        prompt_for(each, WORDINGS[draw.integers(len(WORDINGS))]) for each in glyphs.characters
    ]
    known = sorted(set(prompts))  # far fewer than pictures: each is read once
    states = dict(zip(known, conditions_of(zoo, known), strict=True))
    return torch.from_numpy(glyphs.pictures), torch.stack([states[each] for each in prompts])


class DiffusionExpert(Expert):
    """Draws what a text asks for, with a diffusion transformer on a frozen language model.

    Args:
        zoo: Whose base reads the text; nothing is written back to it.
        painter: Trained on the base's hidden states of such texts.
        name: The expert's.
        description: What it draws.
        examples: Requests that it is right for.
        guidance: See ``Painter.paint``.
        steps: Of painting.
        seed: Of the noise: equal requests give equal pictures.
        enlarge: Pixels of the answer for each one that is painted.
    """

    def __init__(
        self,
        zoo: ExpertZoo,
        painter: Painter,
        name: str = "draw_character",
        *,
        description: str = "Draws a letter or a digit as a small picture.",
        examples: Sequence[str] = ("draw the letter K", "paint the digit 7"),
        guidance: float = 1.5,
        steps: int = 50,
        seed: int = 0,
        enlarge: int = 4,
    ) -> None:
        if painter.shape.condition != zoo.base.width:
            from herd_graph.errors import ModelCorrupt

            raise ModelCorrupt(
                f"The painter hears hidden states of width {painter.shape.condition}; base "
                f"{zoo.base.name!r} has {zoo.base.width}. Expected the base that it was trained on. "
                "Open that base, or train the painter again."
            )
        card = ExpertCard(
            name=name,
            description=description,
            tags=("draw", "paint", "picture"),
            examples=tuple(examples),
            inputs=(Port(name="prompt", kind=Kind.TEXT, description="What to draw."),),
            outputs=(Port(name="picture", kind=Kind.IMAGE, description="The drawing."),),
            concurrency=1,
        )
        super().__init__(card)
        self.zoo, self.painter = zoo, painter
        self._guidance, self._steps, self._seed, self._enlarge = guidance, steps, seed, enlarge

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Paint, in a thread."""
        return await in_thread(
            lambda: self._paint(str(inputs["prompt"]), context), label=self.card.id
        )

    def _paint(self, prompt: str, context: ExpertContext) -> Outputs:
        import io

        from PIL import Image as pil

        heard = conditions_of(self.zoo, [prompt])
        made = self.painter.paint(
            heard, steps=self._steps, guidance=self._guidance, seed=self._seed
        )[0].numpy()
        if not np.isfinite(made).all():
            raise ExpertFailed(
                f"{self.card.id!r} painted NaN. Expected numbers. Its weights are damaged: train it "
                "again."
            )
        picture = pil.fromarray(np.uint8(255 - (made + 1) * 127.5))
        side = picture.width * self._enlarge
        written = io.BytesIO()
        picture.resize((side, side), pil.Resampling.NEAREST).save(written, format="PNG")
        context.spend(0.0, passes=2 * self._steps, parameters=self.painter.parameters)
        return {"picture": Image(written.getvalue(), mime="image/png")}


__all__ = (
    "CHARACTERS",
    "CONFUSABLE",
    "WORDINGS",
    "DiffusionExpert",
    "Glyphs",
    "draw_glyphs",
    "installed_fonts",
    "lessons",
    "prompt_for",
)
