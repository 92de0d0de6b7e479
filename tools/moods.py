"""Say whether a text sounds positive, negative or neutral."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from .complaints import STRENGTH, WEAK, likes, weighed
from .identifying import Identifier, not_english
from .languages import NAMES
from .manners import is_hostile, kindness, without_manners
from .needs import need
from .sentences import sentences
from .tongues import Tongues

MAX_CHARS = 500_000
TRANSLATED = 6_000
"""Characters of a Portuguese text that are translated and judged: its mood shows by then."""
PLAIN = 0.05
"""The authors' own threshold: a compound score nearer to zero is neutral."""


class Sentiment(BaseModel):
    """How a text sounds."""

    model_config = ConfigDict(frozen=True)

    label: Literal["positive", "negative", "neutral"]
    score: float = Field(ge=-1, le=1)
    """From -1 (very negative) to 1 (very positive): the mean over its sentences."""
    note: str = ""


@expert(
    name="sentiment",
    tags=["sentiment", "mood", "tone", "positive", "negative", "angry", "happy", "feeling"],
    examples=[
        "is this review positive or negative?",
        "what is the sentiment of the text?",
        "does the customer sound angry?",
        "how does the writer feel about it?",
        "is the tone of the message friendly?",
        "rate the mood of the feedback",
    ],
    latency_s=0.01,
    memory="110 MiB",
    licence="MIT (vaderSentiment); BSD-3-Clause (py3langid)",
    weights_licence="MIT (the VADER lexicon)",
    notes=(
        "VADER, a lexicon and rules for English, made for reviews and short messages, and patterns "
        "of complaints and praise of our own (nobody answers, still waiting, does not work). It "
        "sees negation, emphasis and emoji; it misses irony. Greetings and closings of letters do not "
        "count. A Portuguese text is judged in a translation of its own, and the note says so."
    ),
)
class JudgeSentiment:
    """Judge whether an English or Portuguese text sounds positive, negative or neutral."""

    def load(self) -> None:
        """Read the lexicon."""
        need("vaderSentiment")
        self._identifier, self._tongues = Identifier(), Tongues()
        vader: Any = import_module("vaderSentiment.vaderSentiment")
        self._analyser: Any = vader.SentimentIntensityAnalyzer()
        for word in WEAK:
            self._analyser.lexicon.pop(word, None)

    def close(self) -> None:
        """Let go of it."""
        del self._analyser, self._identifier, self._tongues

    def __call__(self, text: Text) -> Sentiment:
        """Judge.

        Args:
            text: A review, a message, a letter, a transcript, in English or Portuguese.
        """
        source = text.text
        if not source.strip():
            raise PortViolation("The text is empty. Expected words to judge. Give a text.")
        if len(source) > MAX_CHARS:
            raise PortViolation(
                f"The text has {len(source):,} characters. Expected at most {MAX_CHARS:,}. Split it."
            )
        named = not_english(source, self._identifier)
        foreign = named == NAMES["pt"]
        if named and not foreign:
            raise PortViolation(
                f"The text seems to be {named}. Expected English, the language of the lexicon "
                "behind 'sentiment', or Portuguese. Translate it first (translate, to='en')."
            )
        if foreign:
            read = source[:TRANSLATED]
            source = "\n".join(self._tongues.translator.line(e, "en") for e in read.split("\n"))
        found = self._judged(source)
        told = "judged in an English translation" if foreign else ""
        kind = kindness(source) if found.label != "positive" else ""
        if found.label == "negative" and not kind and not is_hostile(source):
            kind = "its news is bad; nothing in it is angry"
        note = "; ".join(filter(None, (found.note, kind, told)))
        return found.model_copy(update={"note": note})

    def _judged(self, source: str) -> Sentiment:
        scored = [self._scored(each) for each in sentences(without_manners(source))]
        # A sentence that says nothing of feelings must not water down one that does by half.
        felt = [score for score, told in scored if told]
        if not felt:
            return Sentiment(
                label="neutral", score=0.0, note="no word in it is known to carry a feeling"
            )
        plain = len(scored) - len(felt)
        score = sum(felt) / (len(felt) + 0.25 * plain)
        label = "positive" if score >= PLAIN else "negative" if score <= -PLAIN else "neutral"
        up, down = sum(each > PLAIN for each in felt), sum(each < -PLAIN for each in felt)
        mixed = f"mixed: {up} positive, {down} negative" if up and down else ""
        return Sentiment(label=label, score=round(score, 3), note=mixed)

    def _scored(self, sentence: str) -> tuple[float, bool]:
        """Return how a sentence sounds, and whether anything in it says so."""
        found = self._analyser.polarity_scores(sentence)
        felt, said = weighed(sentence, float(found["compound"]))
        if likes(sentence) and not said and not found["pos"] and not found["neg"]:
            denied = re.search(r"(?:n['’]t|not|never) like", sentence, re.IGNORECASE)
            return (-STRENGTH if denied else STRENGTH), True
        return felt, bool(said or found["pos"] or found["neg"])
