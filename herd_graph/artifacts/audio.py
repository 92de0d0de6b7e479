"""Sound."""

from __future__ import annotations

import base64
import html
import io
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from herd_graph.artifacts.base import SHOWN_BYTES, Artifact, human_size, printable
from herd_graph.config import Limits
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable
from herd_graph.types import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 1 << 18
"""Frames that are decoded at a time, so that a check holds no whole recording in memory."""


@dataclass(frozen=True)
class _Decoder:
    """An opened recording: its rate, the frames that its header promises, and its mono blocks."""

    rate: int
    frames: int | None
    blocks: Iterator[NDArray[np.float32]]


class Audio(Artifact):
    """Sound.

    Args:
        source: A path or encoded bytes (WAV, FLAC, OGG, MP3 …). For samples: ``from_samples``.
    """

    kind = Kind.AUDIO
    default_mime = "audio/wav"

    @classmethod
    def from_samples(cls, samples: NDArray[Any], rate: int, *, name: str = "") -> Audio:
        """Make a 16-bit mono WAV.

        Args:
            samples: Shape (frames,) or (frames, channels); floats in [-1, 1], or int16.
            rate: Frames per second.
            name: A file name for people.
        """
        import numpy as np

        values: NDArray[Any] = samples
        if values.dtype != np.int16:
            values = np.clip(np.round(values.astype(np.float64) * 32767), -32768, 32767)
        if values.ndim > 1:
            means: NDArray[Any] = np.mean(values, axis=1)
            values = np.rint(means)
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(rate)
            writer.writeframes(values.astype("<i2").tobytes())
        return cls(buffer.getvalue(), mime="audio/wav", name=name)

    def samples(self, rate: int | None = None) -> tuple[NDArray[np.float32], int]:
        """Return mono samples, shape (frames,), float32 in [-1, 1], and frames per second.

        Args:
            rate: Resample to this many frames per second; as recorded by default.

        Raises:
            ArtifactUnreadable: Truncated, without samples, or not sound.
        """
        import numpy as np

        decoder = self._open()
        blocks = list(self._read(decoder))
        decoded = np.concatenate(blocks) if len(blocks) > 1 else blocks[0]
        if rate is None or rate == decoder.rate:
            return decoded, decoder.rate
        return _resampled(decoded, decoder.rate, rate), rate

    def _open(self) -> _Decoder:
        content = self.bytes()
        if not content:
            raise self._unreadable("it is empty (0 bytes)")
        missing = _missing_from_wave(content)
        if missing:
            raise self._unreadable(f"it is cut off, {human_size(missing)} of sound are missing")
        try:
            soundfile: Any = import_module("soundfile")
        except ImportError:
            soundfile = None
        try:
            return _with_soundfile(soundfile, content) if soundfile else _with_wave(content)
        except Exception as error:
            decoder = _with_av(content)
            if decoder is None:
                raise self._unreadable(str(error) or type(error).__name__) from error
            return decoder

    def _read(self, decoder: _Decoder) -> Iterator[NDArray[np.float32]]:
        """Iterate over blocks of samples, and see that as many come as the header promises."""
        read = 0
        try:
            for block in decoder.blocks:
                read += block.size
                yield block
        except Exception as error:
            raise self._unreadable(str(error) or type(error).__name__) from error
        if read == 0:
            raise self._unreadable("it holds no samples")
        if decoder.frames is not None and read < decoder.frames:
            held, promised = read / decoder.rate, decoder.frames / decoder.rate
            raise self._unreadable(f"it is cut off after {held:.1f} of {promised:.1f} s")

    def _unreadable(self, why: str) -> ArtifactUnreadable:
        why = re.sub(r"^Error opening <[^>]*>: ", "", why).rstrip(". ")  # an address helps nobody
        return ArtifactUnreadable(
            f"{self.name or 'The recording'!r} cannot be decoded: {why}. Expected whole WAV, FLAC, "
            "OGG, MP3 or M4A sound. Check that the file is complete and is a recording."
        )

    @property
    def seconds(self) -> float:
        """The length in seconds: from the header where that says it, else by decoding."""
        decoder = self._open()
        frames = decoder.frames
        if frames is None:
            frames = sum(block.size for block in self._read(decoder))
        return frames / decoder.rate

    def check(self, limits: Limits | None = None) -> None:
        super().check(limits)
        most = (limits or Limits()).audio_seconds
        decoder = self._open()
        read = 0
        for block in self._read(decoder):
            read += block.size
            if read > most * decoder.rate:
                raise ArtifactTooLarge(
                    f"{self.name or 'The recording'!r} is longer than {most / 60:g} minutes. Cut it "
                    "into parts, or raise the limit: Config(limits=Limits(audio_seconds=…))."
                )

    @property
    def summary(self) -> str:
        named = f" {self.name}" if self.name else ""
        try:
            length = f"{self.seconds:.1f} s"
        except ArtifactUnreadable:
            length = "not decodable"
        return f"audio{named} ({self.mime}, {length}, {human_size(self.size)})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if self.size > SHOWN_BYTES:
            return super()._repr_mimebundle_()
        encoded = base64.b64encode(self.bytes()).decode()
        source = f"data:{html.escape(self.mime, quote=True)};base64,{encoded}"
        return {
            "text/plain": printable(self.summary),
            "text/html": f'<audio controls src="{source}"></audio>',
        }


def _missing_from_wave(content: bytes) -> int:
    """Return how many bytes a WAV lacks of what its header promises.

    libsndfile reads as far as it gets and says nothing. A recorder that writes to a pipe cannot
    know the length and promises about 2 or 4 GB: that is no promise.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return 0
    at = 12
    while at + 8 <= len(content):
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        if content[at : at + 4] == b"data":
            missing = at + 8 + size - len(content)
            return missing if missing > 0 and size < 0x7FFF0000 else 0
        at += 8 + size + size % 2
    return 0


def _with_soundfile(soundfile: Any, content: bytes) -> _Decoder:
    opened: Any = soundfile.SoundFile(io.BytesIO(content))

    def blocks() -> Iterator[NDArray[np.float32]]:
        with opened:
            while len(block := opened.read(_BLOCK, dtype="float32", always_2d=True)):
                yield block.mean(axis=1) if block.shape[1] > 1 else block[:, 0]

    return _Decoder(int(opened.samplerate), int(opened.frames), blocks())


def _with_wave(content: bytes) -> _Decoder:
    """Decode PCM with the standard library alone, where soundfile is not installed."""
    try:
        reader = wave.open(io.BytesIO(content))  # noqa: SIM115 - closed by the generator
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{error or 'truncated'} (only WAV is read without soundfile)") from error
    width, channels = reader.getsampwidth(), reader.getnchannels()

    def blocks() -> Iterator[NDArray[np.float32]]:
        with reader:
            while raw := reader.readframes(_BLOCK):
                whole = raw[: len(raw) // (width * channels) * width * channels]
                values = _pcm(whole, width).reshape(-1, channels)
                yield values.mean(axis=1)

    return _Decoder(reader.getframerate(), reader.getnframes(), blocks())


def _pcm(raw: bytes, width: int) -> NDArray[np.float32]:
    """Return integers of 1 to 4 bytes as floats in [-1, 1)."""
    import numpy as np

    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / np.float32(128)
    if width == 3:
        padded = np.zeros((len(raw) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return (padded.view("<i4").ravel() / 2**31).astype(np.float32)
    return (np.frombuffer(raw, f"<i{width}") / float(2 ** (8 * width - 1))).astype(np.float32)


def _with_av(content: bytes) -> _Decoder | None:
    """Decode what libsndfile does not know (M4A, WebM …), where PyAV is installed."""
    try:
        av: Any = import_module("av")
        container: Any = av.open(io.BytesIO(content))
        stream: Any = container.streams.audio[0]
        rate = int(stream.rate)
    except Exception:
        return None

    def blocks() -> Iterator[NDArray[np.float32]]:
        resampler: Any = av.AudioResampler(format="flt", layout="mono", rate=rate)
        with container:
            for frame in container.decode(stream):
                for each in resampler.resample(frame):
                    yield each.to_ndarray().ravel()

    return _Decoder(rate, None, blocks())


def _resampled(values: NDArray[np.float32], recorded: int, rate: int) -> NDArray[np.float32]:
    """Return ``values`` at another rate, by linear interpolation.

    Going down, frequencies that the new rate cannot carry are taken out first, by a windowed sinc
    of 63 taps; they would come back as false, lower ones.
    """
    import numpy as np

    if rate < recorded:
        taps = np.arange(-31, 32)
        kernel = np.sinc(taps * rate / recorded) * np.hamming(taps.size)
        filtered: NDArray[Any] = np.convolve(values, kernel / kernel.sum(), mode="same")
        values = filtered[: values.size]
    count = values.size
    at = np.arange(max(1, round(count * rate / recorded))) * (recorded / rate)
    return np.interp(at, np.arange(count), values).astype(np.float32)
