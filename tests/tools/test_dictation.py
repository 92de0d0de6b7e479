"""The rough recogniser: most words of clear speech, and an error where it would only guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from herd_graph.artifacts import Audio, Text, attach
from herd_graph.errors import ArtifactUnreadable, PortViolation
from herd_graph.experts import ExpertContext

Call = Callable[..., Any]


def shared(heard: object, said: str) -> float:
    """Return what part of the words that were said is among those that were heard."""
    found = set(re.findall(r"[a-z]+", str(heard).lower()))
    wanted = re.findall(r"[a-z]+", said.lower())
    return sum(word in found for word in wanted) / len(wanted)


@pytest.mark.parametrize(
    "said",
    [
        "The books are on the second floor.",
        "What is the weather like in Paris today?",
        "The quick brown fox jumps over the lazy dog.",
    ],
)
def test_most_of_what_is_spoken_clearly_is_understood(call: Call, said: str):
    heard = call("transcribe_fast", call("speak", Text(said)))

    assert shared(heard, said) >= 0.75


def test_the_voice_note_is_understood_roughly(call: Call, samples: Path):
    heard = str(call("transcribe_fast", attach(samples / "voice_note.ogg")))

    assert heard.startswith("hello maria this is peter from london")
    assert heard.endswith("the driver at the back door")


def test_long_recordings_are_heard_stretch_by_stretch(call: Call):
    once = "The books are on the second floor. "
    seen: list[float] = []
    context = ExpertContext(on_event=lambda _, data: seen.append(data["fraction"]))  # pyright: ignore[reportArgumentType]

    heard = str(call("transcribe_fast", call("speak", Text(once * 12)), context=context))

    assert heard.count("the books") >= 9
    assert seen == sorted(seen)
    assert len(seen) >= 2
    assert seen[-1] == 1.0


def test_speech_drowned_in_noise_is_not_guessed_at(call: Call):
    samples, rate = call("speak", Text("What is the weather like in Paris today?")).samples()
    noise = np.random.default_rng(2).normal(0, 0.05, len(samples))

    with pytest.raises(PortViolation, match=r"not understood|No speech"):
        call("transcribe_fast", Audio.from_samples(samples + noise, rate, name="noisy.wav"))


@pytest.mark.parametrize("kind", ["silence", "noise", "beep"])
def test_a_recording_without_speech_is_an_error_and_no_invention(call: Call, kind: str):
    frames = np.arange(48_000)
    sounds = {
        "silence": np.zeros(48_000),
        "noise": np.random.default_rng(1).normal(0, 0.05, 48_000),
        "beep": 0.3 * np.sin(frames * 0.2),
    }

    with pytest.raises(PortViolation, match=r"is silent|No speech was found"):
        call("transcribe_fast", Audio.from_samples(sounds[kind], 16_000))


def test_a_cut_off_recording_is_an_error(call: Call):
    whole = call("speak", Text("This will be cut off in the middle.")).bytes()

    with pytest.raises(ArtifactUnreadable, match="cannot be decoded"):
        call("transcribe_fast", Audio(whole[: len(whole) // 2], name="cut.wav"))
