"""Sounds, pictures and videos for tests, made on the spot."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as pil
from PIL import ImageDraw, ImageFont

from herd_graph.artifacts import Audio

COLOURS = ("red", "orange", "yellow", "green", "blue")


def tone(keys: Sequence[int], seconds: float, rate: int = 22_050) -> np.ndarray[Any, Any]:
    """Return MIDI keys played together on something like a plucked string."""
    time = np.arange(round(rate * seconds)) / rate
    sound = np.zeros_like(time)
    for key in keys:
        pitch = 440 * 2 ** ((key - 69) / 12)
        for partial in range(1, 6):
            sound += 0.15 * 0.55**partial * np.sin(2 * np.pi * pitch * partial * time)
    return sound * np.exp(-1.5 * time) * np.minimum(1, time * 200)


def stripes(seconds: int = 5) -> Callable[[float], pil.Image]:
    """Return a film in which the colour changes every second and a white ball moves to the right."""

    def picture(at: float) -> pil.Image:
        made = pil.new("RGB", (160, 120), COLOURS[int(at) % len(COLOURS)])
        x = 10 + 120 * at / seconds
        ImageDraw.Draw(made).ellipse((x, 50, x + 20, 70), "white")
        return made

    return picture


def video(
    path: Path,
    seconds: float = 5,
    *,
    picture: Callable[[float], pil.Image] | None = None,
    sound: Audio | None = None,
    fps: int = 10,
    codec: str = "mpeg4",
    rate: int = 44_100,
) -> Path:
    """Write a video; its container is that of the suffix.

    Args:
        path: Where.
        seconds: How long its pictures are.
        picture: What is to be seen at a time; ``stripes()`` without it.
        sound: Its sound track.
        fps: Frames per second.
        codec: Of the pictures; ``""`` for none.
        rate: Of the sound.
    """
    av: Any = import_module("av")
    picture = picture or stripes()
    with av.open(str(path), "w") as container:
        film: Any = None
        if codec:
            film = container.add_stream(codec, rate=fps)
            film.width, film.height = picture(0).size
            film.pix_fmt = "yuv420p"
        track: Any = None
        if sound is not None:
            name = {".webm": "libvorbis", ".avi": "mp3"}.get(path.suffix, "aac")
            track = container.add_stream(name, rate=rate, layout="stereo")
        for number in range(round(seconds * fps) if film else 0):
            frame = av.VideoFrame.from_image(picture(number / fps))
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(film.encode(frame))
        if film:
            container.mux(film.encode(None))
        if track is not None and sound is not None:
            samples, _ = sound.samples(rate)
            pcm = (np.stack([samples, samples], axis=1) * 32767).astype(np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="stereo")
            frame.rate, frame.pts = rate, 0
            resampler = av.AudioResampler(
                format=track.codec_context.format, layout="stereo", rate=rate
            )
            fifo = av.AudioFifo()
            for each in (*resampler.resample(frame), *resampler.resample(None)):
                fifo.write(each)
            size = track.codec_context.frame_size or 1024
            while (part := fifo.read(size, partial=True)) is not None:
                container.mux(track.encode(part))
            container.mux(track.encode(None))
    return path


def encoded(picture: pil.Image, form: str, **options: Any) -> bytes:
    """Return a picture as a file of a format."""
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def sound_file(audio: Audio, rate: int, form: str, subtype: str, *, stereo: bool = False) -> bytes:
    """Return a recording as a file of another rate and sample format."""
    soundfile: Any = import_module("soundfile")
    samples, _ = audio.samples(rate)
    buffer = io.BytesIO()
    shaped = np.stack([samples, samples], axis=1) if stereo else samples
    soundfile.write(buffer, shaped, rate, format=form, subtype=subtype)
    return buffer.getvalue()


def stop_sign(size: int = 416, *, x: int = 208, y: int = 180, radius: int = 90) -> pil.Image:
    """Draw a stop sign in a landscape: a drawing that the network takes for the thing itself."""
    made = pil.new("RGB", (size, size), (150, 185, 220))
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, 300, size, size), fill=(90, 110, 70))
    draw.rectangle((x - 5, y, x + 5, size), fill=(120, 120, 120))
    for reach, ink in ((radius, "white"), (radius * 0.93, (190, 20, 30))):
        corners = [math.pi / 8 + k * math.pi / 4 for k in range(8)]
        draw.polygon([(x + reach * math.cos(a), y + reach * math.sin(a)) for a in corners], ink)
    font = ImageFont.load_default(radius * 0.62)
    draw.text((x, y), "STOP", "white", font=font, anchor="mm", stroke_width=2)
    return made


def clock(radius: int = 90) -> pil.Image:
    """Draw the face of a clock, which the network takes for one too."""
    made = pil.new("RGB", (416, 416), (200, 190, 170))
    draw = ImageDraw.Draw(made)
    middle = 208
    for reach, ink in ((radius, "black"), (radius * 0.92, "white")):
        draw.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), ink)
    for hour in range(12):
        a = math.pi * hour / 6
        at = (middle + radius * 0.75 * math.sin(a), middle - radius * 0.75 * math.cos(a))
        draw.text(at, str(hour or 12), "black", font=ImageFont.load_default(26), anchor="mm")
    draw.line((middle, middle, middle + radius * 0.5, middle - 10), "black", width=7)
    draw.line((middle, middle, middle + 10, middle - radius * 0.65), "black", width=5)
    return made


def beside(*pictures: pil.Image) -> pil.Image:
    """Put square pictures next to each other."""
    made = pil.new("RGB", (416 * len(pictures), 416))
    for place, each in enumerate(pictures):
        made.paste(each, (416 * place, 0))
    return made
