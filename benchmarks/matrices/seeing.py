"""The three engines of the page matrix, as experts that keep each line, its box and its letters."""

from __future__ import annotations

import csv
import io
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.matrices.keeping import keep
from herd_graph import ExpertContext, Image, Text, expert
from tools.ocr import Box, lines

_TAGS = ["ocr", "text in pictures", "reading"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A piece of text as an engine saw it."""

    text: str
    corners: tuple[tuple[float, float], ...]
    """Clockwise from the upper left."""
    score: float
    letters: tuple[float, ...] = ()
    """How sure it is of each letter, where it says so."""


def _told(
    picture: Image,
    name: str,
    found: Sequence[Line],
    clocks: tuple[float, float],
    ctx: ExpertContext,
) -> Text:
    """Put the pieces in order, keep them, and say what they cost."""
    cpu, seconds = time.process_time() - clocks[0], time.perf_counter() - clocks[1]
    boxes = [Box.of(each.corners, each.text, each.score) for each in found]
    text = "\n".join(lines(boxes)) if boxes else ""
    keep(
        picture.name,
        name,
        text=text,
        lines=[
            [
                each.text,
                [[round(x, 1), round(y, 1)] for x, y in each.corners],
                round(each.score, 4),
                [round(letter, 3) for letter in each.letters],
            ]
            for each in found
        ],
        cpu=round(cpu, 4),
        seconds=round(seconds, 4),
    )
    ctx.spend(cpu, cpu_seconds=cpu)
    return Text(text)


def _letters_kept(decoder: Any) -> dict[str, tuple[float, ...]]:
    """Make a decoder remember how sure it was of each letter of what it last said."""
    np: Any = import_module("numpy")
    own = decoder.decode
    said: dict[str, tuple[float, ...]] = {}

    def decode(indices: Any, chances: Any, *rest: Any, **named: Any) -> Any:
        for row, chance in zip(indices, chances, strict=True):
            held = np.ones(len(row), dtype=bool)
            held[1:] = row[1:] != row[:-1]
            held &= row != 0
            text = "".join(decoder.character[int(each)] for each in row[held])
            said[text] = tuple(map(float, chance[held]))
        return own(indices, chances, *rest, **named)

    decoder.decode = decode
    return said


@expert(name="ppocr_v6", tags=_TAGS, latency_s=1.0)
class PaddleSix:
    """Read text in a picture with PP-OCRv6 small."""

    def load(self) -> None:
        """Load it on one thread."""
        rapidocr: Any = import_module("rapidocr")
        folder = Path(rapidocr.__file__).parent / "models"
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
        self._reader._load_rec_model()
        self._letters = _letters_kept(self._reader.text_rec.postprocess_op)

    def __call__(self, picture: Image, context: ExpertContext) -> Text:
        """Read."""
        clocks = time.process_time(), time.perf_counter()
        np: Any = import_module("numpy")
        self._letters.clear()
        read = self._reader(np.ascontiguousarray(picture.array()[:, :, ::-1]))
        some = getattr(read, "boxes", None) is not None and read.txts
        found = [
            Line(
                text=str(text),
                corners=tuple((float(x), float(y)) for x, y in corners),
                score=float(score),
                letters=self._letters.get(str(text), ()),
            )
            for corners, text, score in (
                zip(read.boxes, read.txts, read.scores, strict=True) if some else ()
            )
            if str(text).strip()
        ]
        return _told(picture, "ppocr_v6", found, clocks, context)


@expert(name="ppocr_v4", tags=_TAGS, latency_s=0.9)
class PaddleFour:
    """Read text in a picture with PP-OCRv4."""

    def load(self) -> None:
        """Load it on one thread."""
        rapidocr: Any = import_module("rapidocr_onnxruntime")
        self._reader: Any = rapidocr.RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
        self._letters = _letters_kept(self._reader.text_rec.postprocess_op)

    def __call__(self, picture: Image, context: ExpertContext) -> Text:
        """Read."""
        clocks = time.process_time(), time.perf_counter()
        np: Any = import_module("numpy")
        self._letters.clear()
        read, _ = self._reader(np.ascontiguousarray(picture.array()[:, :, ::-1]))
        found = [
            Line(
                text=str(text),
                corners=tuple((float(x), float(y)) for x, y in corners),
                score=float(score),
                letters=self._letters.get(str(text), ()),
            )
            for corners, text, score in read or ()
            if str(text).strip()
        ]
        return _told(picture, "ppocr_v4", found, clocks, context)


@expert(name="tesseract", tags=_TAGS, latency_s=0.5)
class Tesseract:
    """Read text in a picture with Tesseract, as Debian brings it."""

    def __call__(self, picture: Image, context: ExpertContext) -> Text:
        """Read."""
        resource: Any = import_module("resource")
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        page = io.BytesIO()
        picture.pil().convert("RGB").save(page, "PNG")
        told = subprocess.run(
            ["tesseract", "stdin", "stdout", "--psm", "6", "--dpi", "100", "tsv"],
            input=page.getvalue(),
            capture_output=True,
            check=True,
        ).stdout.decode()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found = list(_lines_of(told))
        clocks = time.process_time() - spent, wall
        return _told(picture, "tesseract", found, clocks, context)


def _lines_of(table: str) -> list[Line]:
    """Join the words of Tesseract's table into lines."""
    rows: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "5" and row["text"].strip():
            at = tuple(row[each] for each in ("page_num", "block_num", "par_num", "line_num"))
            rows.setdefault(at, []).append(row)
    made: list[Line] = []
    for words in rows.values():
        left = min(int(each["left"]) for each in words)
        top = min(int(each["top"]) for each in words)
        right = max(int(each["left"]) + int(each["width"]) for each in words)
        bottom = max(int(each["top"]) + int(each["height"]) for each in words)
        letters: list[float] = []
        for each in words:
            sure = max(0.0, float(each["conf"])) / 100
            letters += [*([sure] if letters else []), *([sure] * len(each["text"]))]
        made.append(
            Line(
                text=" ".join(each["text"] for each in words),
                corners=((left, top), (right, top), (right, bottom), (left, bottom)),
                score=sum(letters) / len(letters),
                letters=tuple(letters),
            )
        )
    return made


__all__ = ("Line", "PaddleFour", "PaddleSix", "Tesseract")
