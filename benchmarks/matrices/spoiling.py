"""What is done to a clean recording: noise, speed, rooms, telephones, microphones set wrong."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.matrices.speaking import RATE

CONDITIONS = (
    "clean",
    "white_noise",
    "pink_noise",
    "babble",
    "fast",
    "slow",
    "room",
    "hall",
    "telephone",
    "telephone_noise",
    "clipped",
    "faint",
)


def spoil(condition: str, samples: Any, random: Any, others: Any) -> Any:
    """Return a recording under a condition.

    Args:
        condition: One of ``CONDITIONS``.
        samples: Mono, 16 kHz.
        random: A numpy generator; equal seeds give equal recordings.
        others: Another voice's recording, for babble.
    """
    np: Any = import_module("numpy")

    quiet = np.zeros(RATE // 4, dtype=np.float32)
    framed = np.concatenate([quiet, samples, quiet])
    made = _WAYS[condition](framed, random, others)
    loudest = float(np.abs(made).max())
    return (made / loudest if loudest > 1 else made).astype(np.float32)


def _clean(samples: Any, random: Any, others: Any) -> Any:
    del random, others
    return samples


def _mixed(samples: Any, noise: Any, decibels: float) -> Any:
    """Add noise at a ratio of the speech's power to its own."""
    np: Any = import_module("numpy")

    speech = float((samples**2).mean())
    gain = np.sqrt(speech / (float((noise**2).mean()) + 1e-12) / 10 ** (decibels / 10))
    return samples + gain * noise


def _white(samples: Any, random: Any, others: Any) -> Any:
    del others
    return _mixed(samples, random.standard_normal(len(samples)), 12 - 6 * random.random())


def _pink(samples: Any, random: Any, others: Any) -> Any:
    np: Any = import_module("numpy")

    del others
    flat = np.fft.rfft(random.standard_normal(len(samples)))
    falling = np.sqrt(np.arange(len(flat)) + 1.0)
    return _mixed(samples, np.fft.irfft(flat / falling, len(samples)), 6 - 6 * random.random())


def _babble(samples: Any, random: Any, others: Any) -> Any:
    """Put three copies of another voice behind it, each from another place, one backwards."""
    np: Any = import_module("numpy")

    long = np.resize(others, len(samples) * 2)
    starts = random.integers(0, len(samples), size=3)
    noise = sum(long[start : start + len(samples)] for start in starts)
    return _mixed(samples, noise + long[: len(samples)][::-1], 8 - 5 * random.random())


def _paced(samples: Any, factor: float) -> Any:
    """Change the pace and keep the pitch, by overlapping and adding where the waves fit best."""
    np: Any = import_module("numpy")

    window, hop, reach = 640, 320, 160
    shape = np.hanning(window)
    count = int((len(samples) / factor - window) / hop)
    made = np.zeros(count * hop + window)
    weight = np.full(len(made), 1e-6)
    at = 0
    for step in range(count):
        wanted = int(step * hop * factor)
        if step:
            follows = samples[at + hop : at + hop + window]
            low = max(0, wanted - reach)
            room = samples[low : wanted + reach + window]
            if len(follows) == window and len(room) > window:
                fits = np.correlate(room, follows, mode="valid")
                wanted = low + int(fits.argmax())
        piece = samples[wanted : wanted + window]
        if len(piece) < window:
            break
        made[step * hop : step * hop + window] += piece * shape
        weight[step * hop : step * hop + window] += shape
        at = wanted
    return made / np.maximum(weight, 0.1)


def _fast(samples: Any, random: Any, others: Any) -> Any:
    del others
    return _paced(samples, 1.35 + 0.3 * random.random())


def _slow(samples: Any, random: Any, others: Any) -> Any:
    del others
    return _paced(samples, 0.6 + 0.15 * random.random())


def _echoed(samples: Any, random: Any, seconds: float, direct: float) -> Any:
    """Convolve with decaying noise; ``direct`` is how loud the straight way is."""
    np: Any = import_module("numpy")

    signal: Any = import_module("scipy.signal")
    count = int(seconds * RATE)
    tail = random.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
    tail /= np.sqrt((tail**2).sum())
    tail[0] += direct
    made = signal.fftconvolve(samples, tail)[: len(samples) + count // 3]
    return made * (0.7 / np.abs(made).max())


def _room(samples: Any, random: Any, others: Any) -> Any:
    del others
    return _echoed(samples, random, 0.4 + 0.2 * random.random(), 1.0)


def _hall(samples: Any, random: Any, others: Any) -> Any:
    del others
    return _echoed(samples, random, 1.0 + 0.6 * random.random(), 0.6)


def _telephone(samples: Any, random: Any, others: Any) -> Any:
    """Cut to 300 to 3,400 Hz and to eight bits by the mu law."""
    np: Any = import_module("numpy")

    del random, others
    signal: Any = import_module("scipy.signal")
    band = signal.butter(4, [300, 3400], btype="bandpass", fs=RATE, output="sos")
    narrow = np.clip(signal.sosfilt(band, samples), -1, 1)
    squeezed = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    coarse = np.round(squeezed * 127) / 127
    return np.sign(coarse) * (256 ** np.abs(coarse) - 1) / 255


def _telephone_noise(samples: Any, random: Any, others: Any) -> Any:
    return _telephone(_mixed(samples, random.standard_normal(len(samples)), 12.0), random, others)


def _clipped(samples: Any, random: Any, others: Any) -> Any:
    np: Any = import_module("numpy")

    del others
    return np.clip(samples * (8 + 8 * random.random()), -0.99, 0.99)


def _faint(samples: Any, random: Any, others: Any) -> Any:
    """Turn it down by 40 dB, with the hiss of the microphone and the steps of 16 bits."""
    np: Any = import_module("numpy")

    del others
    low = _mixed(samples, random.standard_normal(len(samples)), 15.0) * 0.01
    return np.round(low * 32768) / 32768


_WAYS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "clean": _clean,
    "white_noise": _white,
    "pink_noise": _pink,
    "babble": _babble,
    "fast": _fast,
    "slow": _slow,
    "room": _room,
    "hall": _hall,
    "telephone": _telephone,
    "telephone_noise": _telephone_noise,
    "clipped": _clipped,
    "faint": _faint,
}

__all__ = ("CONDITIONS", "spoil")
