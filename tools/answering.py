"""Answer a question with what a text says: the sentences that do, and the piece asked for before them.

Nothing is written that the text does not say: no model puts it in other words. Where no sentence
answers, that is said, with the nearest one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .alike import held, terms
from .correspondence import addressed_to, signed_by
from .gathering import asks_reader, gathered
from .languages import language
from .passages import Passage, passages
from .pieces import answers, asked_for, piece
from .reading import COUNTS, field, wanted
from .reckoned import reckoned

Vectors = Callable[[Sequence[str]], list[list[float]]]
"""Unit vectors of texts."""

COMPARED = 200
"""Sentences whose meaning is looked at; of more, those that share most words with the question."""
UNLIKE = 0.2
"""Cosine below which a sentence that shares no word with a question has nothing to do with it."""
ABOVE = 0.35
"""Of the words that stand in the heading, or in the sentence before, what counts for a sentence."""
NAMED = 0.7
"""The score, at least, of a line that begins with the name of what is asked for."""
ALONE = 0.6
"""The least score of the only line with what is asked for that makes it the answer."""
LACKING = 0.7
"""What is left of a sentence without a price, where a price is asked for and the text has one."""
PERSONAL = 0.15
"""What a sentence gains that tells the reader to do something, where a reader asks what to do."""
SHARED = 0.25
"""The part of a question's words, at least, that a sentence or its heading says that answers it."""
MEANT = 0.3
"""The cosine, at least, of the meaning of a sentence that answers, and of the question's."""
BOTH = 0.66
"""Their sum, at least: of 190 questions, 69 have their answers above, and 6 of 122 others anything."""
ALIKE = 0.62
"""The cosine from which a sentence answers, whatever its words."""
NOTHING: frozenset[str] = frozenset()
NEAR = 0.25
"""The score from which a sentence is worth showing where none answers."""
STRICT = frozenset({"when", "long", "money", "who", "why", "phone", "mail", "link"})
"""What is asked for by form: a sentence without any such piece is no answer."""


_PERSONAL = re.compile(
    r"\b(?:should|must|do|can) (?:i|we)\b|\b(?:devo|devemos|tenho de|temos de|preciso)\b"
)
_PORTUGUESE = re.compile(
    r"^\W*(?:e |ou |mas )?(?:(?:a|o|de|em|para|com|até|desde|por) )?(?:quem|quando|onde|quant[oa]s?|qual|quais|porqu[eê]|por que|que horas?|que dia|há|está|são|o que|como)\b"
)
_COUNTED = re.compile(
    r"\b(?:how many|quant[oa]s)(?: of the)? (?:(?:new|other|more|old|different|such) )?([^\W\d_]+)",
    re.IGNORECASE,
)
_FORMS = frozenset(
    terms(
        "phone telephone mobile telefone telemóvel number número call ring mail e-mail address endereço eletrónico website site url link web "
        "affected weight weigh heavy peso pesa cost price pay people serves pessoas street contact reach"
    )
)
"""Words that ask for a form: a line need not say them."""
_CALLED = re.compile(
    r"\bwhat (?:is|was|are) (?:the |my |our |his |her |their )?(?P<one>[\w ]+?) (?:called|named)\b|\bname of (?:the |my |our |this )?(?P<two>[\w ]+)"
    r"|\bwhat (?:is|was) (?:the |my |our )?(?P<three>\w+)['’]s name\b|\bcomo se chama (?:[oa] )?(?P<four>\w+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """A sentence, and how much it has to do with a question."""

    text: str
    score: float
    shared: float
    """The part of the question's words that it says, or that its heading does."""
    like: float
    """The cosine of its meaning and the question's."""
    named: bool
    """It is the one line that names what is asked for, or has it by its form."""
    fits: bool
    """It has a piece of the kind that is asked for, or none is."""


@dataclass(frozen=True)
class Words:
    """How answers are worded, in the language of the question."""

    says: str
    silent: str
    nearest: str
    signed: str
    addressed: str


ENGLISH = Words(
    "The text says: {}", "The text does not say anything about that.",
    "The text does not say that. Nearest to it is: {}", "It is signed: {}.", "It is addressed to: {}.",
)  # fmt: skip
PORTUGUESE = Words(
    "O texto diz: {}", "O texto não diz nada sobre isso.", "O texto não diz isso. O mais próximo é: {}",
    "Está assinado: {}.", "É dirigido a: {}.",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question about a text.

    Args:
        question: As it was asked.
        told: In the language of the text.
        material: The text.
    """

    question: str
    told: str
    material: str
    words: Words = ENGLISH


def answer(asked: Asked, vectors: Vectors, gloss: Callable[[str], str] | None = None) -> str:
    """Return what a text says to a question, or that it does not.

    Args:
        asked: The question and the text.
        vectors: Embeds texts.
        gloss: Puts a sentence in the language of the question, where that is another.
    """
    wording, material = asked.words, asked.material
    for low in (asked.question, asked.told):
        if name := addressed_to(low, material):
            return wording.addressed.format(name)
        if name := signed_by(low, material):
            return wording.signed.format(name)
    given = passages(material)

    def quoted(said: str) -> str:
        other = gloss(said) if gloss is not None else ""
        return f"“{said}”" + (f" ({other})" if other else "")

    if made := reckoned(asked.told, given) or reckoned(asked.question, given):
        worked, said = made
        return f"{worked}. {wording.says.format(' '.join(quoted(each) for each in said))}"
    for low in (asked.question, asked.told):
        if lines := gathered(low, given):
            if len(lines) == 1:
                return wording.says.format(quoted(lines[0]))
            return wording.says.format("\n" + "\n".join(f"- {quoted(each)}" for each in lines))
    ranked = nearest(asked.told, given, vectors)
    if not ranked or ranked[0].score < NEAR:
        return wording.silent
    best = next((each for each in ranked[:3] if is_answer(each)), None)
    if best is None:
        return wording.nearest.format(quoted(ranked[0].text))
    asked_piece = piece(asked.told, best.text) or piece(asked.question, best.text)
    said = wording.says.format(quoted(best.text))
    return f"{asked_piece[:1].upper()}{asked_piece[1:]}. {said}" if asked_piece else said


def asked_in(question: str) -> str:
    """Return ``pt`` where a question is in Portuguese, else the language that it plainly is in, or ``en``."""
    if _PORTUGUESE.search(question.lower()):
        return "pt"
    return language(question) or "en"


def is_answer(found_: Found) -> bool:
    """Say whether a sentence answers, and is not only the one that comes nearest."""
    if found_.named or not found_.fits:
        return found_.named
    told = found_.shared >= SHARED and found_.like >= MEANT
    return (told and found_.shared + found_.like >= BOTH) or found_.like >= ALIKE


def nearest(question: str, given: Sequence[Passage], vectors: Vectors) -> list[Found]:
    """Return the sentences that have most to do with a question, the best first.

    Args:
        question: In the language of the text.
        given: The text's pieces.
        vectors: Embeds texts.
    """
    told = list({each.text: each for each in given if not each.is_aside}.values())
    asked = list(dict.fromkeys(terms(question)))
    bags = [frozenset(terms(each.text)) for each in told]
    heads = [frozenset(terms(each.heading)) for each in told]
    spread = Counter(term for term in asked for bag in bags if held(term, bag))
    weight = {term: math.log(1 + len(told) / (1 + spread[term])) + 0.1 for term in asked}
    whole = sum(weight.values()) or 1.0
    own = [sum(weight[term] * held(term, bag) for term in asked) / whole for bag in bags]
    order = sorted(range(len(told)), key=lambda at: -own[at])[:COMPARED]
    if not order:
        return []
    made = vectors([question, *(told[at].text for at in order)])
    kinds, kind, counted = wanted(question), asked_for(question), _counted(question)
    personal = bool(_PERSONAL.search(question.lower()))
    floors = _floors(question, told, given, order, asked)
    sure = [each for each in kinds if each.alone and any(each.fits(told[at].text) for at in order)]
    scored: list[Found] = []
    for at, vector in zip(order, made[1:], strict=True):
        sentence = told[at].text
        like = sum(a * b for a, b in zip(made[0], vector, strict=True))
        floor = floors.get(at, 0.0)
        around = heads[at] | (bags[at - 1] if at and not told[at].is_item else NOTHING)
        lent = (
            sum(weight[term] * held(term, around) for term in asked if not held(term, bags[at]))
            / whole
        )
        if like < UNLIKE and not own[at] and not floor:
            continue
        fits = max((each.weight for each in kinds if each.fits(sentence)), default=0.0)
        lent = lent if fits or own[at] else 0.0
        score = 0.6 * like + 0.4 * own[at] + fits + ABOVE * lent
        if sure and not any(each.fits(sentence) for each in sure):
            score *= LACKING
        has = (kind not in STRICT or answers(kind, sentence) or bool(floor)) and (
            not counted or (held(counted, bags[at] | around) > 0 and bool(COUNTS.search(sentence)))
        )
        has = has and not sentence.rstrip().endswith("?")  # a question answers none
        score += PERSONAL if personal and asks_reader(sentence) else 0.0
        shown = own[at] + lent
        named_ = floor >= NAMED or (floor >= ALONE and (shown > 0 or not asked))
        scored.append(Found(sentence, max(score, floor), shown, like, named_, has))
    return sorted(scored, key=lambda each: -each.score)


def _floors(
    question: str,
    told: Sequence[Passage],
    given: Sequence[Passage],
    order: Sequence[int],
    asked: Sequence[str],
) -> dict[int, float]:
    """Return the least scores of the one line that has what is asked for, or that is named so."""
    floors: dict[int, float] = {}
    known = frozenset(term for each in given for term in terms(f"{each.text} {each.heading}"))
    strange = [each for each in asked if each not in _FORMS and not held(each, known)]
    for each in wanted(question):
        having = [at for at in order if each.alone and each.fits(told[at].text)]
        if len(having) == 1 and not strange:  # *the plumber's number*, where no plumber is told of
            floors[having[0]] = max(each.alone, floors.get(having[0], 0.0))
    if called := _CALLED.search(question):
        noun = re.escape(next(each for each in called.groups() if each).split()[-1])
        form = re.compile(
            rf"(?i:\b{noun}s?)(?:,| is| was| é| foi)?(?: called| named| chamad[oa])? [\"“']?[A-ZÀ-Ý]\w+"
        )
        for at in order:
            if form.search(told[at].text):
                floors[at] = max(NAMED, floors.get(at, 0.0))
    for at in order:
        named = terms(field(told[at].text))
        bag = frozenset(asked)
        if named and all(held(term, bag) for term in named):  # *Deposit: …*, asked for the deposit
            floors[at] = max(NAMED, floors.get(at, 0.0))
    return floors


def _counted(question: str) -> str:
    """Return what is to be counted, as a term; empty where that says nothing: *how many people*."""
    asked = _COUNTED.search(question)
    return next(iter(terms(asked[1])), "") if asked else ""


__all__ = ("ENGLISH", "PORTUGUESE", "Asked", "Found", "Words", "answer", "is_answer", "nearest")
