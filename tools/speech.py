"""Speech: recordings to text (Whisper), text to speech (Piper, as a separate process)."""

from __future__ import annotations

import contextlib
import io
import math
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from herd_graph.artifacts import Audio, Text
from herd_graph.artifacts.sureness import joined
from herd_graph.artifacts.workings import without_workings
from herd_graph.errors import ExpertFailed, PortViolation
from herd_graph.experts import ExpertContext
from herd_graph.function_experts import expert

from .needs import model
from .scratch import Scratch
from .sound_files import SoundForm, sound_file
from .subtitles import Form, written

RATE = 16_000
"""Frames per second that Whisper takes."""
SILENT = 1e-3
"""A recording whose loudest sample is below -60 dB holds nothing."""
UNSURE = -1.0
"""Mean log-probability of a token, below which what was understood is a guess."""
REPEATING = 2.4
"""How far a text may be compressed; beyond it Whisper says one phrase over and over (its own limit)."""


@expert(
    name="transcribe",
    tags=["speech", "audio", "recording", "voice", "transcript", "dictation", "speech-to-text"],
    examples=[
        "transcribe the voice note",
        "what is said in this recording?",
        "write down what the caller says",
        "turn this audio into text",
        "what does she say in the message?",
        "give me a transcript of the meeting",
    ],
    latency_s=0.5,
    memory="200 MiB",
    licence="MIT (faster-whisper, CTranslate2)",
    weights_licence="MIT",
    notes=(
        "Whisper tiny.en: English only, and the smallest of its family. It writes numbers as "
        "digits, and may mishear names; subtitles with times on demand. About ten times faster than real time on one core."
    ),
)
class Transcribe:
    """Transcribe English speech in a recording to text."""

    def load(self) -> None:
        """Load Whisper on one thread."""
        folder = model("whisper-tiny-en").locate()
        whisper: Any = import_module("faster_whisper")
        self._vad: Any = import_module("faster_whisper.vad")
        self._model: Any = whisper.WhisperModel(
            str(folder / "model"), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1
        )

    def close(self) -> None:
        """Let go of the model."""
        del self._model

    def __call__(
        self, recording: Audio, form: Form = "text", context: ExpertContext | None = None
    ) -> Text:
        """Transcribe.

        Args:
            recording: English speech: WAV, FLAC, OGG, MP3 or M4A.
            form: Plain text, lines with times, or subtitles (srt, vtt).
            context: Hears how far it is.
        """
        samples = _samples(recording)
        loudest = float(abs(samples).max())
        if loudest < SILENT:
            raise PortViolation(
                f"{_named(recording)} is silent. Expected a recording with English speech. Check "
                "that the microphone was on, or attach another file."
            )
        if not self._vad.get_speech_timestamps(samples, self._vad.VadOptions(threshold=0.3)):
            raise _no_speech(recording, len(samples) / RATE)  # Whisper would invent a "You"
        segments, info = self._model.transcribe(
            samples,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,  # one misheard sentence does not spoil the next
            word_timestamps=form != "text",
        )
        heard: list[Any] = []
        for segment in segments:
            if segment.no_speech_prob < 0.85:
                heard.append(segment)
            if context is not None:
                context.progress(min(1.0, segment.end / max(info.duration, 0.1)), "transcribing")
        text, told = joined([(each.text.strip(), certain(each.avg_logprob)) for each in heard])
        if not re.search(r"\w", text):
            raise _no_speech(recording, info.duration)
        weight = sum(segment.end - segment.start for segment in heard) or 1.0
        sure = sum(each.avg_logprob * (each.end - each.start) for each in heard) / weight
        lost = sum(each.end - each.start for each in heard if each.compression_ratio > REPEATING)
        if sure < UNSURE or lost > weight / 2:
            raise PortViolation(
                f"What is said in {_named(recording)} ({info.duration:.1f} s) was not understood as English (a guess "
                f"would be {text[:60]!r}). Expected clear speech in English: this is another language, or unclear. "
                "Attach a clearer recording; for another language add an expert that knows it."
            )
        if form != "text":
            return written(heard, form, recording.name)
        return Text(text, sure=told)


def certain(log_probability: float) -> float:
    """Return about which share of a segment's words is right, by the mean of its tokens.

    Fitted on the development clips of ``benchmarks/matrices``: a recogniser's own numbers cannot be
    held against another one's.
    """
    return 1.0 - (1.0 - math.exp(min(0.0, log_probability))) ** 1.4


def _no_speech(recording: Audio, seconds: float) -> PortViolation:
    return PortViolation(
        f"No speech was found in {_named(recording)} ({seconds:.1f} s). Expected English speech. "
        "Check the recording, or attach another one."
    )


def _samples(recording: Audio) -> Any:
    """Return mono float samples at 16 kHz, shape (frames,); resampled with a proper filter."""
    samples, rate = recording.samples()  # raises ArtifactUnreadable for what is no sound
    if rate == RATE:
        return samples
    audio: Any = import_module("faster_whisper.audio")
    try:
        resampled: Any = audio.decode_audio(io.BytesIO(recording.bytes()), sampling_rate=RATE)
    except Exception:  # the other decoder cannot read it
        return recording.samples(RATE)[0]
    return resampled


def _named(recording: Audio) -> str:
    return repr(recording.name or "the recording")


MAX_SPOKEN = 20_000
"""Characters: some twenty minutes of speech."""
_PARAGRAPH = 600


@expert(
    name="speak",
    tags=["speech", "voice", "read aloud", "audio", "narration", "text-to-speech"],
    examples=[
        "read this text aloud",
        "say it as audio",
        "turn the summary into speech",
        "make a spoken version of the answer",
        "I want to listen to this letter",
        "create a voice message that says the meeting is moved",
    ],
    latency_s=0.8,
    memory="220 MiB",
    licence="GPL-3.0-or-later (piper-tts; run as a separate process, never imported)",
    weights_licence="not stated (voice data CC0, fine-tuned from lessac)",
    notes=(
        "Piper voice en_US joe, 22 kHz mono; WAV, MP3, Ogg or FLAC. An English voice: it reads other languages with "
        "English sounds. piper-tts is GPL: HERD starts it as a "
        "program of its own and talks to it over pipes. The terms of the lessac data, from which "
        "the voice was fine-tuned, should be checked before commercial use."
    ),
)
class Speak:
    """Speak an English text aloud, as a sound recording."""

    def load(self) -> None:
        """Start the process, which keeps the voice in memory until ``close``."""
        self._voice = model("piper-en-us-joe").file(".onnx")
        self._process: _Piper | None = _Piper(self._voice)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def __call__(
        self, text: Text, form: SoundForm = "wav", context: ExpertContext | None = None
    ) -> Audio:
        """Speak.

        Args:
            text: English text.
            form: The sound file that is made.
            context: Hears how far it is.
        """
        spoken = without_workings(text.text)
        if not re.search(r"[^\W_]", spoken):
            raise PortViolation(
                f"There is nothing to say in {spoken[:40]!r}. Expected words or numbers. Give a text."
            )
        if len(spoken) > MAX_SPOKEN:
            raise PortViolation(
                f"The text has {len(spoken):,} characters. Expected at most {MAX_SPOKEN:,}, some "
                "twenty minutes of speech. Split it, or shorten it first."
            )
        np: Any = import_module("numpy")
        parts = list(_breaths(spoken))
        sound: list[Any] = []
        rate = 22_050
        for done, part in enumerate(parts):
            samples, rate = Audio(self._say(part), mime="audio/wav").samples()
            if sound:
                sound.append(np.zeros(round(rate * 0.35), dtype=np.float32))
            sound.append(samples)
            if context is not None:
                context.progress((done + 1) / len(parts), "speaking")
        return sound_file(np.concatenate(sound), rate, form, "speech")

    def _say(self, part: str) -> bytes:
        if self._process is not None and self._process.is_alive:
            try:
                return self._process.say(part)
            except ExpertFailed:  # it was killed, or an earlier text broke it: once more, afresh
                self._process.close()
        self._process = _Piper(self._voice)
        return self._process.say(part)


def _breaths(text: str) -> Iterator[str]:
    """Split text into parts of at most a paragraph each, at ends of sentences where possible."""
    for paragraph in text.splitlines():
        # Double brackets hold raw phonemes for Piper; here they are text.
        rest = " ".join(paragraph.replace("[[", "[ [").split())
        while rest:
            cut = len(rest)
            if cut > _PARAGRAPH:
                ends = [found.end() for found in re.finditer(r"[.!?;:]\s", rest[:_PARAGRAPH])]
                space = rest.rfind(" ", 0, _PARAGRAPH)
                cut = ends[-1] if ends else space if space > 0 else _PARAGRAPH
            part, rest = rest[:cut].strip(), rest[cut:].strip()
            if re.search(r"[^\W_]", part):
                yield part


class _Piper:
    """Piper's own command line as a process: a line of text in, the name of a WAV file out."""

    def __init__(self, voice: Path) -> None:
        self._folder = Scratch("speak")
        self._lines: queue.Queue[str | None] = queue.Queue()
        # -P keeps the working folder off the import path; without noise, equal texts sound equal.
        command = [sys.executable, "-P", "-m", "piper", "--model", str(voice)]
        command += [
            "--output-dir",
            str(self._folder.path),
            "--noise-scale",
            "0",
            "--noise-w-scale",
            "0",
        ]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self._folder.path,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        threading.Thread(target=self._listen, name="herd-piper", daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.put(line.rstrip())
        self._lines.put(None)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def say(self, line: str) -> bytes:
        """Return a WAV file of one line of text. Raises ``ExpertFailed``."""
        assert self._process.stdin is not None
        said: list[str] = []
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
            while True:
                heard = self._lines.get(timeout=60 + len(line) / 10)
                if heard is None:
                    break
                said.append(heard)
                _, wrote, path = heard.partition("Wrote ")
                if wrote:
                    return self._take(Path(path))
        except (OSError, queue.Empty) as error:
            said.append(str(error) or "it did not answer in time")
        self.close()
        raise ExpertFailed(
            f"The speech process (python -m piper) could not say {line[:60]!r}: "
            f"{said[-1] if said else 'it ended'}. Expected a WAV file. It is started again by the "
            "next call; check with: python -m piper --help"
        )

    def _take(self, path: Path) -> bytes:
        wrote = self._folder.path / path.name
        content = wrote.read_bytes()
        wrote.unlink()
        return content

    def close(self) -> None:
        """End the process: it stops by itself when nothing more can come."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # it may have gone already
                self._process.stdin.close()
        try:
            self._process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.close()
