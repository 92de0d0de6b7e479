"""Sound in the form that a client asks for; beyond WAV and bare samples, with PyAV."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, Any

from herd_graph.serve.errors import not_allowed

if TYPE_CHECKING:
    from herd_graph.artifacts import Audio

MIMES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
"""OpenAI's forms of speech, and what they are called in a response."""
PCM_RATE = 24_000
"""Samples per second of bare samples, which cannot say it themselves: OpenAI's."""
_CODECS = {
    "mp3": ("mp3", "libmp3lame", 24_000),
    "opus": ("ogg", "libopus", 48_000),
    "aac": ("adts", "aac", 24_000),
    "flac": ("flac", "flac", 24_000),
}
"""PyAV's container and codec, and a rate that the codec takes."""


def encodes(form: str) -> bool:
    """Say whether a form can be made here."""
    return form in {"wav", "pcm"} or _av() is not None


def encoded(sound: Audio, form: str) -> bytes:
    """Return sound in a form. It decodes and encodes: call it in a thread.

    Raises:
        Refusal: PyAV is not installed, which this form needs.
        ArtifactUnreadable: The sound cannot be decoded.
    """
    from herd_graph.artifacts import Audio

    if form == "wav":
        return (
            sound.bytes()
            if sound.mime == "audio/wav"
            else Audio.from_samples(*sound.samples()).bytes()
        )
    if form == "pcm":
        return _whole(sound, PCM_RATE).tobytes()
    av = _av()
    if av is None:
        raise not_allowed(
            f"response_format {form!r} needs PyAV, which is not installed here. Expected 'wav' or "
            "'pcm'. Ask for one of them, or install herd-graph[local] on the server.",
            "response_format",
        )
    container_form, codec, rate = _CODECS[form]
    samples = _whole(sound, rate)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container_form) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.layout = "mono"
        frame: Any = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        resampler: Any = av.AudioResampler(
            format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 0
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _whole(sound: Audio, rate: int) -> Any:
    """Return 16-bit mono samples, little-endian."""
    import numpy as np

    samples, _ = sound.samples(rate)
    return np.clip(np.round(samples.astype(np.float64) * 32767), -32768, 32767).astype("<i2")


def _av() -> Any:
    try:
        return import_module("av")
    except ImportError:
        return None


__all__ = ("MIMES", "PCM_RATE", "encoded", "encodes")
