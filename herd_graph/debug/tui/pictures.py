"""Pictures in a terminal: two pixels a cell, with the boxes that an expert gave drawn over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from rich.color import Color
from rich.style import Style
from rich.text import Text

from herd_graph.artifacts.base import printable

if TYPE_CHECKING:
    from PIL.Image import Image as PILImage

COLOURS = ("#ff5470", "#3ddc97", "#ffd166", "#4ea8de", "#c77dff", "#ff9f1c")
"""Of the boxes, in turn; light enough for dark pictures, and strong enough for white ones."""
MOST_BOXES = 200
_LISTS = ("boxes", "objects", "detections", "predictions")


@dataclass(frozen=True)
class Box:
    """A rectangle in a picture, in pixels or, where all are at most 1, in parts of its size."""

    x: float
    y: float
    width: float
    height: float
    label: str = ""
    score: float | None = None

    def __str__(self) -> str:
        sure = "" if self.score is None else f" {self.score:.0%}"
        place = f"{self.x:g}, {self.y:g} ({self.width:g} x {self.height:g})"
        return printable(f"{self.label or 'box'}{sure} at {place}")


def boxes_in(value: object) -> list[Box]:
    """Return the boxes that a JSON value holds: one, a list, or a list under a usual name."""
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        for name in _LISTS:
            if isinstance(named.get(name), list):
                return boxes_in(named[name])
        alone = _box(named)
        return [] if alone is None else [alone]
    if not isinstance(value, list):
        return []
    found = [_box(each) for each in cast("list[Any]", value)[:MOST_BOXES]]
    return [each for each in found if each is not None]


def _box(value: object) -> Box | None:
    if not isinstance(value, dict):
        return None
    named = cast("dict[str, Any]", value)
    label = str(named.get("label") or named.get("name") or named.get("text") or "")[:60]
    score = named.get("score", named.get("confidence"))
    sure = float(cast("float", score)) if _is_number(score) else None
    four: Any = [named.get(each) for each in ("x", "y", "width", "height")]
    if all(map(_is_number, four)):
        x, y, width, height = map(float, four)
        return Box(x, y, width, height, label, sure)
    four = named.get("box", named.get("bbox"))
    if isinstance(four, dict):  # as transformers' object detection gives it
        corners: dict[str, Any] = cast("dict[str, Any]", four)
        four = [corners.get(each) for each in ("xmin", "ymin", "xmax", "ymax")]
    if not isinstance(four, list) or not all(map(_is_number, cast("list[Any]", four))):
        return None
    numbers = [float(each) for each in cast("list[Any]", four)]
    if len(numbers) != 4:
        return None
    left, top, right, bottom = numbers
    return Box(left, top, right - left, bottom - top, label, sure)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def blocks(picture: PILImage, columns: int, rows: int, boxes: Sequence[Box] = ()) -> Text:
    """Return a picture as half blocks: the upper pixel is the ink, the lower one the paper.

    Args:
        picture: RGB.
        columns: Cells across, at most.
        rows: Cells down, at most; each is two pixels high.
        boxes: Drawn over it.
    """
    from PIL import Image as pil
    from PIL import ImageDraw

    share = min(columns / picture.width, 2 * rows / picture.height, 1.0)
    width = max(1, round(picture.width * share))
    height = max(2, round(picture.height * share))
    small = picture.resize((width, height), pil.Resampling.BOX)
    parts = bool(boxes) and all(max(each.x, each.y, each.width, each.height) <= 1 for each in boxes)
    across = width if parts else width / picture.width
    down = height if parts else height / picture.height
    draw = ImageDraw.Draw(small)
    for place, each in enumerate(boxes):
        left, right = sorted((each.x * across, (each.x + each.width) * across))
        top, bottom = sorted((each.y * down, (each.y + each.height) * down))
        corners = (
            max(0, min(left, width - 1)),
            max(0, min(top, height - 1)),
            max(0, min(right, width - 1)),
            max(0, min(bottom, height - 1)),
        )
        draw.rectangle(corners, outline=COLOURS[place % len(COLOURS)])
    return _cells(small)


def _cells(small: PILImage) -> Text:
    raw, width, height = small.convert("RGB").tobytes(), small.width, small.height

    def colour(x: int, y: int) -> Color:
        at = 3 * (y * width + x)
        return Color.from_rgb(raw[at], raw[at + 1], raw[at + 2])

    text = Text(no_wrap=True, end="")
    for top in range(0, height, 2):
        for x in range(width):
            below = colour(x, top + 1) if top + 1 < height else None
            text.append("▀", Style(color=colour(x, top), bgcolor=below))
        text.append("\n")
    return text


def legend(boxes: Sequence[Box]) -> Text:
    """Return what is in the boxes, each in its colour."""
    text = Text()
    for place, each in enumerate(boxes):
        text.append("■ ", Style(color=COLOURS[place % len(COLOURS)]))
        text.append(f"{each}\n")
    return text


__all__ = ("Box", "blocks", "boxes_in", "legend")
