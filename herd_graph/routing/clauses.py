"""Split a request into what is asked, one clause for each thing."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from herd_graph.discovery.words import stem
from herd_graph.routing.content import MARK
from herd_graph.routing.lexicon import (
    ALSO_NOUNS,
    AUXILIARIES,
    LANGUAGES,
    MAKES_IT_HEARD,
    NEGATION,
    NOT_A_REQUEST,
    NOUN_STARTS,
    NUMBERS,
    POLITE,
    POLITE_END,
    QUESTION_WORDS,
    STATEMENT,
    VERBS,
)

MOST_CLAUSES = 100
"""Things that one request may ask for; those beyond it are named, and not done."""
_MOST_NAMED = 400

_SENTENCE = re.compile(
    r"(?<=[?!;])\s+|(?<=[^\W\d_])(?<!\b[A-Z])\.(?:\s+|$)|(?<=[\d)\ue001])\.\s+(?=[A-Z])"
)
_MARKER = re.compile(r"^\s*(?:\(?\d{1,2}[.)]|\(?[a-h]\)|[-*•–]|step \d+:?)\s+", re.IGNORECASE)
_INLINE_MARKER = re.compile(r"(?:(?<=\s)|^)(?:\(?\d{1,2}[.)]|\([a-h]\))\s+(?=[A-Za-z])")
_JOINT = re.compile(
    r"\s*,?\s+(?:and\s+then|and\s+also|and\s+finally|and\s+after\s+that|and|then|after\s+that|afterwards"
    r"|followed\s+by|as\s+well\s+as|plus|but\s+also|but|before|&)\s+"
    r"|\s*,\s*(?:then\s+|also\s+|finally\s+|next\s+)?|\s+[-–—]+\s+|\s*:\s+|\s+\+\s+(?=[^\W\d_]{2})",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^(?:after|once|when|as soon as)\s+(?:you(?:'ve| have)?\s+|having\s+)?(?=\w+(?:ing|ed)\b)",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"^before\s+(?:you\s+)?(?=\w+)", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"^(?:ideally |preferably |if possible |only |and )*(?:in|into|to|from|for|using|with|given|about|on|at|of|by|as|within|out|aloud|both|em|without)\b",
    re.IGNORECASE,
)
_SO_THAT = re.compile(
    r"\s+(?:so that|so|because|since|in order)\s+(?:i|we|my|he|she|they|to)\b.*$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_][\w'’-]*")


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One thing that is asked, or a remark."""

    text: str
    """What is asked, with marks for content; polite words are gone."""
    said: str
    """The words as they stood."""
    request: bool = True
    """False for remarks such as thanks."""
    joined: bool = False
    """It goes on from the clause before it, in one sentence."""
    parallel: bool = False
    """It stands beside the clause before it: *the transcript and the names*."""
    beyond: bool = False
    """It comes after as many as one request may hold."""
    foreign: bool = False
    """Its words are not those that were typed; ``said`` holds them."""

    @property
    def first(self) -> str:
        """The first word, lower case."""
        found = _WORD.search(MARK.sub(" ", self.text))
        return found.group().lower().replace("’", "'") if found else ""


def split(text: str, card_verbs: Collection[str] = ()) -> list[Clause]:
    """Split a protected request into clauses.

    Args:
        text: The request, with marks in the place of content.
        card_verbs: Stems of the verbs that experts describe themselves with.
    """
    made: list[Clause] = []
    for sentence in _sentences(text):
        pieces = [each for each in _pieces(sentence, card_verbs) if each.text]
        for clause in pieces:
            if len(made) == _MOST_NAMED:
                rest = "the rest of the request"
                return [*made, Clause(text=rest, said=rest, beyond=True)]
            made.append(replace(clause, beyond=len(made) >= MOST_CLAUSES))
    return made


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    for line in text.split("\n"):
        items = _INLINE_MARKER.split(line) if len(_INLINE_MARKER.findall(line)) > 1 else [line]
        for item in items:
            for sentence in _SENTENCE.split(_MARKER.sub("", item)):
                bare = sentence.strip().strip(";").strip()
                if _WORD.search(bare) or MARK.search(bare):
                    found.append(bare)
    return found


def _pieces(sentence: str, card_verbs: Collection[str]) -> list[Clause]:
    position = 0
    texts: list[str] = []
    joints: list[str] = [""]
    for joint in _JOINT.finditer(sentence):
        rest = sentence[joint.end() :]
        before = sentence[position : joint.start()]
        if not before.strip() or not rest.strip():
            continue
        how = " ".join(joint.group().lower().split())
        if _opens(rest, how, before, card_verbs):
            texts.append(before)
            joints.append(how)
            position = joint.end()
    texts.append(sentence[position:])
    made: list[Clause] = []
    held = ""
    turned = False
    for number, (part, how) in enumerate(zip(texts, joints, strict=True)):
        said = part.strip(" ,;")
        bare = f"{held}{said}" if held else said
        held = ""
        clause = clause_of(bare)
        last = number == len(texts) - 1
        if is_fragment(clause.text, card_verbs) and not last and not made:
            held = f"{bare}, "  # "From the photo, read the text": it belongs to what follows
            continue
        if number == 0 and _BEFORE.match(said) and not last:
            turned = True
            clause = replace(clause, text=_BEFORE.sub("", clause.text))
        clause = replace(clause, joined=bool(made), text=_AFTER.sub("", clause.text))
        gapped = _gapped(made[-1].text, clause.text) if made else ""
        if gapped:
            clause = replace(clause, text=gapped)
        elif (
            made
            and not re.search(r"\b(?:also|as well)\b", how)
            and is_fragment(clause.text, card_verbs)
            and not _opens_question(clause.text)
        ):
            made[-1] = replace(
                made[-1],
                text=f"{made[-1].text}, {clause.text}",
                said=f"{made[-1].said}, {clause.said}",
            )
            continue
        if how == "before" and made:
            made.append(clause)
            continue
        made.append(clause)
    if turned and len(made) >= 2:
        made = [replace(made[1], joined=False), replace(made[0], joined=True), *made[2:]]
    return made


_TELLS = re.compile(
    r"^\W*(?:tell|show|give|explain|let|say|write|answer)(?: to)?(?: me| us)?(?: know)?"
    r"(?:,? (?:in|into) \w+)?\W*$",
    re.IGNORECASE,
)
_TO_LANGUAGE = re.compile(rf"\b(?:to|into|in)\s+(?:{'|'.join(LANGUAGES)})\b", re.IGNORECASE)


def _gapped(before: str, rest: str) -> str:
    """Give *the second one to English* the verb of *translate the first to Portuguese*."""
    if not re.match(r"^(?:the|my|this|that|a) ", rest, re.IGNORECASE):
        return ""
    if not (_TO_LANGUAGE.search(before) and _TO_LANGUAGE.search(rest)):
        return ""
    verb = next((each for each in before.split() if each.lower() in VERBS), "")
    return f"{verb} {rest}" if verb else ""


_TURNED = re.compile(
    r"^(?:the |my )?(?P<what>[^>→]{1,60}?)\s*(?:[-=]+>|→)\s*(?P<kind>text|words|writing|audio|speech|sound|voice)$",
    re.IGNORECASE,
)
"""*voicemail -> text*."""
_BACK_TO = re.compile(rf"^back (?:in)?to (?:{'|'.join(LANGUAGES)})\b", re.IGNORECASE)


def clause_of(said: str) -> Clause:
    """Return the clause for one piece: polite words off, remarks told from requests."""
    bare = said.strip(" ,;.!?\n\t")
    text = POLITE.sub("", bare + " ").strip()
    text = POLITE_END.sub("", text).strip(" ,;.!?")
    text = _SO_THAT.sub("", text) if not MAKES_IT_HEARD.search(text) else text
    remark = bool(NOT_A_REQUEST.match(bare) or NEGATION.match(text)) or (not text and bool(bare))
    if wanted := _needed(text):
        return Clause(text=wanted, said=said.strip(" ,;"))
    # "I need the transcript" asks; "I am in a hurry" tells.
    if text == _ALSO.sub("", bare) and STATEMENT.match(text) and not said.rstrip().endswith("?"):
        remark = True
    if bare and not _WORD.search(MARK.sub(" ", bare)):
        remark = True  # content alone: an order beside it takes it
    if not text and not remark:
        text = bare
    if turned := _TURNED.match(text):
        text = f"turn the {turned['what']} into {turned['kind']}"
    if _BACK_TO.match(text):
        text = f"translate it {text}"
    return Clause(text=text or bare, said=said.strip(" ,;"), request=not remark)


def is_loose(text: str, card_verbs: Collection[str] = ()) -> bool:
    """Say whether a piece is neither an order nor a question: *two emails from friends*."""
    return not _has_verb(text, card_verbs)


_NEEDS = re.compile(
    r"^(?P<who>(?!i\b|we\b|you\b|he\b|she\b|they\b|who\b|what\b|which\b)(?:[\w'’-]+ ){1,6}?)(?:needs?|wants?|requires?)"
    r" (?P<what>(?:to be|an?|this|these|the|it)\b.+)$",
    re.IGNORECASE,
)


def _needed(text: str) -> str:
    """Return the order in *my draft needs a Portuguese version*; empty where there is none."""
    found = _NEEDS.match(text)
    if found is None:
        return ""
    who, what = found["who"].strip(), found["what"]
    if what.lower().startswith("to be "):
        return f"{what[6:]} {who}"
    return what if re.match(r"(?:this|these|the|it)\b", what, re.IGNORECASE) else f"{what} of {who}"


def _opens(rest: str, how: str, before: str, card_verbs: Collection[str]) -> bool:
    """Say whether what follows a joint is an order or a question of its own."""
    if how == "before" and not re.match(r"\w+ing\b", rest, re.IGNORECASE):
        return False
    stripped = POLITE.sub("", rest).lstrip(" ,")
    if not stripped:
        return False
    found = _WORD.match(stripped)
    if found is None:
        return False
    word = found.group().lower().replace("’", "'")
    following = _WORD.search(stripped, found.end())
    after = following.group().lower() if following else ""
    comma = how.startswith(",")
    if _TELLS.match(POLITE.sub("", before)):
        return False  # "tell me, in Portuguese, what it says" is one order
    if _gapped(before, stripped) or ("also" in how and _FRAGMENT.match(stripped)):
        return True
    if ((comma or "and" in how) and _WANTS.match(rest)) or _SAME_FOR.match(stripped):
        return True
    if _BACK_TO.match(stripped):
        return True
    if word in QUESTION_WORDS:
        # ", who was there," tells more of a noun; "and who was there" asks.
        return (
            "and" in how
            or "then" in how
            or not comma
            or _opens_question(before)
            or word in {"what", "how"}
        )
    if word in AUXILIARIES:
        return (_opens_question(before) or comma or "and" in how) and after not in {"", "to"}
    if _FRAGMENT.match(before.strip()) and comma and not _has_verb(before, card_verbs):
        return _has_verb(stripped, card_verbs)
    if word in {"tell", "let"}:
        return True
    if how.strip(" ,") in {"", "-", "–", "—", ":"} and not comma and how != ":":
        return bool(NEGATION.match(before.strip())) and is_verb(word, after, card_verbs)
    if comma and NEGATION.match(stripped):
        return True
    if is_verb(word, after, card_verbs):
        return True
    if word in {"aloud", "out"} and not comma:
        return False
    # "a summary, a Portuguese translation and the names": nouns that experts know may be orders.
    return bool(
        word in {"a", "an", "the", "its", "also", "another"}
        and after
        and _is_deed(stripped, card_verbs)
        and (_is_deed(before, card_verbs) or _has_verb(before, card_verbs))
        and not _is_plain_object(stripped)
    )


_DEED = re.compile(r"\b(\w+(?:tion|script|mary|sis|ion|ment|sation|version))\b", re.IGNORECASE)


def _is_deed(text: str, card_verbs: Collection[str]) -> bool:
    """Say whether a noun phrase names what an expert does: *a summary*, *a translation*."""
    head = " ".join(text.split()[:5])
    found = _DEED.search(head)
    return bool(found and (stem(found.group(1)) in card_verbs or found.group(1) == "version"))


def _is_plain_object(text: str) -> bool:
    return bool(re.match(r"^(?:the|this|that|its) \w+$", text.strip(), re.IGNORECASE))


_WANTS = re.compile(
    r"(?:(?:i|we)(?:'d| would)? (?:also )?(?:need|want|like)|(?:also )?(?:need|want)(?= (?:the|an?|this|it|these)))\b",
    re.IGNORECASE,
)
_SAME_FOR = re.compile(r"(?:the )?same (?:for|with|to|on) ", re.IGNORECASE)
_ALSO = re.compile(r"^(?:(?:also|and|but|so|well|ok|okay|hi|hello)\b[\s,!]*)+", re.IGNORECASE)


_ORDERED = frozenset({"book", "order", "print", "reserve"})
"""*Book two tickets*, *print 3 copies*: a number follows no such noun."""


def is_verb(word: str, after: str, card_verbs: Collection[str] = ()) -> bool:
    """Say whether a word that opens a piece is an order, by what follows it."""
    if word[:1].isdecimal():  # a card's example may begin with "5 ft in cm"
        return False
    if word in ALSO_NOUNS:
        return after in NOUN_STARTS or (
            word in _ORDERED and (after in NUMBERS or after.isdecimal())
        )
    if word in VERBS:
        return True
    if word.endswith("ing") and len(word) > 5:
        return stem(word) in card_verbs
    return stem(word) in card_verbs and (after in NOUN_STARTS or after == "")


def _has_verb(text: str, card_verbs: Collection[str]) -> bool:
    spoken = [each.group().lower() for each in _WORD.finditer(MARK.sub(" ", text))]
    return any(
        is_verb(word, after, card_verbs) or word in QUESTION_WORDS or word in AUXILIARIES
        for word, after in zip(spoken, [*spoken[1:], ""], strict=False)
    )


def _opens_question(text: str) -> bool:
    found = _WORD.search(POLITE.sub("", text))
    return bool(found and found.group().lower().replace("’", "'") in QUESTION_WORDS | AUXILIARIES)


def flattened(said: str) -> str:
    """Return words on one line, without case and what closes them, to be compared."""
    return " ".join(said.split()).strip(" ?.!,").casefold()


def is_fragment(text: str, card_verbs: Collection[str] = ()) -> bool:
    """Say whether a piece only tells how or of what: *in Portuguese*, *from the photo*."""
    return bool(_FRAGMENT.match(text)) and not _has_verb(text, card_verbs)
