"""What of a letter is manners and not feeling: *Dear …*, *Kind regards*, *happy to answer questions*.

A lexicon of feelings hears *dear*, *kind*, *best*, *wishes*, *pleasure*: an angry letter is as polite as
a friendly one, and would sound half as angry.
"""

from __future__ import annotations

import re

from .correspondence import closes
from .letters import without_header

_NAMES = r"(?:[^\W\d_][\w.'’-]*[ ]?){1,5}"
_GREETING = re.compile(
    rf"^\W*(?:(?:my )?dear(?:est)?|hi|hello|hey|good (?:morning|afternoon|evening|day)|to whom it may concern|greetings)"
    rf"(?: (?:sir or madam|sirs?|madam|ladies and gentlemen|all|team|everyone|everybody|there|neighbou?rs?|friends?|{_NAMES}))?\s*[,:!.]+\s*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?i)(?:^|(?<=[.!?…])\s+)(?:(?:with )?(?:kind(?:est)?|best|warm(?:est)?|friendly|many) (?:regards|wishes|greetings|thanks)|all the best|"
    r"yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|respectfully|regards|(?:with )?(?:lots of |much )?love|cheers|best)"
    r"\s*[,.!–—-]*\s*(?:[A-ZÀ-Ý(][^.!?\n]{0,60})?$"
)
_PHRASES = re.compile(
    r"\b(?:many )?(?:thanks|thank you)(?: (?:very|so) much)?(?: (?:in advance|for (?:your|the) (?:(?:kind|quick|prompt|last|recent|fast) )?(?:e-?mail|mail|letter|message|note|reply|answer|response|enquiry|inquiry|"
    r"interest|application|order|call|understanding|attention|payment|cooperation)))\b"
    r"|\b(?:while |although |though )?(?:i|we) appreciate your (?:\w+ )?(?:reply|answer|response|mail|message|letter|call)\b"
    r"|\b(?:i|we)(?: am| are|['’]m|['’]re| will be|['’]ll be| would be| shall be)? (?:happy|glad|pleased|delighted) to (?:answer|help|assist|send|provide|offer|inform|confirm|hear from|discuss|explain|meet|call)\b"
    r"|\b(?:please )?(?:do not|don['’]t) hesitate to\b|\bfeel free to\b|\b(?:if|should) (?:you|there) (?:\w+ ){0,3}questions?\b"
    r"|\b(?:i|we)?(?: am| are)?(?: ?look(?:ing)?) forward to (?:hear|receiv|your|get|a (?:quick|prompt|positive))\w*"
    r"|\b(?:(?:i|we) )?(?:hope|trust) (?:that )?(?:this|you|all|everything)\b.{0,30}\b(?:well|fine)\b"
    r"|\b(?:i|we) wish you (?:all the best|(?:much |every )?success|good luck|a (?:nice|good|pleasant) \w+)(?: (?:for|in|with) (?:the|your) [\w ]{1,30})?"
    r"|\b(?:be|so) kind (?:as to|enough to)\b|\bkindly\b|\b(?:cordially|warmly|kindly) (?=asked|requested)|\bask(?:ed)? you (?:politely|kindly|nicely)\b|\bpolitely\b"
    r"|\bwith pleasure\b|\b(?:i|we) would (?:be (?:very )?grateful|appreciate it) if\b|\bfor your convenience\b|\bhappy new year\b|\bvalued customers?\b|\bdear customers?\b"
    r"|\bentitled to\b",
    re.IGNORECASE,
)
_KIND: tuple[tuple[str, str], ...] = (
    ("thanks", r"\b(?:thanks|thank you|grateful)\b(?! for nothing)"),
    ("an offer of help", (r"\b(?:i|we)(?:['’]ll| can| could| will| would)(?: (?:gladly|happily|also|still))? (?:be (?:happy|glad) to )?(?:help|lend|look after|take care)\b|\b(?:happy|glad) to (?:help|assist|lend)\b"
     r"|\byou (?:are|['’]re) (?:\w+ )?welcome to\b|\b(?:let me know|call me|just (?:ask|knock|call)|tell me) if\b|\bif (?:you|any(?:one|body)) needs?\b")),
    ("good wishes", r"\bhope (?:that )?(?:you|all|everything)\b.{0,30}\b(?:well|fine|better)\b|\bwish you\b|\bget well\b|\bgood luck\b|\btake care\b(?! of)"),
    ("an apology", r"\b(?:i|we)(?:['’]m| am|['’]re| are) (?:so |very |really |truly )?sorry\b|\bforgive (?:me|us)\b|\b(?:i|we) apologi[sz]e\b|\b(?:my|our) apologies\b"),
    ("a polite request", r"\b(?:please|kindly|would you|could you|would it be possible)\b"),
    ("a polite closing", r"(?m)^\W*(?:yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|(?:with )?(?:many )?thanks)\b"),
    ("a kind closing", r"(?m)^\W*(?:(?:with )?(?:kind(?:est)?|warm(?:est)?|best|friendly) (?:regards|wishes|greetings)|all the best|(?:lots of |much )?love)\b"),
)  # fmt: skip
_HOSTILE = re.compile(
    r"\b(?:unacceptable|demand|insist|lawyer|legal|refund|money back|idiots?|stupid|liars?|rude|shameful|disgrac\w+|disgust\w+|furious|angry|ridiculous|complain\w*|complaint|compensat\w+|ashamed|fed up|sick of|enough is enough|third time|still waiting|ignor\w+|never again|for nothing|at once|immediately)\b"
    r"|\b(?:i|we) (?:now )?expect\b|\byou (?:have )?(?:never|always|failed|lied|promised|people|did not|didn['’]t|do not|don['’]t)\b|\bnobody\b|\bno one\b|\bhow dare\b|\bor else\b",
    re.IGNORECASE,
)
"""What is said against the reader; bad news of others, or of one's own, is not."""


_FORMAL = {"thanks", "a kind closing", "a polite request", "a polite closing"}


def is_hostile(text: str) -> bool:
    """Say whether a letter says anything against its reader: demands, reproaches, threats."""
    return bool(_HOSTILE.search(without_header(text)))


def kindness(text: str) -> str:
    """Say how a letter treats its reader, where that is kindly, whatever its news; empty otherwise.

    Args:
        text: A letter or a mail in English.
    """
    if is_hostile(text):
        return ""
    shown = [name for name, form in _KIND if re.search(form, text, re.IGNORECASE)]
    if len(shown) < 2:
        return ""
    manner = "friendly" if set(shown) - _FORMAL else "polite"
    return f"the score is of its news; to the reader it is {manner}: {', '.join(shown)}"


def without_manners(text: str) -> str:
    """Return what a letter says between its greeting and its closing, without turns of politeness.

    Args:
        text: A letter, a mail, or any text; one of nothing but manners is given back whole.
    """
    lines = without_header(text).strip().splitlines()
    late = len(lines) // 2
    end = next((at for at, line in enumerate(lines) if at > late and closes(line)), len(lines))
    kept = [_CLOSING.sub("", line) if at >= late else line for at, line in enumerate(lines[:end])]
    first = next((at for at, line in enumerate(kept) if line.strip()), 0)
    if kept:
        kept[first] = _GREETING.sub("", kept[first])
    bare = _PHRASES.sub(" ", "\n".join(kept))
    return bare if re.search(r"[^\W\d_]{2}", bare) else text


__all__ = ("is_hostile", "kindness", "without_manners")
