"""Give a drawing to who draws and a file to who converts, where a table was to be asked for them.

*Average mark per class, as a bar chart* and *save the marks as an Excel file* name what is to come out; a
question to the table says that nothing in it is called *chart*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from herd_graph.cards import ExpertCard
from herd_graph.routing.golds import Tree
from herd_graph.routing.lexicon import POLITE
from herd_graph.routing.neural.asking import asks_table, reader_of
from herd_graph.routing.parameters import role
from herd_graph.types import Kind

_DRAWN = re.compile(
    r"^(?:draw|plot|chart|graph|visuali[sz]e)\b"
    r"|\b(?:as|in) (?:an? )?(?:\w+ )?(?:chart|plot|graph|diagram|histogram|bars|pie)\W*$"
    r"|^(?:an? )?(?:bar|line|pie|scatter|column) ?(?:chart|plot|graph|diagram)\b",
    re.IGNORECASE,
)
_AS_DRAWN = re.compile(
    r"[\s,]*\b(?:as|in) (?:an? )?(?:\w+ )?(?:chart|plot|graph|diagram|histogram|bars|pie)\b.*$"
    r"|^\W*(?:(?:please|and|then)\s+)*(?:draw|plot|chart|graph|show|make|give)(?:\s+me)?\s+(?:an? |the )?(?:\w+ )?(?:chart|plot|graph|diagram|histogram)\s+(?:of|for|with|showing)\s+",
    re.IGNORECASE,
)
_SHAPES = {
    "pie": "pie",
    "line": "line",
    "curve": "line",
    "scatter": "scatter",
    "dots": "scatter",
    "bar": "bar",
    "bars": "bar",
    "column": "bar",
    "columns": "bar",
}
_KEPT = re.compile(
    r"^(?:save|export|convert|store|download|turn)\b.{0,40}\b(?P<form>csv|excel|xlsx|json|markdown)\b",
    re.IGNORECASE,
)
_FORMS = {"excel": "xlsx"}
_ACCORDING = re.compile(
    r"\baccording to the (?:video|film|clip|recording|speaker|announcement)\b|\b(?:says?|said|told|mentions?|mentioned|explains?|explained)\b",
    re.IGNORECASE,
)


def drawn_or_kept(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return a question to a table as what its words name: a drawing of it, or another form.

    Args:
        part: What the network wrote.
        said: The words that it is to serve.
        cards: Who is there, by name.
    """
    if part[0] != "call" or part[3] or not asks_table(cards[str(part[1])]):
        return part
    table: Tree = next(iter(part[4:]), part)
    bare = POLITE.sub("", said.strip()).strip(" .!?")
    if table[0] != "input":
        return part
    if _DRAWN.search(bare):
        draws = _taker(cards, Kind.IMAGE)
        shape = next(
            (_SHAPES[each] for each in re.findall(r"\w+", bare.lower()) if each in _SHAPES), ""
        )
        chosen: list[Tree] = [("choice", shape)] if shape else []
        return ("call", draws, "", False, table, *chosen) if draws else part
    if kept := _KEPT.search(bare):
        converts = _taker(cards, Kind.TABLE)
        form = kept["form"].lower()
        return (
            ("call", converts, "", False, table, ("choice", _FORMS.get(form, form)))
            if converts
            else part
        )
    return part


def undrawn(said: str) -> str:
    """Return the words of a drawing without the drawing: what the table is to be asked for it."""
    left = _AS_DRAWN.sub("", said).strip(" ,;:.")
    return left or said


def heard(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return a question about what a film says put to its words, where its pictures were counted."""
    if part[0] != "call" or not _ACCORDING.search(said):
        return part
    inner: Tree = next(iter(part[4:]), part)
    looks = inner[0] == "call" and cards[str(inner[1])].outputs[0].kind is Kind.IMAGE
    film: Tree = next(iter(inner[4:]), inner) if looks else inner
    hears = next(
        (
            name
            for name, card in cards.items()
            if [p.kinds for p in card.inputs if p.required] == [(Kind.VIDEO,)]
            and card.outputs[0].kind is Kind.TEXT
        ),
        "",
    )
    reader = reader_of(cards)
    counts = any(port.name == "what" and port.choices for port in cards[str(part[1])].inputs)
    if not (looks and counts and film[0] == "input" and hears and reader):
        return part
    return ("call", reader, "", False, ("call", hears, "", False, film))


def _taker(cards: Mapping[str, ExpertCard], gives: Kind) -> str:
    """Return who makes something of a table alone."""
    for name, card in cards.items():
        required = [port for port in card.inputs if port.required]
        takes = bool(required) and Kind.TABLE in required[0].kinds
        asked = any(role(port, card) == "instruction" for port in required)
        if takes and not asked and card.outputs[0].kind is gives:
            return name
    return ""


__all__ = ("drawn_or_kept", "heard", "undrawn")
