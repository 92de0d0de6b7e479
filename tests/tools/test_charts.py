# ruff: noqa: RUF001 - letters of several scripts
"""Charts: what is drawn, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from typing import Any

import difficult_documents as documents
import numpy as np
import pytest

from herd_graph.artifacts import Document, Image, Table, Text
from herd_graph.errors import ArtifactError, PortViolation

Call = Callable[..., Any]
SALES = Table(
    b"City,Sales,Profit\nPorto,120,30\nLisbon $5 $6,200,-4\nFaro,15,2\n", name="sales.csv"
)


def colours(picture: Image) -> set[tuple[int, ...]]:
    """The colours that fill more than a hundredth of the picture."""
    flat = picture.array().reshape(-1, 3)
    found, counts = np.unique(flat, axis=0, return_counts=True)
    return {
        tuple(int(each) for each in colour)
        for colour, count in zip(found, counts, strict=True)
        if count > len(flat) / 100
    }


@pytest.mark.parametrize("kind", ["bar", "line", "scatter"])
def test_each_kind_draws_something(call: Call, kind: str):
    made = call("draw_chart", SALES, kind)

    assert made.name == f"sales - {kind} chart.png"
    assert made.dimensions == (880, 550)
    assert made.array().std() > 5


def test_bars_are_as_high_as_their_numbers(call: Call):
    made = call("draw_chart", Table(b"n,v\na,10\nb,20\n"))

    blue = (made.array() == (31, 119, 180)).all(axis=2).sum(axis=0)
    heights = sorted(set(blue[blue > 20].tolist()))

    assert heights[-1] / heights[0] == pytest.approx(2, rel=0.05)


def test_the_request_names_the_columns(call: Call):
    one = call("draw_chart", SALES, "bar", Text("profit by city"))
    both = call("draw_chart", SALES, "bar")

    assert len(colours(one)) < len(colours(both))
    assert call("draw_chart", SALES, "pie", Text("sales by city")).dimensions == (880, 550)


ORDERS = Table(
    b"date,product,city,units,price\n2025-01-03,Lamp,Porto,2,10\n2025-01-20,Desk,Faro,1,90\n"
    b"2025-02-02,Lamp,Faro,3,10\n2025-03-09,Desk,Porto,2,80\n2025-03-11,Lamp,Porto,5,12\n",
    name="orders.csv",
)


def heights(picture: Image) -> list[int]:
    """The heights of the blue bars, from left to right."""
    blue = (picture.array() == (31, 119, 180)).all(axis=2).sum(axis=0)
    runs = np.split(blue, np.where(np.diff((blue > 20).astype(int)) != 0)[0] + 1)
    return [int(np.median(run)) for run in runs if run.size > 3 and np.median(run) > 20]


@pytest.mark.parametrize(
    ("request_", "shares"),
    [
        ("units per product", [10, 3]),
        ("draw a bar chart of the average price by product", [85, 10.667]),
        ("how many orders per city", [3, 2]),
        ("units by month", [3, 3, 7]),
        ("top 1 product by units", [10]),
        ("bars of what the products sold in Porto", []),
    ],
)
def test_a_request_sums_up_the_rows(call: Call, request_: str, shares: list[float]):
    found = heights(call("draw_chart", ORDERS, "bar", Text(request_)))

    if shares:
        assert [each / found[0] for each in found] == pytest.approx(
            [each / shares[0] for each in shares], rel=0.05
        )
    else:
        assert found


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        ("units per product as a pie", "pie"),
        ("the share of each city in the units", "pie"),
        ("units over time", "line"),
        ("units by month as a line", "line"),
        ("a scatter plot of units against price", "scatter"),
        ("units per city", "bar"),
    ],
)
def test_the_request_says_the_kind(call: Call, request_: str, kind: str):
    made = call("draw_chart", ORDERS, "bar", Text(request_))

    assert made.name == f"orders - {kind} chart.png"
    assert made.array().std() > 5


def test_of_many_groups_the_largest_are_drawn_on_their_side(call: Call):
    rows = b"".join(b"customer number %d of the north,%d\n" % (each, each) for each in range(1, 90))

    made = call("draw_chart", Table(b"customer,sales\n" + rows), "bar", Text("sales per customer"))

    lying = (made.array() == (31, 119, 180)).all(axis=2).sum(axis=1)
    assert made.dimensions[1] > 800
    assert lying[lying > 20].max() > 300


def test_columns_of_very_different_size_have_axes_of_their_own(call: Call):
    table = Table(b"name,people,area\na,3,500000\nb,4,900000\n")

    assert call("draw_chart", table).dimensions == (880, 825)


def test_a_workbook_and_a_series_of_years(call: Call):
    book = documents.workbook(("S", [["Year", "Visitors"], [2023, 5], [2024, 8], [2025, 13]]))

    assert call("draw_chart", Document(book, name="y.xlsx"), "line").dimensions == (880, 550)


@pytest.mark.parametrize(
    "content",
    [
        "שם,מספר\nתל אביב,5\n",
        "الاسم,عدد\nالرياض,3\n",
        "_x,v\na\\alpha_b^2 $\\frac{,1\n",
        "Ή,я\nΔ,1\n",
    ],
)
def test_difficult_letters_are_drawn(call: Call, content: str):
    assert (
        call("draw_chart", Table(content.encode("utf-16"), name="../../x.csv")).name
        == "x - bar chart.png"
    )


def test_letters_without_a_glyph_are_not_drawn_as_boxes(call: Call):
    with pytest.raises(PortViolation, match="no sign for some letters"):
        call("draw_chart", Table("name,n\n東京,5\n".encode()))


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"a,b\nx,y\n", "bar", "no column of numbers"),
        (b"a,b\n", "bar", "no rows"),
        (b"n,v\na,-1\nb,2\n", "pie", "shares of a whole"),
        (b"n,v\na,0\n", "pie", "shares of a whole"),
        (b"n,v,w\na,1,2\n", "pie", "at most 1"),
        (b"n,v\na,1\n", "scatter", "two columns"),
        (
            b"day,v\n"
            + b"".join(b"2025-%02d-%02d,1\n" % (1 + n // 28, 1 + n % 28) for n in range(61)),
            "bar",
            "at most 60",
        ),
        (b"n,v,w\na,5%,3 EUR\n", "bar", "different units"),
    ],
)
def test_what_would_mislead_is_refused(call: Call, content: bytes, kind: str, message: str):
    with pytest.raises(PortViolation, match=message):
        call("draw_chart", Table(content), kind)


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 40])
def test_what_is_no_table_is_refused(call: Call, content: bytes):
    with pytest.raises(ArtifactError):
        call("draw_chart", Table(content))


@pytest.mark.parametrize(
    ("request_", "labels", "values"),
    [
        ("bar chart of the amount by month", ["January", "February", "March"], (40, -30, 9)),
        ("pie chart of fees by month", ["January", "February"], (420, 360)),
        ("bar chart of the average amount per category", ["Fees", "Gift", "Rent"], (390, 9, -385)),
    ],
)
def test_months_stand_in_the_order_of_the_year_and_money_is_added_up(
    request_: str, labels: list[str], values: tuple[float, ...]
):
    rows: Any = import_module("herd_graph._bundled.tools.rows")
    data: Any = import_module("herd_graph._bundled.tools.chart_data")
    wording: Any = import_module("herd_graph._bundled.tools.chart_wording")
    content = b"month,category,amount\nJanuary,Fees,420\nJanuary,Rent,-380\nFebruary,Fees,360\nFebruary,Rent,-390\nMarch,Gift,9\n"
    found = rows.read_rows(Table(content, name="ledger.csv"))

    chosen = data.choose(found, wording.kind_of(request_, "bar"), request_)

    ((_, numbers),) = chosen.series
    assert (chosen.labels, numbers.values) == (labels, values)


CLASS = b"""Name,Class,Maths,Science,Pulse before,Pulse after
Alice,7A,88,91,70,90
Bruno,7B,62,58,72,95
Chloe,7A,95,89,68,99
Dinis,7B,71,77,75,88
"""
RAIN = b"Town,Jan,Feb,Mar\nPorto,158,140,90\nFaro,80,72,39\n"
SPENT = b"""Date,Shop,Category,Amount
2026-01-04,Lidl,food,54
2026-01-09,Shell,fuel,61
2026-02-03,Aldi,food,38
"""


def chosen(content: bytes, name: str, request: str, kind: str = "bar") -> tuple[str, Any]:
    rows: Any = import_module("herd_graph._bundled.tools.rows")
    data: Any = import_module("herd_graph._bundled.tools.chart_data")
    wording: Any = import_module("herd_graph._bundled.tools.chart_wording")
    drawn = wording.kind_of(request, kind)
    return drawn, data.choose(rows.read_rows(Table(content, name=name)), drawn, request)


@pytest.mark.parametrize(
    ("content", "name", "request_", "kind", "labels", "series"),
    [
        (CLASS, "marks.csv", "chart the maths marks of class 7A", "bar", ["Alice", "Chloe"], {"Maths": (88, 95)}),
        (CLASS, "marks.csv", "a graph of maths, highest first", "bar", ["Chloe", "Alice", "Dinis", "Bruno"], {"Maths": (95, 88, 71, 62)}),
        (CLASS, "marks.csv", "bar chart with maths and science for each pupil", "bar", ["Alice", "Bruno", "Chloe", "Dinis"], {"Maths": (88, 62, 95, 71), "Science": (91, 58, 89, 77)}),
        (CLASS, "marks.csv", "pulse before and after by name as bars", "bar", ["Alice", "Bruno", "Chloe", "Dinis"], {"Pulse before": (70, 72, 68, 75), "Pulse after": (90, 95, 99, 88)}),
        (CLASS, "marks.csv", "a histogram of maths", "bar", ["60 to 70", "70 to 80", "80 to 90", "90 to 100"], {"number of rows": (1, 1, 1, 1)}),
        (RAIN, "rainfall.csv", "line chart of the rain in Porto over the months", "line", ["Jan", "Feb", "Mar"], {"Porto": (158, 140, 90)}),
        (RAIN, "rainfall.csv", "plot Porto and Faro in one chart, as lines", "line", ["Jan", "Feb", "Mar"], {"Porto": (158, 140, 90), "Faro": (80, 72, 39)}),
        (RAIN, "rainfall.csv", "bar chart of January in all towns", "bar", ["Porto", "Faro"], {"Jan": (158, 80)}),
        (RAIN, "rainfall.csv", "total rain per town as a pie", "pie", ["Porto", "Faro"], {"sum of amount": (388, 191)}),
        (SPENT, "expenses.csv", "spending per month as bars", "bar", ["2026-01", "2026-02"], {"sum of Amount": (115, 38)}),
        (SPENT, "expenses.csv", "a chart of the food costs", "bar", ["2026-01-04", "2026-02-03"], {"Amount": (54, 38)}),
        (CLASS, "marks.csv", "pie chart of the classes", "pie", ["7A", "7B"], {"number of rows": (2, 2)}),
        (CLASS, "marks.csv", "bar chart of maths where science is more than 90", "bar", ["Alice"], {"Maths": (88,)}),
        (RAIN, "rainfall.csv", "chart the average rain per month", "bar", ["Jan", "Feb", "Mar"], {"average of amount": (119, 106, 64.5)}),
        (SPENT, "expenses.csv", "bar chart of food vs fuel", "bar", ["food", "fuel"], {"Amount": (92, 61)}),
        (SPENT, "expenses.csv", "food and fuel per month as bars", "bar", ["2026-01", "2026-02"], {"food": (54, 38), "fuel": (61, None)}),
        (SPENT, "expenses.csv", "pie of fuel versus food entries", "pie", ["food", "fuel"], {"number of rows": (2, 1)}),
        (SPENT, "expenses.csv", "how many per shop, with the numbers on top, as a bar chart", "bar", ["Aldi", "Lidl", "Shell"], {"number of rows": (1, 1, 1)}),
    ],
)  # fmt: skip
def test_what_was_asked_for_is_drawn_and_nothing_else(
    content: bytes,
    name: str,
    request_: str,
    kind: str,
    labels: list[str],
    series: dict[str, tuple[float | None, ...]],
):
    drawn, found = chosen(content, name, request_)

    assert drawn == kind
    assert {each.removeprefix("sum of ") for each, _ in found.series} == {
        each.removeprefix("sum of ") for each in series
    }
    for (_, numbers), values in zip(found.series, series.values(), strict=True):
        held = dict(zip(found.labels, numbers.values, strict=True))
        assert held == dict(zip(labels, values, strict=True))
    if "first" in request_:
        assert found.labels == labels


@pytest.mark.parametrize(
    "request_",
    ["maths per square metre as a bar chart", "a chart of the unicorns", "maths of the rabbits as a pie"],
)  # fmt: skip
def test_words_that_the_table_does_not_have_are_not_left_out_of_a_chart(request_: str):
    with pytest.raises(PortViolation, match="does not say what to draw"):
        chosen(CLASS, "marks.csv", request_)


@pytest.mark.parametrize(
    "request_",
    [
        "Could you make a line of it instead of bars",
        "I'd like to see how the temperature went through the week as a line",
        "a line over the days would be nice, for the cover",
    ],
)
def test_what_is_said_about_the_drawing_is_no_word_of_the_table(call: Call, request_: str):
    week = Table(b"day,celsius\nMonday,12\nTuesday,15\nWednesday,21\n", name="week.csv")

    assert call("draw_chart", week, "line", Text(request_)).dimensions == (880, 550)


def test_a_title_and_the_amounts_are_written_where_they_are_asked_for(call: Call):
    table = Table(SPENT, name="expenses.csv")
    plain, told = (
        call("draw_chart", table, "pie", Text(f"pie of spending by category{more}"))
        for more in ("", ', with the amounts, call it "Spring"')
    )
    bars, labelled = (
        call("draw_chart", table, "bar", Text(f"spending by category as bars{more}"))
        for more in ("", ", with the values on top")
    )

    assert plain.bytes() != told.bytes()
    assert bars.bytes() != labelled.bytes()


def test_the_sheet_that_is_named_is_drawn(call: Call):
    openpyxl: Any = import_module("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Costs"
    for row in (["Month", "Rent"], ["May", 800], ["June", 820]):
        book.active.append(row)
    for row in (["Month", "Saved"], ["May", 90], ["June", 10]):
        (book["Savings"] if "Savings" in book.sheetnames else book.create_sheet("Savings")).append(
            row
        )
    buffer = io.BytesIO()
    book.save(buffer)
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    document = Document(buffer.getvalue(), mime=mime, name="home.xlsx")

    first, second = (
        heights(call("draw_chart", document, "bar", Text(f"bar chart of the {each} sheet")))
        for each in ("costs", "savings")
    )
    known = heights(
        call("draw_chart", document, "bar", Text("bar chart of what was saved per month"))
    )
    assert known == second
    assert abs(first[0] / first[1] - 800 / 820) < 0.03
    assert 7 < second[0] / second[1] < 11


def test_a_unit_names_the_column_that_is_drawn(call: Call):
    picked = Table(b"day,bed,kg\n1,A,4.5\n2,B,6.25\n3,A,2.5\n4,B,7.5\n", name="harvest.csv")

    drawn = [
        heights(call("draw_chart", picked, "bar", Text(f"{each} by bed, as a bar chart")))
        for each in ("kg", "kilos")
    ]

    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 2


GIVEN = b"""date,donor,amount,project
2026-01-12,Anna,50,Roof
2026-01-20,Paul,60,Library
2026-02-03,Mill Lane,200,Roof
2026-02-17,Anna,70,Garden
"""
METERS = b"""month,electricity kWh,gas kWh,cost
Jan,310,1450,$212.40
Feb,295,1390,$203.15
Mar,270,1010,$168.90
"""
HOURS = b"Week,Name,Hours\n21,Mara,37\n21,Ben,17\n22,Mara,38\n22,Ben,18\n"
BUDGET = b"Category,Jan,Feb,Mar\nRent,900,900,900\nFood,320,298,345\n"
STOCK = b"Item,Supplier,Qty,Remark\nPens,A,140,blue\nMugs,B,31,big\nLamp,A,4,new\n"


@pytest.mark.parametrize(
    ("content", "name", "request_", "kind", "labels", "series"),
    [
        (GIVEN, "donations.csv", "Line chart of donations by month please.", "line", ["2026-01", "2026-02"], {"sum of amount": (110, 270)}),
        (GIVEN, "donations.csv", "a bar chart of the donations per project", "bar", ["Roof", "Garden", "Library"], {"sum of amount": (250, 70, 60)}),
        (GIVEN, "donations.csv", "bar chart of the average donation per project", "bar", ["Roof", "Garden", "Library"], {"average of amount": (125, 70, 60)}),
        (GIVEN, "donations.csv", "bar chart of how many donations each project got", "bar", ["Roof", "Garden", "Library"], {"number of rows": (2, 1, 1)}),
        (METERS, "meters.csv", "bar chart of the gas", "bar", ["Jan", "Feb", "Mar"], {"gas kWh": (1450, 1390, 1010)}),
        (METERS, "meters.csv", "bar chart of gas use in the first two months", "bar", ["Jan", "Feb"], {"sum of gas kWh": (1450, 1390)}),
        (HOURS, "shifts.csv", "chart the hours of Mara", "bar", [21, 22], {"Hours": (37, 38)}),
        (BUDGET, "budget.csv", "show me a chart of how the food budget developed", "line", ["Jan", "Feb", "Mar"], {"Food": (320, 298, 345)}),
        (STOCK, "stock.csv", "visualise which supplier has the most items", "bar", ["A", "B"], {"number of rows": (2, 1)}),
    ],
)  # fmt: skip
def test_what_was_asked_for_is_drawn_and_nothing_beside_it(
    content: bytes,
    name: str,
    request_: str,
    kind: str,
    labels: list[Any],
    series: dict[str, tuple[float, ...]],
):
    drawn, found = chosen(content, name, request_)

    assert drawn == kind
    assert sorted(found.labels, key=str) == sorted(labels, key=str)
    assert {
        of: {str(at): value for at, value in zip(found.labels, numbers.values, strict=True)}
        for of, numbers in found.series
    } == {
        of: {str(at): value for at, value in zip(labels, values, strict=True)}
        for of, values in series.items()
    }


def test_what_people_wrote_is_not_drawn():
    with pytest.raises(PortViolation, match="holds texts"):
        chosen(STOCK, "stock.csv", "plot the remarks")


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        ("draw the nights per guest as bars, as a pie chart", "pie"),
        ("the nights as a pie, then as bars", "bar"),
        ("a bar chart of the lines of the poem", "bar"),
    ],
)
def test_a_chart_that_is_wanted_in_another_form_takes_it(request_: str, kind: str):
    wording: Any = import_module("herd_graph._bundled.tools.chart_wording")

    assert wording.kind_of(request_, "bar") == kind


def test_rows_against_each_other_over_the_months_are_lines(call: Call):
    made = call("draw_chart", Table(BUDGET, name="budget.csv"), "scatter", Text("Rent versus Food over the months"))  # fmt: skip

    assert made.name == "budget - line chart.png"
