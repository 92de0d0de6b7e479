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
from .clauses import bare
from .correspondence import addressed_to, caller, signed_by
from .gathering import asks_reader, gathered
from .languages import language
from .numerals import digits
from .passages import Passage, passages
from .pieces import answers, asked_for, found, piece
from .reading import COUNTS, field, only_number, wanted
from .reckoned import reckoned
from .whereabouts import spots

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
SHARED = 0.2
"""The part of a question's words, at least, that a sentence or its heading says that answers it."""
MEANT = 0.3
"""The cosine, at least, of the meaning of a sentence that answers, and of the question's."""
BOTH = 0.62
"""Their sum, at least: of 190 questions, 69 have their answers above, and 6 of 122 others anything."""
MOSTLY = 0.75
"""The part of a question's words from which their meaning may be less like."""
SLIGHT = 0.15
"""The cosine, then, where the form of the answer is known."""
CLOSE = 0.2
"""How much less a sentence may score that says its reason itself."""
COUNTED = 0.4
"""The cosine from which the only number of what is counted answers."""
FEW = 3
"""Words of a question that is hardly one: *rent?*"""
ALIKE = 0.5
"""The cosine from which a sentence answers, whatever its words."""
NOTHING: frozenset[str] = frozenset()
NEAR = 0.25
"""The score from which a sentence is worth showing where none answers."""
STRICT = frozenset({"when", "long", "money", "who", "why", "phone", "mail", "link", "colour"})
"""What is asked for by form: a sentence without any such piece is no answer."""


_WHERE = re.compile(
    r"(?i),? (?:according to|as stated in|as per) (?:the|this|that|my) [\w-]+(?: (?:clip|note|message|recording|memo|bill|poster|file|mail|notice|report|letter))?|,? (?:mentioned |stated |written |given )?(?:in|on|from|of) (?:the|this|that) (?:letter|e-?mail|mail|text|document|note|message|notice|minutes|transcript|recording)(?=\W*$)"
    r"|,? (?:please|pls)(?=\W*$)|^\W*(?:and|so|ok|okay|now|also|then|please|pls),? |,? (?:segundo|de acordo com) [oa] \w+|^\W*(?:(?:can|could|would) you (?:please )?)?tell me,? (?:please,? )?"
)
_ON_IT = re.compile(
    r"(?i),? (?:in|on|from) (?:the|this|that) (?:(?:radio|voice|audio|video) (?:clip|note|message|memo)|clip|poster|flyer|leaflet|sign|pdf)(?=\W*$)"
)
"""Where it is to be looked for, and not what is asked for where something else is."""
_PERSONAL = re.compile(
    r"\b(?:should|must|do|can) (?:i|we)\b|\b(?:devo|devemos|tenho de|temos de|preciso)\b"
)
_PORTUGUESE = re.compile(
    r"^\W*(?:e |ou |mas )?(?:(?:a|o|de|em|para|com|até|desde|por) )?(?:quem|quando|onde|quant[oa]s?|qual|quais|porqu[eê]|por que|que horas?|que dia|há|está|são|o que|como)\b"
)
_IF = re.compile(r"(?i)(?:\d+[.)] )?\W*(?:if|in case|should (?:you|it|the)|unless|se|caso)\b")
_SUPPOSES = re.compile(
    r"(?i)\b(?:if|in case|late|too late|happens?|unless|without|se|caso|acontece|penalty|fine|theft|lose|stolen|damaged?|break|cancel\w*|not pay)\b"
)
SUPPOSED = 0.2
"""What the price in one case loses where no case is supposed."""
_COUNTED = re.compile(
    r"\b(?:how many|quant[oa]s)(?: of the)? (?:(?:new|other|more|old|different|such) )?([^\W\d_]+)",
    re.IGNORECASE,
)
_FORMS = frozenset(
    terms(
        "phone telephone mobile telefone telemóvel number número call ring mail e-mail address endereço eletrónico website site url link web "
        "postponed put off adjourned deferred adiado adiada opening open hours times time horário stay affected weight weigh heavy peso pesa cost price pay people serves pessoas street contact reach"
    )
)
"""Words that ask for a form: a line need not say them."""
_ROLE = re.compile(r"\bwho (?:is|was|are|were) (?:the|our|my|your|their) ([^\W\d_]+)\W*$")
_NUMBER = re.compile(r"\d[\d.,]*")
_PRICED = re.compile(
    r"[$€£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£%]|euros?|pounds?|dollars?|per ?cent|[ap]\.?m\b)"
)
BESIDE = range(-2, 4)
"""How many words before what it counts a number stands."""
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
        if name := signed_by(low, material):
            return Told(wording.signed.format(name))
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
    told = _of_the_writer(asked.told, material)
    ranked = nearest(told, given, vectors)
    if not ranked or ranked[0].score < NEAR:
        return Told(wording.silent)
    if noticed := _on_notice(told, given):
        return Told(wording.says.format(quoted(*noticed)))
    best = _best(told, ranked)
    if best is None:
        return Told(wording.nearest.format(quoted(ranked[0].text)))
    kind = asked_for(told)
    if kind == "why" and not found("why", best.text) and (why := _next(best.text, given)):
        return Told(wording.says.format(quoted(best.text, why)))
    lead = piece(told, best.text) or piece(asked.question, best.text)
    return Told(wording.says.format(quoted(best.text)), f"{lead[:1].upper()}{lead[1:]}")


def _on_notice(question: str, given: Sequence[Passage]) -> list[str]:
    """Return the lines of a poster that say when or where; empty for anything else.

    Its lines are no sentences: *SATURDAY 12 DECEMBER* does not say of what, for all of it is of one thing.
    """
    lines = [each.text for each in given]
    where = bool(_WHERE_IS.search(question.lower()))
    kind = asked_for(question)
    ends = sum(each.rstrip().endswith((".", "!", "?")) for each in lines)
    if not (where or kind == "when") or not 2 <= len(lines) <= NOTICE or ends > 0.2 * len(lines):
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
    return question


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


def is_answer(given: Found, *, strict: bool = False, few: bool = False) -> bool:
    """Say whether a sentence answers, and is not only the one that comes nearest.

    Args:
        given: The sentence.
        strict: A piece of some form is asked for, and it has one.
        few: The question has so few words that its meaning says little.
    """
    if given.named or not given.fits:
        return given.named
    if given.shared >= MOSTLY and given.like >= (
        0.0 if few else SLIGHT if strict else MEANT - 0.05
    ):
        return True
    told = given.shared >= SHARED and given.like >= MEANT
    return (told and given.shared + given.like >= BOTH) or given.like >= ALIKE


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
    many = _COUNTED.search(question) is not None
    role = _ROLE.search(question.lower())
    supposes = bool(_SUPPOSES.search(question))
    personal = bool(_PERSONAL.search(question.lower()))
    told_of = [each for each in asked if each not in _FORMS]
    floors = _floors(question, told, given, order, asked)
    sure = [each for each in kinds if each.alone and any(each.fits(told[at].text) for at in order)]
    lone = only_number(question, [each.text for each in told])
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
        headed = all(held(term, heads[at]) for term in asked)
        lent = lent if fits or own[at] or headed else 0.0
        score = 0.6 * like + 0.4 * own[at] + fits + ABOVE * lent
        if sure and not any(each.fits(sentence) for each in sure):
            score *= LACKING
        has = kind not in STRICT or kind == "why" or answers(kind, sentence) or bool(floor)
        if kind == "long" and told_of and all(held(each, bags[at]) for each in told_of):
            has = has or bool(found(kind, sentence))  # *open from 10 am to 6 pm*, of what is asked
        has = has and (not sentence.rstrip().endswith("?") or asks_reader(sentence))
        has = has and (not counted or _is_counted(counted, sentence, around))
        has = has and (not many or bool(COUNTS.search(_PRICED.sub(" ", digits(sentence)))))
        has = has and (role is None or sentence != sentence.lower() or _plays(role[1], sentence))
        score += PERSONAL if personal and asks_reader(sentence) else 0.0
        if kind in {"money", "long"} and not supposes and _IF.match(sentence):
            score -= SUPPOSED  # *If it comes back late, each day costs …*
        shown = own[at] + lent
        named_ = floor >= NAMED or (floor >= ALONE and (shown > 0 or not told_of))
        named_ = named_ or (sentence == lone and like >= COUNTED)
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


def _is_counted(counted: str, sentence: str, around: frozenset[str]) -> bool:
    """Say whether a sentence has a number of what is to be counted, beside it or under its heading."""
    plain = _PRICED.sub(" ", digits(sentence))
    bag = frozenset(terms(sentence))
    if not held(counted, bag):
        return held(counted, around) > 0 and bool(_NUMBER.search(plain))
    said = plain.split()
    numbers = [at for at, each in enumerate(said) if _NUMBER.search(each) or COUNTS.match(each)]
    things = [at for at, each in enumerate(said) if held(counted, frozenset(terms(each)))]
    return any(two - one in BESIDE for one in numbers for two in things)


def _plays(role: str, sentence: str) -> bool:
    """Say whether speech without capitals says who has a role."""
    named = re.escape(role)
    return bool(
        re.search(
            rf"\bis (?:the|our|my) (?:new )?{named}\b|\b{named} (?:is|called|named)\b", sentence
        )
    )


__all__ = (
    "ENGLISH",
    "PORTUGUESE",
    "Asked",
    "Found",
    "Told",
    "Words",
    "answer",
    "borrowed",
    "is_answer",
    "nearest",
    "tidy",
)
