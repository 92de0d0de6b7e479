"""Small talk: what a person says between two requests, and asks for nothing with."""

from __future__ import annotations

import re
from collections.abc import Iterable

from herd_graph.cards import ExpertCard

_THANKS = r"(?:(?:no,? )?thanks?(?: you)?|thankyou|thx|tnx|ty|tysm|cheers|ta|obrigad[oa]|valeu|gracias|merci|danke)"
_FINE = (
    r"(?:great|good|nice|cool|ok(?:ay)?|okey|k|kk|fine|perfect\w*|awesome|amazing|lovely|wonderful|excellent|brilliant"
    r"|super|superb|fantastic|neat|sweet|alright|all right|right|sure|wow|yay|hooray|well done|impressive|interesting"
    r"|lol|haha+|hehe+|hm+|mhm|ah+|oh|aha|yes|yep|yeah|yup|indeed|exactly|correct|true|got it|gotcha|i see|understood"
    r"|makes sense|fair enough|no worries|no problem|never ?mind|(?:good|nice|great) (?:job|work|one|stuff)"
    r"|(?:that|it|this)(?:'s| is| was| looks| sounds| works)?(?: (?:really|very|so|just|all|a))*"
    r" (?:great|good|nice|cool|ok(?:ay)?|fine|perfect|awesome|helpful|right|correct|it|all|enough|lovely|better|useful)(?: for (?:now|today))?"
    r"|(?:that|this|it)(?:'ll| will) (?:do|be all)|that helps?(?: a lot)?|(?:very|really|so) (?:helpful|good|nice|useful)"
    r"|i (?:like|love) (?:it|that)|nothing(?: else| more)?|no more|i'?m (?:done|good|fine)|we'?re done"
    r"|ótimo|otimo|certo|beleza|perfeito|legal|muito bem)"
)
_MORE = (
    r"(?:so much|very much|a lot|a bunch|a million|again|for (?:the|your|all|that|this|everything)(?: \w+){0,2}"
    r"|then|now|man|mate|buddy|dude|friend|herd|there|everyone|indeed|too|as well|and|you|to you|really)"
)
_BYE = r"(?:bye+|good ?bye|see (?:you|ya)(?: later| soon| tomorrow)?|good ?night|have a (?:nice|good|great) (?:day|one|evening|weekend)|cya|tchau)"
_COURTESY = re.compile(
    rf"(?:{_THANKS}|{_FINE}|{_BYE})(?:[\s,.;:!…–—()-]+(?:{_THANKS}|{_FINE}|{_BYE}|{_MORE}))*",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[^\w\s',.;:!?…–—()%-]+")


def is_courtesy(text: str) -> bool:
    """Say whether a message asks for nothing: *thanks!*, *ok cool*, *perfect, that helps*.

    A question mark makes a question of nearly anything: *ok?*, *right?* are not taken for thanks.
    """
    bare = " ".join(_SIGNS.sub(" ", text.replace("\u2019", "'")).split())
    if not bare:
        return bool(text.strip()) and not any(each.isalnum() or each in "?%" for each in text)
    return "?" not in bare and _COURTESY.fullmatch(bare.strip(" ,.;:!…–—()-")) is not None


def reply(text: str) -> str:
    """Return what is said to a courtesy."""
    said = " ".join(text.split())
    said = said if len(said) <= 80 else f"{said[:79]}…"
    if re.search(_THANKS, text, re.IGNORECASE):
        return "You are welcome. Nothing was done now: that asks for nothing."
    return f"{said!r} asks for nothing, so nothing was done. Say what you would like next."


_ASKS_WHAT = re.compile(
    r"^\W*(?:(?:hi|hello|hey|hallo|olá|good (?:morning|afternoon|evening)|thanks?(?: you)?|ok(?:ay)?|so|and|please|herd)\b[\s,.!]*)*"
    r"(?:what (?:all )?(?:can|could|do) you (?:do|offer|know how to do|help(?: me)? with)(?: (?:for me|here|with (?:this|it|that|my files?|files?)|exactly|actually|then|all))*|(?:who|what) are you(?: (?:then|exactly|actually))?"
    r"|what (?:are|is) (?:you|this|herd) (?:able to do|good (?:for|at)|capable of|for)|how (?:can|could) you help(?: me)?|how does (?:this|it) work|what can i (?:ask|do|say)(?: (?:you|here|for|with this))*|help(?: me)?(?: please)?)\W*$",
    re.IGNORECASE,
)


def asks_what_is_done(text: str) -> bool:
    """Say whether a message asks what can be asked for: *hi, what can you do?*, *help*."""
    return _ASKS_WHAT.match(text.replace("\u2019", "'")) is not None


def owes_nothing(text: str) -> bool:
    """Say whether a message is served by a word alone, so that no answer to it is missing."""
    return is_courtesy(text) or asks_what_is_done(text)


def what_is_done(cards: Iterable[ExpertCard]) -> str:
    """Return what the experts do, each in its own words: nobody knows it better."""
    lines = [f"- {card.name}: {card.description.partition('. ')[0].rstrip('.')}" for card in cards]
    if not lines:
        return "No experts are registered, so nothing can be done yet."
    return "\n".join(
        (
            f"{len(lines)} experts are here. Attach files, and say in your own words what you want:",
            *lines,
        )
    )


__all__ = ("asks_what_is_done", "is_courtesy", "owes_nothing", "reply", "what_is_done")
