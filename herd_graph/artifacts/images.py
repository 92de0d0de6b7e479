"""Pictures."""

from __future__ import annotations

import base64
import html
import io
import os
import warnings
from typing import TYPE_CHECKING, Any

from herd_graph.artifacts.base import Artifact, human_size, printable
from herd_graph.config import Limits
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable
from herd_graph.types import Kind, Provenance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as PILImage


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

    def _open(self, pixels: int | None = None) -> PILImage:
        most = pixels or Limits.image_pixels
        from PIL import Image as pil

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", pil.DecompressionBombWarning)
                opened = pil.open(io.BytesIO(self.bytes()))
        except pil.DecompressionBombError as error:
            raise _too_many_pixels(self.name, str(error), most) from None
        except Exception as error:
            raise self._unreadable(error) from error
        if opened.width * opened.height > most:
            raise _too_many_pixels(self.name, f"{opened.width} x {opened.height} pixels", most)
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

    def check(self, limits: Limits | None = None) -> None:
        super().check(limits)
        self._open(limits.image_pixels if limits is not None else None)
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


def _too_many_pixels(name: str, what: str, most: int) -> ArtifactTooLarge:
    return ArtifactTooLarge(
        f"{name or 'The image'!r} is too large once decoded: {what}. Expected at most "
        f"{most:,} pixels (a small file can hold a huge picture on purpose). "
        "Scale it down first."
    )
