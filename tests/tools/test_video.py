"""Videos: what is said is what was spoken, frames are evenly spaced and upright, damage is named."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from media import COLOURS, stripes, video
from PIL import Image as pil

from herd_graph.artifacts import Audio, Image, Text, Video, attach
from herd_graph.errors import ArtifactUnreadable, PortViolation
from herd_graph.experts import ExpertContext

Call = Callable[..., Any]
film: Any = import_module("herd_graph._bundled.tools.video")
containers: Any = import_module("herd_graph._bundled.tools.containers")

SAID = "The library opens at noon on Monday. The books are on the second floor."
RGB = {
    "red": (255, 0, 0),
    "orange": (255, 165, 0),
    "yellow": (255, 255, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
}


@pytest.fixture(scope="module")
def speech(call: Call) -> Audio:
    return call("speak", Text(SAID))


def colour_of(picture: Image) -> str:
    """Name the colour of the upper left corner."""
    seen = picture.array()[5, 5].astype(int)
    return min(
        RGB, key=lambda name: sum(abs(int(a) - b) for a, b in zip(seen, RGB[name], strict=True))
    )


@pytest.mark.parametrize(
    ("request_", "colours"),
    [
        ("at 0:02", ["yellow"]),
        ("the first frame and the last frame", ["red", "blue"]),
        ("every 2 seconds", ["red", "yellow", "blue"]),
        ("two frames", ["orange", "green"]),
    ],
)
def test_pictures_of_the_moments_that_are_asked_for(
    call: Call, tmp_path: Path, request_: str, colours: list[str]
):
    film = attach(video(tmp_path / "film.mp4", picture=stripes(5)))

    taken = call("sample_frames", film, request=Text(request_))

    assert [colour_of(each) for each in taken] == colours


def test_a_moment_after_the_end_is_refused(call: Call, tmp_path: Path):
    with pytest.raises(PortViolation, match="lasts"):
        call("sample_frames", attach(video(tmp_path / "film.mp4")), request=Text("at 3:00"))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".mov", ".ts"])
def test_what_is_said_in_a_video_is_transcribed(
    call: Call, speech: Audio, tmp_path: Path, suffix: str
):
    codec = "mpeg2video" if suffix == ".ts" else "mpeg4"
    path = video(tmp_path / f"talk{suffix}", sound=speech, codec=codec, fps=25)

    heard = call("transcribe_video", attach(path))

    assert str(heard) == SAID


def test_the_video_of_a_phone_with_sound_at_8_khz_is_understood(
    call: Call, speech: Audio, tmp_path: Path
):
    path = video(tmp_path / "phone.mp4", sound=speech, rate=8_000)

    assert str(call("transcribe_video", Video(path))) == SAID


def test_transcribing_a_video_says_how_far_it_is(call: Call, speech: Audio, tmp_path: Path):
    seen: list[Any] = []
    context = ExpertContext(on_event=lambda name, data: seen.append((name, data["message"])))

    call("transcribe_video", Video(video(tmp_path / "talk.mp4", 1, sound=speech)), context=context)

    assert ("progress", "transcribing") in seen


def test_a_video_without_sound_says_so(call: Call, tmp_path: Path):
    path = video(tmp_path / "mute.mp4", 1)

    with pytest.raises(PortViolation, match=r"'mute\.mp4' has no sound track"):
        call("transcribe_video", Video(path))


def test_a_video_with_a_silent_track_says_so(call: Call, tmp_path: Path):
    import numpy as np

    silence = Audio.from_samples(np.zeros(32_000, np.float32), 16_000)
    path = video(tmp_path / "quiet.mp4", 2, sound=silence)

    with pytest.raises(PortViolation, match=r"'quiet\.mp4' is silent"):
        call("transcribe_video", Video(path))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_frames_come_from_the_middle_of_equal_parts(call: Call, tmp_path: Path, suffix: str):
    path = video(tmp_path / f"film{suffix}", 5)

    frames = call("sample_frames", attach(path))

    assert [colour_of(each) for each in frames] == list(COLOURS)
    assert {each.dimensions for each in frames} == {(160, 120)}
    assert all(each.name.startswith("film-") for each in frames)


def test_a_long_video_gives_the_frames_that_a_full_look_would(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = video(tmp_path / "long.mp4", 20, codec="libx264", fps=20, picture=stripes(20))
    watched = [each.array().tobytes() for each in call("sample_frames", Video(path), count=7)]
    monkeypatch.setattr(film, "_IN_ONE_PASS", 10)

    sought = [each.array().tobytes() for each in call("sample_frames", Video(path), count=7)]

    assert len(watched) == 7
    assert sought == watched


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (3, 3), (20, 4)])
def test_as_many_frames_come_as_there_are(call: Call, tmp_path: Path, asked: int, given: int):
    path = video(tmp_path / "short.mp4", 0.4, fps=10)

    assert len(call("sample_frames", Video(path), count=asked)) == given


@pytest.mark.parametrize("count", [0, -1, 51])
def test_a_count_that_makes_no_sense_is_refused(call: Call, tmp_path: Path, count: int):
    with pytest.raises(PortViolation, match="Expected 1 to 50"):
        call("sample_frames", Video(video(tmp_path / "short.mp4", 0.4)), count=count)


def test_a_video_that_was_held_sideways_is_turned_upright(call: Call, tmp_path: Path):
    def picture(at: float) -> pil.Image:
        del at
        made = pil.new("RGB", (160, 120), "blue")
        made.paste(pil.new("RGB", (160, 40), "red"), (0, 0))  # the upper edge as it was stored
        return made

    path = video(tmp_path / "sideways.mp4", 0.5, picture=picture)
    content = path.read_bytes()
    upright = b"".join(each.to_bytes(4, "big") for each in (0x10000, 0, 0, 0, 0x10000))
    turned = b"".join(each.to_bytes(4, "big", signed=True) for each in (0, 0x10000, 0, -0x10000, 0))
    at = content.index(upright, content.index(b"tkhd"))
    path.write_bytes(content[:at] + turned + content[at + 20 :])  # a phone writes a quarter turn

    frame = call("sample_frames", Video(path), count=1)[0]

    assert frame.dimensions == (120, 160)
    pixels = frame.array()
    assert pixels[80, 110, 0] > 200, "what was on top is now on the right"
    assert pixels[80, 10, 2] > 200


def test_a_recording_has_no_frames(call: Call, speech: Audio, tmp_path: Path):
    path = video(tmp_path / "sound.mp4", codec="", sound=speech)

    with pytest.raises(PortViolation, match="no moving pictures"):
        call("sample_frames", Video(path))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".mov"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.97])
def test_a_video_that_is_cut_off_is_never_taken_for_a_whole_one(
    call: Call, speech: Audio, tmp_path: Path, suffix: str, kept: float
):
    whole = video(tmp_path / f"whole{suffix}", sound=speech).read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole[: int(len(whole) * kept)])

    for expert in ("transcribe_video", "sample_frames"):
        with pytest.raises(ArtifactUnreadable, match="cannot be decoded"):
            call(expert, Video(cut))


@given(st.binary(max_size=64), st.sampled_from([b"", b"\0\0\0\x18ftyp", b"RIFF", b"\x1aE\xdf\xa3"]))
@example(b"\x01\x10\0\0\0\0\0", b"\x1aE\xdf\xa3")  # a header longer than any file
def test_any_bytes_have_some_length_that_is_missing(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, head: bytes
):
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(head + tail)

    assert containers.missing_bytes(path) >= 0


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=60).map(sorted),
    st.integers(1, 50),
)
def test_frames_are_as_many_as_asked_for_or_all(times: list[int], count: int):
    places = film._spread([each / 100 for each in times], count)

    assert places == sorted(set(places))
    assert len(places) == min(count, len(times)) or times[0] == times[-1]
    assert all(0 <= place < len(times) for place in places)
