# ruff: noqa: SIM905 - word lists are read and mended as words
"""Fill the inputs that no artifact goes into: choices, numbers, names, the question itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias

from herd_graph.cards import ExpertCard, Port
from herd_graph.discovery.words import STOP_WORDS, stem, stems, words
from herd_graph.routing.content import MARK
from herd_graph.routing.expressions import cut_short, find_expressions
from herd_graph.routing.lexicon import ASKS_FOR_TOTAL, NUMBERS
from herd_graph.routing.tongues import guess_language, language_code, languages
from herd_graph.types import JSON, Kind

Role: TypeAlias = Literal[
    "content", "instruction", "expression", "choice", "number", "flag", "named", "opaque"
]
Nearest: TypeAlias = Callable[[str, Sequence[str]], tuple[int, float, float]]
"""The choice nearest in meaning: its place, its similarity, its lead over the next."""

_INSTRUCTION = frozenset(
    "prompt message question instruction instructions request ask task utterance query_text".split()
)
_EXPRESSION = frozenset("expression formula equation calculation arithmetic expr maths".split())
_NAMED = frozenset(
    "query keyword keywords title name label city place location town country person pattern term "
    "date day url email address subject language lang style tone format recipient to target_language "
    "company product topic symbol ticker word".split()
)
_FOREIGN = frozenset({"mcp", "openapi"})
"""Tags of tools of a server: their parameters are rarely texts to work on, and say so by their names."""
_WORKED_ON = frozenset(
    "text texts document documents content contents body letter letters note notes passage paragraph "
    "paragraphs article source input data string html markdown csv json xml yaml code transcript story "
    "essay mail page file review comment sentence sentences words report description summary abstract "
    "lyrics poem diff log logs".split()
)
_PLACES = frozenset("city place location town country".split())
_CONVERSES = re.compile(
    r"\b(?:chat\w*|convers(?:e|es|ation\w*)|assistants?|question answering|llms?|(?:large |small )?language models?)\b",
    re.IGNORECASE,
)
_ANY_QUESTION = re.compile(
    r"\b(?:chat\w*|convers(?:e|es|ation\w*)|assistants?|language models?|(?:any|general|open|every)(?:thing| questions?| requests?| tasks?)"
    r"|answers? (?:a |your )?(?:general )?questions?)\b(?! about)",
    re.IGNORECASE,
)
_INTO_WHAT = re.compile(r"\binto\s+([A-Z][a-z]{3,})\b")


@dataclass(kw_only=True)
class Filled:
    """Values for the inputs of one expert, and where they come from."""

    values: dict[str, JSON] = field(default_factory=dict[str, JSON])
    variants: tuple[str, tuple[JSON, ...]] | None = None
    """An input with several values: one step for each."""
    sources: dict[str, str] = field(default_factory=dict[str, str])
    problem: str = ""
    shortfall: str = ""
    """What of the request it cannot serve, where it serves another part of it."""
    """Why it cannot be called; empty when it can."""
    languages: set[str] = field(default_factory=set[str])
    """The codes that were used up."""


def role(port: Port, card: ExpertCard) -> Role:
    """Say what kind of filling an input needs, by its type and its name."""
    name = port.name.lower()
    if port.choices:
        return "choice"
    if port.kind is Kind.DATA:
        if port.scalar in {"number", "integer"}:
            return "number"
        if port.scalar == "boolean":
            return "flag"
        return "named" if port.scalar == "string" else "opaque"
    if port.kind is not Kind.TEXT or Kind.TEXT not in port.kinds or len(port.kinds) > 1:
        return "content"
    if name in _EXPRESSION:
        return "expression"
    others = [each for each in card.inputs if each.required and each.name != port.name]
    if name in _INSTRUCTION or (not others and port.required and _converses(card)):
        return "instruction"
    if name in _NAMED or (port.required and _names_something(name, card)):
        return "named"
    return "content" if port.required else "named"


def _names_something(name: str, card: ExpertCard) -> bool:
    """Say whether a server's tool wants one name out of the request: a harbour, a team, a number."""
    if _FOREIGN.isdisjoint(card.tags) or not _WORKED_ON.isdisjoint(name.split("_")):
        return False
    return sum(Kind.TEXT in each.kinds for each in card.inputs if each.required) == 1


def _converses(card: ExpertCard) -> bool:
    return _says_it_converses((card.name.replace("_", " "), *card.tags))


def _takes_any_question(card: ExpertCard) -> bool:
    return _converses(card) or _ANY_QUESTION.search(card.description) is not None


@lru_cache(maxsize=4096)
def _says_it_converses(texts: tuple[str, ...]) -> bool:
    return any(_CONVERSES.search(each) for each in texts)


def is_open_ended(card: ExpertCard) -> bool:
    """Say whether an expert takes any request in words and nothing else.

    One that takes a question, and answers those of one subject, is an expert like the others.
    """
    required = [port for port in card.inputs if port.required]
    words_only = bool(required) and all(role(port, card) == "instruction" for port in required)
    return words_only and _takes_any_question(card)


def content_ports(card: ExpertCard) -> list[Port]:
    """Return the inputs that artifacts go into."""
    return [port for port in card.inputs if port.required and role(port, card) == "content"]


def context_port(card: ExpertCard) -> Port | None:
    """Return the optional input that takes what a question is about."""
    if not any(role(port, card) == "instruction" for port in card.inputs):
        return None
    optional = [
        port
        for port in card.inputs
        if not port.required and Kind.TEXT in port.kinds and not port.choices
    ]
    names = {"context", "text", "document", "background", "material", "source", "passage", "about"}
    return next((port for port in optional if port.name.lower() in names), None)


def guidance_port(card: ExpertCard) -> Port | None:
    """Return the optional input of an open-ended expert that says how to treat its message."""
    names = {"system", "system_prompt", "guidance", "instruction", "instructions", "how"}
    return next(
        (
            port
            for port in card.inputs
            if not port.required and Kind.TEXT in port.kinds and port.name.lower() in names
        ),
        None,
    )


def language_port(card: ExpertCard) -> Port | None:
    """Return the input that chooses the language of the result."""
    found = [
        port
        for port in card.inputs
        if port.choices and all(language_code(each) for each in port.choices)
    ]
    targets = [each for each in found if not re.match(r"(?:from|source|src)", each.name.lower())]
    return (targets or found or [None])[0]


def speaks(card: ExpertCard, code: str) -> JSON:
    """Return the choice by which an expert gives this language; None where it has none."""
    port = language_port(card)
    if port is None:
        return None
    return next((each for each in port.choices if language_code(each) == code), None)


def reads_aloud(card: ExpertCard) -> bool:
    """Say whether an expert needs a text and no more, and gives its sound."""
    required = [each.kinds for each in card.inputs if each.required]
    return card.outputs[0].kind is Kind.AUDIO and required == [(Kind.TEXT,)]


def fill(
    card: ExpertCard,
    text: str,
    *,
    contents: Sequence[str] = (),
    source_text: str = "",
    whole: str = "",
    nearest: Nearest | None = None,
) -> Filled:
    """Fill every input of ``card`` that is no content.

    Args:
        card: The expert.
        text: The clause, with marks for content.
        contents: The quoted and inlined content of the clause that is not what is worked on.
        source_text: What is worked on, where it is known: its language can decide.
        whole: The clause as it was said, for inputs that take the question itself.
        nearest: Finds the choice that is nearest in meaning.
    """
    filled = Filled()
    plain = MARK.sub(" ", text)
    used: set[str] = set()
    for port in card.inputs:
        kind = role(port, card)
        if kind == "choice":
            _fill_choice(port, card, plain, source_text, nearest, filled)
        elif kind == "number":
            _fill_number(port, plain, used, filled)
        elif kind == "flag":
            _fill_flag(port, plain, filled)
        elif kind == "instruction" and port.required:
            filled.values[port.name] = whole or plain.strip()
            filled.sources[port.name] = "the request itself"
        elif kind == "named":
            _fill_named(port, plain, contents, used, filled)
        elif kind == "expression":
            _fill_expression(port, text, contents, filled)
        elif kind == "opaque" and port.required:
            filled.problem = filled.problem or (
                f"its input {port.name!r} ({port.type_name}) cannot be read from words"
            )
    return filled


def _fill_choice(
    port: Port,
    card: ExpertCard,
    plain: str,
    source_text: str,
    nearest: Nearest | None,
    filled: Filled,
) -> None:
    codes = [language_code(each) for each in port.choices]
    if all(codes):
        _fill_language(port, card, plain, source_text, codes, filled)
        return
    spoken = f" {' '.join(words(plain))} {'total ' if ASKS_FOR_TOTAL.search(plain) else ''}"
    matched = [
        choice
        for choice in port.choices
        if (_adds_up(plain) if choice == "sum" else _says(str(choice), plain))
        or any(_holds(spoken, each) for each in _also_called(choice, port.description))
    ]
    if (
        len(matched) > 1
    ):  # "turn this CSV into an Excel file" names what it is, and what it is to be
        aimed = [
            choice
            for choice in matched
            if any(
                _is_aimed_at(each, plain)
                for each in (str(choice), *_also_called(choice, port.description))
            )
        ]
        matched = aimed or matched
    if matched and (port.required or matched[0] != port.default):
        filled.values[port.name] = matched[0]
        filled.sources[port.name] = f"the word for {matched[0]!r} in the request"
        return
    if not port.required:
        return
    if nearest is not None and len(port.choices) > 1:
        place, similarity, lead = nearest(plain, [str(each) for each in port.choices])
        if similarity >= 0.3 and lead >= 0.04:
            filled.values[port.name] = port.choices[place]
            filled.sources[port.name] = f"nearest in meaning ({similarity:.2f})"
            return
    if len(port.choices) == 1:
        filled.values[port.name] = port.choices[0]
        filled.sources[port.name] = "its only choice"
        return
    listed = ", ".join(repr(each) for each in port.choices)
    filled.problem = filled.problem or f"it needs {port.name!r}: one of {listed}"


def _is_aimed_at(name: str, plain: str) -> bool:
    """Say whether a name follows *to*, *into* or *as*: what something is to become."""
    aim = rf"\b(?:to|into|as)\s+(?:an?\s+|the\s+)?{re.escape(name)}\b"
    return re.search(aim, plain, re.IGNORECASE) is not None


def _says(choice: str, plain: str) -> bool:
    """Say whether a choice's words are in the clause, other than as the name of a thing."""
    parts = {stem(each) for each in words(choice.replace("_", " "))}
    held = set(stems(plain)) | set(words(plain))
    return bool(parts) and parts <= held and not _is_noun(choice, plain)


_ADDS_UP = re.compile(
    r"\bsum(?:med|ming|s)? (?:it |them |these |those |this |all |everything )*up\b|\bsum of\b"
    r"|(?<!the )(?<!this )(?<!that )(?<!both )(?<!a )(?<!an )(?<!each )\bsum (?:all|the|these|those|them|my|every)\b",
    re.IGNORECASE,
)


def _adds_up(plain: str) -> bool:
    """Say whether adding up is asked for: *work out both sums* asks to solve what is written."""
    return _ADDS_UP.search(plain) is not None


def _holds(spoken: str, phrase: str) -> bool:
    """Say whether a clause holds a phrase, or its parts in order: *add them all up* for *add up*."""
    parts = [re.escape(each) for each in phrase.split()]
    return bool(parts) and re.search(rf" {'(?: [a-z]+){0,3} '.join(parts)} ", spoken) is not None


def _is_noun(choice: str, plain: str) -> bool:
    """Say whether a choice's word only names a thing: *the sum in the photo* asks for no summing."""
    return bool(
        re.search(
            rf"\b(?:the|a|an|this|that|what)\s+{re.escape(choice)}\b(?=\s+(?:in|on|of|from|at|and|is|for)\b|\s*$)",
            plain,
            re.IGNORECASE,
        )
    )


def _also_called(choice: JSON, description: str) -> list[str]:
    """Return other words for a choice: *sum all amounts (add up, total)* in a description."""
    found = re.search(rf"\b{re.escape(str(choice))}\b[^(),;]*\(([^()]*)\)", description)
    return [" ".join(words(each)) for each in found.group(1).split(",")] if found else []


def _fill_language(
    port: Port,
    card: ExpertCard,
    plain: str,
    source_text: str,
    codes: Sequence[str | None],
    filled: Filled,
) -> None:
    mentions = languages(plain)
    is_source = port is not language_port(card)
    wanted = [each for each in mentions if each.target is not is_source]
    values: list[JSON] = []
    for each in wanted:
        if each.code in codes:
            values.append(port.choices[codes.index(each.code)])
            filled.languages.add(each.code)
        elif not is_source:
            filled.shortfall = _no_language(card, port, each.name)
    if filled.shortfall and not values:
        filled.problem = filled.shortfall
    if not wanted and not is_source and (unknown := _INTO_WHAT.search(plain)):
        filled.problem = _no_language(card, port, unknown.group(1))
    values = list(dict.fromkeys(values))
    if values:
        filled.values[port.name] = values[0]
        filled.sources[port.name] = "the language named in the request"
        if len(values) > 1 and not is_source:
            filled.variants = (port.name, tuple(values))
        return
    if filled.problem or not port.required:
        return
    spoken = next((each.code for each in mentions if not each.target), None)
    spoken = spoken or guess_language(source_text) or "en"
    others = [choice for choice, code in zip(port.choices, codes, strict=True) if code != spoken]
    if len(others) == 1 and not is_source:
        filled.values[port.name] = others[0]
        filled.sources[port.name] = f"the only other language (the source looks {spoken!r})"
    elif is_source and spoken in codes:
        filled.values[port.name] = port.choices[codes.index(spoken)]
        filled.sources[port.name] = "the language of the source"
    else:
        listed = ", ".join(repr(each) for each in port.choices)
        filled.problem = f"no language is named: {card.name} offers {listed}"


def _no_language(card: ExpertCard, port: Port, name: str) -> str:
    listed = ", ".join(repr(each) for each in port.choices)
    return f"{card.name} does not offer {name}: its {port.name!r} is one of {listed}"


def _fill_number(port: Port, plain: str, used: set[str], filled: Filled) -> None:
    """Take the number beside the input's name; the only number for an input that must have one."""
    tokens = re.findall(r"\d+(?:\.\d+)?|[^\W\d_]+", plain.lower())
    numbers = [
        (place, token)
        for place, token in enumerate(tokens)
        if token[0].isdigit() or token in NUMBERS
    ]
    meant = {stem(each) for each in words(port.name.replace("_", " "))}
    meant |= {stem(each) for each in words(port.description) if each not in STOP_WORDS}
    near = [
        token
        for place, token in numbers
        if meant & {stem(each) for each in tokens[max(0, place - 2) : place + 3]}
    ]
    free = [token for _, token in numbers if token not in used]
    chosen = near[0] if near else (free[0] if port.required and len(free) == 1 else None)
    if chosen is None:
        if port.required:
            filled.problem = filled.problem or f"it needs a number for {port.name!r}"
        return
    used.add(chosen)
    value = float(NUMBERS.get(chosen, 0)) if chosen in NUMBERS else float(chosen)
    whole = port.scalar == "integer" or value.is_integer()
    filled.values[port.name] = int(value) if whole else value
    filled.sources[port.name] = "the number in the request"


def _fill_flag(port: Port, plain: str, filled: Filled) -> None:
    meant = {stem(each) for each in words(port.name.replace("_", " ")) if each not in STOP_WORDS}
    spoken = words(plain)
    places = [place for place, each in enumerate(spoken) if stem(each) in meant]
    if places and meant:
        denied = {"no", "not", "without", "don't", "never"} & set(
            spoken[max(0, places[0] - 2) : places[0]]
        )
        filled.values[port.name] = not denied
        filled.sources[port.name] = f"the request speaks of {port.name!r}"
    elif port.required:
        filled.values[port.name] = False
        filled.sources[port.name] = "not asked for"


_CALLED = re.compile(
    r"\b(?:called|named|titled|labelled|labeled|about|for|saying)\s+(.+)$", re.IGNORECASE
)
_WHERE = re.compile(
    r"\b(?:in|at|for|of|near|around)\s+((?:[A-Z][\w'’-]*)(?:\s+(?:de|da|do|of|the)?\s*[A-Z][\w'’-]*)*)"
)
_PROPER = re.compile(r"(?<!^)(?<!\. )\b([A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*)")
_TIME = re.compile(
    r"\s+(?:today|tomorrow|tonight|now|right now|this \w+|next \w+|yesterday)$", re.IGNORECASE
)


def _fill_named(
    port: Port,
    plain: str,
    contents: Sequence[str],
    used: set[str],
    filled: Filled,
) -> None:
    name = port.name.lower()
    value: str | None = None
    if name in {"language", "lang", "target_language", "to"}:
        target = [each for each in languages(plain) if each.target]
        if target:
            value = target[0].name.capitalize()
            filled.languages.add(target[0].code)
    free = [each for each in contents if each not in used]
    if value is None and free and port.required:
        value = free[0]
        used.add(value)
    if value is None and port.required:
        place = _WHERE.search(plain)
        proper = _PROPER.search(plain)
        called = _CALLED.search(plain)
        if place and (name in _PLACES or not called):
            value = place.group(1)
        elif proper:
            value = proper.group(1)
        elif called:
            value = _TIME.sub("", called.group(1).strip(" ?.!"))
    if value is None and not port.required:
        beside = re.search(
            rf"\b{re.escape(name)}\s+(?:is\s+|of\s+|=\s*)?([\w-]+)", plain, re.IGNORECASE
        )
        value = beside.group(1) if beside and beside.group(1) not in STOP_WORDS else None
    if value:
        filled.values[port.name] = value
        filled.sources[port.name] = "named in the request"
    elif port.required:
        filled.problem = filled.problem or f"the request does not say its {port.name!r}"


def _fill_expression(port: Port, text: str, contents: Sequence[str], filled: Filled) -> None:
    """Plan one step for each of several sums; refuse one that would be cut."""
    found = _expressions(text, contents)
    if len(found) > 1 and filled.variants is None:
        filled.variants = (port.name, found)
    if not found and (piece := cut_short(MARK.sub(" ", text))):
        filled.problem = filled.problem or (
            f"{piece!r} cannot be read as a calculation without leaving a part of it out: write the "
            "numbers in digits with + - * / between them"
        )


def _expressions(text: str, contents: Sequence[str]) -> tuple[str, ...]:
    for each in contents:
        if re.search(r"\d", each) and len(each) <= 500:
            return find_expressions(each) or (each,)
    return find_expressions(MARK.sub(" ", text))


def expression_for(port: Port, text: str, contents: Sequence[str]) -> str | None:
    """Return the arithmetic for an expression input: quoted, or found in the clause.

    Of several, the longest; ``fill`` plans a step for each.
    """
    del port
    return max(_expressions(text, contents), key=len, default=None)
