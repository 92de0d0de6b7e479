"""What the turns of a thread answered, one thing at a time, and what people call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from herd_graph.cards import ExpertCard
from herd_graph.registry import Snapshot
from herd_graph.types import JSON

Turn = Mapping[str, JSON]

MADE: Mapping[str, str] = {
    **dict.fromkeys(("translation", "translated", "translations"), "translation"),
    **dict.fromkeys(("summary", "summaries", "digest", "gist"), "summarise"),
    **dict.fromkeys(("title", "headline", "heading"), "headline"),
    **dict.fromkeys(("transcript", "transcription", "transcripts"), "transcript"),
    **dict.fromkeys(("subtitles", "subtitle"), "subtitles"),
    **dict.fromkeys(("chart", "graph", "plot", "diagram"), "chart"),
    "description": "description",
}
"""What people call an answer, and the tag of who makes such answers."""
_SAYS_NOTHING = ("The text does not say that", "The text does not say anything about that")


@dataclass(frozen=True)
class Answered:
    """One thing that a turn answered."""

    turn: int
    part: Mapping[str, JSON]
    card: ExpertCard | None

    @property
    def text(self) -> str:
        """What it said."""
        return str(self.part.get("text") or "")

    @property
    def ids(self) -> tuple[str, ...]:
        """The artifacts that it made."""
        made = listed(self.part.get("artifacts"))
        return tuple(str(each.get("id")) for each in made if isinstance(each, Mapping))

    @property
    def files(self) -> frozenset[str]:
        """The names of what it was made of."""
        sources = listed(self.part.get("sources"))
        names = [listed(each.get("inputs")) for each in sources if isinstance(each, Mapping)]
        return frozenset(str(name) for group in names for name in group)

    @property
    def is_timed(self) -> bool:
        """Whether it is subtitles: a transcript by what made it, and read by nobody."""
        names = [name for each in listed(self.part.get("artifacts")) for name in names_of(each)]
        return any(name.endswith((".srt", ".vtt")) for name in names)

    def bears(self, *tags: str) -> bool:
        """Say whether who made it bears one of these tags."""
        return self.card is not None and bool(set(tags) & set(self.card.tags))


def answered(history: Sequence[Turn], experts: Snapshot) -> list[Answered]:
    """Return everything that the turns of a thread answered, oldest first."""
    cards = {card.id: card for card in experts.latest}
    return [
        Answered(place, part, cards.get(str(part.get("expert") or "")))
        for place, turn in enumerate(history)
        for part in listed(turn.get("parts"))
        if isinstance(part, Mapping) and part.get("status") == "done" and part.get("artifacts")
    ]


def without_refusals(history: Sequence[Turn]) -> tuple[Turn, ...] | None:
    """Return the thread without the answers that say that a text does not say it; None where there is none."""
    turns: list[Turn] = []
    for turn in history:
        parts = listed(turn.get("parts"))
        told = [each for each in parts if not _is_refusal(each)]
        turns.append(turn if len(told) == len(parts) else {**turn, "parts": told})
    return (
        None if all(one is two for one, two in zip(turns, history, strict=True)) else tuple(turns)
    )


def _is_refusal(part: JSON) -> bool:
    text = part.get("text") if isinstance(part, Mapping) else None
    return isinstance(text, str) and text.startswith(_SAYS_NOTHING)


def called(noun: str, made: Sequence[Answered]) -> list[Answered]:
    """Return the answers that people call this: *the subtitles*, *the title*."""
    tag = MADE.get(noun.lower(), "")
    if tag == "subtitles":
        return [each for each in made if each.is_timed]
    return [each for each in made if each.bears(tag) and not each.is_timed]


def names_of(value: JSON) -> list[str]:
    """Return the names of the artifacts in what a turn kept."""
    refs = value if isinstance(value, list) else [value]
    names = [str(each.get("name") or "") for each in refs if isinstance(each, Mapping)]
    return [each for each in names if each]


def listed(value: JSON) -> list[JSON]:
    """Return a list as it is, and nothing of what is none."""
    return value if isinstance(value, list) else []


__all__ = (
    "MADE",
    "Answered",
    "Turn",
    "answered",
    "called",
    "listed",
    "names_of",
    "without_refusals",
)
