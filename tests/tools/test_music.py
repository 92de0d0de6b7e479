"""Music: the notes that were played come out, at their times, in the table and in the MIDI file."""

from __future__ import annotations

import struct
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import tone

from herd_graph.artifacts import Audio, attach
from herd_graph.errors import ArtifactUnreadable, PortViolation
from herd_graph.types import Kind

Call = Callable[..., Any]
notes: Any = import_module("herd_graph._bundled.tools.notes")

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


def melody(keys: list[int], seconds: float = 0.5, rate: int = 22_050) -> Audio:
    return Audio.from_samples(np.concatenate([tone([key], seconds, rate) for key in keys]), rate)


def played(midi: bytes) -> list[tuple[int, float, float]]:
    """Read a MIDI file: key, start and end in seconds. Written from the standard, not from ours."""
    assert midi[:4] == b"MThd"
    length, form, tracks, division = struct.unpack(">IHHH", midi[4:14])
    assert (length, form, tracks) == (6, 0, 1)
    assert midi[14:18] == b"MTrk"
    (size,) = struct.unpack(">I", midi[18:22])
    body = midi[22:]
    assert size == len(body)
    at, now, tempo = 0, 0.0, 500_000
    held: dict[int, float] = {}
    found: list[tuple[int, float, float]] = []
    while at < len(body):
        ticks = 0
        while body[at] & 0x80:
            ticks, at = ticks << 7 | body[at] & 0x7F, at + 1
        ticks, at = ticks << 7 | body[at], at + 1
        now += ticks * tempo / 1e6 / division
        kind, key, value = body[at], body[at + 1], body[at + 2]
        if kind == 0xFF:
            if key == 0x2F:
                break
            tempo = int.from_bytes(body[at + 3 : at + 3 + value], "big")
            at += 3 + value
            continue
        at += 3
        if kind == 0x90:
            assert key not in held, "a key is never struck while it is held"
            assert 1 <= value <= 127
            held[key] = now
        else:
            assert kind == 0x80
            found.append((key, held.pop(key), now))
    assert not held
    return sorted(found, key=lambda each: (each[1], each[0]))


def test_a_scale_is_written_down_note_by_note(call: Call):
    found = call("transcribe_music", melody(SCALE))

    rows = found.notes.rows
    assert [row["midi"] for row in rows] == SCALE
    assert [row["note"] for row in rows] == ["C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5"]
    assert [row["start_s"] for row in rows] == pytest.approx(
        [0.5 * each for each in range(8)], abs=0.06
    )


def test_a_chord_is_its_notes_at_once(call: Call):
    found = call("transcribe_music", Audio.from_samples(tone([57, 60, 64], 2.0), 22_050))

    rows = found.notes.rows
    assert [row["note"] for row in rows] == ["A3", "C4", "E4"]
    assert all(row["start_s"] < 0.1 for row in rows)


def test_the_midi_file_plays_the_notes_of_the_table(call: Call):
    found = call("transcribe_music", melody(SCALE, 0.4))

    assert found.midi.kind is Kind.DOCUMENT
    assert found.midi.mime == "audio/midi"
    heard = played(found.midi.bytes())
    rows = found.notes.rows
    assert [key for key, _, _ in heard] == [row["midi"] for row in rows]
    assert [start for _, start, _ in heard] == pytest.approx(
        [row["start_s"] for row in rows], abs=0.01
    )
    assert [end for _, _, end in heard] == pytest.approx([row["end_s"] for row in rows], abs=0.01)


def test_times_do_not_drift_in_a_longer_piece(call: Call):
    found = call("transcribe_music", melody(SCALE * 8))

    starts = [row["start_s"] for row in found.notes.rows]
    assert len(starts) == 64
    assert starts == pytest.approx([0.5 * each for each in range(64)], abs=0.06)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_other_rates_give_the_same_notes(call: Call, rate: int):
    found = call("transcribe_music", melody([60, 64, 67], 0.6, rate))

    assert [row["midi"] for row in found.notes.rows] == [60, 64, 67]


@pytest.mark.parametrize("kind", ["silence", "noise", "click"])
def test_a_recording_without_music_is_an_error(call: Call, kind: str):
    sounds = {
        "silence": np.zeros(66_150),
        "noise": np.random.default_rng(1).normal(0, 0.1, 66_150),
        "click": np.eye(1, 66_150, 500)[0],
    }

    with pytest.raises(PortViolation, match=r"is silent|No notes were found"):
        call("transcribe_music", Audio.from_samples(sounds[kind], 22_050, name="none.wav"))


def test_a_voice_note_is_no_music(call: Call, samples: Path):
    with pytest.raises(PortViolation, match=r"No notes were found in 'voice_note\.ogg'"):
        call("transcribe_music", attach(samples / "voice_note.ogg"))


def test_an_hour_is_refused(call: Call):
    long = Audio.from_samples(np.full(3600 * 1000, 0.1, np.float32), 1000, name="hour.wav")

    with pytest.raises(PortViolation, match="at most 15"):
        call("transcribe_music", long)


def test_a_cut_off_recording_is_an_error(call: Call):
    whole = melody([60, 62]).bytes()

    with pytest.raises(ArtifactUnreadable, match="cut off"):
        call("transcribe_music", Audio(whole[: len(whole) // 2]))


@given(
    st.lists(
        st.tuples(st.integers(0, 87), st.floats(0, 100), st.floats(0.05, 9), st.integers(1, 127)),
        max_size=40,
    )
)
def test_any_notes_make_a_midi_file_that_holds_no_key_twice(
    drawn: list[tuple[int, float, float, int]],
):
    made = [
        notes.Note(key=key, start=start, end=start + length, velocity=velocity)
        for key, start, length, velocity in drawn
    ]

    heard = played(notes.midi_file(made))

    assert {key for key, _, _ in heard} == {each.key + notes.LOWEST for each in made}
    assert all(end > start for _, start, end in heard)
