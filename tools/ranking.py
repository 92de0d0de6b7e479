"""Rank the sentences of a text by how much they have to do with a question, and say which of them answer.

What counts is shared words, the meaning of the whole, and the form of what is asked for: a day, a
sum, a name. A sentence that only comes nearest is told apart from one that answers.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .alike import held, terms
from .gathering import asks_reader
from .numerals import digits
from .passages import Passage
from .permissions import foci
from .pieces import WHEN, answers, asked_for, found
from .reading import COUNTS, field, only_number, wanted
from .unnamed import of_itself

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
COUNTED = 0.4
"""The cosine from which the only number of what is counted answers."""
ALIKE = 0.5
"""The cosine from which a sentence answers, whatever its words."""
NOTHING: frozenset[str] = frozenset()
STRICT = frozenset(
    {"when", "long", "money", "who", "why", "phone", "mail", "link", "colour", "old", "heat"}
)
"""What is asked for by form: a sentence without any such piece is no answer."""


_PERSONAL = re.compile(
    r"\b(?:should|must|do|can) (?:i|we)\b|\b(?:devo|devemos|tenho de|temos de|preciso)\b"
)
_IF = re.compile(r"(?i)(?:\d+[.)] )?\W*(?:if|in case|should (?:you|it|the)|unless|se|caso)\b")
_SUPPOSES = re.compile(
    r"(?i)\b(?:if|in case|late|too late|happens?|unless|without|se|caso|acontece|penalty|fine|theft|lose|stolen|damaged?|break|cancel\w*|not pay)\b"
)
_HAPPENS = re.compile(
    r"(?i)\b(?:what (?:happens|if|will happen|do (?:i|we) do|should (?:i|we) do|must (?:i|we) do)|o que acontece|e se)\b.*\b(?:if|when|in case|se|quando)\b|\bwhat if\b"
)
_ELSE = re.compile(
    r"(?i),? or (?:else|the|we|it|they|you|he|she) |\botherwise\b|\bsenão\b|\bcaso contrário\b"
)
OF_WHOM = 0.1
"""What a price gains that is said to be for whom it is asked: *for families*."""
_FOR_WHOM = re.compile(r"(?i)\b(?:for|para) (?:an? |one |the |um |uma |os |as )?([\w'’-]+)\W*$")
SUPPOSED = 0.2
"""What the price in one case loses where no case is supposed."""
_COUNTED = re.compile(
    r"\b(?:how many|quant[oa]s)(?: of)?(?: (?:the|our|my|your|their|os|as))?(?: (?:new|other|more|old|different|such))? (?P<what>[^\W\d_][\w'’-]*(?: (?!"
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must|may|might|in|on|at|for|to|from|with|of|by|per|a|an|the|there|came|come|comes|i|we|you|he|she|they|it|"
    r"há|são|tem|têm|foram|vão|podem|é|em|no|na|de|do|da)\b)[^\W\d_][\w'’-]*){0,2})(?P<rest>.*)",
    re.IGNORECASE,
)
_IN_ALL = re.compile(
    r"(?i)\W*(?:(?:are|were|is) there(?: (?:in all|altogether|in total|now))?(?: (?:in|at|on) .*)?|(?:do|does|did) .{1,40} (?:have|has|own)(?: (?:in all|altogether|in total|now))?|in (?:all|total)|altogether)?\W*"
)
"""*How many are there?*: not how many have not paid."""
_SOME = re.compile(
    r"(?:(?:the|about|only|one|\d+) ){1,3}(?P<what>[^\W\d_][\w'’-]*(?: [a-z][\w'’-]*)?) (?!are (?:there|in|available)\b)(?:have|has|had|are|is|were|was|will|would|did|do|does|must|can|need|costs?|takes?)\b",
    re.IGNORECASE,
)
_FORMS = frozenset(
    terms(
        "phone telephone mobile telefone telemóvel number número call ring mail e-mail address endereço eletrónico website site url link web "
        "postponed put off adjourned deferred adiado adiada opening open hours times time horário stay affected weight weigh heavy peso pesa cost price pay temperature degrees warm hot age money people serves pessoas street contact reach"
    )
)
"""Words that ask for a form: a line need not say them."""
_END = re.compile(
    r"(?i)\b(?:be )?(?:finish(?:es|ed)?|over|ready|completed?|end|ends|ended|reopen(?:s|ed)?|done|repaired|fixed)\W*$"
)
_IS_END = re.compile(
    r"(?i)\b(?:finish\w*|over|ready|complet\w+|end|ends|ended|ending|reopen\w*|open(?:s|ed)? again|again|done|until|till|by|from .* to|back|acaba\w*|termina\w*|pront[oa]s?|fim|até)\b(?! further notice)"
)
"""When something ends is not when it begins."""
_START = re.compile(r"(?i)^\W*(?:from|since|as of) when\b|^\W*(?:desde|a partir de) quando\b")
_IS_START = re.compile(
    r"(?i)\b(?:from|as of|starting|since|begin\w*|starts?|a partir|desde|das?|de)\b"
)
_OPEN = re.compile(r"(?i)\b(?:is|are) open\b|^open\b|\baberto\b")
"""For how long a pool is open is not how long it is."""
_ROLE = re.compile(r"\bwho (?:is|was|are|were) (?:the|our|my|your|their) ([^\W\d_]+)\W*$")
_NUMBER = re.compile(r"\d[\d.,]*")
_PRICED = re.compile(
    r"[$€£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£%]|euros?|pounds?|dollars?|per ?cent|[ap]\.?m\b)"
)
BESIDE = range(-2, 4)
"""How many words before what it counts a number stands."""
_HAS_NAME = re.compile(
    r"[\"“«]|\b(?:is|are|was) (?:called|named)\b|\b(?:called|named) [A-ZÀ-Ý]|\b(?:name|chama\w*|nome)\b"
)
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
    called = _CALLED.search(question)
    whom = (terms(one[1]) or [""])[-1] if (one := _FOR_WHOM.search(question)) else ""
    supposes = bool(_SUPPOSES.search(question))
    personal = bool(_PERSONAL.search(question.lower()))
    told_of = [each for each in asked if each not in _FORMS]
    about = foci(question)
    known = frozenset(term for bag in (*bags, *heads) for term in bag)
    blind = bool(told_of) and not any(held(each, known) for each in told_of)
    starting = bool(_START.search(question))
    ending = kind == "when" and bool(_END.search(question))
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
        if kind == "money" and not found(kind, sentence):
            has = has and any(
                held(each, bags[at]) for each in told_of
            )  # *free* is of what the same sentence names
        if kind in {"money", "long"} and blind:
            has = bool(floor)
        if kind == "long" and told_of and all(held(each, bags[at]) for each in told_of):
            has = has or (
                bool(found(kind, sentence)) and not _OPEN.search(sentence)
            )  # *open from 10 am to 6 pm*, of what is asked
        has = has and (not sentence.rstrip().endswith("?") or asks_reader(sentence))
        has = has and all(held(each, bags[at] | heads[at]) > 0 for each in about)
        has = has and not _counts_some(question, counted, sentence)
        has = has and (not starting or bool(_IS_START.search(sentence)))
        has = has and (not ending or bool(_IS_END.search(sentence)))
        has = has and (not counted or _is_counted(counted, sentence, heads[at]))
        has = has and (not many or bool(COUNTS.search(_PRICED.sub(" ", digits(sentence)))))
        has = has and (role is None or sentence != sentence.lower() or _plays(role[1], sentence))
        has = has and (not called or floor >= NAMED or _may_name(called, sentence, bags[at]))
        score += PERSONAL if personal and asks_reader(sentence) else 0.0
        score += OF_WHOM if whom and kind == "money" and held(whom, bags[at]) >= 1 else 0.0
        if (
            _HAPPENS.search(question)
            and own[at]
            and (_IF.match(sentence) or _ELSE.search(sentence))
        ):
            score += SUPPOSED
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
    told_of = [each for each in asked if each not in _FORMS]
    known = frozenset(term for each in given for term in terms(f"{each.text} {each.heading}"))
    strange = [each for each in asked if each not in _FORMS and not held(each, known)]
    for each in wanted(question):
        having = [at for at in order if each.alone and each.fits(told[at].text)]
        if len(having) == 1 and not strange:  # *the plumber's number*, where no plumber is told of
            floors[having[0]] = max(each.alone, floors.get(having[0], 0.0))
    if not told_of:
        having = of_itself(question, told, order)
        if len(having) == 1:
            floors[having[0]] = max(NAMED, floors.get(having[0], 0.0))
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
    if not asked:
        return ""
    named = terms(asked["what"]) or [""]
    return named[0 if asked.group().lower().startswith("quant") else -1]


def _counts_some(question: str, counted: str, sentence: str) -> bool:
    """Say whether a sentence counts only those that do something: *three members have not paid*."""
    asked = _COUNTED.search(question)
    if not asked or not counted or not _IN_ALL.fullmatch(asked["rest"]):
        return False
    hit = _SOME.match(digits(sentence))
    return hit is not None and held(counted, frozenset(terms(hit["what"]))) > 0


def _is_counted(counted: str, sentence: str, around: frozenset[str]) -> bool:
    """Say whether a sentence has a number of what is to be counted, beside it or under its heading."""
    plain = _PRICED.sub(" ", digits(sentence))
    bag = frozenset(terms(sentence))
    if not held(counted, bag):
        return held(counted, around) > 0 and bool(_NUMBER.search(WHEN.sub(" ", plain)))
    said = plain.split()
    numbers = [at for at, each in enumerate(said) if _NUMBER.search(each) or COUNTS.match(each)]
    things = [
        at
        for at, each in enumerate(said)
        if held(counted, frozenset(terms(each))) and not _is_label(said[at : at + 2])
    ]
    return any(two - one in BESIDE for one in numbers for two in things)


def _is_label(said: Sequence[str]) -> bool:
    """Say whether a number names the thing before it: *room 114*, and not *rooms: 114*."""
    return (
        len(said) > 1
        and not said[0].rstrip(":,").endswith("s")
        and said[1][:1].isdigit()
        and said[0][-1:].isalpha()
    )


def _may_name(called: re.Match[str], sentence: str, bag: frozenset[str]) -> bool:
    """Say whether a sentence has a name in it, and what is to be named."""
    thing = terms(next(each for each in called.groups() if each))[-1:]
    named = found("who", sentence) or _HAS_NAME.search(sentence)
    return bool(named) and all(held(each, bag) for each in thing)


def _plays(role: str, sentence: str) -> bool:
    """Say whether speech without capitals says who has a role."""
    named = re.escape(role)
    return bool(
        re.search(
            rf"\bis (?:the|our|my) (?:new )?{named}\b|\b{named} (?:is|called|named)\b", sentence
        )
    )


__all__ = ("STRICT", "Found", "Vectors", "is_answer", "nearest")
