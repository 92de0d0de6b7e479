"""Files that stand in for a user's own where no sample is there: made on the spot, never stored.

A folder of sample videos and workbooks would weigh more than the code that makes them.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any

from herd_graph.artifacts import Audio

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact

NOTE = """Dear Ms Novak,

Thank you for the wonderful week in Vienna! Anna Berger and I loved the Hotel Alpina. The soup in
the restaurant was cold, though, and nobody from Alpina Hotels Ltd apologised. Please send the bill
for 240 dollars to our office in Berlin before 3 March.

Kind regards,
Peter Lang
"""
SALES = """month,city,category,status,sales
January,Vienna,books,open,120
January,Berlin,games,closed,80
February,Vienna,games,closed,95
February,Berlin,books,open,140
March,Vienna,books,closed,210
March,Berlin,games,open,60
"""
RATE = 22_050
MELODY = (60, 64, 67, 72)
"""MIDI keys: a broken chord of C major."""


@functools.cache
def made_files() -> tuple[Artifact, ...]:
    """Return a note in English, a table, a document, a melody and a video with sound.

    What cannot be made, because a library is not installed, is left out: what would read it is not
    there either.
    """
    from herd_graph.artifacts.attach import attach_bytes

    made: list[Artifact] = []
    makers: dict[str, Callable[[], bytes]] = {
        "note.txt": NOTE.encode,
        "sales.csv": SALES.encode,
        "page.pdf": lambda: _pdf("The meeting is on Monday at nine. Bring the signed contract."),
        "melody.wav": lambda: melody().bytes(),
        "clip.mp4": _clip,
    }
    for name, make in makers.items():
        try:
            made.append(attach_bytes(make(), name=name))
        except ImportError:
            continue
    return tuple(made)


def melody() -> Audio:
    """Return four notes of something like a plucked string."""
    np: Any = import_module("numpy")
    time = np.arange(round(RATE * 0.6)) / RATE
    notes: list[Any] = []
    for key in MELODY:
        pitch = 440 * 2 ** ((key - 69) / 12)
        partials = [0.4 * 0.55**n * np.sin(2 * np.pi * pitch * n * time) for n in range(1, 6)]
        notes.append(sum(partials) * np.exp(-1.5 * time) * np.minimum(1, time * 200))
    return Audio.from_samples(np.concatenate(notes).astype("float32"), RATE, name="melody.wav")


def _pdf(line: str) -> bytes:
    """Return a page with one line of text."""
    drawn = f"BT /F1 18 Tf 60 700 Td ({line}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    out, places = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(out)
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    )


def _clip(fps: int = 5) -> bytes:
    """Return a video of a white ball that moves over a field, with the sample voice note."""
    from PIL import Image as pil
    from PIL import ImageDraw

    av: Any = import_module("av")
    sound = _voice()
    seconds = 4.0 if sound is None else min(12.0, sound.seconds)
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        film: Any = container.add_stream("mpeg4", rate=fps)
        film.width, film.height, film.pix_fmt = 160, 120, "yuv420p"
        track: Any = None if sound is None else container.add_stream("aac", rate=16_000)
        for number in range(round(seconds * fps)):
            picture = pil.new("RGB", (160, 120), "seagreen" if number < 2 * fps else "navy")
            x = 10 + 120 * number / (seconds * fps)
            ImageDraw.Draw(picture).ellipse((x, 50, x + 20, 70), "white")
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(film.encode(frame))
        container.mux(film.encode(None))
        if track is not None and sound is not None:
            _speak(container, track, sound, seconds)
    return out.getvalue()


def _speak(container: Any, track: Any, sound: Audio, seconds: float) -> None:
    av: Any = import_module("av")
    samples, rate = sound.samples(16_000)
    pcm = (samples[: round(rate * seconds)] * 32_767).astype("int16").reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
    frame.rate, frame.pts = rate, 0
    resampler = av.AudioResampler(
        format=track.codec_context.format, layout=track.codec_context.layout, rate=rate
    )
    queue = av.AudioFifo()
    for each in (*resampler.resample(frame), *resampler.resample(None)):
        queue.write(each)
    size = track.codec_context.frame_size or 1024
    while (part := queue.read(size, partial=True)) is not None:
        container.mux(track.encode(part))
    container.mux(track.encode(None))


def _voice() -> Audio | None:
    from herd_graph._bundled import folder
    from herd_graph.artifacts.attach import attach
    from herd_graph.config import Config
    from herd_graph.errors import HerdError

    try:
        found = attach(folder("graphs") / "samples" / "voice_note.ogg", Config())
    except HerdError:
        return None
    return found if isinstance(found, Audio) else None
