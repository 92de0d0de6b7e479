"""What is asked for all that was made is done with all of it."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


@pytest.mark.parametrize(
    ("files", "text", "each"),
    [
        (
            "image:clock.png image:street.png",
            "What's to be seen in these two, and say it in Portuguese too, please.",
            ("describe_image(a1)", "describe_image(a2)"),
        ),
        (
            "text:article.txt",
            "Give me a title, one sentence with the gist, and both in Portuguese as well, please.",
            ("summarize(a1, 1, 'one sentence with the gist')", "write_title(a1)"),
        ),
    ],
)
def test_both_are_put_into_the_language(files: str, text: str, each: tuple[str, str]) -> None:
    found = render(plan(text, files)).split(" ; ")

    assert sorted(found) == sorted([*each, *(f"translate({one}, pt)" for one in each)])


def test_both_are_read_aloud() -> None:
    found = render(plan("Give me a title and a summary, and read both aloud", "text:article.txt"))

    assert found.count("speak(") == 2


@pytest.mark.parametrize(
    "text",
    [
        "Give me a title, and a summary in Portuguese",
        "a title, a summary, and the summary in Portuguese",
    ],
)
def test_one_of_two_is_put_into_the_language_alone(text: str) -> None:
    found = render(plan(text, "text:article.txt"))

    assert found.count("translate(") == 1
    assert "translate(write_title" not in found
