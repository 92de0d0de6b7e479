"""A question without what stands around it, for an expert that did not understand the whole of it.

People say why they ask, and are polite. *I'm trying to save a bit. What do my expenses come to, if
you don't mind?* asks for as much as *what do my expenses come to?* An expert that reads questions
word by word refuses the first one. Only what says nothing of the matter is left out: words about
the asking itself, how the answer is to be given, which of the files is meant, and sentences of the
speaker's own affairs that hold no number, no quotation and no name. What narrows a question down (*in Leeds*, *of the last year*) stays in it, so that an expert
which does not understand that refuses again, instead of answering something else.

Where the words of a table are known, whatever stands before the question and holds none of them may
go, too: it cannot say which rows are meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_ASKS = (
    r"(?:how (?:many|much|old|long|far|big|high|heavy|often)|what(?:'s)?|which|whose|whom?|who's|where|when|why|"
    r"is|are|was|were|does|did|do|has|have|had|can|list|show|give|find|name|count|sum|add|"
    r"calculate|convert|draw|sort|compare|tell)\b"
)
_GREETS = (
    r"(?:hey|hi|hello|hallo|olá|ok|okay|so|well|also|and|then|now|please|pls|thanks!?|"
    r"excuse me|sorry|right)\b[\s,.!:-]*"
)
_WANTS = (
    r"(?:(?:could|can|would|will) you (?:please |kindly |perhaps |maybe )?(?:just )?"
    r"(?:tell|let|look up|look|find out|work out|check|say|see|help)(?: me)?(?: know)?(?: out)?(?: for me)?(?: up)?(?: for me)?"
    r"|(?:please )?(?:tell|let) me(?: know)?|do you (?:happen to )?know|any idea"
    r"|i(?:'d| would|'ll)? (?:really |just |also )?(?:like|love|need|want|wish|have|wonder(?:ed)?|am wondering)"
    r"(?: to)?(?: (?:know|see|find out|learn|hear|understand|be told))?"
    r"|i(?:'m| am) (?:wondering|curious|interested in)|i(?:'ve| have) (?:forgotten|no idea)|i (?:don't|do not) know"
    r"|i forg[eo]t|my (?:boss|question) (?:wants to know|is))\b[\s,:]*(?:if |whether |about )?"
)
_LEADS = re.compile(rf"^\s*(?:{_GREETS})*(?:{_WANTS})?(?=\S)", re.IGNORECASE)
_TAILS = re.compile(
    r"[\s,;–-]*(?<![\w'])(?:(?:if|when) (?:you (?:don't|do not|wouldn't) mind|possible|you (?:can|could|have time))|by the way|"
    r"(?:can|could|would|will) you (?:please )?(?:list|tell|show|name|find|look|check|help|do that|say)\b[^,.?!]{0,20}|"
    r"i (?:mean|wonder|guess|think)|(?<=,)\s*that is|(?:many )?thanks(?: a lot| in advance)?|thank you(?: very much)?|"
    r"please|pls|plz|cheers|again|then|exactly|for me)(?=[\s.!?]*$)",
    re.IGNORECASE,
)
_RESULT = r"(?:it|that|this|them|me|us|(?:the|your|its) (?:answer|result|total|sum|number|figure|value|outcome|reply)s?)"
_FORMS = re.compile(
    rf"[\s,;.!+&–-]*\b(?:(?:and|then|also|please|pls|plus)\s+)*(?:speak (?:{_RESULT}|out)(?: (?:aloud|out loud|out|to me))*"
    rf"|(?:say|read|tell|give|voice)(?: {_RESULT}| to| back| out)* (?:aloud|out loud|loud|as (?:audio|sound|speech))"
    r"|(?:as|in) (?:an? )?(?:audio|sound|speech|voice(?: message| note)?)|spoken|aloud|out loud)(?: too| as well| please)*[\s.!?]*$",
    re.IGNORECASE,
)
"""How the answer is to be given: another expert's work."""
_NTH = r"(?:first|second|third|fourth|last|other|1st|2nd|3rd|4th)"
_FILE = (
    r"(?:one|tables?|files?|sheets?|lists?|attachments?|spreadsheets?|documents?|workbooks?|csv)"
)
_PLACES = re.compile(
    rf"^\W*(?:in|of|from|for|on) the {_NTH}(?: {_FILE})?(?:,|:)?\s+(?=(?:i|we|the|what|which|who|how|give|show)\b)"
    rf"|^\W*(?:(?:the )?{_NTH}(?: {_FILE})?|(?:{_FILE} )?\d)\s*[:)]\s+"
    rf"|,?\s+(?:in|of|from|on) (?:the {_NTH} {_FILE}|{_FILE} \d)\b|,?\s+(?:in|by) the {_NTH}(?=\W*$)"
    rf"|^\W*{_FILE} [1-9][,:]?\s+(?=[^\W\d])"
    rf"|\s*\((?:the )?(?:(?:{_FILE} )?\d|{_NTH}(?: {_FILE})?)\)",
    re.IGNORECASE,
)
"""Which of several files is meant: an expert has that one and sees no other."""
_SOURCE = re.compile(
    r"(?:,?\s+|^\W*)(?:in|from|of|on|by|according to|acc\.? to|as per|going by) (?:my|our|the|this|that|these|those) (?:[a-z]+ )?"
    r"(?P<what>notes?|lists?|records?|files?|workbooks?|sheets?|spreadsheets?|data|tables?|attachments?|exports?|recordings?|letters?"
    r"|agreements?|contracts?|papers?|documents?|articles?|texts?|clips?|pictures?|photos?|memos?|messages?|pages?)(?: of (?:mine|ours))?(?: here)?(?=\W|$),?\s*",
    re.IGNORECASE,
)
"""What is to be looked at: an expert has nothing else."""
_PIECE = re.compile(
    r"(?<=[.!?])\s+|[:;]\s+|\s+[-–—]+\s+|,\s+(?:and|so|but)\s+|\s+and\s+(?=(?:what|which|who|how|i|can|could|please)\b)",
    re.IGNORECASE,
)
_PICKS = re.compile(
    r"\d|[\"“”«»]|\b(?:only|just|except|but not|without|unless|if|ignor\w+|skip\w*|leav\w+ out|instead|exclud\w+|not (?:the|those|any)|other than"
    r"|hundred|thousand|two|three|four|five|six|seven|eight|nine|ten|(?:this|last|next) (?:\w+day|week|month|year|quarter|season))\b",
    re.IGNORECASE,
)
"""What may say which rows are meant, in words that no table holds."""
_NEEDED = re.compile(
    r"^\W*(?:what (?:i|we) (?:still |really |also )?(?:need|want)(?: to know)? is |(?:i|we)(?:'d| would)? (?:still |just |only )?(?:like|need|want) )?the name of (?=the\b)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_OWN = re.compile(
    r"(?:and |so |but )?(?:i|i'm|i've|i'd|i'll|we|we're|we've|we'd|they|my \w+|our \w+|(?:this|these|those|here) (?:is|are|was|were)|"
    r"here's|some(?:one|body)|an? \w+ of (?:mine|ours))\b",
    re.IGNORECASE,
)
"""How a sentence of the speaker's own affairs begins."""
_NARROWS = re.compile(
    r"\b(?:only|just|except|but|without|about|regarding|concerning|within|during|since|until|before|after|last|next|all|each|every"
    r"|(?:in|on|at|from|for|of|with|by|between)(?! (?:my|our|me|us|you|mine|ours|a friend)\b))\b",
    re.IGNORECASE,
)
"""Words that may narrow down what is asked: *we look at the north only*."""
_TELLING = re.compile(r"\d|[\"“”«»]|(?<=[\w,;] )(?!I\b|I')[A-ZÀ-Ý]\w+")
"""A number, a quotation or a name: it may be what is asked about."""
_BEFORE = re.compile(
    rf"^(?P<before>[^.?!]{{3,90}}?)(?:,| and| so| but|;|:)+\s+(?=(?:{_WANTS})?{_ASKS})",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 2
"""Words that are left, at least."""


def shorter(question: str, known: Collection[str] = ()) -> Iterator[str]:
    """Yield what a question asks, without what stands around it: each time a little less.

    Nothing is yielded of a question that holds nothing but what it asks.

    Args:
        question: What was asked.
        known: The words of the table that it is about, in lower case; none where that is no table.
    """
    seen = {_plain(question)}
    text = question.strip()
    if known and (last := _last(text, known)) != text:
        text = last
        seen.add(_plain(text))
        yield text
    for cut in (_trimmed, _formless, _placeless, _asked, _unled):
        text = _trimmed(cut(text))
        if _plain(text) not in seen and len(text.split()) >= _SHORTEST:
            seen.add(_plain(text))
            yield text


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(" .,;:!?").split())


def _trimmed(text: str) -> str:
    """Leave out the words of asking, and those of politeness behind the question."""
    ending = "?" if text.endswith("?") else ""
    while True:
        cut = _TAILS.sub("", text).rstrip(" .,;!?")
        cut = _LEADS.sub("", cut, count=1)
        if cut == text.rstrip(" .,;!?") or not cut:
            return text if not cut else cut + ending
        text = cut


def _formless(text: str) -> str:
    """Leave out how the answer is to be given: *and speak the result*."""
    return _FORMS.sub("", text)


def _placeless(text: str) -> str:
    """Leave out which file is meant: *in the second table*, *according to my notes*."""
    text = _SOURCE.sub(" ", _PLACES.sub("", text))
    return " ".join(text.split()).replace(" ?", "?").replace(" .", ".")


def _last(text: str, known: Collection[str]) -> str:
    """Leave out all that stands before the question and holds no word of the table."""
    for joint in reversed(list(_PIECE.finditer(text))):
        before, rest = text[: joint.start()], text[joint.end() :]
        asks = _trimmed(_NEEDED.sub("", rest))
        if len(asks.split()) > _SHORTEST and not picks(before, known):
            return asks
    return text


def picks(text: str, known: Collection[str]) -> bool:
    """Say whether some words may say what is asked of a table: its own, or words that pick out."""
    words = {each.casefold() for each in _WORD.findall(text) if len(each) > _SHORTEST}
    stems = {each.removesuffix("s") for each in words}
    return bool(_PICKS.search(text)) or any(
        each in words or each.removesuffix("s") in stems for each in known
    )


def _asked(text: str) -> str:
    """Leave out sentences of the speaker's own affairs, where another one asks."""
    parts = _SENTENCE.split(text)
    asking = [
        each
        for each in parts
        if each.endswith("?") or re.match(_ASKS, _trimmed(each), re.IGNORECASE)
    ]
    if not asking:
        return text
    return " ".join(each for each in parts if each in asking or not _is_aside(each))


def _unled(text: str) -> str:
    """Leave out a clause of the speaker's own affairs in front of the one that asks."""
    found = _BEFORE.match(text)
    if found is None or not _is_aside(found["before"]):
        return text
    return text[found.end() :]


def _is_aside(text: str) -> bool:
    """Say whether a clause tells of the speaker alone, and narrows nothing down."""
    plain = text.strip()
    return not _TELLING.search(plain) and not _NARROWS.search(plain) and bool(_OWN.match(plain))


__all__ = ("picks", "shorter")
