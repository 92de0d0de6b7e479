"""Questions whose words are easily passed over: cells like *IT*, what rows count, other files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Table, Text

STAFF = """Name,Department,Salary,Start Year,State,Country
Omar Haddad,IT,52300,2018,OR,NO
Greta Lind,Sales,48100,2015,IN,DE
Yuki Tanaka,IT,47800,2012,ME,US
Paul Weber,HR,38900,2020,CA,DE
Ines Rocha,AND,41200,2019,HI,PT
Nina Roy,Sales,45900,2016,OR,US
"""


def rows(call: Callable[..., Any], table: str, question: str) -> list[list[Any]]:
    made = Table(table.encode(), name="data.csv")
    return [list(each.values()) for each in call("query_table", made, Text(question)).rows.rows]


@pytest.mark.parametrize(
    ("question", "cells"),
    [
        ("What is the average salary in the IT department?", [[50050]]),
        ("average Salary where Department is IT", [[50050]]),
        ("average salary where Department = 'it'", [[50050]]),
        ("total salary in the it department", [[100100]]),
        ("How many people work in IT?", [[2]]),
        ("how many people work in it", [[2]]),
        ("how many people are not in IT", [[4]]),
        ("HOW MANY PEOPLE WORK IN IT?", [[2]]),
        ("how many people in OR", [[2]]),
        ("total salary of AND", [[41200]]),
        ("average salary in the US", [[46850]]),
        ("average salary for state IN", [[48100]]),
        ("who lives in ME or CA", [["Paul Weber"], ["Yuki Tanaka"]]),
        ("Department = Sales and Salary over 46000: how many?", [[1]]),
    ],
)
def test_a_cell_that_is_spelt_like_a_small_word_is_a_filter(
    call: Callable[..., Any], question: str, cells: list[list[Any]]
):
    assert rows(call, STAFF, question) == cells


@pytest.mark.parametrize(
    "question",
    [
        "What is its average salary?",
        "what is the average salary in this table",
        "average salary of all the people that are in the table",
        "tell me the average salary, as it is in the file",
    ],
)
def test_small_words_stay_what_they_are(call: Callable[..., Any], question: str):
    assert rows(call, STAFF, question) == [[45700]]
