"""Tests of the plugin, with the fixtures that HERD brings."""

from __future__ import annotations

from collections.abc import Callable

from herd_recipes.experts import scale_recipe
from herd_recipes.routers import FirstRouter

from herd_graph import Herd, Text

PANCAKES = Text("250 g flour\n0.5 l milk\n2 eggs\nServes 4")


def test_a_plain_call() -> None:
    assert scale_recipe(PANCAKES, 8).text == "500 g flour\n1 l milk\n4 eggs\nServes 8"


def test_the_router_chooses_it(make_herd: Callable[..., Herd]) -> None:
    herd = make_herd(scale_recipe, router=FirstRouter())

    run = herd.run("Scale the recipe to 8 servings", PANCAKES)

    assert run.answer.text.startswith("500 g flour")


def test_it_says_what_it_needs(make_herd: Callable[..., Herd]) -> None:
    herd = make_herd(scale_recipe, router=FirstRouter("scale_recipe"))

    run = herd.run("Scale the recipe to 8 servings", Text("250 g flour"))

    assert run.status == "failed"
    assert "Serves 4" in str(run.answer)
