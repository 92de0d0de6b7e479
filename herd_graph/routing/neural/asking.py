"""Put a question that has one answer to who reads a text for it, not to who lists names or adds up.

*Who sent it?* and *who is mentioned in it?* are worded alike, and a network that was trained on requests for
lists answers both with a list of names. What tells them apart is what is asked: someone who did a thing, or
everyone who is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from herd_graph.cards import ExpertCard, Port
from herd_graph.conversions import carries
from herd_graph.routing.going_on import adds_up
from herd_graph.routing.golds import Tree, inputs_of
from herd_graph.routing.lexicon import ASKS_FOR_TOTAL, POLITE
from herd_graph.routing.parameters import content_ports, context_port, role
from herd_graph.types import Kind

_TELL = re.compile(
    r"^(?:(?:tel+|show|let) (?:me|us)(?: know)?|say|find out|look up|check|diz(?:-me|e-me)?|digam?-me|me diga)\b[\s,:]*",
    re.IGNORECASE,
)
_FINITE = (
    r"(?:is|are|was|were|do|does|did|will|would|should|shall|can|could|must|may|has|have|had|am|i|we|you|he|she|they|the|my|our|his|her"
    r"|'s|’s|else)"
)
_ONE = re.compile(
    r"^(?:who(?:'s|’s|m|se)?|quem|a quem|de quem)\b (?!(?:and|or|e|ou)\b)\w"
    rf"|^how (?:many|much)\b.{{0,40}}\b(?:do|does|did|shall|should|can|must|will|would) (?:i|we|you|he|she|they|the|my)\b"
    rf"|^what (?:do|does|did|should|must|shall) (?:i|we|you|they|he|she) (?:have to|need|bring|do|wear|pay|expect|get|want|decide\w*|agree\w*)\b"
    r"|^what (?:do|does|did) (?:n['’]t )?(?:\w+ ){1,4}?(?:like|enjoy|dislike|hate|complain|criticis\w*|criticiz\w*|praise|want|promise|suggest|propose|request|demand)\b"
    r"|^what (?:he|she|they|the \w+) (?:wants?|needs?|asks? (?:for|about)|likes?|complains? about|offers?|promises?|suggests?|hates?)\b"
    r"|^what(?:'s|’s| is) (?:his|her|their|my|its|the (?:\w+ )?(?:caller|sender|shop|author|writer|teacher|speaker|woman|man|customer|owner)(?:'s|’s))(?: \w+){1,3}\W*$"
    rf"|^(?:when|where|why)(?:(?:'s|’s)| {_FINITE})\b|^(?:at )?(?:what|which) (?:time|date|day)\b|^how (?:long|old|often|far|late|soon)\b"
    r"|^(?:quando|onde|porque|porquê|por que|a que horas|até quando)\b [\wáéíóúâêô]",
    re.IGNORECASE,
)
"""*Who sent it*, *when should I come*: the answer is one thing that the text says."""
_PRICE = re.compile(
    r"^(?:how much|what|quanto|o que)\b.{0,60}\b(?:costs?|price|fee|deposit|rent|charged?|custa(?:m|va)?)\b|^(?:how much|quanto) (?:is|are|was|were|é|são)\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"^(?:if (?:so|yes),? )?how many(?! .*\b(?:in|into|to|are)\b)[^\d]*$", re.IGNORECASE
)
_LISTS = re.compile(
    r"^who(?:'s|’s| is) who\b|^whom? (?:in|on|at)\b|\btalk(?:ed|ing)? (?:about|of)\b|\b(?:who|whom|when|where)\s*(?:,|and|or|&|/)\s*(?:who|whom|when|where|what)\b|\b(?:mention\w*|named|names?|list\w*|appear\w*|occur\w*|involved|(?:turn|come|crop)s? up|referred|talked about|spoken of"
    r"|people|persons?|anyone|everyone|everybody|all|mencionad\w*|nomes?|pessoas|citad\w*)\b"
    r"|^who(?:'s|’s| is| are| was| were)(?: (?:all|else))?(?: (?:in|on|there|here|present|it about|this about)\b.*)?\W*$",
    re.IGNORECASE,
)
"""*Who is mentioned*, *who is in it*: everyone is meant."""
_PASSAGES = re.compile(
    r"\b(?:mention\w*|passages?|parts?|bits?|sections?|paragraphs?|pages?|lines?|clauses?|talk\w*|speaks?|spoken|says?|said|saying|stands?"
    r"|written|discuss\w*|refer\w*|deals?|covered|come up|comes up|about|find|read|quote\w*|show)\b",
    re.IGNORECASE,
)
"""*Where does it talk about the deposit*: the place in the text is meant."""
_OF_MEDIA = re.compile(
    r"^how (?:long|far|late|soon) (?:is|are|was|does|do|did)(?: (?:it|this|that|the|my|one|voice))*"
    r"(?: (?:recordings?|audio|video|film|clip|song|tune|piece|track|movie|file|memo|message|call))?(?: (?:last|take|go on|run))?\W*$"
    r"|\b(?:singing|sings|playing|plays|speaking|speaks|talking|voice)\b",
    re.IGNORECASE,
)
"""*How long is the recording*, *who is speaking*: no text says so."""


_WRITTEN_IN = re.compile(
    r"\b(?:written|printed|text|words?|captions?|titles?|letters)\b.{0,30}\b(?:in|on|during)\b.{0,12}\b(?:video|film|clip|movie|screen|frames?)\b"
    r"|\b(?:text|words?|writing)\b.{0,20}\b(?:seen|shown|visible|appears?|on screen)\b",
    re.IGNORECASE,
)
_HEARD = re.compile(
    r"\b(?:said|says?|spoken|heard|transcri\w+|speech|dialogue|words for)\b", re.IGNORECASE
)
_CONTACTS = re.compile(
    r"\b(?:(?:tele)?phone|mobile|fax)(?: numbers?)?\b|\be-?mails?\b.{0,3}\baddress\w*|\bnumber to (?:call|ring)\b|\b(?:websites?|urls?)\b",
    re.IGNORECASE,
)
_GETS = re.compile(
    r"^(?:find|list|get|give|extract|pull out|show|note|write down|what(?:'s|’s| is| are)|which|tell)\b",
    re.IGNORECASE,
)
_PRICED = re.compile(
    r"\b(?:items?|things?|dishes|products?|articles?|goods|purchases|positions|lines|meals|drinks|what (?:was|is|I|we|i)(?: \w+)? ?(?:bought|ordered|had|paid for)|everything bought)\b.{0,40}"
    r"\b(?:prices?|costs?|amounts?)\b|\bprice ?lists?\b",
    re.IGNORECASE,
)
"""*List the dishes with their prices*: the lines of a slip, of which an adder knows."""


_COLUMN = re.compile(
    r"^(?:convert|change|turn|put|express|show|give|list)\b.{0,20}\b(?:columns?|all|every|each|(?:the|these|those) (?:\w+ )?[a-z]{3,}s)\b",
    re.IGNORECASE,
)
"""*Convert the temperatures into Fahrenheit*: a column, and not one answer."""


_FIGURES = re.compile(
    r"\b(?:pay\w*|loan|rates?|interest|instal\w+|cost\w*|worth|return|convert\w*|in (?:km|miles|kg|pounds|metres|meters|feet))\b|\d",
    re.IGNORECASE,
)


def asks_one(said: str) -> bool:
    """Say whether words ask for one thing that a text says: *who sent it*, *when is it due*."""
    bare = _bare(said)
    return bool(_ONE.search(bare)) and not _LISTS.search(bare) and not _OF_MEDIA.search(bare)


def asks_price(said: str) -> bool:
    """Say whether words ask what one thing costs."""
    bare = _bare(said)
    return bool(_PRICE.search(bare)) and not ASKS_FOR_TOTAL.search(bare)


def answered(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return a part with the expert that answers questions about a text, where one thing is asked.

    Args:
        part: What the network wrote.
        said: The words that it is to serve.
        cards: Who is there, by name.
    """
    if part[0] == "if":
        return (part[0], answered(cast("Tree", part[1]), said, cards), *part[2:])
    reader = reader_of(cards)
    if part[0] != "call" or not reader or len(set(inputs_of(part))) != 1:
        return part
    name = str(part[1])
    if (table := _of_table(part, said, cards)) is not None:
        return table
    if (seen := _seen(part, said, cards)) is not None:
        return seen
    one, price = asks_one(said), asks_price(said)
    source = source_of(part, cards)
    if one and _is_misput(part, said, cards):
        return ("call", reader, "", False, cast("Tree", part[4]))
    if source == part and one and not part[3] and _is_text(cards[name]):
        return ("call", reader, "", False, source)  # "what should we bring?": not all that is said
    if one and _condenses(cards[name]) and not part[3] and part[4][0] != "value":
        return ("call", reader, "", False, cast("Tree", part[4]))
    if _converts(cards[name]) and _COUNTS.search(_bare(said)) and part[4][0] != "value":
        return (
            "call",
            reader,
            "",
            False,
            cast("Tree", part[4]),
        )  # "how many kilos?": the text says
    if source is None or source == part:
        return part
    figures = adds_up(cards[name]) and not (
        _is_printed(source, cards) and _bare(said).lower().startswith("how m")
    )
    judged = "sentiment" in cards[name].tags
    listed = one and (is_lister(cards[name]) or figures or judged or name == reader)
    found = one and _searches(cards[name]) and not _PASSAGES.search(_bare(said))
    sums = adds_up(cards[name]) and not _is_printed(source, cards)
    priced = price and (sums or judged or is_lister(cards[name]))
    if listed or found or priced:
        return ("call", reader, "", False, source)
    return _gathered(source, said, cards) or part


def _condenses(card: ExpertCard) -> bool:
    """Say whether an expert shortens a text: no answer to a question about one thing."""
    return card.input("sentences") is not None


def _is_text(card: ExpertCard) -> bool:
    """Say whether an expert puts the whole of something into words: what is heard, what is written."""
    return carries(card) == "certain" and card.outputs[0].kind is Kind.TEXT


def _is_misput(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> bool:
    """Say whether a whole text was given to an expert as the question that it is to answer."""
    required = [port for port in cards[str(part[1])].inputs if port.required]
    asks = len(required) == 1 and role(required[0], cards[str(part[1])]) == "instruction"
    whole = len(part) == 5 and part[4][0] == "input"
    return asks and whole and not _FIGURES.search(said)


def _of_table(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree | None:
    """Return the question to a table alone, where its answer would be listed or converted once more."""
    inner = next((e for e in part[4:] if e[0] == "call"), None)
    name = str(part[1])
    if inner is None or not asks_table(cards[str(inner[1])]):
        return None
    column = _converts(cards[name]) and _COLUMN.search(_bare(said))
    return (*inner[:2], "", *inner[3:]) if is_lister(cards[name]) or column else None


def asks_table(card: ExpertCard) -> bool:
    """Say whether an expert is asked about a table, in words."""
    required = [port for port in card.inputs if port.required]
    tables = any(Kind.TABLE in port.kinds for port in required)
    return tables and any(role(port, card) == "instruction" for port in required)


def _converts(card: ExpertCard) -> bool:
    """Say whether an expert takes a question in words and, beside it, what to convert it to."""
    roles = [role(port, card) for port in card.inputs]
    return roles[:1] == ["instruction"] and [each.name for each in card.inputs[1:]] == ["to"]


def _seen(part: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree | None:
    """Return what reads the pictures of a film, where what is written in it is asked, and not what is said."""
    inner: Tree = next(iter(part[4:]), part)
    required = [port for port in cards[str(part[1])].inputs if port.required]
    kinds = {kind for port in required for kind in port.kinds}
    if kinds != {Kind.VIDEO} or inner[0] != "input" or cards[str(part[1])].outputs[0].many:
        return None
    if not _WRITTEN_IN.search(said) or _HEARD.search(said):
        return None
    frames = maker(cards, Kind.VIDEO, Kind.IMAGE, many=True)
    words = maker(cards, Kind.IMAGE, Kind.TEXT, carries_=True)
    return (
        ("call", words, "", True, ("call", frames, "", False, inner)) if frames and words else None
    )


def maker(
    cards: Mapping[str, ExpertCard],
    takes: Kind,
    gives: Kind,
    *,
    many: bool = False,
    carries_: bool = False,
) -> str:
    """Return the name of who makes one kind of thing of another alone; empty where nobody does.

    Args:
        cards: Who is there, by name.
        takes: What it is given.
        gives: What it makes.
        many: Whether it makes several.
        carries_: Whether what it makes must say the same as what it was given.
    """
    for name, card in cards.items():
        required = [port for port in card.inputs if port.required]
        right = len(required) == 1 and required[0].kinds == (takes,)
        out = card.outputs[0]
        if (
            right
            and out.kind is gives
            and out.many is many
            and (not carries_ or carries(card) == "certain")
        ):
            return name
    return ""


def _gathered(source: Tree, said: str, cards: Mapping[str, ExpertCard]) -> Tree | None:
    """Return who lists what was asked for of a text: addresses and numbers, or items and their prices."""
    bare = _bare(said)
    if _GETS.search(bare) and _CONTACTS.search(bare):
        lister = next((name for name, card in cards.items() if is_lister(card)), "")
        return ("call", lister, "", False, source) if lister else None
    if _PRICED.search(bare) and not ASKS_FOR_TOTAL.search(bare):
        adder = next((name for name, card in cards.items() if adds_up(card)), "")
        return ("call", adder, "", False, source) if adder else None
    return None


def readable(part: Tree, inputs: Mapping[str, Port], cards: Mapping[str, ExpertCard]) -> Tree:
    """Return a part in which who takes a text is given the text of a file, and not the file.

    A rule that puts a question to who answers it does not see what kind of file it is about.

    Args:
        part: What was written.
        inputs: What there is, by symbol.
        cards: Who is there, by name.
    """
    if part[0] == "if":
        return (part[0], readable(cast("Tree", part[1]), inputs, cards), *part[2:])
    if part[0] != "call" or part[3]:
        return part
    card = cards[str(part[1])]
    takes = {kind for port in card.inputs for kind in port.kinds}
    found: list[object] = list(part[:4])
    for each in (cast("Tree", e) for e in part[4:]):
        port = inputs.get(str(each[1])) if each[0] == "input" else None
        if port is None or port.many or port.kind in takes | {Kind.TEXT} or Kind.ANY in takes:
            found.append(readable(each, inputs, cards))
            continue
        words = maker(cards, port.kind, Kind.TEXT, carries_=True) if Kind.TEXT in takes else ""
        found.append(("call", words, "", False, each) if words else each)
    return cast("Tree", tuple(found))


def asked(said: str, source: Tree, cards: Mapping[str, ExpertCard]) -> Tree | None:
    """Return the part that puts words to a text, where they ask for something that it may say."""
    reader = reader_of(cards)
    if reader and (asks_one(said) or asks_price(said)):
        return ("call", reader, "", False, source)
    return _gathered(source, said, cards)


def reader_of(cards: Mapping[str, ExpertCard]) -> str:
    """Return the name of who answers questions about a text; empty where nobody does."""
    return next((name for name, card in cards.items() if context_port(card) is not None), "")


def takes_words(tree: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    """Say whether a part is given the words that it serves: two such parts may differ in these alone."""
    if tree[0] == "if":
        return takes_words(cast("Tree", tree[1]), cards)
    if tree[0] != "call":
        return False
    card = cards[str(tree[1])]
    return any(role(port, card) == "instruction" for port in card.inputs)


def is_lister(card: ExpertCard) -> bool:
    """Say whether an expert lists what a text holds of a kind, and is told which."""
    roles = {role(port, card) for port in card.inputs if not port.required}
    output = card.outputs[0]
    return (
        bool(content_ports(card)) and "instruction" in roles and _is_list(output.kind, output.many)
    )


def _is_list(kind: Kind, many: bool) -> bool:
    return many and kind is Kind.DATA


def _searches(card: ExpertCard) -> bool:
    required = [port for port in card.inputs if port.required]
    output = card.outputs[0]
    return (
        len(required) == 2
        and required[0].many
        and Kind.TEXT in required[1].kinds
        and _is_list(output.kind, output.many)
    )


def source_of(part: Tree, cards: Mapping[str, ExpertCard]) -> Tree | None:
    """Return the text that a part is about: what is left without those that answer, list or add up."""
    if part[0] == "list":
        return source_of(cast("Tree", part[1]), cards) if len(part) == 2 else None
    if part[0] != "call":
        return part if part[0] == "input" else None
    _, name, output, over, *arguments = part
    card = cards[str(name)]
    asks = context_port(card) is not None or adds_up(card) or is_lister(card) or _searches(card)
    asks = asks or "sentiment" in card.tags
    if not asks:
        return None if over or output else part
    inner = [cast("Tree", each) for each in arguments if each[0] in {"call", "input", "list"}]
    return source_of(inner[0], cards) if inner and not over else None


def _is_printed(source: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    """Say whether a text was read from a picture or a document: what is printed there stands in lines."""
    if source[0] != "call":
        return False
    kinds = {kind for port in cards[str(source[1])].inputs for kind in port.kinds}
    return bool(kinds & {Kind.IMAGE, Kind.DOCUMENT})


def _bare(said: str) -> str:
    bare = POLITE.sub("", said.strip())
    return POLITE.sub("", _TELL.sub("", bare)).strip(" ,;:")


__all__ = (
    "answered",
    "asked",
    "asks_one",
    "asks_price",
    "asks_table",
    "is_lister",
    "maker",
    "readable",
    "reader_of",
    "source_of",
    "takes_words",
)
