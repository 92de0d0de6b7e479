"""Does the painter draw what it is asked, in fonts that it never saw? A judge of another kind says.

    python -m benchmarks.zoo.painting --folder /tmp/zoo --steps 2000 --json painting.json

Characters in installed fonts; a fifth of the fonts is held out. The judge is a support vector machine
on pixels, trained on the other fonts; its own accuracy on the held-out ones is the measure. That it
does not copy: how far its pictures are from the nearest one that it was trained on, beside how far
those of the held-out fonts are. Training goes on where it was broken off, and with more --steps.
"""

from __future__ import annotations

import argparse
import json
import time
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


def nearest(pictures: Any, known: Any) -> float:
    """Return the median mean square between a picture and the nearest known one."""
    products = pictures @ known.T
    squares = (pictures**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * products
    return float(np.median(squares.min(axis=1))) / pictures.shape[1]


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
    parser.add_argument("--steps", type=int, default=2000, help="more than before goes on")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--each", type=int, default=8, help="pictures of each character")
    parser.add_argument("--guidance", type=float, default=1.5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="what was painted, each character once or more")
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
    print(f"{len(fonts)} fonts, {len(apart)} held out: the judge has {judge:.1%}", flush=True)
    zoo = ExpertZoo(Base.open(told.base))
    probe = ["Draw me a picture of the sea.", "NAME\n  ls - list directory contents"]
    before = [each.logprobs for each in zoo.score(probe)]
    heard = conditions_of(zoo, [prompt_for(each) for each in CHARACTERS])
    places = [CHARACTERS.index(each) for each in train.characters]
    began = time.process_time()
    painter = Painter(Painting(condition=zoo.base.width)).fit(
        torch.from_numpy(train.pictures),
        heard[places],
        steps=told.steps,
        batch=told.batch,
        folder=told.folder / f"painter-{told.batch}",
        told=lambda step, loss: (
            print(f"step {step}: {loss:.3f}", flush=True) if step % 100 == 0 else None
        ),
    )
    trained = time.process_time() - began
    painter.save(told.folder / f"painter-{told.batch}.safetensors")
    asked = [each for each in CHARACTERS for _ in range(told.each)]
    began = time.process_time()
    made = painter.paint(heard.repeat_interleave(told.each, dim=0), guidance=told.guidance).numpy()
    painted = time.process_time() - began
    seen = machine.predict(made.reshape(len(asked), -1))
    hits = np.array([a == merged(b) for a, b in zip(seen, asked, strict=True)])
    right = float(hits.mean())
    after = [each.logprobs for each in zoo.score(probe)]
    real = test.pictures.reshape(len(test.characters), -1)
    found = {
        "fonts": len(fonts),
        "held_out_fonts": len(apart),
        "parameters": painter.parameters,
        "steps": told.steps,
        "batch": told.batch,
        "judge_on_held_out_fonts": round(judge, 4),
        "painter": round(right, 4),
        "standard_error": round(float(hits.std() / len(hits) ** 0.5), 4),
        "of_the_judge": round(right / judge, 4) if judge else 0.0,
        "worst": sorted({a for a, hit in zip(asked, hits, strict=True) if not hit}),
        "base_text_unchanged": all(
            np.array_equal(a, b) for a, b in zip(before, after, strict=True)
        ),
        "to_the_nearest_training_picture": [
            round(nearest(each, flat), 4) for each in (made.reshape(len(made), -1), real)
        ],
        "cpu_seconds": {"training": round(trained), "painting_one": round(painted / len(asked), 3)},
    }
    print(json.dumps(found, indent=1))
    if told.json:
        told.json.write_text(json.dumps(found, indent=1))
    if told.plot:
        sheet(made, told.plot, across=told.each * 4)


if __name__ == "__main__":
    main()
