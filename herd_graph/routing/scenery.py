"""Tell what a person asks for from what they tell around it: why they ask, and for whom.

*The headmaster comes at noon and I have been up all night. How many of the marks are below ten?* asks
one thing. Read as a whole, the first sentence may be taken for a wish of its own, or for a piece of
the question, and whoever is asked does not understand it. What comes before the first request and
holds nothing that a request could be about (no number, no name, no quotation, nothing that picks or
leaves out) is scenery: the request is planned without it, where a plan has taken it for a wish.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from herd_graph.plans import FromStep
from herd_graph.routing.assembly import card_of
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.lexicon import (
    ALSO_NOUNS,
    MATERIAL,
    NOUN_STARTS,
    POLITE,
    QUESTION_WORDS,
    SUGGESTS,
    VERBS,
)
from herd_graph.tasks import Task

_MOST = 1_200
"""Letters of a request that is looked at."""
_LEAST = 5
"""Words that must be left: *what comes out?* says too little without what stands before it."""
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\b[A-Za-z]\.)(?<!\b(?:Mr|Dr|St|vs|No)\.)(?<!\bMrs\.)\s+(?=[\"'“(]?[A-Z])"
)
_WANTS = re.compile(
    r"\b(?:please|pls|kindly|(?:can|could|would|will) you|let (?:me|us|her|him|them)|(?:do|would) you (?:mind|know)|any idea"
    r"|(?:i|we)(?:['’]d| would)?(?: also| still| just| only| really| now| then)* (?:need|want|wish|wonder|like|love|must know|have to know|keep wondering|was wondering)"
    r"|(?:need|want|would like|would love|wish)(?:e?s|ed)?(?: (?:me|us|you|to|a|an|the|it|one|two|three|some|every\w*|all)\b))\b",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    r"\d|[\"“”«»`%€$£]|(?<!\w)'\w[^'’]*['’](?!\w)"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|million|half|double|twice"
    r"|first|second|third|fourth|last|latter|former|other|only|except|without|unless|if|ignor\w+|skip|leave out|instead|whole|rather|than)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[\w,;:] )(?!I\b|I['’])[A-ZÀ-Ý]\w+")
_STATES = re.compile(
    r"\b(?:am|is|are|was|were|been|have|has|had|do|does|did|don['’]t|doesn['’]t|didn['’]t|isn['’]t|aren['’]t|won['’]t|can|can['’]t|cannot|will|would"
    r"|must|should|[a-z]{2,}['’](?:re|ve|ll)|(?:i|you|he|she|we|they|nobody|everybody|everyone|somebody|someone) [a-z]+|i['’](?:m|ve|d|ll)"
    r"|(?:my|our|the|a|an|his|her|their) (?:[\w'’]+ ){1,3}(?:refuses|loves|hates|spoke|came|went|left|sent|gave|got|took|made|wrote|told|said|saw|found|lost|broke|kept))\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:i|we|me|us|my|our|ours|mine|nobody|somebody|someone|everybody|everyone|none of us)\b",
    re.IGNORECASE,
)
"""Scenery is of the one who asks: what is said of a file alone may be what is asked about."""
_COUNTED = re.compile(
    r"^(?P<before>(?:[^:.?!]*\b(?:want|like|need|have|ask)\w*(?: me| you| us)? )?(?:just |only |but )*(?:two|three|four|five|six|several|a few|some|a couple of)(?: \w+){0,2} (?:things|jobs|tasks|questions|requests|favou?rs|wishes|points)\b)[^:.?!]*(?P<end>[:.]|$)\s*",
    re.IGNORECASE,
)
"""*Two little jobs with our numbers: …*: the jobs are told behind it."""
_JOINT = re.compile(
    r"(?:,\s*|\s+)(?:and|so|but|because|hence|therefore)\s+(?=(?:(?:i|we)(?:['’]d| would)?(?: also| still| just| only| really| now)* (?:need|want|wish|like|love|wonder)\b"
    r"|(?:can|could|would|will) you\b|please\b|what i (?:still )?(?:need|want)\b))|[;:]\s+(?=(?:how|what|which|who|whose|when|where|is|are|did|does|do|can|could|please)\b)",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"^(?:what|when|where|who|which|whose|how)\b.*\?\s*$", re.IGNORECASE)
_FIRST = re.compile(r"[^\W\d_][\w'’]*")
_SENT = frozenset({"message", "messages", "mail", "email", "voicemail", "call", "note"})
_WORDS = re.compile(r"[^\W_]+")


def without_scenery(text: str, *, several: bool = False) -> str:
    """Return a request without the scenery before it; the whole of it where there is none.

    Args:
        text: The request.
        several: Several files are attached: what speaks of one of them is no scenery.
    """
    told = [each for each in _SENTENCE.split(text.strip()) if each.strip()]
    kept: list[str] = []
    for place, sentence in enumerate(told):
        later = told[place + 1 :]
        if kept or not (any(map(_asks, later)) and _is_scenery(sentence, several=several)):
            kept.append(sentence)
    if not kept:
        return text
    kept[0] = _unled(kept[0], several=several)
    kept = [each for each in kept if each]
    plain = " ".join(kept)
    left = " ".join(told[: len(told) - len(kept)])
    if _SENT & set(_words(left)) and not _names_file(plain):
        return text  # "Somebody left me a message. What do they want?": it is said nowhere else
    return plain if any(map(_asks, kept)) and len(_words(plain)) >= _LEAST else text


def unplanned(task: Task, situation: Situation, plan: Callable[[Task, Situation], Route]) -> Route:
    """Return the plan of a request; of what it asks alone, where scenery was taken for a wish.

    Args:
        task: The request, and what is attached.
        situation: What is there.
        plan: Makes a plan of a request.
    """
    route = plan(task, situation)
    text = task.text
    if not task.attachments or len(text) > _MOST or "\n" in text.strip():
        return route
    asked = without_scenery(text, several=len(task.attachments) > 1)
    if asked == text or not asked.strip():
        return route
    dropped = _words(text)[: len(_words(text)) - len(_words(asked))]
    said = [_words(each) for each in _said(route)]
    taken = any(_is_in(run, each) for each in said for run in _runs(dropped))
    counted = _COUNTED.match(text) is not None
    shortens = _shortens(route, situation) and _QUESTION.search(asked) is not None
    several = taken and len(said) > 1
    if not (route.plan.abstained or counted or several or shortens):
        return route
    other = plan(task.model_copy(update={"text": asked}), situation)
    if other.plan.abstained or len(other.plan.unmet) > len(route.plan.unmet):
        return route
    if shortens and not several and _shortens(other, situation):
        return route
    trace = other.trace.model_copy(update={"request": text[:2000]})
    return other.model_copy(update={"trace": trace})


def _shortens(route: Route, situation: Situation) -> bool:
    """Say whether the one answer is a summary: nobody's own affairs are a reason for one."""
    if len(route.plan.answers) != 1 or not isinstance(route.plan.answers[0].source, FromStep):
        return False
    name = route.plan.answers[0].source.step
    step = next((each for each in route.plan.steps if each.id == name), None)
    card = card_of(step, situation.experts)
    return card is not None and card.input("sentences") is not None


def _said(route: Route) -> Iterator[str]:
    yield from (each.ask for each in route.plan.answers)
    yield from route.plan.unmet


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.lower())


def _runs(words: list[str]) -> Iterator[list[str]]:
    """Yield runs of the words that were left out: a wish that holds one has scenery in it."""
    size = 4
    if len(words) <= size:
        yield words
    for at in range(len(words) - size):
        yield words[at : at + size]


def _is_in(run: list[str], words: list[str]) -> bool:
    return bool(run) and any(
        words[at : at + len(run)] == run for at in range(len(words) - len(run) + 1)
    )


def _asks(sentence: str) -> bool:
    """Say whether a sentence asks for something: a question, an order, a wish."""
    if "?" in sentence or _WANTS.search(sentence):
        return True
    return any(map(_orders, re.split(r"[:;,]\s+|\s+[-–—]+\s+|\s+(?:and|then)\s+", sentence)))


def _orders(clause: str) -> bool:
    plain = POLITE.sub("", clause.strip())
    first = _FIRST.match(plain)
    if first is None:
        return False
    word = first.group().lower().replace("’", "'")
    rest = plain[first.end() :].split()
    follows = rest[0].lower().strip(",.;:") if rest else ""
    if word in ALSO_NOUNS or word == "do":
        return follows in NOUN_STARTS
    return word in VERBS or word in QUESTION_WORDS


def _is_scenery(sentence: str, *, several: bool) -> bool:
    """Say whether a sentence tells something, asks nothing, and holds nothing to ask about."""
    if (counted := _COUNTED.match(sentence)) is not None and counted.end() == len(sentence):
        return True
    if _asks(sentence) or _holds(sentence):
        return False
    if not _STATES.search(sentence) or not _OWN.search(sentence):
        return False
    return not (several and _names_file(sentence))


def _names_file(text: str) -> bool:
    spoken = set(_words(text))
    return bool(spoken & MATERIAL.keys() or spoken & SUGGESTS.keys() or spoken & _SENT)


def _holds(sentence: str) -> bool:
    return bool(_HOLDS.search(sentence) or _NAME.search(sentence))


def _unled(sentence: str, *, several: bool) -> str:
    """Return a sentence without a clause of scenery in front of what it asks."""
    counted = _COUNTED.match(sentence)
    if counted is not None and counted["end"] == ":":
        return sentence[counted.end() :]
    for joint in _JOINT.finditer(sentence):
        before = sentence[: joint.start()]
        if _is_scenery(before, several=several):
            return sentence[joint.end() :]
    return sentence


__all__ = ("unplanned", "without_scenery")
