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
    extent: int
    """The lightest grey less the darkest: 0 for a blank picture."""


_ACROSS = 2.6
"""Changes from paper to ink along the densest rows of a line, for each letter."""


def look(picture: Image) -> Picture:
    """Measure a picture. Raises ``ArtifactUnreadable``."""
    opened = picture.pil()
    extrema: Any = opened.convert("L").getextrema()
    width, height = opened.size
    return Picture(width=width, height=height, extent=int(extrema[1]) - int(extrema[0]))


_RULED = 0.6
"""A row or column with more ink than this is a frame or a rule, not a line of letters."""


def letters(picture: Image) -> int:
    """Estimate how many letters a clean page holds, whatever their size; 0 for what is none.

    Rows are cut into lines where there is no ink; the densest rows of a line cross each of its
    letters a few times. A photo, whose greys are everywhere, is no page; frames and rules are left
    out, and where no blank rows part the lines (a page aslant, a picture) nothing is told.
    """
    import numpy as np

    grey = picture.pil().convert("L")
    if max(grey.size) > 1600:
        grey = grey.reduce(-(-max(grey.size) // 1600))
    values: Any = np.asarray(grey)
    if min(values.shape) < 8:
        return 0
    low, high = (int(each) for each in np.percentile(values[::3, ::3], [1, 99]))
    if high - low < 60:
        return 0
    middle = (low + high) // 2
    dark: Any = values < middle
    ink = dark if float(dark.mean()) < 0.5 else ~dark
    share = float(ink.mean())
    between: Any = (values > low + 0.3 * (high - low)) & (values < high - 0.3 * (high - low))
    if not 0.001 < share < 0.35 or float(between.mean()) > 0.08:
        return 0
    ink = ink & ~(ink.mean(axis=0) > _RULED) & ~(ink.mean(axis=1, keepdims=True) > _RULED)
    starts: Any = (ink[:, 1:] & ~ink[:, :-1]).sum(axis=1)
    filled = np.flatnonzero(np.diff(np.concatenate([[0], (starts > 0).astype(np.int8), [0]])))
    total = 0.0
    for top, bottom in filled.reshape(-1, 2):
        if bottom - top > 0.5 * len(ink):
            return 0
        if bottom - top >= 5:
            total += float(np.percentile(starts[top:bottom], 85))
    return round(total * 2 / _ACROSS)


async def heard(subject: CheckInput, ref: ArtifactRef) -> Sound:
    """Return what a recording of a result holds, measured once."""
    return cast("Sound", await subject.decoded(ref, "sound", listen))


async def seen(subject: CheckInput, ref: ArtifactRef) -> Picture:
    """Return what a picture of a result holds, measured once."""
    return cast("Picture", await subject.decoded(ref, "picture", look))


async def written(subject: CheckInput, ref: ArtifactRef) -> int:
    """Return about how many letters a picture of a result holds, estimated once."""
    return cast("int", await subject.decoded(ref, "letters", letters))


__all__ = ("Picture", "Sound", "heard", "letters", "listen", "look", "seen", "written")
