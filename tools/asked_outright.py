"""Read orders to write something out of a text as the questions that they are.

*Write the check-out time and the quiet hours from the notice* asks what both are. A language model
that is told to *write* makes up times; the notice has them.
"""

from __future__ import annotations

import re

_POLITE = r"^\W*(?:(?:please|pls|can you|could you|would you|and|now|then)\W+)*"
_ORDER = r"(?:write|note|copy|jot|put|pick|find|look|get|give|tell|show|list|name|extract|read)(?: (?:down|out|up|off|me|us|to me))*"
_GENRES = (
    r"(?:letters?|e-?mails?|mails?|messages?|notes?|reply|replies|answers?|responses?|texts?|poems?|stor(?:y|ies)|summary|summaries|titles?|headlines?|"
    r"headings?|paragraphs?|sentences?|words?|versions?|translations?|transcripts?|posters?|notices?|cards?|speech|rest|same|whole|thing|it|people|persons|names?|dates?|amounts?|places?|numbers?|"
    r"prices?|phone numbers?|lines?|items?|list|lists|points?|files?|pictures?|photos?|main|most|key|first|last|next|following|above)"
)
_THINGS = re.compile(
    rf"{_POLITE}{_ORDER} (?P<things>(?:the|our|my|their|his|her|its) (?!{_GENRES}\b)[^?.!:;]+?)(?: (?:from|on|in|of|out of|off) (?:the|this|that|my|our|it)(?: [\w-]+){{0,3}})?\W*$",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\W*what(?:['’]s| is| are) (?P<things>(?:the|our|my|their|his|her|its) (?!difference|relation|connection)[^?.,]+? and (?:the|our|my|their|his|her|its) [^?.,]+?)\W*$",
    re.IGNORECASE,
)
"""Two things of which one question asks: *what is the deposit and the rent?*"""
_CLAUSE = re.compile(
    rf"{_POLITE}(?:explain|remind me|describe|let me know|find out|check|say|{_ORDER})(?: to me)?(?: in (?:one|a|two|three|a few|short|simple|plain) \w+)?,? "
    r"(?=(?:how|what|when|where|why|who|whom|which|until when|by when|from when)\b(?! (?:it|this|that) (?:says|means|is about)))",
    re.IGNORECASE,
)
"""*Explain in one sentence how I print* asks how I print."""
_AND = re.compile(
    r",? and (?:also )?(?=(?:the|our|my|their|his|her|its) )|, (?=(?:the|our|my|their|his|her|its) )"
)
_WHERE = re.compile(
    r"(?i)[,.;]? (?:it|that|this|the answer|everything|all)(?:['’]s| is| stands)(?: all)?(?: written| said)? (?:in|on) (?:the|this|that|my|our) (?:[\w-]+ ?){1,3}\W*$"
)
"""Where it is to be looked for: *it is in my voice note*."""

_FORM = (
    r"(?:(?:exact |full |start(?:ing)? )?(?:dates?|day|time|place|venue|location)|(?:(?:street|postal|e-?mail) )?address|e-?mail"
    r"|(?:(?:tele)?phone|mobile|contact) number|phone|telephone)"
)
_ON_IT = r"(?: (?:(?:given |printed |written )?(?:on|in|from) (?:the|this|that) (?:poster|flyer|leaflet|letter|notice|e-?mail|mail|text|document|note|message|sign)))?"
_OF_WHAT = r"(?: (?:of|for) (?P<{}>(?:the|my|our|his|her|their|this|that) [\w'’-]+(?: (?!and\b|on\b|in\b|from\b|of\b|for\b)[\w'’-]+){{0,2}}))?"
_FACTS = re.compile(
    r"\W*(?:(?:as|since|because) [^,?]{3,60}, ?)?(?:(?:please|can you|could you|would you|and|so) )*(?:(?:tell|give|show) me|what(?:'s|’s| is| are| were| was)|find|say|i (?:want|need)(?: to know)?|i(?:'d| would) like(?: to know)?),? (?:please,? )?"
    rf"(?:the )?(?P<a>{_FORM}){_ON_IT}{_OF_WHAT.format('x')}{_ON_IT},? and (?:also )?(?:the )?(?P<b>{_FORM}){_ON_IT}{_OF_WHAT.format('y')}{_ON_IT}(?:,? please)?\W*",
    re.IGNORECASE,
)
"""Two facts in one breath: *the date and the place of the fair*."""


def _facts(request: str) -> list[str]:
    """Return the two facts that are asked for by name as two questions; empty for any other request."""
    found = _FACTS.fullmatch(request)
    if found is None or found["a"].lower() == found["b"].lower():
        return []
    of = found["x"] or found["y"]
    own = found["x"] if found["x"] or re.search(r"(?i)phone|number|mail", found["a"]) else of
    made: list[str] = []
    for fact, what in ((found["a"].lower(), own), (found["b"].lower(), found["y"] or of)):
        if what and fact.split()[-1] in _ADVERBS:
            made.append(f"{_ADVERBS[fact.split()[-1]]} is {what}")
        else:
            made.append(f"what is the {fact}" + (f" of {what}" if what else ""))
    return made


_ADVERBS = {
    "date": "when", "dates": "when", "day": "when", "time": "what time",
    "place": "where", "venue": "where", "location": "where",
}  # fmt: skip


def outright(request: str) -> str:
    """Return the question that a request is, where it orders to write, list or tell what a text says.

    Args:
        request: *Write down when breakfast is*, *list the check-out time from the notice*.
    """
    said = _WHERE.sub("", request)
    if _CLAUSE.match(said):
        return _CLAUSE.sub("", said)
    if facts := _facts(" ".join(said.split())):
        return ", and ".join(facts) + "?"
    hit = _THINGS.match(said) or _BOTH.match(said)
    if hit is None:
        return said
    return ", and ".join(_question(each) for each in _AND.split(hit["things"])) + "?"


def _question(thing: str) -> str:
    bare = re.sub(r"(?i)^(?:the|our|its) ", "", thing.strip())
    if bare.lower().endswith(" time"):
        return f"what time is {bare[: -len(' time')]}"
    plural = bare.lower().endswith("s") and not bare.lower().endswith("ss")
    return f"what {'are' if plural else 'is'} the {bare}"


__all__ = ("outright",)
