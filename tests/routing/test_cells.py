"""A cell or a column in the place of another: which word a fragment stands for only the table tells."""

from __future__ import annotations

import pytest

from herd_graph.artifacts import Table, Text
from herd_graph.routing.cells import swapped, tables_of
from herd_graph.store import MemoryStore
from herd_graph.types import JSON

STALLS = Table(
    [
        {"trader": "Rosa", "goods": "bread", "city": "Porto", "fee": 30},
        {"trader": "Olga", "goods": "cheese", "city": "Leeds", "fee": 15},
        {"trader": "Tiago", "goods": "dried fruit", "city": "Porto", "fee": 60},
    ]
)


@pytest.mark.parametrize(
    ("request_", "fragment", "wanted"),
    [
        (
            "How many sell cheese and what do they pay?",
            "And bread?",
            "How many sell bread and what do they pay?",
        ),
        ("the fee of cheese stalls", "dried fruit?", "the fee of dried fruit stalls"),
        ("the total of Porto", "leeds?", "the total of Leeds"),
        ("the total of Porto", "Now the other city, please.", "the total of Leeds"),
        ("list the trader", "and the goods?", "list the goods"),
        ("how many sell cheese", "and honey?", ""),  # in no row
        ("how many sell cheese", "and Porto?", ""),  # nothing of that column was asked
        ("how many sell cheese", "who sells the most bread of all then?", ""),
    ],
)
def test_a_cell_takes_the_place_of_its_like(request_: str, fragment: str, wanted: str) -> None:
    assert swapped(request_, fragment, [STALLS]) == wanted


def test_tables_that_cannot_be_read_are_left_out() -> None:
    store = MemoryStore()
    whole = STALLS.put(store).model_dump(mode="json")
    text = Text("hello").put(store).model_dump(mode="json")
    held: dict[str, JSON] = {
        "a1": whole,
        "a2": text,
        "a3": "nothing",
        "a4": {**whole, "id": "9" * 64, "inline": None},
    }

    assert [each.columns for each in tables_of(held, store)] == [STALLS.columns]
    assert tables_of(None, store) == []
