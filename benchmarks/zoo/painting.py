"""Does the painter draw what it is asked, in fonts that it never saw? A judge of another kind says.

    python -m benchmarks.zoo.painting --base smollm2 --steps 2000 --json painting.json

Characters in installed fonts; a fifth of the fonts is held out. The judge is a support vector machine
on pixels, trained on the other fonts; its own accuracy on the held-out ones is the measure.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from herd_graph.zoo.base import Base
from herd_graph.zoo.diffusion import Painter, Painting, conditions_of
from herd_graph.zoo.glyphs import CHARACTERS, CONFUSABLE, draw_glyphs, installed_fonts, prompt_for
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = import_module("torch")


def merged(character: str) -> str:
    """Return one character for those that fonts draw alike."""
    return next((pair[0] for pair in CONFUSABLE if character in pair), character)


def main() -> None:
    """Train, paint and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base", default="smollm2")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--each", type=int, default=8, help="pictures of each character")
    parser.add_argument("--save", type=Path, help="keep the painter")
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    torch.set_num_threads(1)
    glyphs = draw_glyphs(installed_fonts())
    fonts = list(dict.fromkeys(glyphs.fonts))
    apart = fonts[::5]
    train, test = glyphs.of(set(fonts) - set(apart)), glyphs.of(apart)
    machine: Any = import_module("sklearn.svm").SVC(C=10, gamma="scale")
    flat = train.pictures.reshape(len(train.characters), -1)
    machine.fit(flat, [merged(each) for each in train.characters])
    own = machine.predict(test.pictures.reshape(len(test.characters), -1))
    judge = float(np.mean([a == merged(b) for a, b in zip(own, test.characters, strict=True)]))
    zoo = ExpertZoo(Base.open(told.base))
    heard = conditions_of(zoo, [prompt_for(each) for each in CHARACTERS])
    places = [CHARACTERS.index(each) for each in train.characters]
    shape = Painting(condition=zoo.base.width)
    painter = Painter(shape).fit(
        torch.from_numpy(train.pictures),
        heard[places],
        steps=told.steps,
        batch=told.batch,
        told=lambda step, loss: print(f"step {step}: {loss:.3f}") if step % 200 == 0 else None,
    )
    if told.save:
        painter.save(told.save)
    asked = [each for each in CHARACTERS for _ in range(told.each)]
    made = painter.paint(heard.repeat_interleave(told.each, dim=0)).numpy()
    seen = machine.predict(made.reshape(len(asked), -1))
    right = float(np.mean([a == merged(b) for a, b in zip(seen, asked, strict=True)]))
    found = {
        "fonts": len(fonts),
        "held_out_fonts": len(apart),
        "parameters": painter.parameters,
        "judge_on_held_out_fonts": judge,
        "painter": right,
        "of_the_judge": right / judge if judge else 0.0,
    }
    print(json.dumps(found, indent=1))
    if told.json:
        told.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
