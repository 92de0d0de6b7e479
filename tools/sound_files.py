"""Write sound in the form that is asked for: WAV, MP3, Ogg Vorbis or FLAC."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any, Literal

from herd_graph.artifacts import Audio

from .needs import need

SoundForm = Literal["wav", "mp3", "ogg", "flac"]
_FORMATS = {"mp3": ("MP3", "MPEG_LAYER_III"), "ogg": ("OGG", "VORBIS"), "flac": ("FLAC", "PCM_16")}
_MIMES = {"mp3": "audio/mpeg", "ogg": "audio/ogg", "flac": "audio/flac"}
_BLOCK = 1 << 16


def sound_file(samples: Any, rate: int, form: SoundForm, stem: str) -> Audio:
    """Return sound as a file of this form.

    Args:
        samples: Mono floats in [-1, 1], shape (frames,).
        rate: Frames per second.
        form: What the file is.
        stem: Its name without the ending.
    """
    if form == "wav":
        return Audio.from_samples(samples, rate, name=f"{stem}.wav")
    need("soundfile")
    soundfile: Any = import_module("soundfile")
    container, coding = _FORMATS[form]
    buffer = io.BytesIO()
    # At a constant rate: with a varying one LAME writes frames that decoders complain of.
    steady: dict[str, Any] = (
        {"bitrate_mode": "CONSTANT", "compression_level": 0.5} if form == "mp3" else {}
    )
    with soundfile.SoundFile(
        buffer, "w", samplerate=rate, channels=1, format=container, subtype=coding, **steady
    ) as writer:
        # In blocks: the Vorbis encoder keeps a whole recording on the stack and may run out of it.
        for start in range(0, len(samples), _BLOCK):
            writer.write(samples[start : start + _BLOCK])
    return Audio(buffer.getvalue(), mime=_MIMES[form], name=f"{stem}.{form}")


__all__ = ("SoundForm", "sound_file")
