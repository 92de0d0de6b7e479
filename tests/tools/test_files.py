"""File types, by content."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from herd_graph.artifacts import Audio, Document, Image, Text, attach
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


def test_a_recording_says_how_long_it_lasts_and_how_it_was_recorded(call: Call):
    found = call("identify_file", call("speak", Text("The library opens at noon.")))

    assert found.length.endswith(" s")
    assert 1.0 < float(found.length.removesuffix(" s")) < 5.0
    assert (found.sample_rate, found.channels) == ("22,050 Hz", "1 (mono)")


def test_a_picture_says_its_pixels_as_it_is_seen(call: Call):
    pillow: Any = import_module("PIL.Image")
    picture = pillow.new("RGB", (30, 20))
    turned = picture.getexif()
    turned[0x0112] = 6
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=turned)

    assert call("identify_file", Image(buffer.getvalue())).pixels == "20 x 30"


def test_a_text_says_its_words(call: Call):
    found = call("identify_file", Text("Dear Maria, the chairs arrive on Friday.\n" * 5))

    assert (found.words, found.lines) == ("35", "5")


def test_what_cannot_be_opened_is_still_identified(call: Call, samples: Path):
    cut = Audio((samples / "voice_note.ogg").read_bytes()[:200], name="cut.ogg")

    found = call("identify_file", cut)

    assert (found.label, found.size) == ("ogg", "200 B")
