"""Pick the sentences that say most of what a text says."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter

from herd_graph.artifacts import Text
from herd_graph.artifacts.workings import without_workings
from herd_graph.errors import PortViolation
from herd_graph.function_experts import expert

from .letters import subject, without_header, without_letterhead
from .needs import need
from .numerals import digits
from .passages import joined, says_nothing, spoken
from .reading import statements
from .requests import how_many
from .sentences import sentences as split
from .telling import weights
from .tongues import Tongues

MAX_CHARS = 5_000_000
AT_ONCE = 600
"""Sentences that are compared with each other; longer texts are condensed part by part first."""
DAMPING = 0.85
ALIKE = 0.6
"""Cosine above which a sentence repeats one that was chosen."""
SHORT = 25
"""Sentences of a text that is told by its purpose rather than by what its sentences share."""
_WHOLE = re.compile(
    r"\b(?:whole|entire|everything)\b|\b(?:all|every|each)(?: of)?(?: the| its)? sentences?\b|\bjust the sentences\b|\b(?:sentence by sentence|line by line)\b"
)
MOST_LISTED = 60
_ENDS = (".", "!", "?", ":", "”", '"')
COUNTED = "sentence|line|bullet|point|bullet point|frase|linha|ponto"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d[\d.,]*\d|\d")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


@expert(
    name="summarize",
    tags=[
        "summary",
        "summarise",
        "key sentences",
        "main points",
        "extractive",
        "shorten",
        "digest",
    ],
    examples=[
        "summarize the article",
        "give me the main points of this text",
        "sum up the report in three sentences",
        "make a short summary of the transcript",
        "what are the key sentences of the letter?",
        "shorten this text",
    ],
    latency_s=0.05,
    memory="10 MiB",
    licence="Apache-2.0; runs on numpy (BSD-3-Clause)",
    notes=(
        "Extractive (LexRank): it picks sentences and writes none, so nothing is invented, and "
        "nothing is condensed either. 'They' may lose whom it stands for. Any language that marks "
        "the ends of sentences. A text with no more sentences than asked for is given back whole."
    ),
)
class Summarize:
    """Summarise a text by extracting its most important sentences, word for word."""

    def load(self) -> None:
        """Check that numpy is there."""
        need("numpy")
        self._tongues = Tongues()

    def close(self) -> None:
        """Let go of the translation models, where they were needed."""
        del self._tongues

    def __call__(
        self,
        text: Text,
        sentences: int = 3,
        request: Text = Text(""),  # noqa: B008 - never changed
    ) -> Text:
        """Extract.

        Args:
            text: Prose: an article, a letter, a transcript.
            sentences: How many sentences the summary has.
            request: How it should be: 'in English', 'in two sentences', 'as bullet points', 'the first two sentences'.
        """
        made = self._extracted(text, sentences, request.text.lower())
        return Text(self._tongues.turned(made.text, request.text))

    def _extracted(self, text: Text, sentences: int, asked: str) -> Text:
        if sentences == 3:
            sentences = how_many(asked, COUNTED) or sentences
        listed = bool(
            re.search(r"\bbullets?\b|\bbullet points?\b|\bas a list\b|\bkey points\b", asked)
        )
        source = without_letterhead(without_header(without_workings(text.text)))
        if not 1 <= sentences <= 100:
            raise PortViolation(
                f"'sentences' is {sentences}. Expected a number from 1 to 100. Choose another."
            )
        if len(source) > MAX_CHARS:
            raise PortViolation(
                f"The text has {len(source):,} characters. Expected at most {MAX_CHARS:,}. Split it."
            )
        found = [piece for each in _lines(source) for piece in spoken(each)]
        usable = [each for each in found if _says_something(each)]
        body = [each for each in usable if not says_nothing(each)]
        title = f"{subject(text.text)} {' '.join(each for each in usable[:2] if each not in body)}"
        usable = body or usable
        if not usable:
            raise PortViolation(
                "The text holds no sentences. Expected prose. Give a text with words in it."
            )
        ended = sum(each.rstrip().endswith(_ENDS) for each in usable)
        headed = bool(re.search(r"\d", usable[0])) and not usable[0].rstrip().endswith(_ENDS)
        if headed and len(usable) > ended > 0.4 * len(usable):
            usable = usable[1:]  # what minutes are headed
        edge = re.search(
            r"\b(first|last|opening|closing) (?:\d+ )?(?:\w+ )?sentences?\b", digits(asked)
        )
        if edge is not None:
            count = min(how_many(asked, "sentence") or 1, len(usable))
            kept = usable[:count] if edge[1] in {"first", "opening"} else usable[-count:]
            return _told(kept, listed=listed)
        if listed and _WHOLE.search(asked):
            sentences = min(len(usable), MOST_LISTED)
        if len(usable) <= sentences:
            return _told(usable, listed=listed)
        while len(usable) > AT_ONCE:
            keep = max(sentences, 20)
            parts = [usable[at : at + AT_ONCE] for at in range(0, len(usable), AT_ONCE)]
            usable = [each for part in parts for each in choose(part, keep)]
        return _told(choose(usable, sentences, title), listed=listed)


def _lines(source: str) -> list[str]:
    """Return sentences; of a text with a table, as the table has its lines."""
    return split(source) if "|" in source else joined(statements(source))


def _told(given: list[str], *, listed: bool) -> Text:
    if not listed:
        alone = len(given) == 1  # the number of a clause says nothing without the others
        return Text(re.sub(r"^\d{1,2}[.)] ", "", given[0]) if alone else " ".join(given))
    return Text("\n".join("- " + re.sub(r"^\s*[-*•–]\s+", "", each) for each in given))


def choose(given: list[str], most: int, title: str = "") -> list[str]:
    """Return the ``most`` central sentences, in their order.

    LexRank (Erkan and Radev, JAIR 2004): the stationary distribution of a walk over sentences,
    with steps in proportion to the cosine of their tf-idf vectors. The beginning of a text gets
    more, and the reason for writing, and what was settled; very short sentences and courtesies get
    less, and what repeats a chosen sentence is left out.
    """
    import numpy as np

    if len(given) <= most:
        return given
    bags = [Counter(_terms(each)) for each in given]
    spread = Counter(term for bag in bags for term in bag)
    place = {term: index for index, term in enumerate(sorted(spread))}
    vectors = np.zeros((len(given), max(1, len(place))), dtype=np.float32)
    for row, bag in enumerate(bags):
        for term, count in bag.items():
            vectors[row, place[term]] = count * math.log(1 + len(given) / spread[term])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.maximum(lengths, 1e-9)
    alike = vectors @ vectors.T
    walk = np.where(alike > 0.05, alike, 0.0)
    np.fill_diagonal(walk, 1e-6)
    walk /= walk.sum(axis=1, keepdims=True)
    rank = np.full(len(given), 1 / len(given))
    for _ in range(60):
        rank = (1 - DAMPING) / len(given) + DAMPING * (walk.T @ rank)
    if len(given) <= SHORT:  # so few sentences share words by chance
        rank = rank**0.4
    words = np.array([sum(bag.values()) for bag in bags])
    rank *= np.minimum(1.0, words / 8) * np.array(weights(given, title))
    chosen: list[int] = []
    spare: list[int] = []
    for index in (int(each) for each in np.argsort(-rank, kind="stable")):
        repeats = any(alike[index, other] > ALIKE for other in chosen)
        (spare if repeats else chosen).append(index)
        if len(chosen) == most:
            break
    chosen += spare[: most - len(chosen)]
    return [given[index] for index in sorted(chosen)]


def _terms(sentence: str) -> list[str]:
    """Return words by their stems, roughly; pairs of signs where a script has no spaces."""
    signs = _CJK.findall(sentence)
    if len(signs) > len(sentence) / 3:
        return [a + b for a, b in itertools.pairwise(signs)]
    return [
        each.casefold()[:6] for each in _WORD.findall(sentence) if len(each) > 2 or each.isdigit()
    ]


def _says_something(sentence: str) -> bool:
    return any(each.isalpha() for each in sentence) and len(_terms(sentence)) >= 2
