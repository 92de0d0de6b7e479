"""What a yes-no question is about: whether something is allowed, and whether there is any of it.

*Are dogs allowed?* is answered by a sentence that says of dogs what they may: one about cats only
comes near, and so does one about the garden that dogs run in. What has to be named is the *focus*.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .alike import held, terms
from .passages import Passage

_BEGIN = r"^\W*(?:and |but |so |also |then |please |e |ou |(?:when|where|how long|until when|with whom) )?"
_STATE = (
    r"(?:allowed|permitted|forbidden|prohibited|banned|not allowed|welcome|okay|ok|fine|possible|acceptable|accepted|"
    r"permitid[oa]s?|proibid[oa]s?|autorizad[oa]s?|bem-vind[oa]s?|aceites?)"
)
_ALLOWED = re.compile(
    rf"{_BEGIN}(?:is|are|was|were|é|são|está|estão) (?:(?:the|my|our|your|any|small|os|as|o|a) )*(?!it\b|there\b|we\b|i\b|you\b)(?P<what>.+?) (?:(?:still|also|even|generally|ever|really) )?{_STATE}\b"
    rf"|{_BEGIN}(?P<plain>(?!it\b|there\b|we\b|i\b|you\b)\w+(?: \w+)?) (?:is|are) {_STATE}\W*$"
    rf"|{_BEGIN}(?:é|são) {_STATE} (?:(?:ter|trazer|levar|usar|fazer) )?(?:(?:os|as|o|a|um|uma) )?(?P<pt>.+?)\W*$"
)
_MAY = re.compile(
    rf"{_BEGIN}(?:can|may|could) (?P<who>i|we|you|one|people|anyone|anybody|everybody|visitors|guests|children|kids|members|tenants|residents|parents|customers|passengers|my \w+|our \w+|the \w+) (?P<act>.+)"
    rf"|{_BEGIN}(?:am i|are we|are (?:visitors|guests|children|members|tenants|residents)) (?:allowed|permitted) to (?P<act2>.+)"
    rf"|{_BEGIN}(?:is it|would it be) (?:(?:still|also|even) )?{_STATE} (?:to|if i|if we) (?P<act3>.+)"
    rf"|{_BEGIN}(?:posso|podemos|pode-se|podem|pode|é permitido|é proibido) (?P<act4>.+)"
)
_THERE = re.compile(
    r"^\W*(?:and |but |so |e )?(?:(?:is|are|was|were) there|will there be|há|existe[m]?) (?:(?:also|still|already|going to be|ainda|já) )*(?:(?:a|an|any|some|enough|um|uma|algum|alguma) )?(?P<what>.+)"
    r"|^\W*(?:and |but |so )?(?:do|does|did) .{1,30}? (?:have|contain|include|offer|sell|serve|provide) (?:(?:a|an|any|some|the) )?(?P<has>.+)"
)
_ENDS = re.compile(
    r"(?i)\s+(?:in|on|at|for|to|from|with|near|by|during|before|after|within|inside|outside|into|of|while|when|if|this|next|every|here|there|left|available|please|em|no|na|nos|nas|para|com|de|do|da|dentro|durante)\b.*|[?.!,;].*"
)
_ARTICLES = re.compile(
    r"(?i)^(?:(?:the|a|an|my|our|your|his|her|their|some|any|o|a|os|as|um|uma|meu|minha) )+"
)
_SAYS = re.compile(
    r"(?i)\b(?:not|no|never|only|must|may|might|can|cannot|can['’]t|don['’]t|isn['’]t|aren['’]t|allowed|permitted|forbidden|prohibited|banned|welcome|stays? (?:at home|outside|on)|belongs?|please|free|accepted|"
    r"without|unless|needs?|has to|have to|should|possible|possibly|provided|until|except|keep|kept|leave|left|nobody|não|nunca|só|apenas|proibid[oa]s?|permitid[oa]s?|pode[m]?|deve[m]?|exceto|bem-vind[oa]s?)\b"
)
LIKE, SAME = 0.1, 0.9
"""How far the thing has to be named: by a word that means the same, or itself: *wash clothes* is not of shoes."""
_FOR = re.compile(r"\b(?:for|para) ((?!me\b|us\b|it\b|that\b|this\b|free\b)[^?.,]+)")
_HELPERS = frozenset(
    terms("use bring have take make keep put get do go leave let still trazer levar usar ter")
)
"""Verbs of a question that say little: *can I bring a dog* is about the dog."""


def foci(question: str) -> set[str]:
    """Return all that the answer to a yes-no question has to name: *is there a course for adults?*."""
    head = focus(question)
    there = _THERE.match(question.lower().strip()) if head else None
    whom = _FOR.search(question.lower()) if there else None
    return {head, _head(whom[1]) if whom else ""} - {""}


def focus(question: str) -> str:
    """Return the term that the answer to a yes-no question has to name; empty for other questions.

    Args:
        question: *Is there a lift?*, *Are dogs allowed in the garden?*
    """
    low = question.lower().strip()
    there = _THERE.match(low)
    allowed = None if there else _ALLOWED.match(low)
    hit = there or allowed
    return _head(next(each for each in hit.groups() if each)) if hit else ""


def permitted(question: str, given: Sequence[Passage]) -> list[str]:
    """Return the sentence that says whether something may be done; empty where none does.

    Args:
        question: *May I use the hose?*, *Are dogs allowed?*
        given: The text's pieces.
    """
    low = question.lower().strip()
    if allowed := _ALLOWED.match(low):
        named = terms(next(each for each in allowed.groups() if each))
        needed, sure = {focus(question)} - {""}, LIKE
    elif may := _MAY.match(low):
        act = next(each for each in may.groups()[1:] if each)
        who = terms(may["who"] or "")
        named = [each for each in terms(act) if each not in _HELPERS]
        needed, sure = {_object(act)} - {""}, SAME
        named += who
    else:
        return []
    if not needed:
        return []
    scored = [
        (sum(held(each, bag) for each in dict.fromkeys(named)), each.text)
        for each in given
        if not each.is_aside and _SAYS.search(each.text) and not each.text.rstrip().endswith("?")
        for bag in [frozenset(terms(each.text))]
        if all(held(one, bag) >= sure for one in needed)
    ]
    most = max((score for score, _ in scored), default=0.0)
    best = list(dict.fromkeys(text for score, text in scored if score == most))
    return best if len(best) <= 2 else []


def _object(act: str) -> str:
    """Return what an act is done to, or the act: *wear high heels to the dance*, *smoke on the stairs*."""
    verb, _, rest = act.strip().partition(" ")
    thing = _head(rest) if rest and not _ENDS.match(f" {rest}") else ""
    return thing or (terms(verb) or [""])[0]


def _head(phrase: str) -> str:
    """Return the noun that a phrase is about: *swimming pool*, of *a swimming pool at the camp*."""
    bare = _ENDS.sub("", f" {_ARTICLES.sub('', phrase.strip())}").strip()
    return (terms(bare) or [""])[-1]


__all__ = ("foci", "focus", "permitted")
