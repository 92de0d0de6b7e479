"""Write a short letter of what a request says: thanks, an answer, an invitation, an apology.

A very small model writes as somebody else and leaves out what it was to say. What a request spells
out needs no model: *thank the Hill Bakery for the cakes* has everything that the letter says.
"""

from __future__ import annotations

import re

_KIND = r"(?:(?:very|a|an|the|my|our|short|brief|quick|little|nice|kind|friendly|polite|warm|formal|informal|simple|small) )*"
_PIECE = r"(?:notes?|letters?|mails?|e-?mails?|messages?|cards?|lines?|text|reply|answer|response)"
_BEGIN = (
    r"\W*(?:(?:please|pls|hi|hello|can you|could you|would you|i need|i want|i(?:'d| would) like)(?: to)? )*"
    r"(?:(?:write|compose|draft|give me|send|make|prepare) (?:me |us )?)?"
)
_WHOM = (
    r"(?P<to>(?!(?:that|saying|you|me|us|back|politely|kindly|(?:the |this |these |my |our |following )*(?:questions?|following|quer(?:y|ies)|requests?|call|phone|door))\b)(?:(?:mr|mrs|ms|miss|dr|prof)\.? )?(?:the |my |our |an? )?[^\W\d_][\w'’&-]*"
    r"(?: (?!for\b|that\b|because\b|who\b|about\b|and\b|to\b|on\b|saying\b|politely\b|kindly\b|at\b)[\w'’&-]+){0,4}?)"
)
_HOW = r"(?: (?:politely|kindly|nicely|briefly|back))?"
_END = r"(?:,? please)?[\s.!?]*"
_THANKS = re.compile(
    rf"{_BEGIN}(?:{_KIND}thank[- ]you(?: {_PIECE})?|{_KIND}{_PIECE} of thanks|{_KIND}thanks) to {_WHOM} for (?P<what>.+?){_END}"
    rf"|{_BEGIN}(?:{_KIND}{_PIECE} )?(?:to |and )?thank(?:ing)? {_WHOM.replace('<to>', '<to2>')} for (?P<what2>.+?){_END}",
    re.IGNORECASE,
)
_TELLS = re.compile(
    rf"{_BEGIN}(?:{_KIND}(?:{_PIECE}|reply|answer|respond|write|mail|e-?mail|tell))(?: back)?(?: (?:to )?{_WHOM})?{_HOW},?"
    rf"(?:(?: (?:and|to))? (?:say|saying|tell (?:her|him|them)|telling (?:her|him|them)|explain|explaining|inform(?:ing)? (?:her|him|them)|let (?:her|him|them) know)(?: that)?| that) (?P<what>.+?){_END}",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"{_BEGIN}{_KIND}(?:reply|answer|respond|response){_HOW} to {_WHOM} who (?:(?:asks|asked|is asking|wants to know) (?P<link>for|whether|if|about)|complain(?:s|ed) about|writes about|wrote about) (?P<what>.+?){_END}",
    re.IGNORECASE,
)
"""What is to be answered is for the writer to say."""
_SORRY = re.compile(
    rf"{_BEGIN}(?:{_KIND}apology(?: {_PIECE})?|{_KIND}{_PIECE} of apology|apologi[sz]e|{_KIND}{_PIECE} (?:to )?apologi[sz](?:e|ing)) to {_WHOM} (?P<link>for|because|that) (?P<what>.+?){_END}",
    re.IGNORECASE,
)
_INVITES = re.compile(
    rf"{_BEGIN}(?:{_KIND}invitation(?: {_PIECE})? (?:to|for) {_WHOM}|(?:{_KIND}{_PIECE} (?:to|and) )?invit(?:e|ing) {_WHOM.replace('<to>', '<to2>')}) (?:to|for) (?P<what>.+?){_END}",
    re.IGNORECASE,
)
_YOU = (
    (r"\b(?:s?he|they) (?:is|are)\b", "you are"), (r"\b(?:s?he|they) (?:was|were)\b", "you were"), (r"\b(?:s?he|they) (?:has|have)\b", "you have"),
    (r"\b(?:s?he|they) (?:does|do)\b", "you do"), (r"\b(?:s?he|they)['’](?:ll|d|ve)\b", "you will"),
)  # fmt: skip
_VERB = re.compile(
    r"\b(?:s?he) (?P<verb>[a-z]+?)(?P<end>ies|sses|shes|ches|oes|s)\b", re.IGNORECASE
)
_HIM = re.compile(
    r"\b(?:him|them)\b|\bher\b(?= *(?:$|[.,;!?]|(?:on|at|in|by|before|after|until|that|and|to|for|with|from|back|soon|tomorrow|today)\b))",
    re.IGNORECASE,
)
_HIS = re.compile(r"\b(?:her|his|their)\b", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:and (?:translate|read|say it|put|also|then)|in (?:portuguese|english|german|french)|poem|story|joke|\d+ words|hundred words)\b",
    re.IGNORECASE,
)
_SHE_IS = re.compile(
    r"(?i)(?:mrs|ms|miss)\b|[a-z]+a$|(?:my |our )?(?:mum|mom|mother|grandma|aunt|sister|daughter|wife)\b"
)
_HE_IS = re.compile(r"(?i)mr\b|(?:my |our )?(?:dad|father|grandpa|uncle|brother|son|husband)\b")
_HE = re.compile(r"(?i)\b(?:he|him|his)\b")
_SHE = re.compile(r"(?i)\b(?:she|her|hers)\b")
_NOBODY = frozenset(
    {
        "it",
        "this",
        "that",
        "the letter",
        "the mail",
        "the message",
        "me",
        "you",
        "him",
        "her",
        "them",
    }
)
MOST = 40
"""Words of what is to be said, at most: more is a text of its own."""
SIGNED = "[your name]"


def drafted(request: str, writer: str = "") -> str | None:
    """Return a letter that says what a request spells out; None where it leaves that open.

    Args:
        request: *Write a short thank-you note to the Hill Bakery for the cakes.*
        writer: Who wrote the letter that is answered, where *reply that …* names nobody.
    """
    said = " ".join(request.split())
    if _OPEN.search(said) or len(said.split()) > MOST:
        return None
    if hit := _THANKS.fullmatch(said):
        to = hit["to"] or hit["to2"]
        body = f"Thank you very much for {_to_you(hit['what'] or hit['what2'], to)}."
        return _letter(to, body, "With kind regards")
    if hit := _SORRY.fullmatch(said):
        begun = "I apologise for" if hit["link"].lower() == "for" else "I am sorry that"
        return _letter(
            hit["to"], f"{begun} {_to_you(hit['what'], hit['to'])}.", "With kind regards"
        )
    if hit := _INVITES.fullmatch(said):
        to = hit["to"] or hit["to2"]
        body = f"I would like to invite you to {_to_you(hit['what'], to)}. I would be glad if you could come."
        return _letter(to, body, "With kind regards")
    if hit := _ASKS.fullmatch(said):
        what = _to_you(hit["what"], hit["to"])
        asked = (
            f"You ask {hit['link'].lower()} {what}." if hit["link"] else f"You write about {what}."
        )
        return _letter(
            hit["to"], f"Thank you for your message. {asked} [your answer]", "Kind regards"
        )
    if hit := _TELLS.fullmatch(said):
        to = writer if not hit["to"] or hit["to"].lower() in _NOBODY else hit["to"]
        told = _to_you(hit["what"], to)
        thanks = (
            "Thank you for your message. "
            if re.search(r"(?i)\b(?:reply|answer|respond)", said)
            else ""
        )
        return _letter(to, f"{thanks}{told[:1].upper()}{told[1:]}.", "Kind regards")
    return None


def _to_you(told: str, to: str) -> str:
    """Put *you* for whom a letter is to: *that she gets her deposit back* is *you get your deposit back*.

    Of Anna, *he is ill* is told of somebody else.
    """
    others = _HE if _SHE_IS.match(to) else _SHE if _HE_IS.match(to) else None
    if others is not None and others.search(told):
        return told.strip()
    for form, other in _YOU:
        told = re.sub(form, other, told, flags=re.IGNORECASE)

    def verb(hit: re.Match[str]) -> str:
        end = {"ies": "y", "sses": "ss", "shes": "sh", "ches": "ch", "oes": "o"}.get(
            hit["end"].lower(), ""
        )
        return f"you {hit['verb']}{end}"

    told = _VERB.sub(verb, told)
    told = re.sub(r"(?i)\b(?:s?he|they)\b", "you", told)
    told = re.sub(r"(?i)\band that (?=(?:we|i|you|it|the|there)\b)", "and ", told)
    told = _HIS.sub("your", _HIM.sub("you", told)).strip()
    return re.sub(r"(?<!\w)i(?!\w)", "I", told)


def _letter(to: str, body: str, closing: str) -> str:
    named = to.strip()
    if not named:
        return f"Hello,\n\n{body}\n\n{closing},\n{SIGNED}"
    named = (
        named if re.match(r"(?i)(?:the|my|our|an?) ", named) else f"{named[:1].upper()}{named[1:]}"
    )
    greeted = re.sub(r"(?i)^(?:the|my|our|an?) ", "", named)
    return f"Dear {greeted},\n\n{body}\n\n{closing},\n{SIGNED}"


__all__ = ("drafted",)
