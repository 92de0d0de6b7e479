"""File types, by content."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from herd_graph.artifacts import Audio, Document, Text, attach
from herd_graph.errors import PortViolation

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "label", "group", "mime"),
    [
        ("receipt.png", "png", "image", "image/png"),
        ("voice_note.ogg", "ogg", "audio", "audio/ogg"),
        ("make.py", "python", "code", "text/x-python"),
    ],
)
def test_the_samples_are_identified(
    call: Call, samples: Path, name: str, label: str, group: str, mime: str
):
    found = call("identify_file", attach(samples / name))

    assert (found.label, found.group, found.mime) == (label, group, mime)
    assert found.confidence > 0.9


def test_content_counts_and_not_the_name(call: Call, samples: Path):
    lying = Audio((samples / "sign.png").read_bytes(), name="song.mp3")

    assert call("identify_file", lying).mime == "image/png"


def test_an_archive_and_a_text_are_told_apart(call: Call):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "hello " * 100)

    assert call("identify_file", Document(buffer.getvalue())).label == "zip"
    assert (
        call("identify_file", Text("Dear Maria, the chairs arrive on Friday. " * 5)).group == "text"
    )


def test_an_empty_file_is_refused(call: Call):
    with pytest.raises(PortViolation, match="empty"):
        call("identify_file", Document(b"", name="empty.bin"))
