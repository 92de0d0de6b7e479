"""An article made ready for the press: a title, a summary, the summary translated and spoken.

    write_title
    summarize ─┬─▶ translate
               └─▶ speak

``langgraph.json`` names this graph. From Python:

    from herd_graph._bundled.graphs.press_kit import graph

    graph.invoke({"article": text})["title"]
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from herd_graph import Audio, Herd, Text, workflow
from herd_graph._bundled.tools import Speak, Summarize, Translate, WriteTitle


class PressKit(NamedTuple):
    """What comes of an article."""

    title: Text
    summary: Text
    translation: Text
    spoken: Audio


@workflow(
    tags=["press", "article", "publication"],
    examples=[
        "make a press kit out of this article",
        "prepare the article for publication: title, summary, Portuguese and audio",
    ],
)
def press_kit(article: Text, sentences: int = 2, to: Literal["pt", "en"] = "pt") -> PressKit:
    """Prepare an article for the press: title, summary, the summary translated and spoken.

    Args:
        article: English prose.
        sentences: How many sentences the summary has.
        to: The language to translate the summary into.
    """
    summary = Summarize(article, sentences=sentences)
    return PressKit(WriteTitle(article), summary, Translate(summary, to=to), Speak(summary))


graph = Herd(press_kit).compile(workflow=press_kit)
