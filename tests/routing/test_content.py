"""Setting content aside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.routing.content import protect


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        ('say "good night" twice', ["good night"]),
        ("say 'it's late' now", ["it's late"]),
        ("don't translate John's letter", []),
        ("Translate to English: Bom dia. Tudo bem?", ["Bom dia. Tudo bem?"]),
        ('Translate: he said "go: now"', ['he said "go: now"']),
        ("```\nlist the files\n```\nRead this aloud", ["list the files"]),
        ("Question: what is the capital of France?", []),
        ("Please do the following: 1. read the sign 2. translate it", []),
        ("Meet me at 9:30 and read the sign", []),
        ("Who occurs in the following text? Ada met Bob.", ["Ada met Bob."]),
        ("", []),
    ],
)
def test_content_is_told_from_orders(text: str, contents: list[str]) -> None:
    assert list(protect(text).contents) == contents


def test_an_order_may_go_on_after_an_empty_line() -> None:
    protected = protect("Translate to English: Bom dia.\n\nThen read it aloud.")

    assert protected.contents == ("Bom dia.",)
    assert "Then read it aloud." in protected.text


def test_of_a_very_long_text_the_short_end_is_the_order() -> None:
    body = "The cat sleeps and reads. " * 1000

    first = protect(f"Summarise this:\n{body}")
    last = protect(f"{body}\nTranslate the text above")

    assert "Summarise this" in first.text
    assert "Translate the text above" in last.text
    assert first.contents == last.contents == (body.strip(),)


@given(st.text(max_size=300))
def test_nothing_is_lost(text: str) -> None:
    protected = protect(text)
    shown = protected.text

    for number, content in enumerate(protected.contents):
        assert str(number) in shown
        assert content == content.strip()
