"""A diffusion transformer on a frozen language model: it draws, and the text stays what it was."""

from __future__ import annotations

import io
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as pil
from zoo_base import tiny_base

from herd_graph import Herd, Image, Text, workflow
from herd_graph.errors import DeclarationError, ModelCorrupt
from herd_graph.zoo.base import Base
from herd_graph.zoo.diffusion import Painter, Painting, conditions_of
from herd_graph.zoo.glyphs import DiffusionExpert, draw_glyphs, installed_fonts, prompt_for
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = import_module("torch")

SHAPE = Painting(side=8, patch=2, width=32, depth=2, heads=2, condition=32, steps=100)


def bars() -> Any:
    """Return two pictures: a bar that stands, and one that lies."""
    found = -torch.ones(2, 8, 8)
    found[0, :, 3:5] = 1
    found[1, 3:5, :] = 1
    return found


def test_it_learns_to_draw_what_is_asked_and_the_text_is_untouched(base: Base) -> None:
    zoo = ExpertZoo(base)
    prompts = ["draw a bar that stands", "a lying one"]
    before = [each.logprobs for each in zoo.score(prompts)]
    conditions = conditions_of(zoo, prompts)

    painter = Painter(SHAPE).fit(bars(), conditions, steps=250, batch=32, rate=3e-3)
    asked = conditions.repeat_interleave(8, dim=0)
    made = painter.paint(asked, steps=25)

    distances = ((made[:, None] - bars()) ** 2).mean(dim=(2, 3))
    assert float((distances.argmin(dim=1) == torch.arange(16) // 8).float().mean()) >= 0.9
    assert float(distances.min(dim=1).values.mean()) < 0.4
    after = [each.logprobs for each in zoo.score(prompts)]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_it_hears_what_differs_by_a_hundred_thousandth() -> None:
    """As states of "the letter A" and "the letter B" do: one huge channel, all else nearly equal."""
    draw = torch.Generator().manual_seed(4)
    common = torch.randn(32, generator=draw)
    common[7] = 5000.0
    conditions = common + 0.2 * torch.randn(2, 32, generator=draw)

    painter = Painter(SHAPE).fit(bars(), conditions, steps=250, batch=32, rate=3e-3)
    made = painter.paint(conditions.repeat_interleave(8, dim=0), steps=25)

    distances = ((made[:, None] - bars()) ** 2).mean(dim=(2, 3))
    assert float((distances.argmin(dim=1) == torch.arange(16) // 8).float().mean()) >= 0.9


def test_a_new_painter_predicts_nothing_and_is_kept_as_it_is(tmp_path: Path) -> None:
    painter = Painter(SHAPE, seed=3)
    clean = painter.clean(
        torch.randn(2, 8, 8), torch.tensor([0, 9]), torch.randn(2, 32), torch.tensor([True, False])
    )
    assert not clean.any()  # adaLN-Zero
    painter.fit(bars(), torch.randn(2, 32), steps=3, batch=4)
    painter.save(tmp_path / "p.safetensors")
    again = Painter.load(tmp_path / "p.safetensors")
    heard = torch.randn(2, 32)

    assert again.shape == SHAPE
    assert torch.equal(again.paint(heard, steps=4), painter.paint(heard, steps=4))
    (tmp_path / "p.safetensors").write_bytes(b"no")
    with pytest.raises(ModelCorrupt, match="no painter"):
        Painter.load(tmp_path / "p.safetensors")
    with pytest.raises(DeclarationError, match="one to divide the other"):
        Painting(side=9, patch=2)


def test_a_training_that_was_broken_off_ends_where_an_unbroken_one_does(tmp_path: Path) -> None:
    heard = torch.randn(2, 32, generator=torch.Generator().manual_seed(5))
    whole = Painter(SHAPE).fit(bars(), heard, steps=6, batch=4)
    seen: list[int] = []

    def told(step: int, loss: float) -> None:
        seen.append(step)
        if len(seen) == 5:
            raise KeyboardInterrupt

    options: dict[str, Any] = {"steps": 6, "batch": 4, "folder": tmp_path, "keep_every": 2}
    with pytest.raises(KeyboardInterrupt):
        Painter(SHAPE).fit(bars(), heard, told=told, **options)
    again = Painter(SHAPE).fit(bars(), heard, told=told, **options)
    other = Painter(SHAPE).fit(bars(), heard, seed=1, told=told, **options)

    assert seen == [1, 2, 3, 4, 5, 5, 6, 1, 2, 3, 4, 5, 6]  # the last: another seed, from the start
    assert all(torch.equal(again.weights[name], each) for name, each in whole.weights.items())
    assert not torch.equal(other.weights["patch"], whole.weights["patch"])


def test_it_answers_in_a_herd_with_a_picture(base: Base, tmp_path: Path) -> None:
    expert = DiffusionExpert(ExpertZoo(base), Painter(SHAPE), steps=3)

    @workflow
    def task(prompt: Text) -> Image:
        return expert(prompt=prompt)

    with Herd(home=tmp_path) as herd:
        herd.add(expert)
        done = herd.run(task, Text("draw the letter k"))
        made = done.output("draw_character")

    assert isinstance(made, Image)
    assert pil.open(io.BytesIO(made.bytes())).size == (32, 32)
    with pytest.raises(ModelCorrupt, match="hears hidden states of width 32"):
        DiffusionExpert(ExpertZoo(tiny_base(width=48)), Painter(SHAPE))


def test_glyphs_are_drawn_in_the_fonts_that_are_here() -> None:
    fonts = installed_fonts()
    if not fonts:
        pytest.skip("this machine has no fonts")
    glyphs = draw_glyphs(fonts[:6], characters="AB7")

    assert set(glyphs.characters) == {"A", "B", "7"}
    assert glyphs.pictures.shape[1:] == (32, 32)
    assert glyphs.pictures.min() == -1 < 0 < glyphs.pictures.max() <= 1
    one = glyphs.of([glyphs.fonts[0]])
    assert len(one.characters) == 3
    assert prompt_for("7") == "Draw the digit 7"
    assert prompt_for("K", "{character}, a {what}") == "K, a letter"
    assert draw_glyphs([]).pictures.shape == (0, 32, 32)


def test_fonts_of_symbols_are_left_out() -> None:
    symbols = [path for path in installed_fonts() if "Symbol" in path.name]
    if not symbols:
        pytest.skip("this machine has no font of symbols")

    assert draw_glyphs(symbols).characters == ()
