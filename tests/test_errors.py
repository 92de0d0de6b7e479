"""Errors: one tree, as it is drawn; names that are near are suggested."""

from __future__ import annotations

import re

import pytest

from herd_graph import errors
from herd_graph.errors import HerdError, PlanInvalid, suggest


def drawn() -> dict[str, str]:
    """Return each class in the module docstring's tree with the one above it."""
    above: list[str] = []
    found: dict[str, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.search(r"^([ │├└─]*)([A-Z]\w+)", line)
        if match and match.group(2) in vars(errors):
            depth = len(match.group(1)) // 4
            found[match.group(2)] = above[depth - 2] if depth > 1 else ""
            above[depth - 1 :] = [match.group(2)]
    return found


def test_the_tree_is_the_one_that_is_drawn() -> None:
    classes = {
        name: each
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, HerdError)
    }

    assert set(drawn()) == set(classes)
    for name, parent in drawn().items():
        assert classes[name].__bases__[0].__name__ == (parent or "Exception")


def test_every_problem_of_a_plan_is_listed() -> None:
    error = PlanInvalid(["first", "second"])

    assert error.problems == ("first", "second")
    assert str(error) == "The plan has 2 problems; nothing was run:\n  - first\n  - second"
    assert "1 problem;" in str(PlanInvalid(["only"]))


@pytest.mark.parametrize(
    ("asked", "known", "said"),
    [
        ("captoin", ["caption", "ocr"], "Registered: 'caption', 'ocr'. Did you mean 'caption'?"),
        ("zebra", ["caption"], "Registered: 'caption'."),
        ("x", [], "Registered: none."),
    ],
)
def test_near_names_are_suggested(asked: str, known: list[str], said: str) -> None:
    assert suggest(asked, known) == said


def test_long_lists_are_cut() -> None:
    assert "and 12 more" in suggest("x", [f"expert_{each}" for each in range(20)])
