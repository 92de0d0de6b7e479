"""What an answer works out in plain sight is held against no source; what it works out wrongly is."""

from __future__ import annotations

import pytest

from herd_graph.coordination.reckoned import unreckoned


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("15.84 = TOTAL 22.79 - Washing powder 6.95", "TOTAL 22.79 - Washing powder 6.95"),
        ("3.88 = Multibuy saving 1.35 + Loyalty discount 2.53", "Multibuy saving 1.35 + Loyalty discount 2.53"),
        ("13.50 = 2 × Flat white 3.20 + 1 × Pancakes 7.10", "2 × Flat white 3.20 + 1 × Pancakes 7.10"),
        ("Yes: Drill 19.90, Wire 8.40 (a difference of 11.50).", "Yes: Drill 19.90, Wire 8.40 ()."),
        ("Loaf: 3.90 each (2 for 7.80)", "Loaf: (2 for 7.80)"),
        ("No: 11.90 = Tea 2.10 + English 9.80, 1.90 more than 10.", "No: Tea 2.10 + English 9.80, more than 10."),
        ("Which cost more? B: 2.00\n5.00 = A 3.00 + B 2.00", "Which cost more? B: 2.00\nA 3.00 + B 2.00"),
    ],
)  # fmt: skip
def test_what_is_worked_out_rightly_is_left_out(text: str, left: str):
    assert unreckoned(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "15.85 = TOTAL 22.79 - Washing powder 6.95",
        "Yes: Drill 19.90, Wire 8.40 (a difference of 12.50).",
        "Loaf: 3.80 each (2 for 7.80)",
        "It costs 15.84 and is green.",
        "x = 3",
        "",
    ],
)
def test_what_is_wrong_or_said_alone_stays(text: str):
    assert unreckoned(text) == text
