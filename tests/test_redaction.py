"""How secrets are looked for in a text: under any name, and in a time that grows with the text."""

from __future__ import annotations

import time

import pytest

from herd_graph.redaction import MARK, Redactor


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("MY_APP_API_KEY=abcdef12", f"MY_APP_API_KEY={MARK}"),
        ("my-db-password: abcdef12", f"my-db-password: {MARK}"),
        ("monkey=abcdef12", "monkey=abcdef12"),
        ("postgresql+psycopg2://me:abcdef12@host/db", f"postgresql+psycopg2://me:{MARK}@host/db"),
        ("1https://me:abcdef12@host", f"1https://me:{MARK}@host"),
    ],
)
def test_a_secret_is_found_under_any_name(text: str, clean: str) -> None:
    assert Redactor({}).text(text) == clean


@pytest.mark.parametrize("text", ["ab12" * 50_000 + " : x", "a_" * 50_000 + ".", "a-" * 50_000])
def test_long_words_are_gone_over_once(text: str) -> None:
    began = time.process_time()

    assert Redactor({}).text(text) == text

    assert time.process_time() - began < 5  # minutes, where each character begins anew
