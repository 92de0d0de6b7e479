"""How many words, lines, sentences or characters a text has: counted, not guessed."""

from __future__ import annotations

import re

from .sentences import sentences

_UNITS = {
    "word": r"words?|palavras?",
    "line": r"lines?|linhas?",
    "sentence": r"sentences?|frases?",
    "character": r"characters?|chars?|caract[eé]?res?|carateres?",
    "paragraph": r"paragraphs?|par[aá]grafos?",
}
_UNIT = "|".join(f"(?P<{name}>{form})" for name, form in _UNITS.items())
_IT = (
    r"(?:it|this|that|there|(?:(?:the|this|that|my|our|o|a|este|esta|esse|essa|neste|nesta|no|na) )?(?:whole |entire |attached )?"
    r"(?:text|letter|mail|e-?mail|message|document|file|note|notes|story|essay|article|page|review|report|transcript|"
    r"recording|poem|speech|notice|poster|sign|flyer|leaflet|guide|recipe|minutes|rules|advert|ad|invitation|card|list|aviso|cartaz|texto|carta|mensagem|documento|ficheiro|nota|artigo|here))"
)
_ASKED = re.compile(
    r"\W*(?:(?:please|and|can you|could you|tell me|do you know|e) )*"
    rf"(?:(?:how many|quant[oa]s|count(?: up)?(?: all)?(?: of)?(?: the)?|(?:what(?: is|['’]s) )?(?:the )?number of|conta(?:r)? (?:as|os)) (?:{_UNIT})"
    rf"(?: (?:are|is|does|do|did|has|have|were|there|in|of|long|tem|têm|há|inside|within|contained|used))*"
    rf"(?: {_IT})?(?: (?:have|has|contain|contains|count|hold|consist of|long|altogether|in all|in total|in it|there|tem|em|in (?:the|this) (?:text|letter|document|file|note|mail)))*"
    rf"|(?:what(?: is|['’]s) )?(?:the )?(?P<count>word|line|sentence|character|paragraph) ?count(?: (?:of|for|in) {_IT})?"
    rf"|how long is {_IT} in (?P<length>word|line|sentence|character|paragraph)s)\W*(?:please)?\W*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:[-'’.@][^\W_]+)*")
_ENDED = re.compile(r"[.!?…][\"'”’)]*$")
_PARAGRAPH = re.compile(r"\n\s*\n")


def tallied(question: str, text: str) -> str:
    """Return how many of what is asked for a text has; empty where something else is asked.

    Args:
        question: In English or Portuguese.
        text: What is counted in.
    """
    found = _ASKED.fullmatch(" ".join(question.split()))
    if found is None:
        return ""
    unit = found["count"] or found["length"] or next(each for each in _UNITS if found[each])
    count = _counted(unit.lower(), text.strip())
    return f"{count:,} {unit.lower()}{'' if count == 1 else 's'}"


def _counted(unit: str, text: str) -> int:
    if unit == "word":
        return len(_WORD.findall(text))
    if unit == "line":
        return sum(bool(each.strip()) for each in text.splitlines())
    if unit == "sentence":
        found = sentences(
            text
        )  # headings and names on lines of their own are none, where others are
        ended = [each for each in found if _ENDED.search(each)]
        return len(ended or found)
    if unit == "paragraph":
        return sum(bool(each.strip()) for each in _PARAGRAPH.split(text))
    return len(text)
