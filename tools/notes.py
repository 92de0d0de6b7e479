"""From what a network hears in each frame to notes, and from notes to a MIDI file.

The method is that of Bittner et al., A Lightweight Instrument-Agnostic Model for Polyphonic Note
Transcription and Multipitch Estimation (arXiv 2203.09893), section 2.3: notes grow forward from
peaks of the onsets, latest first; what is left of the energy gives notes without a clear onset.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

RATE = 22_050
"""Samples per second that the network takes."""
FRAME_SAMPLES = 256
"""Samples between two frames: 11.6 ms."""
LOWEST = 21
"""The MIDI number of the first key, A0."""
_ONSET = 0.5
_SOUNDING = 0.3
_GAP = 11
"""Frames that a note may be inaudible before it has ended."""
_SHORTEST = 11
"""Frames: 128 ms. What is shorter is noise more often than a note."""
_OVERTONES = frozenset({12, 19, 24, 28, 31, 34, 36})
"""Semitones from a note to its second to eighth partial."""
_TICKS = 480
"""MIDI ticks in a beat of half a second."""
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, kw_only=True)
class Note:
    """One note: which key, from when to when in seconds, and how loud."""

    key: int
    """Counted from A0, the lowest of a piano."""
    start: float
    end: float
    velocity: int
    """1 to 127."""

    @property
    def name(self) -> str:
        """In scientific pitch notation: ``A4`` is 440 Hz."""
        number = self.key + LOWEST
        return f"{_NAMES[number % 12]}{number // 12 - 1}"


def find_notes(sounding: Any, onsets: Any, times: Any) -> list[Note]:
    """Return the notes in order of their beginning.

    Args:
        sounding: How surely each key sounds; shape (frames, 88), 0 to 1.
        onsets: How surely each key begins to sound; the same shape.
        times: Of each frame, in seconds; shape (frames,).
    """
    np: Any = import_module("numpy")
    if len(times) < 2:
        return []
    left = sounding.copy()
    spans: list[tuple[int, int, int, float]] = []

    def take(key: int, first: int, after: int) -> None:
        """Make a note of a span, and take its energy and its neighbours' away."""
        left[first:after, max(0, key - 1) : key + 2] = 0.0
        if after - first > _SHORTEST:
            spans.append((key, first, after, float(sounding[first:after, key].mean())))

    begun = _sharpened(sounding, onsets)
    peaks = np.zeros(begun.shape, bool)
    peaks[1:-1] = (begun[1:-1] > begun[:-2]) & (begun[1:-1] >= begun[2:]) & (begun[1:-1] >= _ONSET)
    for first, key in zip(*(each.tolist()[::-1] for each in np.nonzero(peaks)), strict=True):
        after = _end(left[:, key], first)
        if after - first > _SHORTEST:
            take(key, first, after)
    while left.size and float(left.max()) > _SOUNDING:
        middle, key = (int(each) for each in np.unravel_index(int(left.argmax()), left.shape))
        after = _end(left[:, key], middle)
        first = len(left) - _end(left[::-1, key], len(left) - 1 - middle)
        take(key, first, max(after, first + 1))
    notes = [
        Note(
            key=key,
            start=float(times[first]),
            end=float(times[min(after, len(times) - 1)]),
            velocity=max(1, min(127, round(127 * strength))),
        )
        for key, first, after, strength in spans
    ]
    notes = [each for each in notes if not any(_is_overtone(each, other) for other in notes)]
    return sorted(notes, key=lambda each: (each.start, each.key))


def _is_overtone(note: Note, other: Note) -> bool:
    """Say whether a note is only the overtone of a far louder one that sounds with it."""
    shared = min(note.end, other.end) - max(note.start, other.start)
    return (
        note.key - other.key in _OVERTONES
        and other.velocity > 1.5 * note.velocity
        and shared > 0.7 * (note.end - note.start)
    )


def _sharpened(sounding: Any, onsets: Any) -> Any:
    """Add onsets where a key becomes sure at a jump: soft attacks are hardly heard as onsets.

    The paper scales the jumps, so that the largest counts as much as the surest onset. Here they
    count as they are: in a quiet stretch the largest is only the seam between two windows.
    """
    np: Any = import_module("numpy")
    rises = [sounding[back:] - sounding[:-back] for back in (1, 2) if len(sounding) > back]
    jump = np.zeros_like(sounding)
    shared = len(rises[-1])
    jump[-shared:] = np.minimum.reduce([each[-shared:] for each in rises])
    return np.maximum(onsets, jump)


def _end(energy: Any, first: int) -> int:
    """Return the frame after the last one, from ``first`` on, in which a note is still heard."""
    quiet = 0
    at = first
    while at < len(energy) and quiet < _GAP:
        quiet = quiet + 1 if energy[at] < _SOUNDING else 0
        at += 1
    return at - quiet


def midi_file(notes: Sequence[Note]) -> bytes:
    """Return a Standard MIDI File of one track, at 120 beats per minute.

    A key that begins again while it sounds is let go first: MIDI cannot hold it twice.
    """
    changes: list[tuple[int, int, int, int]] = []
    until: dict[int, int] = {}
    for each in sorted(notes, key=lambda note: note.start, reverse=True):
        first = round(each.start * 2 * _TICKS)
        after = min(round(each.end * 2 * _TICKS), until.get(each.key, 1 << 28))
        until[each.key] = first
        if after > first:
            changes.append((first, 1, each.key + LOWEST, each.velocity))
            changes.append((after, 0, each.key + LOWEST, 0))
    track = bytearray(b"\x00\xff\x51\x03" + (500_000).to_bytes(3, "big"))  # microseconds a beat
    now = 0
    for at, on, key, velocity in sorted(changes):
        track += _variable(at - now) + bytes((0x90 if on else 0x80, key, velocity))
        now = at
    track += b"\x00\xff\x2f\x00"
    head = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, _TICKS)
    return head + struct.pack(">4sI", b"MTrk", len(track)) + bytes(track)


def _variable(value: int) -> bytes:
    """Return a number as MIDI writes times: seven bits a byte, all but the last marked."""
    content = [value & 0x7F]
    while value := value >> 7:
        content.insert(0, value & 0x7F | 0x80)
    return bytes(content)
