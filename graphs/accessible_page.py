"""A picture made accessible: described, the description translated, and read aloud.

    describe_image ─┬─▶ translate
                    └─▶ speak

``langgraph.json`` names this graph. From Python:

    from herd_graph._bundled.graphs.accessible_page import graph

    graph.invoke({"picture": "sign.png"})["description"]

The voice is English, and so it reads the English description; the translation is for the page.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from herd_graph import Audio, Herd, Image, Text, workflow
from herd_graph._bundled.tools import DescribeImage, Speak, Translate


class AccessiblePicture(NamedTuple):
    """What a page needs beside its picture."""

    description: Text
    translation: Text
    spoken: Audio


@workflow(
    tags=["accessibility", "alt text", "blind readers"],
    examples=[
        "make this picture accessible to blind readers",
        "write alt text in English and Portuguese and read it aloud",
    ],
)
def accessible_page(picture: Image, to: Literal["pt", "en"] = "pt") -> AccessiblePicture:
    """Make a picture accessible: describe it, translate the description, and read it aloud.

    Args:
        picture: A photo, drawing, scan or screenshot.
        to: The language to translate the description into.
    """
    description = DescribeImage(picture)
    return AccessiblePicture(description, Translate(description, to=to), Speak(description))


graph = Herd(accessible_page).compile(workflow=accessible_page)
