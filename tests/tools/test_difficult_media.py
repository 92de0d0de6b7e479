"""Every expert for pictures, sound and video, against files that people really have.

A right result, or an error that says what is wrong: never another exception, never an answer out of
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media import encoded, sound_file, stop_sign, tone, video
from PIL import Image as pil

from herd_graph.artifacts import Audio, Image, Text, Video, attach
from herd_graph.errors import ArtifactError, ArtifactTooLarge, ArtifactUnreadable, PortViolation

Call = Callable[..., Any]

PICTURES = ("detect_objects", "count_objects", "describe_image", "read_text")
SOUNDS = ("transcribe", "transcribe_fast", "transcribe_music")
VIDEOS = ("transcribe_video", "sample_frames")
SAID = "The books are on the second floor."


def sixteen_bits(picture: pil.Image) -> bytes:
    values = np.asarray(picture.convert("L"), dtype=np.uint16) * 257
    return encoded(pil.fromarray(values), "PNG")


def animated(picture: pil.Image) -> bytes:
    others = [pil.new("RGB", picture.size, name) for name in ("white", "black")]
    return encoded(picture, "GIF", save_all=True, append_images=others, duration=200)


def clear(picture: pil.Image) -> bytes:
    rgba = picture.convert("RGBA")
    hole = pil.new("L", picture.size, 255)
    hole.paste(0, (0, 0, 60, 60))
    rgba.putalpha(hole)
    return encoded(rgba, "PNG")


def sideways(picture: pil.Image) -> bytes:
    exif = pil.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    return encoded(picture.rotate(90, expand=True), "JPEG", exif=exif, quality=95)


FORMS: dict[str, Callable[[pil.Image], bytes]] = {
    "sixteen bits": sixteen_bits,
    "CMYK": lambda each: encoded(each.convert("CMYK"), "JPEG", quality=95),
    "transparent": clear,
    "animated": animated,
    "palette": lambda each: encoded(each.quantize(64), "PNG"),
    "grey": lambda each: encoded(each.convert("L"), "PNG"),
    "progressive": lambda each: encoded(each, "JPEG", progressive=True, quality=95),
    "WebP": lambda each: encoded(each, "WEBP", quality=95),
    "TIFF": lambda each: encoded(each, "TIFF"),
    "sideways": sideways,
}


@pytest.mark.parametrize("form", FORMS)
def test_pictures_of_every_form_are_seen_alike(call: Call, tmp_path: Path, form: str):
    path = tmp_path / "picture.dat"  # a name that says nothing
    path.write_bytes(FORMS[form](stop_sign()))
    picture = attach(path)

    found = call("detect_objects", picture)
    answer, counts = call("count_objects", picture)

    assert [each.label for each in found] == ["stop sign"]
    assert found[0].x == pytest.approx(120, abs=25)
    assert counts == {"stop sign": 1}
    assert str(answer).startswith("1 stop sign")
    assert "1 stop sign" in str(call("describe_image", picture))
    assert "STOP" in str(call("read_text", picture))


@pytest.mark.parametrize("expert", PICTURES)
@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", ArtifactUnreadable),
        (b"\0" * 1000, ArtifactUnreadable),
        (b"not a picture, only words", ArtifactUnreadable),
        (encoded(stop_sign(), "PNG")[:2000], ArtifactUnreadable),
        (encoded(stop_sign(), "JPEG")[:3000], ArtifactUnreadable),
        (encoded(pil.new("1", (40_000, 40_000)), "PNG"), ArtifactTooLarge),
    ],
    ids=["empty", "zeros", "text", "cut PNG", "cut JPEG", "bomb"],
)
def test_what_is_no_whole_picture_is_an_error(
    call: Call, expert: str, content: bytes, error: type[ArtifactError]
):
    with pytest.raises(error, match=r"'wrong\.jpg'") as caught:
        call(expert, Image(content, name="wrong.jpg"))

    assert not caught.value.retryable


@pytest.fixture(scope="module")
def speech(call: Call) -> Audio:
    return call("speak", Text(SAID))


SOUND_FILES = [
    ("stereo", 44_100, "WAV", "PCM_16", True),
    ("8 kHz", 8_000, "WAV", "PCM_16", False),
    ("24 bits", 48_000, "WAV", "PCM_24", True),
    ("float", 32_000, "WAV", "FLOAT", False),
    ("8 bits", 22_050, "WAV", "PCM_U8", False),
    ("telephone", 8_000, "WAV", "ULAW", False),
    ("FLAC", 44_100, "FLAC", "PCM_16", True),
    ("MP3", 44_100, "MP3", "MPEG_LAYER_III", False),
    ("OGG", 48_000, "OGG", "VORBIS", False),
]


@pytest.mark.parametrize(
    ("rate", "form", "subtype", "stereo"),
    [each[1:] for each in SOUND_FILES],
    ids=[each[0] for each in SOUND_FILES],
)
def test_recordings_of_every_form_are_heard_alike(
    call: Call, speech: Audio, tmp_path: Path, rate: int, form: str, subtype: str, stereo: bool
):
    music = Audio.from_samples(np.concatenate([tone([60], 0.6), tone([67], 0.6)]), 22_050)
    paths = [tmp_path / "speech.dat", tmp_path / "music.dat"]
    for path, recording in zip(paths, (speech, music), strict=True):
        path.write_bytes(sound_file(recording, rate, form, subtype, stereo=stereo))

    heard = str(call("transcribe", attach(paths[0])))
    rough = str(call("transcribe_fast", attach(paths[0])))
    notes = call("transcribe_music", attach(paths[1])).notes.rows

    assert heard == SAID
    assert "the second floor" in rough
    assert [row["midi"] for row in notes] == [60, 67]


@pytest.mark.parametrize("expert", SOUNDS)
@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 1000, b"not a recording, only words", encoded(stop_sign(), "PNG")],
    ids=["empty", "zeros", "text", "picture"],
)
def test_what_is_no_recording_is_an_error(call: Call, expert: str, content: bytes):
    with pytest.raises(ArtifactUnreadable, match=r"'wrong\.wav' cannot be decoded") as caught:
        call(expert, Audio(content, name="wrong.wav"))

    assert not caught.value.retryable


@pytest.mark.parametrize("expert", SOUNDS)
@pytest.mark.parametrize("kept", [20, 60, 0.5])
def test_a_cut_off_recording_is_an_error(call: Call, speech: Audio, expert: str, kept: float):
    whole = speech.bytes()
    cut = whole[: int(kept if kept > 1 else len(whole) * kept)]

    with pytest.raises(ArtifactUnreadable, match="cannot be decoded"):
        call(expert, Audio(cut, name="cut.wav"))


@pytest.mark.parametrize("expert", SOUNDS)
@pytest.mark.parametrize("level", [0.0, 1e-5, math.nan, math.inf], ids=str)
def test_silence_and_broken_numbers_are_no_sound(call: Call, expert: str, level: float):
    import io
    from importlib import import_module

    soundfile: Any = import_module("soundfile")
    buffer = io.BytesIO()
    samples = np.full(32_000, level, np.float32)
    soundfile.write(buffer, samples, 16_000, format="WAV", subtype="FLOAT")

    with pytest.raises((PortViolation, ArtifactUnreadable)):
        call(expert, Audio(buffer.getvalue(), name="quiet.wav"))


@pytest.mark.parametrize("expert", SOUNDS)
@pytest.mark.parametrize("frames", [1, 10, 400])
def test_a_recording_of_an_instant_is_an_error(call: Call, expert: str, frames: int):
    samples = 0.5 * np.sin(np.arange(frames) + 1)

    with pytest.raises(PortViolation):
        call(expert, Audio.from_samples(samples, 16_000, name="instant.wav"))


@pytest.mark.parametrize("expert", VIDEOS)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 1000,
        b"not a video, only words",
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        encoded(stop_sign(), "JPEG"),
    ],
    ids=["empty", "zeros", "text", "playlist", "list of files", "picture"],
)
def test_what_is_no_video_is_an_error(call: Call, expert: str, content: bytes):
    with pytest.raises(ArtifactUnreadable, match=r"'wrong\.mp4' cannot be decoded") as caught:
        call(expert, Video(content, name="wrong.mp4"))

    assert not caught.value.retryable


@pytest.mark.parametrize("name", ["film.txt", "film", "film.mp3", "a b'c;$(x).mov", "été–影.bin"])
def test_a_video_is_known_by_its_content_whatever_its_name(
    call: Call, speech: Audio, tmp_path: Path, name: str
):
    path = video(tmp_path / "film.mp4", 3, sound=speech).rename(tmp_path / name)

    film = attach(path)

    assert isinstance(film, Video)
    assert len(call("sample_frames", film, count=3)) == 3
    assert str(call("transcribe_video", film)) == SAID


def test_a_video_with_damage_in_the_middle_hangs_nothing(call: Call, tmp_path: Path):
    content = bytearray(video(tmp_path / "film.mp4", 5, codec="libx264").read_bytes())
    start = content.index(b"mdat") + 4
    content[start + 200 : start + 900] = b"\xff" * 700
    damaged = Video(bytes(content), name="damaged.mp4")

    said = ""
    try:
        sizes = {each.dimensions for each in call("sample_frames", damaged)}
    except ArtifactUnreadable as error:
        said, sizes = str(error), set[tuple[int, int]]()

    assert sizes == {(160, 120)} or "'damaged.mp4' cannot be decoded" in said
