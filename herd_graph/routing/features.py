"""What an attachment is like: length, noise, resolution, contrast, skew … for routing by quality.

A recogniser that is best on clean pages is not the best on skewed ones, and no text of the request
says which it is. All features are cheap: an image is looked at in 512 pixels, a recording in its
first minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from herd_graph.artifacts import Artifact, Audio, Image, Text, load
from herd_graph.routing.surface import NAMES, surface
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef, Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.floating[Any]]
else:
    Floats = Any

IMAGE = (
    "width",
    "height",
    "megapixels",
    "aspect",
    "brightness",
    "contrast",
    "sharpness",
    "noise",
    "colour",
    "ink",
    "entropy",
    "skew",
    "line_height",
)
AUDIO = (
    "seconds",
    "rate",
    "loudness",
    "peak",
    "clipped",
    "silence",
    "signal_to_noise",
    "zero_crossings",
    "centroid",
    "bandwidth",
)
_EDGE = 512
_SECONDS = 60


def names_of(kind: Kind) -> tuple[str, ...]:
    """Return the names of the features of a kind of artifact; none for kinds without any."""
    names = {Kind.IMAGE: IMAGE, Kind.AUDIO: AUDIO, Kind.TEXT: NAMES}.get(kind, ())
    return tuple(f"{kind.value}.{name}" for name in names)


def features_of(
    given: ArtifactRef | Artifact, store: ArtifactStore | None = None
) -> dict[str, float]:
    """Return the features of an artifact by name.

    Raises:
        ArtifactError: It cannot be read.
    """
    if isinstance(given, ArtifactRef):
        if given.kind not in {Kind.IMAGE, Kind.AUDIO, Kind.TEXT}:
            return {}
        assert store is not None
        given = load(given, store)
    if isinstance(given, Image):
        return dict(zip(names_of(Kind.IMAGE), _image(given), strict=True))
    if isinstance(given, Audio):
        return dict(zip(names_of(Kind.AUDIO), _audio(given), strict=True))
    if isinstance(given, Text):
        found = surface([given.text])[0]
        return dict(zip(names_of(Kind.TEXT), map(float, found), strict=True))
    return {}


def _image(image: Image) -> list[float]:
    import numpy as np

    picture = image.pil()
    width, height = picture.size
    small = picture.convert("RGB")
    small.thumbnail((_EDGE, _EDGE))
    colours = np.asarray(small, dtype=np.float32) / 255
    grey = colours.mean(axis=2)
    across, down = np.diff(grey, axis=1), np.diff(grey, axis=0)
    bend = (
        grey[1:-1, 1:-1] * 4 - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    )
    levels = np.histogram(grey, bins=32, range=(0, 1))[0] / grey.size
    held = levels[levels > 0]
    dark = grey < grey.mean() - 0.15
    return [
        float(width),
        float(height),
        width * height / 1e6,
        width / height,
        float(grey.mean()),
        float(grey.std()),
        float((across**2).sum() + (down**2).sum()) / grey.size,
        float(np.median(np.abs(bend))) if bend.size else 0.0,
        float((colours.max(axis=2) - colours.min(axis=2)).mean()),
        float(dark.mean()),
        float(-(held * np.log2(held)).sum()),
        _skew(dark),
        _line_height(dark),
    ]


def _skew(dark: Any) -> float:
    """Return the angle in degrees at which rows of ink stand out most; 0 for a level page."""
    import numpy as np

    rows: Any
    columns: Any
    rows, columns = np.nonzero(dark)
    if len(rows) < 50:
        return 0.0
    if len(rows) > 20_000:
        step = len(rows) // 20_000 + 1
        rows, columns = rows[::step], columns[::step]
    rounded: Any = np.round
    best, angle = -1.0, 0.0
    for degrees in np.arange(-12, 12.5, 1.0):
        slope = np.tan(np.radians(degrees))
        lines: Any = rounded(rows - columns * slope).astype(int)
        counts = np.bincount(lines - lines.min())
        sharp = float((np.diff(counts) ** 2).sum())
        # A level page wins ties: a photograph has no lines at any angle.
        if sharp > best * 1.02:
            best, angle = sharp, float(degrees)
    return angle


def _line_height(dark: Any) -> float:
    """Return the usual height of a run of rows with ink, as a share of the picture's height."""
    import numpy as np

    inked = np.concatenate([[0], (dark.mean(axis=1) > 0.01).astype(int), [0]])
    edges = np.diff(inked)
    runs = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    return float(np.median(runs)) / max(1, dark.shape[0]) if len(runs) else 0.0


def _audio(audio: Audio) -> list[float]:
    import numpy as np

    samples, rate = audio.samples()
    whole = len(samples) / max(1, rate)
    wave = samples[: _SECONDS * rate].astype(np.float32)
    if len(wave) < 2:
        return [whole, float(rate), *([0.0] * (len(AUDIO) - 2))]
    frame = max(1, rate // 50)  # 20 ms
    count = max(1, len(wave) // frame)
    frames = np.resize(wave, (count, frame)) if len(wave) < frame else wave[: count * frame]
    energy = np.sqrt((frames.reshape(count, -1) ** 2).mean(axis=1)) + 1e-6
    quiet, loud = np.quantile(energy, 0.1), np.quantile(energy, 0.9)
    power = np.abs(np.fft.rfft(wave[: 1 << 18])) ** 2
    pitch = np.fft.rfftfreq(min(len(wave), 1 << 18), 1 / rate)
    total = float(power.sum()) + 1e-12
    centroid = float((power * pitch).sum() / total)
    summed = np.cumsum(power) / total
    return [
        whole,
        float(rate),
        float(20 * np.log10(np.sqrt((wave**2).mean()) + 1e-6)),
        float(np.abs(wave).max()),
        float((np.abs(wave) > 0.99).mean()),
        float((energy < loud / 10).mean()),
        float(20 * np.log10(loud / quiet)),
        float((np.diff(np.signbit(wave).astype(int)) != 0).mean()),
        centroid,
        float(pitch[min(len(pitch) - 1, int(np.searchsorted(summed, 0.95)))]),
    ]


__all__ = ("AUDIO", "IMAGE", "features_of", "names_of")
