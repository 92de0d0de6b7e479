"""What a recording and a picture hold, measured once: enough to tell silence, noise and emptiness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from herd_graph.artifacts import Audio, Image
from herd_graph.coordination.checks.base import CheckInput
from herd_graph.types import ArtifactRef

_FRAME_S = 0.02
_SAMPLE = 20_000
"""Frames of 20 ms that are looked at, at most: 400 seconds, spread over the recording."""


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A recording in figures."""

    seconds: float
    rate: int
    peak: float
    """The largest sample, from 0 to 1."""
    sounding: float
    """Seconds that are louder than the recording's own background."""
    clear: bool
    """Its loud parts stand 15 dB and more above its quiet ones."""
    finite: bool = True


def listen(recording: Audio) -> Sound:
    """Measure a recording. Raises ``ArtifactUnreadable``."""
    import numpy as np

    samples, rate = recording.samples()
    if not bool(np.isfinite(samples).all()):
        return Sound(
            seconds=samples.size / rate, rate=rate, peak=0, sounding=0, clear=False, finite=False
        )
    frame = max(1, round(rate * _FRAME_S))
    count = samples.size // frame
    seconds = samples.size / rate
    peak = float(np.abs(samples).max()) if samples.size else 0.0
    if count == 0:
        return Sound(seconds=seconds, rate=rate, peak=peak, sounding=0.0, clear=False)
    frames: Any = samples[: count * frame].reshape(count, frame)
    if count > _SAMPLE:
        frames = frames[:: count // _SAMPLE]
    level: Any = np.sqrt(np.einsum("ij,ij->i", frames, frames) / frame) + 1e-7
    quiet, loud = np.percentile(level, [10, 95])
    floor = max(float(loud) * 0.06, min(float(quiet) * 2.0, float(loud) * 0.3))
    sounding = float((level > floor).mean()) * seconds if peak > 1e-4 else 0.0
    return Sound(
        seconds=seconds,
        rate=rate,
        peak=peak,
        sounding=sounding,
        clear=bool(loud > 5.6 * quiet),
    )


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture in figures."""

    width: int
    height: int
    spread: float
    """The standard deviation of its greys, from 0 to 127; 0 for a blank one."""
    extent: int
    """The lightest grey less the darkest."""


def look(picture: Image) -> Picture:
    """Measure a picture, reduced to at most 512 pixels a side. Raises ``ArtifactUnreadable``."""
    import numpy as np

    opened = picture.pil()
    width, height = opened.size
    grey = opened.convert("L")
    if max(width, height) > 512:
        grey = grey.reduce(max(1, max(width, height) // 512))
    values: Any = np.asarray(grey, dtype=np.float32)
    return Picture(
        width=width,
        height=height,
        spread=float(values.std()),
        extent=int(values.max() - values.min()),
    )


async def heard(subject: CheckInput, ref: ArtifactRef) -> Sound:
    """Return what a recording of a result holds, measured once."""
    return cast("Sound", await subject.decoded(ref, "sound", listen))


async def seen(subject: CheckInput, ref: ArtifactRef) -> Picture:
    """Return what a picture of a result holds, measured once."""
    return cast("Picture", await subject.decoded(ref, "picture", look))


__all__ = ("Picture", "Sound", "heard", "listen", "look", "seen")
