"""Large catalogues for measuring an index: cards recombined from the texts of real ones.

Neither random vectors nor copies: a description is put together from sentences of several real
cards, and so is each example. A small model needs minutes for thousands of texts and hours for a
hundred thousand, so sentences are embedded once, and a text of several has the mean of their
vectors: what mean pooling over tokens gives but for attention across sentences. Like neighbours are
as near to each other as real ones are; ``benchmarks/README.md`` says how that was checked.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from herd_graph.bench.vectors import remembered
from herd_graph.cards import ExpertCard, Port
from herd_graph.discovery.embedders import Embedder
from herd_graph.discovery.index import card_texts
from herd_graph.discovery.mirror import CardRows
from herd_graph.errors import DeclarationError
from herd_graph.types import Kind

if TYPE_CHECKING:
    from herd_graph.discovery.embedders import Vectors
else:
    Vectors = Any

_PORTS: dict[str, tuple[tuple[Kind, ...], Kind]] = {
    "automatic-speech-recognition": ((Kind.AUDIO,), Kind.TEXT),
    "audio-classification": ((Kind.AUDIO,), Kind.DATA),
    "audio-to-audio": ((Kind.AUDIO,), Kind.AUDIO),
    "text-to-speech": ((Kind.TEXT,), Kind.AUDIO),
    "text-to-image": ((Kind.TEXT,), Kind.IMAGE),
    "text-to-video": ((Kind.TEXT,), Kind.VIDEO),
    "image-to-text": ((Kind.IMAGE,), Kind.TEXT),
    "image-to-image": ((Kind.IMAGE,), Kind.IMAGE),
    "image-classification": ((Kind.IMAGE,), Kind.DATA),
    "image-segmentation": ((Kind.IMAGE,), Kind.IMAGE),
    "object-detection": ((Kind.IMAGE,), Kind.DATA),
    "visual-question-answering": ((Kind.IMAGE, Kind.TEXT), Kind.TEXT),
    "document-question-answering": ((Kind.DOCUMENT, Kind.TEXT), Kind.TEXT),
    "tabular-classification": ((Kind.TABLE,), Kind.DATA),
    "tabular-regression": ((Kind.TABLE,), Kind.DATA),
    "table-question-answering": ((Kind.TABLE, Kind.TEXT), Kind.TEXT),
    "text-classification": ((Kind.TEXT,), Kind.DATA),
    "token-classification": ((Kind.TEXT,), Kind.DATA),
    "sentence-similarity": ((Kind.TEXT,), Kind.DATA),
    "feature-extraction": ((Kind.TEXT,), Kind.DATA),
}
_TEXT_TO_TEXT = ((Kind.TEXT,), Kind.TEXT)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a real card."""

    text: str
    task: str


@dataclass(frozen=True)
class Catalogue:
    """Cards and their rows, and sentences that no card was made of, to ask with."""

    cards: dict[str, ExpertCard]
    rows: dict[str, CardRows]
    questions: tuple[Sentence, ...]
    vectors: Vectors
    """Of the questions."""


def sentences(path: Path, each: int = 6) -> list[Sentence]:
    """Return the first sentences of each model card in a ``.jsonl`` or ``.jsonl.gz`` file."""
    opened = gzip.open if path.suffix == ".gz" else open
    found: dict[str, Sentence] = {}
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                card = json.loads(line)
                text = re.sub(
                    r"\[([^\]]*)\]\([^)]*\)|<[^>]+>|[#*`|_>-]+", r" \1 ", card["description"]
                )
                kept = [
                    " ".join(part.split())[:240]
                    for part in re.split(r"(?<=[.!?:])\s+|\n\s*\n", text)
                    if len(" ".join(part.split())) >= 30
                ]
                for part in kept[:each]:
                    found.setdefault(part, Sentence(part, str(card.get("task") or "")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeclarationError(
            f"{str(path)!r} cannot be read as model cards: {error}. Expected one JSON object a line "
            "with 'description' and 'task'. Name another file."
        ) from error
    return list(found.values())


def recombined(
    pool: Sequence[Sentence], count: int, embedder: Embedder, *, seed: int = 0, asked: int = 200
) -> Catalogue:
    """Return ``count`` cards made of real sentences, and ``asked`` sentences kept apart.

    Args:
        pool: Sentences of real cards.
        count: How many cards.
        embedder: What makes the sentences' vectors.
        seed: Chance is the same for the same seed.
        asked: How many sentences are kept for asking.
    """
    import numpy as np

    chance = random.Random(seed)  # noqa: S311 - a benchmark must repeat itself
    shuffled = sorted(pool, key=lambda each: each.text)
    chance.shuffle(shuffled)
    vectors = remembered([each.text for each in shuffled], embedder)
    lengths = np.array([[len(each.text)] for each in shuffled], dtype=np.float32)
    weighted = vectors * lengths
    by_task: dict[str, list[int]] = {}
    for place in range(asked, len(shuffled)):
        by_task.setdefault(shuffled[place].task, []).append(place)
    first = list(range(asked, len(shuffled)))
    cards: dict[str, ExpertCard] = {}
    rows: dict[str, CardRows] = {}
    for number in range(count):
        lead = chance.choice(first)
        # Beside one sentence of anybody, those of the same task: a card has one subject.
        near = by_task[shuffled[lead].task]
        parts = [
            [lead, chance.choice(near), chance.choice(first)],
            [chance.choice(near)],
            [chance.choice(near), chance.choice(near)],
            [lead, chance.choice(first)],
        ]
        card = _card(number, shuffled, parts)
        cards[card.id] = card
        stacked = np.stack([weighted[part].sum(axis=0) for part in parts])
        stacked /= np.linalg.norm(stacked, axis=1, keepdims=True)
        rows[card.id] = CardRows(
            fingerprint=f"{number:016x}", texts=card_texts(card), vectors=stacked.astype(np.float32)
        )
    return Catalogue(cards, rows, tuple(shuffled[:asked]), vectors[:asked])


def _card(number: int, pool: Sequence[Sentence], parts: Sequence[Sequence[int]]) -> ExpertCard:
    texts = [" ".join(pool[place].text for place in part) for part in parts]
    takes, gives = _PORTS.get(pool[parts[0][0]].task, _TEXT_TO_TEXT)
    return ExpertCard(
        name=f"model_{number}",
        description=texts[0],
        tags=(texts[1],),
        examples=(texts[2], texts[3]),
        inputs=tuple(Port(name=f"given_{kind.value}", kind=kind) for kind in takes),
        outputs=(Port(name="made", kind=gives),),
    )


__all__ = ("Catalogue", "Sentence", "recombined", "sentences")
