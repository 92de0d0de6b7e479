"""What is said of an answer leaves out how it was come by."""

from __future__ import annotations

import pytest

from herd_graph.artifacts.workings import without_workings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Sum of fee: 90\nRead: 'fees' as 'fee_eur'.\nSQL: SELECT sum(\"fee_eur\") FROM data",
            "Sum of fee: 90",
        ),
        ("- cello\n- viola\nSQL: WITH a AS (SELECT 1) SELECT * FROM a", "- cello\n- viola"),
        ("SQL: SELECT 1", "SQL: SELECT 1"),
        ("Learn SQL: SELECT is a word.\nBye", "Learn SQL: SELECT is a word.\nBye"),
        ("Read: the book\nthe end\n", "Read: the book\nthe end\n"),
        ("", ""),
    ],
)
def test_the_sql_of_a_table_is_left_out(text: str, expected: str) -> None:
    assert without_workings(text) == expected
