"""Answer a question with what a text says: the sentences that do, and the piece asked for before them.

Nothing is written that the text does not say: no model puts it in other words. Where no sentence
answers, that is said, with the nearest one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .alike import held, terms
from .clauses import bare
from .correspondence import addressed_to, caller, dated, mail_of, office, related, signed_by
from .gathering import asks_reader, gathered
from .languages import language
from .passages import Passage, passages
from .permissions import permitted
from .pieces import asked_for, found, piece
from .ranking import STRICT, Found, Vectors, is_answer, nearest
from .reckoned import reckoned
from .whereabouts import spots

CLOSE = 0.2
"""How much less a sentence may score that says its reason itself."""
FEW = 3
"""Words of a question that is hardly one: *rent?*"""
NEAR = 0.25
"""The score from which a sentence is worth showing where none answers."""


_WHERE = re.compile(
    r"(?i),? (?:according to|as stated in|as per) (?:the|this|that|my) [\w-]+(?: (?:clip|note|message|recording|memo|bill|poster|file|mail|notice|report|letter))?|,? (?:mentioned |stated |written |given )?(?:in|on|from|of) (?:the|this|that) (?:letter|e-?mail|mail|text|document|note|message|notice|minutes|transcript|recording)(?=\W*$)"
    r"|,? (?:please|pls)(?=\W*$)|^\W*(?:and|so|ok|okay|now|also|then|please|pls),? |,? (?:segundo|de acordo com) [oa] \w+|^\W*(?:(?:can|could|would) you (?:please )?)?tell me,? (?:please,? )?"
)
_ON_IT = re.compile(
    r"(?i),? (?:in|on|from) (?:the|this|that) (?:(?:radio|voice|audio|video) (?:clip|note|message|memo)|clip|poster|flyer|leaflet|sign|pdf)(?=\W*$)"
)
"""Where it is to be looked for, and not what is asked for where something else is."""
_PORTUGUESE = re.compile(
    r"^\W*(?:e |ou |mas )?(?:(?:a|o|de|em|para|com|até|desde|por) )?(?:quem|quando|onde|quant[oa]s?|qual|quais|porqu[eê]|por que|que horas?|que dia|há|está|são|o que|como)\b"
)


@dataclass(frozen=True)
class Words:
    """How answers are worded, in the language of the question."""

    says: str
    silent: str
    nearest: str
    signed: str
    speaks: str
    addressed: str


ENGLISH = Words(
    "The text says: {}", "The text does not say anything about that.",
    "The text does not say that. Nearest to it is: {}", "It is signed: {}.", "It is from {}.", "It is addressed to: {}.",
)  # fmt: skip
PORTUGUESE = Words(
    "O texto diz: {}", "O texto não diz nada sobre isso.", "O texto não diz isso. O mais próximo é: {}",
    "Está assinado: {}.", "É de {}.", "É dirigido a: {}.",
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


@dataclass(frozen=True)
class Told:
    """An answer: what was asked for, where that is sure, and the sentences that say it."""

    quote: str
    lead: str = ""

    def __str__(self) -> str:
        return f"{self.lead}. {self.quote}" if self.lead else self.quote


def answer(asked: Asked, vectors: Vectors, gloss: Callable[[str], str] | None = None) -> Told:
    """Return what a text says to a question, or that it does not.

    Args:
        asked: The question and the text.
        vectors: Embeds texts.
        gloss: Puts a sentence in the language of the question, where that is another.
    """
    wording, material = asked.words, asked.material
    wordings = dict.fromkeys((asked.question, asked.told))
    for low in wordings:
        if name := addressed_to(low, material):
            return Told(wording.addressed.format(name))
        if name := signed_by(low, material) or related(low, material):
            signed = any(each.strip().startswith(name) for each in material.splitlines())
            return Told((wording.signed if signed else wording.speaks).format(name))
        for said in (mail_of(low, material), dated(low, material), office(low, material)):
            if said:
                return Told(wording.says.format(f"“{said}”"))
    given = passages(material)

    def quoted(*said: str) -> str:
        told: list[str] = []
        for each in said:
            other = gloss(each) if gloss is not None else ""
            told.append(f"“{each}”" + (f" ({other})" if other else ""))
        lines = len(said) > 2 or (len(said) > 1 and gloss is not None)
        return "\n" + "\n".join(f"- {each}" for each in told) if lines else " ".join(told)

    for low in wordings:
        if made := reckoned(low, given):
            worked, said = made
            return Told(wording.says.format(quoted(*said)), worked)
    for low in wordings:
        if lines := gathered(low, given):
            return Told(wording.says.format(quoted(*lines)))
    for low in wordings:
        if lines := permitted(low, given):
            return Told(wording.says.format(quoted(*lines)))
    told = _of_the_writer(asked.told, material)
    if noticed := _on_notice(told, given):
        return Told(wording.says.format(quoted(*noticed)))
    ranked = nearest(told, given, vectors)
    if not ranked or ranked[0].score < NEAR:
        return Told(wording.silent)
    best = _best(told, ranked)
    if best is None:
        return Told(wording.nearest.format(quoted(ranked[0].text)))
    kind = asked_for(told)
    if kind == "why" and not found("why", best.text) and (why := _next(best.text, given)):
        return Told(wording.says.format(quoted(best.text, why)))
    lead = piece(told, best.text) or piece(asked.question, best.text)
    begun = lead if "@" in lead else f"{lead[:1].upper()}{lead[1:]}"  # an address stays as it is
    return Told(wording.says.format(quoted(best.text)), begun)


def _on_notice(question: str, given: Sequence[Passage]) -> list[str]:
    """Return the lines of a poster that say when or where; empty for anything else.

    Its lines are no sentences: *SATURDAY 12 DECEMBER* does not say of what, for all of it is of one thing.
    """
    lines = [each.text for each in given]
    where = bool(_WHERE_IS.search(question.lower()))
    kind = asked_for(question)
    ends = sum(each.rstrip().endswith((".", "!", "?")) for each in lines)
    if not (where or kind == "when") or not 2 <= len(lines) <= NOTICE or ends > ENDED * len(lines):
        return []
    bag = frozenset(term for each in lines for term in terms(each))
    if any(not held(each, bag) for each in terms(question) if each not in _OF_EVENTS):
        return []
    form = re.compile(
        "|".join(re.escape(text[a:b]) for text in lines for a, b, _ in spots(text)) or "$^"
    )
    fit = [e for e in lines if (form.search(e) if where else found("when", e))]
    return fit if len(fit) <= 2 else []


NOTICE = 14
"""Lines of a poster at most."""
ENDED = 0.3
"""The part of its lines at most that are sentences: *Questions? Call …* is two."""
_WHERE_IS = re.compile(r"\bwhere\b|\bonde\b")
_OF_EVENTS = frozenset(
    terms(
        "start starts begin begins take takes place event open opens doors held happen show venue começa evento abre"
    )
)


def _of_the_writer(question: str, material: str) -> str:
    """Put *I* for whoever wrote a letter: in it, *Where is Jakob going?* is *I am going …*."""
    name = signed_by("who wrote it", material) or caller(material)
    for each in (name, *name.split()[:1]):
        if (
            len(each) > 2
            and each[:1].isupper()
            and re.search(rf"\b{re.escape(each)}\b(?!['’]s)", question, re.IGNORECASE)
        ):
            return re.sub(rf"\b{re.escape(each)}\b", "I", question, flags=re.IGNORECASE)
    if _SHE.search(question) and _FIRST.search(material) and not _SHE.search(material):
        return _SHE.sub("I", question)  # nobody else is told of
    return question


_SHE = re.compile(r"\b(?:s?he)\b", re.IGNORECASE)
_FIRST = re.compile(r"\bI(?:['’](?:m|ll|ve|d))?\b|\bi['’](?:m|ll|ve|d)\b")


def borrowed(clause: str, told: Told, others: Sequence[Told]) -> Told:
    """Return the answer to a clause without a verb out of the answers to its neighbours.

    *What does she want, and until when?* — *Please send a plumber before Friday* answers both.

    Args:
        clause: *until when*.
        told: What was found for it alone.
        others: What was found for every clause.
    """
    kind = asked_for(clause)
    silent = _SILENT.search(told.quote) or _UNTIL.search(
        clause
    )  # *by when?*: of what was just said
    if kind not in BORROWED or not bare(clause) or not silent:
        return told
    quotes = [said for each in others if each is not told for said in _QUOTED.findall(each.quote)]
    pieces = list(dict.fromkeys(one for said in quotes for one in found(kind, said)))
    ends = [each for each in pieces if _UNTIL.match(each)] if _UNTIL.search(clause) else []
    if len(kept := ends or pieces) != 1:
        return told
    quote = next(said for said in quotes if kept[0] in said)
    return Told(f"“{quote}”", f"{kept[0][:1].upper()}{kept[0][1:]}")


BORROWED = frozenset({"when", "money", "why"})
_SILENT = re.compile(r"does not say|não diz")
_QUOTED = re.compile(r"“([^”]+)”")
_UNTIL = re.compile(r"(?i)\b(?:until|till|by|before|até|antes de)\b")


def tidy(question: str) -> str:
    """Leave out where the answer is to be looked for: *according to the letter*."""
    bare = _WHERE.sub("", question).strip() or question
    shorter = _ON_IT.sub("", bare)
    return shorter if terms(shorter) else bare


def _best(question: str, ranked: Sequence[Found]) -> Found | None:
    """Return the sentence that answers, if one does; of reasons, one that is said to be one."""
    kind = asked_for(question)
    few = len(question.split()) <= FEW or len(set(terms(question))) <= 1
    able = [each for each in ranked[:5] if is_answer(each, strict=kind in STRICT, few=few)]
    if _PORTUGUESE.search(question.lower()):  # to an embedder of English, all of it is alike
        able = [each for each in able if each.shared or each.named]
    if kind == "why":
        close = [each for each in able if each.score >= able[0].score - CLOSE]
        able = sorted(close, key=lambda each: _reasons(question, each.text))
    return able[0] if able else None


def _reasons(question: str, sentence: str) -> int:
    """Rank a sentence by its reason: one of its own, none, or what was asked about itself."""
    why = found("why", sentence)
    if not why:
        return 1
    begun = sentence.lower().startswith(why[0][:12].lower())
    bag = frozenset(terms(why[0].partition(",")[0]))
    return 2 if begun and any(held(each, bag) for each in terms(question)) else 0


def _next(sentence: str, given: Sequence[Passage]) -> str:
    """Return the sentence behind one, where it may give the reason for it."""
    at = next((at for at, each in enumerate(given) if each.text == sentence), len(given))
    behind = given[at + 1] if at + 1 < len(given) else None
    if behind is None or behind.is_aside or asks_reader(behind.text):
        return ""
    return behind.text


def asked_in(question: str) -> str:
    """Return ``pt`` where a question is in Portuguese, else the language that it plainly is in, or ``en``."""
    if _PORTUGUESE.search(question.lower()):
        return "pt"
    return language(question) or "en"


__all__ = (
    "ENGLISH",
    "PORTUGUESE",
    "Asked",
    "Told",
    "Words",
    "answer",
    "borrowed",
    "tidy",
)
