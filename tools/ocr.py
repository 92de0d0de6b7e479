"""Read the text in pictures."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from statistics import median
from typing import Any

from herd_graph.artifacts import Image, Text
from herd_graph.artifacts.sureness import in_lines, joined
from herd_graph.errors import ArtifactUnreadable, PortViolation
from herd_graph.function_experts import expert

from .needs import model

SURE = 0.5
"""Recognitions below this score are noise more often than text."""


@expert(
    name="read_text",
    tags=["ocr", "image", "picture", "photo", "scan", "receipt", "sign", "screenshot", "letters"],
    examples=[
        "read the text in this picture",
        "what does the sign say?",
        "what is written on the receipt?",
        "extract the text from the scan",
        "copy the words out of this screenshot",
        "read the photo of the letter",
    ],
    latency_s=0.6,
    memory="350 MiB",
    licence="Apache-2.0 (rapidocr)",
    weights_licence="Apache-2.0 (PaddleOCR)",
    notes=(
        "PP-OCRv6 small: printed Latin script and Chinese; handwriting is hit and miss. A picture "
        "that lies on its side or stands on its head is turned first. Lines come from top to "
        "bottom; two columns of prose side by side are read across."
    ),
)
class ReadText:
    """Read the text in a picture, line by line."""

    def load(self) -> None:
        """Load detection, orientation and recognition, on one thread each."""
        folder = model("ppocr-v6-small").locate() / "models"
        rapidocr: Any = import_module("rapidocr")
        self._reader: Any = rapidocr.RapidOCR(
            params={
                "Global.log_level": "error",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.model_path": str(folder / "PP-OCRv6_det_small.onnx"),
                "Rec.model_path": str(folder / "PP-OCRv6_rec_small.onnx"),
                "Cls.model_path": str(folder / "ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
            }
        )
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)

    def close(self) -> None:
        """Let go of the models."""
        del self._reader

    def __call__(self, picture: Image) -> Text:
        """Read.

        Args:
            picture: A photo, scan or screenshot with printed text.
        """
        pixels = picture.array()[:, :, ::-1]  # the models were trained on BGR
        try:
            seen = self._upright(pixels) if min(pixels.shape[:2]) >= 8 else Seen()
        except Exception as error:  # shapes that its resizing cannot deal with
            raise _odd(picture, error) from error
        boxes = written(seen.boxes, pixels.shape[0])
        if not boxes:
            raise _nothing(picture)
        read = [[(each.text, each.score) for each in row] for row in rows(boxes)]
        parts = [joined(row) for row in read]
        text = "\n".join(line for line, _ in parts)
        return Text(text, sure=in_lines([sure for _, sure in parts]))

    def _upright(self, pixels: Any) -> Seen:
        """Read, and again with the picture turned where its lines stand on end or on their head."""
        seen = self._look(pixels)
        if seen.is_on_its_side:
            turned = pixels.swapaxes(0, 1)[::-1]
            other = self._look(turned)
            if other.weight > 0.9 * seen.weight:  # some signs do run from top to bottom
                pixels, seen = turned, other
        return self._look(pixels[::-1, ::-1]) if seen.is_upside_down else seen

    def _look(self, pixels: Any) -> Seen:
        np: Any = import_module("numpy")
        reader, pixels = self._reader, np.ascontiguousarray(pixels)
        reader.update_params(use_det=True, use_cls=True, use_rec=True)
        scaled, record = reader.preprocess_img(pixels)
        found, turns, words, cut = reader.run_ocr_steps(scaled, record)
        flipped = [str(label) == "180" for label, score in turns.cls_res or () if score > SURE]
        read = reader.build_final_output(pixels, found, turns, words, cut, record)
        if getattr(read, "boxes", None) is None or not getattr(read, "txts", None):
            return Seen()
        boxes = tuple(
            Box.of([(float(x), float(y)) for x, y in corners], str(text).strip(), float(score))
            for corners, text, score in zip(read.boxes, read.txts, read.scores, strict=True)
            if float(score) >= SURE and str(text).strip()
        )
        return Seen(boxes=boxes, is_upside_down=sum(flipped) * 2 > len(flipped))


def _odd(picture: Image, error: Exception) -> ArtifactUnreadable:
    size = "x".join(str(each) for each in picture.dimensions)
    return ArtifactUnreadable(
        f"{picture.name or 'The picture'!r} ({size}) cannot be read as text: {error}. Expected the "
        "shape of a page, a photo or a sign. Crop it, or cut a long strip into pieces."
    )


def _nothing(picture: Image) -> PortViolation:
    return PortViolation(
        f"No text was found in {picture.name or 'the picture'!r} "
        f"({'x'.join(str(each) for each in picture.dimensions)}). Expected a picture with printed "
        "text, upright and in focus. Check the picture, or attach a larger one."
    )


@dataclass(frozen=True)
class Box:
    """A piece of text where it stands, in pixels; ``slope`` is the angle of its upper edge."""

    text: str
    x: float
    y: float
    height: float
    slope: float
    score: float = 1.0
    is_tall: bool = False

    @classmethod
    def of(cls, corners: Sequence[tuple[float, float]], text: str, score: float = 1.0) -> Box:
        """Make one of four corners, clockwise from the upper left."""
        (x0, y0), (x1, y1), _, (x3, y3) = corners
        height = math.hypot(x3 - x0, y3 - y0)
        return cls(
            text=text,
            x=x0,
            y=sum(y for _, y in corners) / 4,
            height=height,
            slope=math.atan2(y1 - y0, x1 - x0),
            score=score,
            is_tall=len(text) > 1 and height > 1.5 * math.hypot(x1 - x0, y1 - y0),
        )


def written(boxes: Sequence[Box], height: float) -> tuple[Box, ...]:
    """Leave out what is no writing: a plate that looks like an 8, a pattern that looks like stars.

    A page is taken as it was read, but for pieces without a letter or a digit. Where a picture has
    next to no words, a piece of it must be one, or be read very surely.

    Args:
        boxes: What was read.
        height: Pixels of the picture.
    """
    held = [each for each in boxes if any(sign.isalnum() for sign in each.text)]
    held = [
        each
        for each in held
        if each.height < _FILLS * height or sum(map(str.isalnum, each.text)) > 2
    ]
    words = [each for each in held if each.score >= _SURELY and _WORD.search(each.text)]
    if len(words) >= _PAGE or len(held) > _SCRAPS:
        return tuple(held)
    if not words and sum(sum(map(str.isalnum, each.text)) for each in held) <= _LEAST:
        held = [each for each in held if each.score >= _SURELY and _NUMBER.search(each.text)]
    return tuple(
        each
        for each in held
        if _WORD.search(each.text)
        or _FIGURES.search(each.text)
        or (each.score >= _SURELY and not _MIXED.search(each.text))
    )


_FILLS = 0.6
_SURELY = 0.9
_PAGE = 3
_SCRAPS = 8
_LEAST = 3
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{3,}(?![^\W_])")
_NUMBER = re.compile(r"\d")
_FIGURES = re.compile(r"\d\d ?[-+*/×÷=:.,] ?\d|\d ?[-+*/×÷=:.,] ?\d\d")
"""*48 * 12*, *10:30*, *6.50*: two numbers with a sign between them are no pattern."""
_MIXED = re.compile(r"(?<!\w)(?=\w*\d\w*[A-Z])(?=\w*[A-Z]\w*\d)\w{5,}")
"""*R399OH*: what a pattern looks like, and hardly anything that is written beside nothing else."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one look at a picture gave."""

    boxes: tuple[Box, ...] = ()
    is_upside_down: bool = False
    """Most pieces of text had to be turned before they could be read."""

    @property
    def is_on_its_side(self) -> bool:
        """Whether most pieces are taller than wide."""
        return sum(each.is_tall for each in self.boxes) * 2 > len(self.boxes)

    @property
    def weight(self) -> float:
        """How much was read, and how surely."""
        return sum(len(each.text) * each.score for each in self.boxes)


def lines(boxes: Sequence[Box]) -> list[str]:
    """Return what stands on each line; see ``rows``."""
    return [" ".join(each.text for each in row) for row in rows(boxes)]


def rows(boxes: Sequence[Box]) -> list[list[Box]]:
    """Put pieces that stand on one line together, left to right; lines from top to bottom.

    A picture taken at an angle is set straight by the median slope of its pieces first.
    """
    tilt = median(each.slope for each in boxes)
    sine, cosine = math.sin(tilt), math.cos(tilt)
    placed = sorted(
        (
            (each.x * cosine + each.y * sine, each.y * cosine - each.x * sine, each)
            for each in boxes
        ),
        key=lambda item: item[1],
    )
    found: list[list[tuple[float, float, Box]]] = []
    for item in placed:
        _, y, box = item
        if found:
            centre = sum(each[1] for each in found[-1]) / len(found[-1])
            height = min(box.height, *(each[2].height for each in found[-1]))
            if abs(y - centre) < 0.6 * height:
                found[-1].append(item)
                continue
        found.append([item])
    return [[each[2] for each in sorted(row, key=lambda item: item[0])] for row in found]
