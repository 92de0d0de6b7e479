"""Say what kind of file something is, by its content."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from herd_graph.artifacts import Artifact
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from .file_facts import facts
from .needs import model

_IN_MEMORY = 32 << 20


class FileType(BaseModel):
    """What a file is."""

    model_config = ConfigDict(frozen=True)

    description: str
    """For people: ``PNG image data``."""
    mime: str
    label: str
    """Magika's short name: ``png``."""
    group: str
    """``image``, ``document``, ``code``, ``archive`` …"""
    confidence: float = Field(ge=0, le=1)
    size: str = ""
    length: str = ""
    """Of sound and video: ``7.0 s``."""
    pixels: str = ""
    """Of pictures and video: ``640 x 480``, as they are seen upright."""
    frames: str = ""
    """Of an animation."""
    frames_per_second: str = ""
    sample_rate: str = ""
    channels: str = ""
    sound: str = ""
    """``none`` where a video has no sound track."""
    pages: str = ""
    words: str = ""
    lines: str = ""


@expert(
    name="identify_file",
    tags=["file type", "format", "mime", "content", "extension"],
    examples=[
        "what kind of file is this?",
        "which format does this attachment have?",
        "is this really a picture?",
        "identify the file type",
        "what is the MIME type of the attachment?",
    ],
    latency_s=0.02,
    memory="60 MiB",
    licence="Apache-2.0 (magika)",
    weights_licence="Apache-2.0",
    notes=(
        "By content, never by name; with its size, and how long it lasts, its pixels, sample rate, pages or words. Very "
        "short texts look alike: their language is a guess."
    ),
)
class IdentifyFile:
    """Identify the type and format of a file by what is in it."""

    def load(self) -> None:
        """Load Magika."""
        model("magika-standard-v3-3").locate()
        self._magika: Any = import_module("magika").Magika()

    def close(self) -> None:
        """Let go of the model."""
        del self._magika

    def __call__(self, file: Artifact) -> FileType:
        """Identify.

        Args:
            file: Any attachment.
        """
        if file.size == 0:
            raise PortViolation(
                f"{file.name or 'The file'!r} is empty (0 bytes). Expected content to look at. Check "
                "that it was saved completely."
            )
        if file.size > _IN_MEMORY:
            found = self._magika.identify_path(file.path())
        else:
            found = self._magika.identify_bytes(file.bytes())
        kind = found.output
        return FileType(
            description=str(kind.description),
            mime=str(kind.mime_type),
            label=str(kind.label),
            group=str(kind.group),
            confidence=round(float(found.score), 4),
            **facts(file, str(kind.group), str(kind.label)),
        )
