"""Which clips and pages there are: every voice and font under every condition, frozen beforehand.

``freeze`` writes the lists from a seed; they are committed with their hashes before anything is
measured. ``make_media`` speaks and prints them. A file's name says nothing about what is in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.matrices import printing, speaking, spoiling

SEED = 20_261_122
FOLDER = Path(__file__).parent
PARTS = ("development", "test")
TAKES = 2
"""Clips of one voice under one condition."""
_NAMES = "Harper Okoye Lindqvist Moreau Castillo Becker Tanaka Novak Sullivan Ferrari".split()  # noqa: SIM905
_FIRST = "Alice Bruno Clara Dmitri Elena Farid Grace Hugo Ingrid Jorge".split()  # noqa: SIM905
_STREETS = "Mill Lane,Station Road,King Street,Harbour View,Elm Avenue,Castle Hill".split(",")  # noqa: SIM905
_GOODS = [
    "Tomato soup",
    "Green tea",
    "Notebook A5",
    "LED lamp",
    "Oak shelf",
    "Garden hose",
    "Cheese roll",
    "Blue ink",
    "Hand soap",
    "Bus ticket",
    "Coffee beans",
    "Paper towels",
]
_MONTHS = "January March April June August September November December".split()  # noqa: SIM905


def sentences(part: str) -> list[str]:
    """Return the sentences of one part."""
    told: dict[str, list[str]] = {}
    at = ""
    for line in (FOLDER / "sentences.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            at = line[2:]
        elif line:
            told.setdefault(at, []).append(line)
    return told[part]


def clips() -> list[dict[str, Any]]:
    """Return every clip: a voice, a condition, a sentence and a seed."""
    np: Any = import_module("numpy")

    random = np.random.default_rng(SEED)
    made: list[dict[str, Any]] = []
    for part in PARTS:
        voices = [voice for voice, where in speaking.VOICES.items() if where == part]
        count = len(voices) * len(spoiling.CONDITIONS) * TAKES
        texts = sentences(part)
        order = [*random.permutation(len(texts)), *random.permutation(len(texts))]
        drawn: list[int] = np.resize(order, count).tolist()
        given = iter([texts[each] for each in drawn])
        for condition in spoiling.CONDITIONS:
            for voice in voices:
                made += [
                    _row("wav", part, condition, next(given), voice=voice) for _ in range(TAKES)
                ]
    return made


def pages() -> list[dict[str, Any]]:
    """Return every page: a font, a condition, its lines and a seed."""
    np: Any = import_module("numpy")

    random = np.random.default_rng(SEED + 1)
    made: list[dict[str, Any]] = []
    for part in PARTS:
        fonts = [font for font, where in printing.FONTS.items() if where == part]
        texts = sentences(part)
        for condition in printing.CONDITIONS:
            for font in fonts:
                kind = _KINDS[int(random.integers(len(_KINDS)))]
                suffix = "jpg" if condition == "jpeg" else "png"
                text = "\n".join(kind(random, texts))
                made.append(_row(suffix, part, condition, text, font=font))
    return made


def _row(suffix: str, part: str, condition: str, text: str, **how: str) -> dict[str, Any]:
    key = json.dumps([part, condition, text, how], sort_keys=True)
    name = hashlib.sha256(f"{SEED}{key}".encode()).hexdigest()[:10]
    return {
        "files": [f"media/{name}.{suffix}"],
        "expect": text,
        "task": condition,
        "split": part,
        **how,
        "seed": zlib.crc32(key.encode()),
    }


def _money(random: Any) -> str:
    return f"{int(random.integers(1, 90))}.{int(random.integers(0, 100)):02d}"


def _one(random: Any, given: Sequence[str]) -> str:
    return given[int(random.integers(len(given)))]


def _prose(random: Any, texts: list[str]) -> list[str]:
    words = f"{_one(random, texts)} {_one(random, texts)}".split()
    cut = [words[start : start + 7] for start in range(0, len(words), 7)]
    return [" ".join(each) for each in cut[:4]]


def _receipt(random: Any, texts: list[str]) -> list[str]:
    del texts
    drawn: list[int] = random.permutation(len(_GOODS))[:3].tolist()
    goods = [_GOODS[each] for each in drawn]
    return [*(f"{each} {_money(random)}" for each in goods), f"TOTAL EUR {_money(random)}"]


def _invoice(random: Any, texts: list[str]) -> list[str]:
    del texts
    return [
        f"Invoice No. {int(random.integers(10_000, 99_999))}",
        f"{int(random.integers(1, 29))} {_one(random, _MONTHS)} {int(random.integers(1995, 2027))}",
        f"Amount due: ${_money(random)}",
    ]


def _address(random: Any, texts: list[str]) -> list[str]:
    del texts
    return [
        f"{_one(random, _FIRST)} {_one(random, _NAMES)}",
        f"{int(random.integers(1, 400))} {_one(random, _STREETS)}",
        f"Tel. 0{int(random.integers(100, 999))} {int(random.integers(100_000, 999_999))}",
    ]


def _sign(random: Any, texts: list[str]) -> list[str]:
    del texts
    hour = int(random.integers(6, 12))
    return [
        f"OPEN {hour:02d}:30 - {hour + 8}:00",
        "NO PARKING",
        f"Gate B{int(random.integers(50))}",
    ]


_KINDS: tuple[Callable[[Any, list[str]], list[str]], ...] = (
    _prose,
    _prose,
    _receipt,
    _invoice,
    _address,
    _sign,
)


def lines(rows: list[dict[str, Any]]) -> str:
    """Return rows as JSON lines."""
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in rows)


def freeze() -> dict[str, Any]:
    """Write ``speech.jsonl`` and ``pages.jsonl``, and their hashes to ``frozen.json``."""
    told: dict[str, Any] = {"seed": SEED}
    for name, rows in (("speech", clips()), ("pages", pages())):
        text = lines(rows)
        (FOLDER / f"{name}.jsonl").write_text(text, encoding="utf-8")
        told[name] = {"items": len(rows), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    (FOLDER / "frozen.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


def media_hash(name: str, folder: Path = FOLDER) -> str:
    """Return one hash of all clips or pages, in the order of the list."""
    whole = hashlib.sha256()
    for row in rows_of(name):
        whole.update(hashlib.sha256((folder / row["files"][0]).read_bytes()).digest())
    return whole.hexdigest()


def frozen() -> dict[str, Any]:
    """Return what was frozen."""
    return json.loads((FOLDER / "frozen.json").read_text(encoding="utf-8"))


def rows_of(name: str) -> list[dict[str, Any]]:
    """Return the frozen rows of ``speech`` or ``pages``. Raises ``ValueError`` where they changed."""
    text = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    if hashlib.sha256(text.encode()).hexdigest() != frozen()[name]["sha256"]:
        raise ValueError(
            f"'{name}.jsonl' is not what was frozen. Expected the hash in frozen.json. Restore it."
        )
    return [json.loads(each) for each in text.splitlines()]


def make_media(name: str, folder: Path) -> Iterator[Path]:
    """Speak or print every row that is not there yet, and yield the files as they are made."""
    np: Any = import_module("numpy")

    for row in rows_of(name):
        path = folder / row["files"][0]
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(row["seed"])
        if name == "speech":
            content = _clip(row, random)
        else:
            text = row["expect"].splitlines()
            content = printing.printed(row["font"], row["task"], text, random)
        path.write_bytes(content)
        yield path


def _clip(row: dict[str, Any], random: Any) -> bytes:
    """Return a clip as WAV; who babbles behind it is another voice of the same part."""
    sound: Any = import_module("soundfile")
    said = speaking.speak(row["voice"], row["expect"])
    others = said
    if row["task"] == "babble":
        part = [voice for voice, where in speaking.VOICES.items() if where == row["split"]]
        behind = part[(part.index(row["voice"]) + 3) % len(part)]
        texts = sentences(row["split"])
        others = speaking.speak(behind, texts[int(row["seed"]) % len(texts)])
    spoilt = spoiling.spoil(row["task"], said, random, others)
    kept = io.BytesIO()
    sound.write(kept, spoilt, speaking.RATE, format="WAV", subtype="PCM_16")
    return kept.getvalue()


__all__ = (
    "FOLDER",
    "SEED",
    "clips",
    "freeze",
    "frozen",
    "lines",
    "make_media",
    "media_hash",
    "pages",
    "rows_of",
    "sentences",
)
