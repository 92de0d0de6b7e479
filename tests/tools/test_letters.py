"""A mail's header is told from what was written."""

from __future__ import annotations

import pytest

from tools.letters import without_header

MAIL = "From: Ann <ann@oak.example>\nTo: Bob\nSubject: Posters\n\nWe need 250 posters. Thanks, Ann"


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (MAIL, "We need 250 posters. Thanks, Ann"),
        ("De: Ana\nAssunto: Obras\nO elevador pára.", "O elevador pára."),
        (
            "Date: the fruit, not the day.\nIt is sweet.",
            "Date: the fruit, not the day.\nIt is sweet.",
        ),
        ("From: a\nTo: b\n", "From: a\nTo: b\n"),
        ("No header here.", "No header here."),
        ("", ""),
    ],
)
def test_what_was_written_is_left(text: str, body: str) -> None:
    assert without_header(text) == body
