"""Sound, as it comes: every width and rate, cut off, silent, empty, endless."""

from __future__ import annotations

import io
import struct
import wave
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from herd_graph.artifacts import Audio
from herd_graph.artifacts.audio import _with_wave
from herd_graph.config import Limits
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable


def tone(rate: int = 16000, seconds: float = 0.5, hertz: float = 440.0) -> NDArray[np.float32]:
    at = np.arange(int(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def encoded(samples: NDArray[Any], rate: int, form: str, subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=form, subtype=subtype)  # pyright: ignore[reportUnknownMemberType]
    return buffer.getvalue()


def loudest(samples: NDArray[Any], rate: int) -> float:
    """Return the frequency, in hertz, that is strongest."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum)) * rate / samples.size


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000])
@pytest.mark.parametrize(
    ("form", "subtype"),
    [
        ("WAV", "PCM_U8"),
        ("WAV", "PCM_16"),
        ("WAV", "PCM_24"),
        ("WAV", "PCM_32"),
        ("WAV", "FLOAT"),
        ("WAV", "ULAW"),
        ("FLAC", "PCM_24"),
        ("OGG", "VORBIS"),
        ("MP3", None),
        ("AIFF", "PCM_16"),
    ],
)
def test_every_common_coding_gives_the_same_tone(rate: int, form: str, subtype: str | None) -> None:
    audio = Audio(encoded(tone(rate), rate, form, subtype))

    audio.check()
    samples, recorded = audio.samples()

    assert recorded == rate
    assert samples.dtype == np.float32
    assert loudest(samples, rate) == pytest.approx(440, abs=8)
    assert audio.seconds == pytest.approx(0.5, abs=0.12)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_is_read_without_soundfile_too(width: int) -> None:
    subtype = {1: "PCM_U8", 2: "PCM_16", 3: "PCM_24", 4: "PCM_32"}[width]
    decoder = _with_wave(encoded(tone(), 16000, "WAV", subtype))
    samples = np.concatenate(list(decoder.blocks))

    assert (decoder.rate, decoder.frames) == (16000, 8000)
    assert samples == pytest.approx(tone(), abs=0.01)


def test_stereo_becomes_the_mean_of_its_channels() -> None:
    stereo = np.stack([tone(), np.zeros(8000, np.float32)], axis=1)

    samples, _ = Audio(encoded(stereo, 16000, "WAV")).samples()

    assert samples.shape == (8000,)
    assert samples == pytest.approx(tone() / 2, abs=1e-3)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_samples_survive_the_way_there_and_back(channels: int, dtype: type) -> None:
    source: NDArray[Any] = tone()
    if dtype is np.int16:
        source = np.round(source * 32767).astype(np.int16)
    if channels == 2:
        source = np.stack([source, source], axis=1)

    samples, rate = Audio.from_samples(source, 16000).samples()

    assert rate == 16000
    assert samples == pytest.approx(tone(), abs=1e-3)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_resampling_keeps_the_tone_and_the_length(rate: int) -> None:
    samples, given = Audio.from_samples(tone(22050), 22050).samples(rate)

    assert given == rate
    assert samples.size == pytest.approx(rate * 0.5, abs=2)
    assert loudest(samples, rate) == pytest.approx(440, abs=8)


def test_resampling_down_does_not_invent_tones() -> None:
    shrill = Audio.from_samples(tone(48000, hertz=15000), 48000)

    samples, _ = shrill.samples(16000)

    assert float(np.abs(samples[200:-200]).max()) < 0.02


def test_silence_is_sound() -> None:
    silent = Audio.from_samples(np.zeros(800, np.int16), 8000)

    silent.check()

    assert silent.seconds == pytest.approx(0.1)


def test_no_samples_is_not() -> None:
    with pytest.raises(ArtifactUnreadable, match="holds no samples"):
        Audio.from_samples(np.zeros(0, np.int16), 8000).check()


def test_no_bytes_are_not() -> None:
    with pytest.raises(ArtifactUnreadable, match="empty"):
        Audio(b"").check()


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_what_is_cut_off_is_refused(form: str, kept: float) -> None:
    noise = np.random.default_rng(7).uniform(-0.5, 0.5, 32000).astype(np.float32)
    whole = encoded(noise, 16000, form)

    with pytest.raises(ArtifactUnreadable, match=r"'call\.x' cannot be decoded.*complete"):
        Audio(whole[: int(len(whole) * kept)], name="call.x").check()


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize("length", [1, 4, 12, 20, 44])
def test_a_stump_of_a_header_is_refused(form: str, length: int) -> None:
    with pytest.raises(ArtifactUnreadable):
        Audio(encoded(tone(), 16000, form)[:length]).check()


def test_a_wav_from_a_pipe_promises_no_length() -> None:
    content = bytearray(encoded(tone(), 16000, "WAV", "PCM_16"))
    at = content.index(b"data")
    content[4:8] = content[at + 4 : at + 8] = struct.pack("<I", 0xFFFFFFFF)

    audio = Audio(bytes(content))
    audio.check()

    assert audio.seconds == pytest.approx(0.5)


@pytest.mark.parametrize(
    "content", [b"RIFF", b"no sound at all", b"\0" * 5000, b"ID3" + b"\xff" * 99]
)
def test_noise_in_the_file_is_no_sound(content: bytes) -> None:
    audio = Audio(content, name="x.wav")

    with pytest.raises(ArtifactUnreadable):
        audio.check()
    assert "not decodable" in audio.summary


def test_a_recording_that_never_ends_is_refused_while_it_is_decoded() -> None:
    bomb = Audio(encoded(np.zeros(8000 * 120, np.int16), 8000, "FLAC"))

    assert bomb.size < 100_000
    with pytest.raises(ArtifactTooLarge, match="longer than 1 minutes"):
        bomb.check(Limits(audio_seconds=60))


def test_video_containers_give_their_sound() -> None:
    av: Any = pytest.importorskip("av")
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone()[None, :].copy(), format="fltp", layout="mono")
        frame.sample_rate = 16000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)

    audio = Audio(buffer.getvalue(), mime="audio/mp4")
    audio.check()
    samples, rate = audio.samples()

    assert loudest(samples, rate) == pytest.approx(440, abs=8)


def test_it_shows_itself_in_a_notebook() -> None:
    bundle = Audio.from_samples(tone(), 16000, name="<b>.wav")._repr_mimebundle_()

    assert bundle["text/plain"].startswith("audio <b>.wav (audio/wav, 0.5 s")
    assert "<audio controls" in bundle["text/html"]


def test_what_from_samples_writes_is_plain_wav() -> None:
    with wave.open(io.BytesIO(Audio.from_samples(tone(), 16000).bytes())) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (
            1,
            2,
            16000,
        )
