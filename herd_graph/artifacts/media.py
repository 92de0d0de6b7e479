"""Pictures and sound."""

from __future__ import annotations

import base64
import html
import io
import os
import warnings
import wave
from typing import TYPE_CHECKING, Any, cast

from herd_graph.artifacts.base import Artifact, human_size, printable
from herd_graph.config import Limits
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable
from herd_graph.types import Kind, Provenance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as PILImage

_LIMITS = Limits()


class Image(Artifact):
    """A picture.

    Args:
        source: A path, encoded bytes, a PIL image, or an array of shape (height, width[, channels]),
            dtype uint8. PIL images and arrays are kept as PNG.
    """

    kind = Kind.IMAGE
    default_mime = "image/png"

    def __init__(
        self,
        source: bytes | str | os.PathLike[str] | PILImage | NDArray[np.uint8],
        *,
        mime: str | None = None,
        name: str = "",
        provenance: Provenance | None = None,
    ) -> None:
        if not isinstance(source, bytes | str | os.PathLike):
            source, mime = _encode_png(source), "image/png"
        super().__init__(source, mime=mime, name=name, provenance=provenance)

    def _open(self) -> PILImage:
        from PIL import Image as pil

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", pil.DecompressionBombWarning)
                opened = pil.open(io.BytesIO(self.bytes()))
        except pil.DecompressionBombError as error:
            raise _too_many_pixels(self.name, str(error)) from None
        except Exception as error:
            raise self._unreadable(error) from error
        if opened.width * opened.height > _LIMITS.image_pixels:
            raise _too_many_pixels(self.name, f"{opened.width} x {opened.height} pixels")
        return opened

    def _unreadable(self, error: Exception) -> ArtifactUnreadable:
        why = str(error).split("<")[0].strip() or type(error).__name__
        return ArtifactUnreadable(
            f"{self.name or 'The image'!r} cannot be decoded: {why}. Expected a whole PNG, JPEG, "
            "WebP, GIF, BMP or TIFF. Check that the file is complete and is a picture."
        )

    def pil(self) -> PILImage:
        """Return the decoded picture, turned upright, mode RGB.

        Transparency is laid on white; 16-bit and CMYK are converted; of an animation it is the
        first frame. Raises ``ArtifactUnreadable`` or ``ArtifactTooLarge``.
        """
        from PIL import Image as pil
        from PIL import ImageOps

        opened = self._open()
        try:
            opened.load()
            upright = ImageOps.exif_transpose(opened) or opened
            if upright.mode.startswith("I;16") or upright.mode in {"I", "F"}:
                upright = _to_eight_bits(upright)
            if upright.has_transparency_data:
                rgba = upright.convert("RGBA")
                white = pil.new("RGBA", rgba.size, "white")
                white.alpha_composite(rgba)
                upright = white
            return upright.convert("RGB")
        except Exception as error:
            raise self._unreadable(error) from error

    def array(self) -> NDArray[np.uint8]:
        """Return the decoded picture: shape (height, width, 3), RGB, dtype uint8."""
        import numpy as np

        return np.asarray(self.pil(), dtype=np.uint8)

    @property
    def dimensions(self) -> tuple[int, int]:
        """Width and height in pixels, read from the header."""
        opened = self._open()
        return opened.width, opened.height

    def check(self) -> None:
        super().check()
        self.pil()

    @property
    def summary(self) -> str:
        try:
            size = "{}x{}".format(*self.dimensions)
        except (ArtifactUnreadable, ArtifactTooLarge):
            size = "not decodable"
        named = f" {self.name}" if self.name else ""
        return f"image{named} ({self.mime}, {size}, {human_size(self.size)})"

    def thumbnail(self, edge: int = 320) -> bytes:
        """Return a PNG of at most ``edge`` pixels a side."""
        small = self.pil()
        small.thumbnail((edge, edge))
        return _encode_png(small)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle = {"text/plain": printable(self.summary)}
        try:
            encoded = base64.b64encode(self.thumbnail(640)).decode()
        except (ArtifactUnreadable, ArtifactTooLarge):
            return bundle
        label = html.escape(printable(self.summary), quote=True)
        bundle["text/html"] = f'<img alt="{label}" src="data:image/png;base64,{encoded}"/>'
        return bundle


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

        mono: NDArray[Any] = samples if samples.ndim == 1 else samples.mean(axis=1)
        if mono.dtype != np.int16:
            mono = np.clip(np.round(mono.astype(np.float64) * 32767), -32768, 32767)
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(rate)
            writer.writeframes(mono.astype("<i2").tobytes())
        return cls(buffer.getvalue(), mime="audio/wav", name=name)

    def samples(self, rate: int | None = None) -> tuple[NDArray[np.float32], int]:
        """Return mono samples, shape (frames,), float32 in [-1, 1], and frames per second.

        Args:
            rate: Resample (linearly) to this many frames per second; as recorded by default.

        Raises:
            ArtifactUnreadable: Truncated, silent in length, or not sound.
        """
        import numpy as np

        decoded, recorded = self._decode()
        if decoded.ndim == 2:
            decoded = decoded.mean(axis=1)
        if decoded.size == 0:
            raise self._unreadable("it holds no samples")
        if rate is None or rate == recorded:
            return decoded.astype(np.float32), recorded
        frames = max(1, round(decoded.size * rate / recorded))
        at = np.linspace(0, decoded.size - 1, frames)
        resampled = np.interp(at, np.arange(decoded.size), decoded)
        return resampled.astype(np.float32), rate

    def _decode(self) -> tuple[NDArray[Any], int]:
        content = self.bytes()
        if not content:
            raise self._unreadable("it is empty (0 bytes)")
        try:
            from importlib import import_module

            soundfile: Any = import_module("soundfile")
        except ImportError:
            return self._decode_wave(content)
        try:
            return cast(
                "tuple[NDArray[Any], int]",
                soundfile.read(io.BytesIO(content), dtype="float32", always_2d=False),
            )
        except Exception as error:
            decoded = _decode_with_av(content)
            if decoded is None:
                raise self._unreadable(str(error)) from error
            return decoded

    def _decode_wave(self, content: bytes) -> tuple[NDArray[Any], int]:
        import numpy as np

        try:
            with wave.open(io.BytesIO(content)) as reader:
                width, channels = reader.getsampwidth(), reader.getnchannels()
                raw, rate = reader.readframes(reader.getnframes()), reader.getframerate()
        except (wave.Error, EOFError) as error:
            why = f"{error or 'truncated'} (only WAV is read without soundfile)"
            raise self._unreadable(why) from error
        if width == 3:
            padded = np.zeros((len(raw) // 3, 4), np.uint8)
            padded[:, 1:] = np.frombuffer(raw, np.uint8)[: len(raw) // 3 * 3].reshape(-1, 3)
            values = padded.view("<i4").ravel() / 2**31
        elif width == 1:
            values = (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
        else:
            raw = raw[: len(raw) // width * width]
            values = np.frombuffer(raw, f"<i{width}") / float(2 ** (8 * width - 1))
        return values[: values.size // channels * channels].reshape(-1, channels), rate

    def _unreadable(self, why: str) -> ArtifactUnreadable:
        return ArtifactUnreadable(
            f"{self.name or 'The recording'!r} cannot be decoded: {why}. Expected whole WAV, FLAC, "
            "OGG, MP3 or M4A sound. Check that the file is complete and is a recording."
        )

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        samples, rate = self.samples()
        return samples.size / rate

    def check(self) -> None:
        super().check()
        self.samples()

    @property
    def summary(self) -> str:
        named = f" {self.name}" if self.name else ""
        try:
            length = f"{self.seconds:.1f} s"
        except ArtifactUnreadable:
            length = "not decodable"
        return f"audio{named} ({self.mime}, {length}, {human_size(self.size)})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        encoded = base64.b64encode(self.bytes()).decode()
        source = f"data:{html.escape(self.mime, quote=True)};base64,{encoded}"
        return {
            "text/plain": printable(self.summary),
            "text/html": f'<audio controls src="{source}"></audio>',
        }


def _decode_with_av(content: bytes) -> tuple[NDArray[Any], int] | None:
    """Decode what libsndfile does not know (M4A, WebM …), where PyAV is installed."""
    import numpy as np

    try:
        from importlib import import_module

        av: Any = import_module("av")
        with av.open(io.BytesIO(content)) as container:
            stream = container.streams.audio[0]
            resampler: Any = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
            blocks: list[NDArray[Any]] = []
            for frame in container.decode(stream):
                blocks.extend(each.to_ndarray().ravel() for each in resampler.resample(frame))
            rate = int(stream.rate)
    except Exception:
        return None
    return (np.concatenate(blocks), rate) if blocks else None


def _encode_png(source: Any) -> bytes:
    from PIL import Image as pil

    picture: PILImage = source if isinstance(source, pil.Image) else pil.fromarray(source)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _to_eight_bits(picture: PILImage) -> PILImage:
    """Scale a 16-bit, 32-bit or float picture to 8 bits, by its own range."""
    import numpy as np
    from PIL import Image as pil

    values = np.asarray(picture, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    top = 65535.0 if low >= 0 and 255 < high <= 65535 else max(high, 1.0)
    return pil.fromarray(np.clip(values * 255.0 / top, 0, 255).astype(np.uint8))


def _too_many_pixels(name: str, what: str) -> ArtifactTooLarge:
    return ArtifactTooLarge(
        f"{name or 'The image'!r} is too large once decoded: {what}. Expected at most "
        f"{_LIMITS.image_pixels:,} pixels (a small file can hold a huge picture on purpose). "
        "Scale it down first."
    )
