"""What is sought in all texts, and what in one of them."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


@pytest.mark.parametrize(
    ("files", "made"),
    [
        ("text:a.txt text:house.txt", "search_text([a1, a2], dogs)"),
        ("any:contract.pdf text:house.txt", "search_text([a1, a2], dogs)"),
        ("text:house.txt", "search_text(a1, dogs)"),
    ],
)
def test_all_texts_are_searched_where_none_is_named(files: str, made: str) -> None:
    assert render(plan("passage on dogs", files)) == made


def test_a_text_that_is_named_is_searched_alone() -> None:
    assert "[" not in render(plan("where do the rules speak of dogs", "text:a.txt text:rules.txt"))
