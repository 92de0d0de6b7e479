"""What can be said of a file without understanding it: how long it lasts, how large it is, how many pages."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

from herd_graph.artifacts import Artifact
from herd_graph.artifacts.base import human_size
from herd_graph.extras import present

_TEXTS = {"txt", "markdown", "csv", "tsv", "html", "json", "xml", "srt", "vtt", "rtf", "yaml"}
_MOST_TEXT = 8 << 20


def facts(file: Artifact, group: str, label: str) -> dict[str, str]:
    """Return what is known of a file, by the names of the fields that hold it.

    What cannot be read gives no facts, and no error: what kind of file it is has been found already.

    Args:
        file: Any file.
        group: What Magika takes it for: ``image``, ``audio`` …
        label: Its short name of that.
    """
    found = {"size": human_size(file.size)}
    try:
        if group == "image":
            found |= _of_picture(file)
        elif group in {"audio", "video"}:
            found |= _of_sound(file) if group == "audio" else _of_video(file)
        elif label == "pdf":
            found |= _of_pdf(file)
        elif (group == "text" or label in _TEXTS) and file.size <= _MOST_TEXT:
            text = file.bytes().decode("utf-8", "replace")
            found |= {"words": f"{len(text.split()):,}", "lines": f"{len(text.splitlines()):,}"}
    except Exception:  # decoders raise what they like; the kind of file is the answer then
        return found
    return found


def _of_picture(file: Artifact) -> dict[str, str]:
    pillow: Any = import_module("PIL.Image")
    with pillow.open(io.BytesIO(file.bytes())) as picture:  # the header alone: nothing is decoded
        wide, high = picture.size
        frames = int(getattr(picture, "n_frames", 1))
        turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    wide, high = (high, wide) if turned else (wide, high)
    told = {"pixels": f"{wide} x {high}"}
    return told | ({"frames": str(frames)} if frames > 1 else {})


def _of_sound(file: Artifact) -> dict[str, str]:
    soundfile: Any = import_module("soundfile")
    try:
        info: Any = soundfile.info(io.BytesIO(file.bytes()))
    except soundfile.LibsndfileError:
        return _of_video(file)
    return _heard(float(info.duration), int(info.samplerate), int(info.channels))


def _heard(seconds: float, rate: int, channels: int) -> dict[str, str]:
    return {
        "length": _length(seconds),
        "sample_rate": f"{rate:,} Hz",
        "channels": {1: "1 (mono)", 2: "2 (stereo)"}.get(channels, str(channels)),
    }


def _of_video(file: Artifact) -> dict[str, str]:
    if not present("av"):
        return {}
    av: Any = import_module("av")
    told: dict[str, str] = {}
    with av.open(io.BytesIO(file.bytes())) as container:
        if container.duration:
            told["length"] = _length(container.duration / 1_000_000)
        if container.streams.video:
            stream = container.streams.video[0]
            told["pixels"] = f"{stream.width} x {stream.height}"
            if stream.average_rate:
                told["frames_per_second"] = f"{float(stream.average_rate):g}"
        if container.streams.audio:
            stream = container.streams.audio[0]
            heard = _heard(0.0, int(stream.rate), int(stream.channels))
            told |= {name: heard[name] for name in ("sample_rate", "channels")}
        elif container.streams.video:
            told["sound"] = "none"
    return told


def _of_pdf(file: Artifact) -> dict[str, str]:
    if not present("pypdfium2"):
        return {}
    pdfium: Any = import_module("pypdfium2")
    document: Any = pdfium.PdfDocument(file.bytes())
    try:
        return {"pages": str(len(document))}
    finally:
        document.close()


def _length(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min {rest:02d} s" if hours else f"{minutes} min {rest:02d} s"


__all__ = ("facts",)
