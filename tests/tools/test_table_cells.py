"""Questions whose words are easily passed over: cells like *IT*, what rows count, other files."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from herd_graph.artifacts import Document, Table, Text

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


SALES = """date,region,product,units,price
2026-01-05,North,Lamp,12,24.5
2026-01-09,South,Desk,3,180
2026-01-17,East,Chair,14,65
2026-02-02,North,Chair,8,65
2026-02-11,West,Lamp,20,24.5
2026-02-20,South,Lamp,6,24.5
2026-03-03,East,Desk,5,180
"""


@pytest.mark.parametrize(
    ("question", "cells"),
    [
        ("how many lamps did we sell in all", [[38]]),
        ("how many chairs were sold", [[22]]),
        ("how many desks were bought in March?", [[5]]),
        ("number of lamps sold in February", [[26]]),
        ("how many lamps and desks did we sell", [["Lamp", 38], ["Desk", 8]]),
        ("how many lamps and how many desks did we sell", [["Desk", 8], ["Lamp", 38]]),
        ("how many lamps are listed", [[3]]),
        ("how many lamp orders are there", [[3]]),
        ("how many orders from the West", [[1]]),
    ],
)
def test_pieces_are_counted_where_a_row_stands_for_several(
    call: Callable[..., Any], question: str, cells: list[list[Any]]
):
    assert rows(call, SALES, question) == cells


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("who has worked here the longest", "Yuki Tanaka"),
        ("who has been with us the longest?", "Yuki Tanaka"),
        ("which employee has been employed for the longest time", "Yuki Tanaka"),
        ("who has worked for the company the longest?", "Yuki Tanaka"),
        ("longest-serving employee", "Yuki Tanaka"),
        ("who works here the shortest", "Paul Weber"),
    ],
)
@pytest.mark.parametrize(
    ("column", "cell"), [("Start Year", "{}"), ("Hired", "{}"), ("Joined on", "{}-03-01")]
)
def test_who_has_been_there_the_longest_began_first(
    call: Callable[..., Any], question: str, name: str, column: str, cell: str
):
    table = STAFF.replace("Start Year", column)
    for year in range(2012, 2021):
        table = table.replace(f",{year},", f",{cell.format(year)},")

    assert rows(call, table, question)[0][0] == name


@pytest.mark.parametrize(
    ("question", "cells"),
    [
        ("cheapest product and its price", [["Lamp", 24.5]]),
        ("which product is cheapest and what is its price", [["Lamp", 24.5]]),
        ("which product is the most expensive, and what's its price?", [["Desk", 180]]),
    ],
)
def test_what_is_asked_of_the_extreme_is_told_of_its_row(
    call: Callable[..., Any], question: str, cells: list[list[Any]]
):
    assert rows(call, SALES, question) == cells


def test_what_else_is_asked_of_a_person_is_told_of_that_person(call: Callable[..., Any]):
    assert rows(call, STAFF, "who earns the least and what is his department") == [
        ["Paul Weber", "HR", 38900]
    ]


@pytest.mark.parametrize(
    "question",
    [
        "sort by salary, highest first",
        "sort the rows by salary from high to low",
        "order the rows by salary, biggest to smallest",
        "list all rows by salary, largest first",
        "sort by salary, descending",
    ],
)
def test_the_highest_first_is_a_falling_order(call: Callable[..., Any], question: str):
    found = [each[2] for each in rows(call, STAFF, question)]

    assert found == sorted(found, reverse=True)
    assert len(found) == 6


def test_a_year_has_no_thousands(call: Callable[..., Any]):
    made = Table(STAFF.encode(), name="data.csv")

    told = call("query_table", made, Text("who has the earliest start year")).answer.text

    assert "2012" in told
    assert "2,012" not in told
    assert "52,300" in call("query_table", made, Text("highest salary")).answer.text


def test_one_thing_that_is_worked_out_is_shown_once(call: Callable[..., Any]):
    question = "total revenue per product (units times price), highest first"

    assert rows(call, SALES, question) == [["Desk", 1440], ["Chair", 1430], ["Lamp", 931]]


@pytest.mark.parametrize(
    "question",
    [
        "how many chairs were sold in the other file",
        "In the second file, how many chairs were sold?",
        "how many chairs were sold in the attached spreadsheet",
    ],
)
def test_where_to_look_is_no_condition(call: Callable[..., Any], question: str):
    assert rows(call, SALES, question) == [[22]]


@pytest.mark.parametrize(
    ("question", "total"),
    [
        ("what is the total of amount in the second sheet", 70),
        ("total amount in the first sheet", 3),
        ("In the last tab, what is the total amount?", 70),
    ],
)
def test_a_sheet_is_called_by_its_place(call: Callable[..., Any], question: str, total: int):
    openpyxl: Any = import_module("openpyxl")
    book = openpyxl.Workbook()
    for sheet, amounts in ((book.active, (1, 2)), (book.create_sheet("Later"), (30, 40))):
        sheet.append(["Thing", "Amount"])
        for each in amounts:
            sheet.append([f"thing {each}", each])
    buffer = io.BytesIO()
    book.save(buffer)
    made = Document(
        buffer.getvalue(),
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        name="book.xlsx",
    )

    found = call("query_table", made, Text(question)).rows.rows

    assert [list(each.values()) for each in found] == [[total]]
