"""What kind of work an expert does, as its card says: what must hold of a summary need not of a lookup."""

from __future__ import annotations

import re

from herd_graph.cards import ExpertCard

_MADE_OF_SOURCE = re.compile(
    r"translat|summar|digest|shorten|headline|\btitle|extract|rewrit|paraphras|simplif|proofread|minutes of|abridge"
    r"|key ?point|main point|traduz|traduç|resum"
)
_EXTRACTS = re.compile(
    r"summar|digest|shorten|abridge|headline|\btitle|extract|key ?point|main point|resum"
)
_CARRIES = re.compile(
    r"translat|summar|transcri|speech|dictation|voice|\bocr\b|letters|handwriting|read aloud|narrat|rewrit|paraphras"
)
_CHANGES = re.compile(
    r"translat|summar|\btitle|headline|rewrit|paraphras|answer|question|\bchat\b|calculat|quer(?:y|ies)|explain|simplif"
)
_LEARNED = re.compile(r"language model|\bllm\b|\bchat\b|question")
_READS = re.compile(r"\bocr\b|letters|handwriting|\btext in\b")


def _words(card: ExpertCard) -> str:
    named = card.name.replace("_", " ")
    return f"{named} {' '.join(card.tags)} {card.description}".lower()


def made_of_its_source(card: ExpertCard) -> bool:
    """Say whether its text says nothing that its source does not: translations, summaries, titles."""
    return bool(_MADE_OF_SOURCE.search(_words(card))) and not _LEARNED.search(
        " ".join(card.tags).lower()
    )


def extracts(card: ExpertCard) -> bool:
    """Say whether it makes less of a text, in the text's own words."""
    return bool(_EXTRACTS.search(_words(card))) and not _LEARNED.search(" ".join(card.tags).lower())


def converses(card: ExpertCard) -> bool:
    """Say whether it answers in its own words, or in those that it found: in whatever form."""
    return bool(_LEARNED.search(" ".join(card.tags).lower()))


def carries_over(card: ExpertCard) -> bool:
    """Say whether another source must give another result: transcripts, readings, translations."""
    return bool(_CARRIES.search(_words(card)))


def changes(card: ExpertCard) -> bool:
    """Say whether its result can never be what it was given."""
    return bool(_CHANGES.search(_words(card)))


def reads_pictures(card: ExpertCard) -> bool:
    """Say whether it writes down the text of a picture, in whatever language that is."""
    return bool(_READS.search(" ".join(card.tags).lower()))


__all__ = (
    "carries_over",
    "changes",
    "converses",
    "extracts",
    "made_of_its_source",
    "reads_pictures",
)
