"""Does the painter draw what it is asked, in fonts that it never saw? Two judges of another kind say.

    python -m benchmarks.zoo.painting --folder /tmp/zoo --steps 3000 --json painting.json

Characters in installed fonts; a fifth of the families is held out whole, with all their weights and
slants. The judges are support vector machines on pixels. The *independent* one has seen the held-out
families alone, the painter all others: they share no font, and what it says of real characters in
the painter's fonts is what the painter is measured against. The *other* one has seen the painter's
fonts and is asked about real characters of the held-out ones. Requests are worded as in training,
and in ways that training never had. That it does not copy: how far its pictures are from the
nearest one that it was trained on, beside how far those of the held-out fonts are. Training goes on
where it was broken off, and with more --steps.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from herd_graph.zoo.base import Base
from herd_graph.zoo.diffusion import Painter, Painting, conditions_of
from herd_graph.zoo.glyphs import (
    CHARACTERS,
    CONFUSABLE,
    WORDINGS,
    Glyphs,
    draw_glyphs,
    installed_fonts,
    lessons,
    prompt_for,
)
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = import_module("torch")

UNHEARD = (
    "Could you draw the {what} {character} for me?",
    "paint me a {character}",
    "draw {character}",
    "a small picture showing the {what} {character}",
    "An image of a {character}, please.",
    "Please paint the {what} {character}",
)
"""Wordings that are not among those of the training."""


def merged(character: str) -> str:
    """Return one character for those that fonts draw alike."""
    return next((pair[0] for pair in CONFUSABLE if character in pair), character)


def family(font: str) -> str:
    """Return the first word of a font file's name: FreeSansBold and FreeMono are both of Free."""
    found = re.match(r"[A-Z]*[a-z]*", font)
    return found.group() if found and found.group() else font


def nearest(pictures: Any, known: Any) -> float:
    """Return the median mean square between a picture and the nearest known one."""
    products = pictures @ known.T
    squares = (pictures**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * products
    return float(np.median(squares.min(axis=1))) / pictures.shape[1]


def flat(pictures: Any) -> Any:
    """Return a row of pixels for each picture."""
    return pictures.reshape(len(pictures), -1)


def judge(glyphs: Glyphs) -> Any:
    """Return a support vector machine that has seen these."""
    machine: Any = import_module("sklearn.svm").SVC(C=10, gamma="scale")
    return machine.fit(flat(glyphs.pictures), [merged(each) for each in glyphs.characters])


def hits(machine: Any, pictures: Any, asked: Sequence[str]) -> Any:
    """Return for each picture whether a judge sees in it what was asked for."""
    seen = machine.predict(flat(pictures))
    return np.array([a == merged(b) for a, b in zip(seen, asked, strict=True)])


def sheet(pictures: Any, path: Path, *, across: int) -> None:
    """Write pictures side by side, ink on paper."""
    library: Any = import_module("PIL.Image")
    side = pictures.shape[1]
    rows = -(-len(pictures) // across)
    page = -np.ones((rows * side, across * side), dtype=np.float32)
    for at, each in enumerate(pictures):
        top, left = side * (at // across), side * (at % across)
        page[top : top + side, left : left + side] = each
    library.fromarray(np.uint8(255 - (page + 1) * 127.5)).save(path, optimize=True)


def main() -> None:
    """Train, paint and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where progress is kept")
    parser.add_argument("--base", default="smollm2")
    parser.add_argument("--steps", type=int, default=3000, help="more than before goes on")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--each", type=int, default=12, help="pictures of each character")
    parser.add_argument("--guidance", type=float, default=1.5)
    parser.add_argument("--paint-steps", type=int, default=50, help="of the sampler")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="what was painted, a row for three characters")
    told = parser.parse_args()
    torch.set_num_threads(1)
    glyphs = draw_glyphs(installed_fonts())
    fonts = list(dict.fromkeys(glyphs.fonts))
    families = list(dict.fromkeys(map(family, fonts)))
    apart = [font for font in fonts if families.index(family(font)) % 5 == 1]
    train, test = glyphs.of(set(fonts) - set(apart)), glyphs.of(apart)
    independent, other = judge(test), judge(train)
    real = float(hits(independent, train.pictures, train.characters).mean())
    other_real = float(hits(other, test.pictures, test.characters).mean())
    print(
        f"{len(fonts)} fonts of {len(families)} families, {len(apart)} held out: the independent "
        f"judge has {real:.1%} of the others, the other judge {other_real:.1%} of these",
        flush=True,
    )
    zoo = ExpertZoo(Base.open(told.base))
    probe = ["Draw me a picture of the sea.", "NAME\n  ls - list directory contents"]
    before = [each.logprobs for each in zoo.score(probe)]
    ways = [conditions_of(zoo, [prompt_for(each, way) for each in CHARACTERS]) for way in WORDINGS]
    pictures, heard = lessons(zoo, train)
    began = time.process_time()
    place = f"painter-{told.batch}"
    painter = Painter(Painting(condition=zoo.base.width)).fit(
        pictures,
        heard,
        steps=told.steps,
        batch=told.batch,
        average=0.998,
        precision="bfloat16",
        folder=told.folder / place,
        told=lambda step, loss: (
            print(f"step {step}: {loss:.3f}", flush=True) if step % 100 == 0 else None
        ),
    )
    trained = time.process_time() - began
    painter.save(told.folder / f"{place}.safetensors")
    asked = [each for each in CHARACTERS for _ in range(told.each)]
    new = [conditions_of(zoo, [prompt_for(each, way) for each in CHARACTERS]) for way in UNHEARD]
    began = time.process_time()
    made: dict[str, Any] = {}
    for name, wordings in {"as in training": ways, "worded anew": new}.items():
        said = torch.stack(
            [wordings[at % len(wordings)][CHARACTERS.index(each)] for at, each in enumerate(asked)]
        )
        made[name] = painter.paint(said, steps=told.paint_steps, guidance=told.guidance).numpy()
    painted = (time.process_time() - began) / 2 / len(asked)
    after = [each.logprobs for each in zoo.score(probe)]
    found: dict[str, Any] = {
        "fonts": len(fonts),
        "families": len(families),
        "held_out_fonts": len(apart),
        "held_out_families": sorted(set(map(family, apart))),
        "parameters": painter.parameters,
        "steps": told.steps,
        "batch": told.batch,
        "guidance": told.guidance,
        "paint_steps": told.paint_steps,
        "independent_judge_on_real": round(real, 4),
        "other_judge_on_real": round(other_real, 4),
        "base_text_unchanged": all(
            np.array_equal(a, b) for a, b in zip(before, after, strict=True)
        ),
        "to_the_nearest_training_picture": [
            round(nearest(flat(each), flat(train.pictures)), 4)
            for each in (made["as in training"], test.pictures)
        ],
        "cpu_seconds": {"training": round(trained), "painting_one": round(painted, 3)},
    }
    for name, painted_ in made.items():
        seen = hits(independent, painted_, asked)
        by_other = float(hits(other, painted_, asked).mean())
        found[name] = {
            "right": round(float(seen.mean()), 4),
            "standard_error": round(float(seen.std() / len(seen) ** 0.5), 4),
            "of_the_independent_judge": round(float(seen.mean()) / real, 4),
            "right_says_the_other": round(by_other, 4),
            "of_the_other_judge": round(by_other / other_real, 4),
            "missed": "".join(a for a, hit in zip(asked, seen, strict=True) if not hit),
        }
    print(json.dumps(found, indent=1))
    if told.json:
        told.json.write_text(json.dumps(found, indent=1))
    if told.plot:
        sheet(made["as in training"], told.plot, across=told.each * 3)


if __name__ == "__main__":
    main()
