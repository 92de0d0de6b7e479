"""Speech, both ways: what is spoken is read back word for word."""

from __future__ import annotations

import io
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


def words(text: object) -> list[str]:
    return re.findall(r"[a-z0-9]+", str(text).lower())


def test_what_is_spoken_is_transcribed_word_for_word(call: Call):
    said = "The library opens at noon on Monday. The books are on the second floor."

    heard = call("transcribe", call("speak", Text(said)))

    assert words(heard) == words(said)


def test_the_voice_note_reads_as_written(call: Call, samples: Path):
    heard = call("transcribe", attach(samples / "voice_note.ogg"))

    assert str(heard) == (
        "Hello Maria, this is Peter from London. Your order of 12 chairs will arrive on Friday "
        "morning. Please meet the driver at the back door."
    )


def test_equal_texts_sound_equal(call: Call):
    assert call("speak", Text("Good morning.")) == call("speak", Text("Good morning."))


def test_speech_says_how_far_it_is(call: Call):
    seen: list[Any] = []
    context = ExpertContext(on_event=lambda name, data: seen.append((name, data["fraction"])))

    call("speak", Text("First line.\nSecond line."), context=context)

    assert seen == [("progress", 0.5), ("progress", 1.0)]


def test_longer_texts_take_longer(call: Call):
    short = call("speak", Text("One sentence. " * 2)).seconds
    long = call("speak", Text("One sentence. " * 50)).seconds

    assert long > 12 * short


def test_raw_phonemes_in_a_text_are_only_text(call: Call):
    heard = call("transcribe", call("speak", Text("The word [[hello]] stands in brackets.")))

    assert "hello" in words(heard)


@pytest.mark.parametrize("text", ["...", "—", "!?", "\n \n."])
def test_a_text_without_words_is_refused(call: Call, text: str):
    with pytest.raises(PortViolation, match="nothing to say"):
        call("speak", Text(text))


def test_a_book_is_refused(call: Call):
    with pytest.raises(PortViolation, match="at most 20,000"):
        call("speak", Text("word " * 5_000))


def test_a_killed_process_is_started_again(call: Call, experts: dict[str, Any]):
    call("speak", Text("Once."))
    process = experts["speak"]._instance._process._process
    process.kill()
    process.wait()

    again = call("speak", Text("Twice."))

    assert again.seconds > 0.3
    assert experts["speak"]._instance._process._process.pid != process.pid


def test_closing_ends_the_process(call: Call, experts: dict[str, Any]):
    call("speak", Text("Once."))
    instance = experts["speak"]._instance
    process, folder = instance._process._process, instance._process._folder.path

    instance.close()

    assert process.returncode is not None
    assert not folder.exists()
    assert call("speak", Text("Back again.")).seconds > 0.3


def tone(kind: str) -> Audio:
    rate, seconds = 16_000, 3
    if kind == "silence":
        return Audio.from_samples(np.zeros(rate * seconds, np.float32), rate, name="quiet.wav")
    if kind == "noise":
        noise = np.random.default_rng(1).normal(0, 0.05, rate * seconds)
        return Audio.from_samples(noise, rate, name="noise.wav")
    wave = 0.3 * np.sin(np.arange(rate * seconds) * 0.2)
    return Audio.from_samples(wave, rate, name="beep.wav")


@pytest.mark.parametrize("kind", ["silence", "noise", "beep"])
def test_a_recording_without_speech_is_an_error_and_no_invention(call: Call, kind: str):
    with pytest.raises(PortViolation, match=r"silent|No speech was found"):
        call("transcribe", tone(kind))


@pytest.mark.parametrize("kept", [30, 300, 20_000])
def test_a_truncated_recording_is_an_error(call: Call, kept: int):
    whole = call("speak", Text("This will be cut off in the middle.")).bytes()

    with pytest.raises(ArtifactUnreadable, match="cannot be decoded"):
        call("transcribe", Audio(whole[:kept], name="cut.wav"))


@pytest.mark.parametrize(("rate", "form"), [(8_000, "WAV"), (44_100, "FLAC"), (48_000, "OGG")])
def test_other_rates_and_forms_are_understood(call: Call, rate: int, form: str):
    import soundfile

    samples, _ = call("speak", Text("The red house is on the left side of the street.")).samples(
        rate
    )
    buffer = io.BytesIO()
    soundfile.write(buffer, np.stack([samples, samples], axis=1), rate, format=form)

    heard = call("transcribe", Audio(buffer.getvalue(), mime=f"audio/{form.lower()}"))

    assert words(heard) == words("The red house is on the left side of the street.")
