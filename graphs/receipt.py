"""A photographed receipt, read and added up.

    read_text ─▶ calculate

``langgraph.json`` names this graph. From Python:

    from herd_graph._bundled.graphs.receipt import graph

    graph.invoke({"picture": "receipt.png"})["total"]
"""

from __future__ import annotations

from typing import Any, NamedTuple

from herd_graph import Data, Herd, Image, Text, workflow
from herd_graph._bundled.tools import Calculate, ReadText


class Receipt(NamedTuple):
    """What comes of a receipt."""

    lines: Text
    total: Text | Data[Any]


@workflow(
    tags=["receipt", "bill", "total"],
    examples=["what does this receipt come to?", "add up the amounts on the bill"],
)
def receipt(picture: Image) -> Receipt:
    """Read the printed lines of a receipt and add up its amounts.

    Args:
        picture: A photo or scan of the receipt.
    """
    lines = ReadText(picture)
    return Receipt(lines, Calculate(lines, operation="sum"))


graph = Herd(receipt).compile(workflow=receipt)
