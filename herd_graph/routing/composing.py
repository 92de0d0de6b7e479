"""Turn the clauses of one request into steps, in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from herd_graph.cards import ExpertCard
from herd_graph.discovery.words import stem, words
from herd_graph.routing.choosing import Choice
from herd_graph.routing.clauses import MOST_CLAUSES, Clause, is_fragment, is_loose
from herd_graph.routing.content import MARK
from herd_graph.routing.expressions import find_expression
from herd_graph.routing.lexicon import MAKES_A_PICTURE, MATERIAL, NEGATION, NOUN_STARTS, ORDINALS
from herd_graph.routing.ranking import Wish, verbs_of
from herd_graph.routing.reading import LIGHT, Reading, is_sound, rewordings
from herd_graph.routing.references import masked, resolve
from herd_graph.routing.workbench import Part, Workbench
from herd_graph.types import Kind

_LISTED = re.compile(
    r"\s*,?\s+(?:and also|and|as well as|along with|together with|plus|\+(?=\s+[^\W\d_]{2}))\s+|\s*,\s+"
)
_GATHERS = frozenset(
    [
        "list",
        "find",
        "get",
        "extract",
        "collect",
        "gather",
        "produce",
        "prepare",
        "create",
        "return",
    ]
)


_SAME = re.compile(
    r"^(?:do )?(?:exactly )?(?:the )?same(?: thing)?\b(?: again)?((?: (?:for|with|to|on|of|but|in|into)\b.*)?)$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"\b(?:(?:the|my|this|that) )?(?:{'|'.join(ORDINALS)})(?: (?:ones?|files?|{'|'.join(MATERIAL)}))?\b",
    re.IGNORECASE,
)


def _unnamed(text: str) -> str:
    """Return a clause without the place of what it is about: *it* for *the first one*."""
    return _NAMED.sub("it", text)


_DEEDS = re.compile(
    r"^(?P<deed>send|forward|e-?mail|mail|fax|delete|erase|remove|sign|book|reserve|buy|upload|publish|compress|crop|resize"
    r"|rotate|rename|install|transfer|schedule|print out|cut out) (?:the|this|that|these|those|my|our|it|them|an?|all)\b",
    re.IGNORECASE,
)
"""What is done to things outside, or to a file itself: nothing that resembles it will do."""


def _beyond(text: str, cards: Sequence[ExpertCard]) -> str:
    """Return the deed that a clause orders and that no expert names; empty for anything else."""
    found = _DEEDS.match(text)
    if found is None:
        return ""
    wanted = stem(found["deed"].split()[0].lower())
    return "" if wanted in verbs_of(cards) else found["deed"].lower()


class Composer:
    """Composes one request into the draft on a workbench."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def compose(self, clause: Clause, before: Sequence[Part], *, alone: bool = True) -> Part:
        """Add the steps for one clause; ``alone`` when it is the whole request."""
        part = Part(clause=clause)
        if same := _SAME.match(clause.text):
            last = next((each.clause for each in reversed(before) if each.clause.request), None)
            if last is not None:
                rest = same.group(1).strip(" ,")
                clause = replace(clause, text=f"{_unnamed(last.text)}, {rest}", request=True)
                part = Part(clause=clause)
        if not clause.request:
            part.decision = "a remark, not a request"
            self._look_at(clause)
            return part
        if not self._bench.draft.cards:
            return part.unmet("no expert is registered")
        if clause.beyond:
            return part.unmet(f"one request may ask for {MOST_CLAUSES} things at most")
        text = clause.text
        if deed := _beyond(text, self._bench.draft.cards):
            return part.unmet(f"no expert here does that ({deed})")
        marks = self._bench.protected.marks(text)
        joined = [each for each in self._bench.protected.inlined if clause.joined]
        reference = resolve(text, marks, self._bench.about, inlined=joined)
        if reference.missing is not None and not marks:
            kind, word = reference.missing
            if (
                not self._makes(kind)
                or self._bench.about.attachments
                or not MAKES_A_PICTURE.search(text)
            ):
                return part.unmet(f"there is no {word} attached")
        reading = Reading(clause, reference, self._bench.about, self._bench.protected)
        if reading.only_points and not alone:
            part.decision = "it says what the rest is about"
            part.points = frozenset(root for each in reference.explicit for root in each.roots)
            part.clause = replace(clause, request=False)
            self._look_at(clause)
            return part
        return Choice(self._bench, part, reading).make(before)

    def divide(self, clause: Clause) -> list[Clause]:
        """Split *give me the transcript and all the names* where experts differ over the parts."""
        if not clause.request or clause.beyond or not self._bench.draft.cards:
            return [clause]
        pieces = [each.strip(" ,") for each in _LISTED.split(clause.text)]
        light = clause.first in LIGHT or clause.first in NOUN_STARTS or clause.first in _GATHERS
        listed = all(each.split(" ")[0].lower() in NOUN_STARTS for each in pieces[1:])
        light = light or is_loose(clause.text) or (clause.first in {"what", "what's"} and listed)
        if find_expression(MARK.sub(" ", clause.text)):
            return [clause]  # "3 + 4" is one sum
        partial = any(
            not words(each) or is_fragment(each) or is_sound(each) or self._points(clause, each)
            for each in pieces
        )
        if not 2 <= len(pieces) <= 5 or not light or partial:
            return [clause]
        limits = self._bench.thresholds
        least = limits.choose_attached if self._bench.about.attachments else limits.choose
        chosen: set[str] = set()
        for piece in pieces:
            plain = MARK.sub(" ", piece)
            hidden = masked(plain, self._bench.about, results=False)
            ranked = self._bench.ranked(
                Wish(query=hidden, rewordings=rewordings(plain)), self._bench.draft.cards
            )
            if not ranked:  # nothing but signs
                return [clause]
            best = ranked[0]
            if best.open_ended or best.score < least or best.card.id in chosen:
                return [clause]
            chosen.add(best.card.id)
        self._bench.draft.notes.append(f"divided: {self._bench.protected.restore(clause.said)!r}")
        return [
            replace(
                clause,
                text=piece,
                said=piece,
                joined=bool(number) or clause.joined,
                parallel=bool(number),
            )
            for number, piece in enumerate(pieces)
        ]

    def _points(self, clause: Clause, piece: str) -> bool:
        """Say whether a piece is but another attachment: *and the second picture*."""
        reference = resolve(piece, (), self._bench.about)
        read = replace(clause, text=piece)
        return Reading(read, reference, self._bench.about, self._bench.protected).only_points

    def _look_at(self, clause: Clause) -> None:
        """Remember what a remark is about: *the second picture is the bill*."""
        reference = resolve(
            clause.text, self._bench.protected.marks(clause.text), self._bench.about
        )
        attached = [each for each in reference.explicit if each.origin == "attachment"]
        if attached and not NEGATION.match(clause.text):
            self._bench.about.focus = attached

    def _makes(self, kind: Kind) -> bool:
        return any(kind in card.gives for card in self._bench.draft.cards)
