"""Speech to text on the cheap: a classic recogniser (PocketSphinx), without a neural network."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from herd_graph.artifacts import Audio, Text
from herd_graph.artifacts.sureness import joined
from herd_graph.errors import PortViolation
from herd_graph.experts import ExpertContext
from herd_graph.function_experts import expert

from .needs import model

RATE = 16_000
"""Frames per second that the acoustic model was trained on."""
SILENT = 1e-3
"""A recording whose loudest sample is below -60 dB holds nothing."""
UNSURE = 0.5
"""Mean posterior of a word, below which most words are wrong. Clear speech has 0.55 to 0.9."""
_HASTY = 1.6
"""Fewer words are right than the posterior says: this power of it is about the share that is, on the
development clips of ``benchmarks/matrices``."""
_LONGEST = 20.0
"""Seconds that are decoded in one go: the search keeps all of them in memory."""


@dataclass(frozen=True)
class Heard:
    """What was understood in a stretch of speech."""

    words: str
    sure: float
    """Mean posterior probability of the words, weighted by their length."""
    frames: int
    """Hundredths of a second that the words take."""


@expert(
    name="transcribe_fast",
    tags=["speech", "audio", "recording", "rough", "quick", "draft", "speech-to-text"],
    examples=[
        "make a quick rough transcript of the recording",
        "give me a fast draft of what is said",
        "transcribe this roughly, speed matters more than accuracy",
        "a cheap first transcript of the voice note",
    ],
    latency_s=0.4,
    memory="160 MiB",
    licence="BSD-2-Clause (PocketSphinx); MIT (Silero voice detection in faster-whisper)",
    weights_licence="BSD-2-Clause (CMU Sphinx)",
    notes=(
        "Rough: expect a wrong word in four, more with an accent or noise; lower case, no "
        "punctuation, numbers as words. It suits a first look or a second opinion; for a text that "
        "people will rely on use 'transcribe'. English only. Quicker than that on recordings under "
        "five seconds, in half the memory."
    ),
    caution="rough: one word in four may be wrong",
)
class TranscribeFast:
    """Make a quick, rough transcript of English speech."""

    def load(self) -> None:
        """Load the acoustic model, the language model and the dictionary."""
        folder = model("pocketsphinx-en-us").locate() / "model" / "en-us"
        sphinx: Any = import_module("pocketsphinx")
        self._vad: Any = import_module("faster_whisper.vad")
        # Narrower than by default and without a second pass: two thirds of the time, and on clear
        # speech about as many words right.
        self._decoder: Any = sphinx.Decoder(
            hmm=str(folder / "en-us"),
            lm=str(folder / "en-us.lm.bin"),
            dict=str(folder / "cmudict-en-us.dict"),
            samprate=float(RATE),
            maxhmmpf=5000,
            maxwpf=10,
            fwdflat=False,
            loglevel="FATAL",
        )

    def close(self) -> None:
        """Let go of the models."""
        del self._decoder

    def __call__(self, recording: Audio, context: ExpertContext | None = None) -> Text:
        """Transcribe.

        Args:
            recording: English speech: WAV, FLAC, OGG, MP3 or M4A.
            context: Hears how far it is.
        """
        named = repr(recording.name or "the recording")
        samples, _ = recording.samples(RATE)  # raises ArtifactUnreadable for what is no sound
        if float(abs(samples).max()) < SILENT:
            raise PortViolation(
                f"{named} is silent. Expected a recording with English speech. Check that the "
                "microphone was on, or attach another file."
            )
        # The recogniser hears words in anything: only what a detector takes for speech reaches it.
        options = self._vad.VadOptions(threshold=0.3, max_speech_duration_s=_LONGEST)
        stretches = self._vad.get_speech_timestamps(samples, options)
        heard: list[Heard] = []
        for done, stretch in enumerate(stretches, 1):
            heard.append(self._hear(samples[int(stretch["start"]) : int(stretch["end"])]))
            if context is not None:
                context.progress(done / len(stretches), "transcribing")
        text, told = joined([(each.words, each.sure**_HASTY) for each in heard])
        if not text:
            raise PortViolation(
                f"No speech was found in {named} ({len(samples) / RATE:.1f} s). Expected English "
                "speech. Check the recording, or attach another one."
            )
        frames = sum(each.frames for each in heard) or 1
        if sum(each.sure * each.frames for each in heard) / frames < UNSURE:
            raise PortViolation(
                f"What is said in {named} was not understood. Expected clear speech in English, "
                "without noise. Use 'transcribe', which understands more, or attach a clearer "
                "recording."
            )
        return Text(text, sure=told)

    def _hear(self, samples: Any) -> Heard:
        pcm = (samples.clip(-1.0, 1.0) * 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        if found is None or not str(found.hypstr).strip():
            return Heard("", 0.0, 0)
        words = [
            (float(each.prob), int(each.end_frame - each.start_frame))
            for each in self._decoder.seg()
            if not str(each.word).startswith(("<", "["))  # silence, breath, noise
        ]
        frames = sum(length for _, length in words)
        sure = sum(posterior * length for posterior, length in words) / max(frames, 1)
        return Heard(str(found.hypstr).strip(), sure, frames)
