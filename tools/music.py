"""Write down the notes of a recording (Basic Pitch), as a table and as MIDI."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

from herd_graph.artifacts import Audio, Document, Table
from herd_graph.errors import PortViolation
from herd_graph.experts import ExpertContext
from herd_graph.function_experts import expert

from .needs import model
from .notes import FRAME_SAMPLES, LOWEST, RATE, Note, find_notes, midi_file

SILENT = 1e-3
"""A recording whose loudest sample is below -60 dB holds nothing."""
MOST_SECONDS = 900
_WINDOW = 43_844
"""Samples that the network takes at once: two seconds less one frame."""
_MARGIN = 15
"""Frames at each end of a window that know too little of their surroundings, and are dropped."""
_HOP = _WINDOW - 2 * _MARGIN * FRAME_SAMPLES
_BATCH = 4
_FAINT = 64
"""Notes of which the network is less sure than even."""


class Transcription(NamedTuple):
    """The notes, for reading and for playing."""

    notes: Table
    midi: Document


@expert(
    name="transcribe_music",
    tags=["music", "notes", "midi", "melody", "chords", "piano", "guitar", "sheet", "pitch"],
    examples=[
        "which notes are played in this recording?",
        "turn the melody into MIDI",
        "write down the notes of this piano piece",
        "transcribe the music",
        "what chord is this?",
        "make a MIDI file of the song",
    ],
    latency_s=0.4,
    memory="90 MiB",
    licence="Apache-2.0 (basic-pitch)",
    weights_licence="Apache-2.0",
    notes=(
        "Basic Pitch (ICASSP 2022): one instrument or voice at a time comes out best, several are "
        "written into one part; drums are not heard, and octaves are sometimes mistaken. It finds "
        "no beat and no key: times are in seconds, and the MIDI file plays at 120 beats per minute. "
        "Speech, too, has pitches, and comes out as notes that mean nothing. At most 15 minutes."
    ),
)
class TranscribeMusic:
    """Write down the notes that are played or sung in a recording, as a table and a MIDI file."""

    def load(self) -> None:
        """Load the network on one thread."""
        weights = model("basic-pitch").file(".onnx")
        onnx: Any = import_module("onnxruntime")
        options = onnx.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnx.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )

    def close(self) -> None:
        """Let go of the network."""
        del self._session

    def __call__(self, recording: Audio, context: ExpertContext | None = None) -> Transcription:
        """Transcribe.

        Args:
            recording: Music: WAV, FLAC, OGG, MP3 or M4A.
            context: Hears how far it is.
        """
        named = repr(recording.name or "the recording")
        samples, _ = recording.samples(RATE)  # raises ArtifactUnreadable for what is no sound
        if float(abs(samples).max()) < SILENT:
            raise PortViolation(
                f"{named} is silent. Expected a recording with music. Check that the microphone was "
                "on, or attach another file."
            )
        if len(samples) > MOST_SECONDS * RATE:
            raise PortViolation(
                f"{named} is {len(samples) / RATE / 60:.0f} minutes long. Expected at most "
                f"{MOST_SECONDS // 60}. Cut out the part that you want the notes of."
            )
        sounding, onsets, times = self._listen(samples, context)
        found = find_notes(sounding, onsets, times)
        if _is_noise(found, len(samples) / RATE):
            raise PortViolation(
                f"No notes were found in {named} ({len(samples) / RATE:.1f} s). Expected music with "
                "pitches: an instrument or a voice. Attach another recording."
            )
        return Transcription(
            _table(found), Document(midi_file(found), mime="audio/midi", name="notes.mid")
        )

    def _listen(self, samples: Any, context: ExpertContext | None) -> tuple[Any, Any, Any]:
        """Return how sure it is of each note and each onset, by frame and key, and frame times."""
        np: Any = import_module("numpy")
        lead = _MARGIN * FRAME_SAMPLES
        starts = list(range(0, len(samples) + lead, _HOP))
        padded = np.zeros(starts[-1] + _WINDOW, np.float32)
        padded[lead : lead + len(samples)] = samples[: len(padded) - lead]
        sounding: list[Any] = []
        onsets: list[Any] = []
        for at in range(0, len(starts), _BATCH):
            windows = np.stack([padded[s : s + _WINDOW, None] for s in starts[at : at + _BATCH]])
            notes, begun = self._session.run(
                ["StatefulPartitionedCall:1", "StatefulPartitionedCall:2"],
                {"serving_default_input_2:0": windows},
            )
            sounding.append(notes[:, _MARGIN:-_MARGIN].reshape(-1, notes.shape[-1]))
            onsets.append(begun[:, _MARGIN:-_MARGIN].reshape(-1, begun.shape[-1]))
            if context is not None:
                context.progress(min(1.0, (at + _BATCH) / len(starts)), "listening")
        frames = len(sounding[0]) // min(_BATCH, len(starts))
        # A window is not a whole number of frames long: each frame's time is reckoned from its own.
        begin = np.array(starts)[:, None] - lead
        times = (begin + (np.arange(frames) + _MARGIN)[None] * FRAME_SAMPLES).ravel() / RATE
        held = times <= len(samples) / RATE
        return np.concatenate(sounding)[held], np.concatenate(onsets)[held], times[held]


def _is_noise(found: Sequence[Note], seconds: float) -> bool:
    """Say whether a few faint notes are all that was found: in noise and speech there are such."""
    sounding = sum(each.end - each.start for each in found)
    loudest = max((each.velocity for each in found), default=0)
    return loudest < _FAINT and sounding < 0.2 * seconds


def _table(found: Sequence[Note]) -> Table:
    return Table(
        [
            {
                "note": each.name,
                "midi": each.key + LOWEST,
                "start_s": round(each.start, 2),
                "end_s": round(each.end, 2),
                "velocity": each.velocity,
            }
            for each in found
        ],
        name="notes",
    )
