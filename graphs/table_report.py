"""A question about a table, answered in words and with a chart of the rows that answer it.

    query_table ─▶ draw_chart

``langgraph.json`` names this graph. From Python:

    from herd_graph._bundled.graphs.table_report import graph

    graph.invoke({"table": "sales.csv", "question": "total sales by city"})["said"]
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from herd_graph import Document, Herd, Image, Table, Text, workflow
from herd_graph._bundled.tools import DrawChart, QueryTable


class TableReport(NamedTuple):
    """What comes of a question."""

    said: Text
    rows: Table
    sql: Text
    chart: Image


@workflow(
    tags=["table", "report", "chart"],
    examples=[
        "make a report with a chart about this table: total sales by city",
        "answer the question about the spreadsheet and draw the result",
    ],
)
def table_report(
    table: Table | Document, question: Text, kind: Literal["bar", "line", "pie", "scatter"] = "bar"
) -> TableReport:
    """Report on a table: answer a question about it in words, and draw a chart of the result.

    Args:
        table: CSV, TSV, JSON or a workbook (.xlsx).
        question: A question in English whose answer has rows with numbers.
        kind: bar (columns), line (trend), pie (shares), or scatter (dots).
    """
    found = QueryTable(table, question)
    return TableReport(found.answer, found.rows, found.sql, DrawChart(found.rows, kind=kind))


graph = Herd(table_report).compile(workflow=table_report)
