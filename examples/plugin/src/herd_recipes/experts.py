"""What this package can do."""

from __future__ import annotations

import re

from herd_graph import Text, expert
from herd_graph.errors import InputUnusable

_AMOUNT = re.compile(r"^\s*(\d+(?:\.\d+)?)", re.MULTILINE)
_SERVES = re.compile(r"serves\s+(\d+)", re.IGNORECASE)


@expert(
    tags=["cooking", "recipe", "servings"],
    examples=[
        "scale '2 eggs, serves 4' to 6 servings",
        "make '250 g flour, serves 2' for 6 people",
    ],
    licence="Apache-2.0",
)
def scale_recipe(recipe: Text, servings: int) -> Text:
    """Scale the amounts of a recipe to a number of servings.

    Args:
        recipe: One ingredient a line, its amount first, and a line such as "Serves 4".
        servings: How many people are to eat.
    """
    found = _SERVES.search(recipe.text)
    if found is None:
        raise InputUnusable("The recipe does not say how many it serves. Expected 'Serves 4'.")
    factor = servings / int(found.group(1))
    rest = _SERVES.sub(f"Serves {servings}", recipe.text)
    return Text(_AMOUNT.sub(lambda amount: f"{float(amount.group(1)) * factor:g}", rest))


EXPERTS = [scale_recipe]
"""What the entry point names; a single expert, or a function of the registry, would do too."""
