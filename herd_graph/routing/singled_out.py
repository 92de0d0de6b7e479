"""Single out what a message names of earlier turns: *the translation*, *the original mail*, *the first letter*.

A thread leaves many things behind, and whoever plans sees the newest. Where a message says in words
which of them it means, the others are laid aside: the request is planned as though the thread held
nothing but what it names. *Read the translation aloud* is then the translation, whatever was made of
it since.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from herd_graph.registry import Snapshot
from herd_graph.routing.conversation import Past, acts
from herd_graph.routing.lexicon import LANGUAGES, MAKES_IT_HEARD, ORDINALS, PRONOUN
from herd_graph.routing.references import Discourse, Thing, resolve
from herd_graph.routing.thread_answers import (
    MADE,
    Answered,
    Turn,
    answered,
    called,
    listed,
    names_of,
)
from herd_graph.routing.tongues import guess_language, languages
from herd_graph.tasks import Task
from herd_graph.types import JSON, ArtifactRef, Kind

_MOST_BRIEF = 20
_SHORTENS = re.compile(
    r"^\W*(?:(?:and|so|ok|okay|now|then|please|can you|could you)\W+)*(?:(?:summari[sz]e|shorten|condense) (?:it|that|this)|sum (?:it|that|this) up|(?:put|make|turn) (?:it|that|this) (?:in|into) (?:an? )?[\w -]{0,20}summary)\b",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"\b(?:how much|when|where|what time|how long|how far|what day)\b(?: \w+)? (?:is|was|does|did|will|do) (?:it|that|this)\b",
    re.IGNORECASE,
)
"""*How much does it cost?*: not the translation does."""
_ADDS_UP = re.compile(
    r"\b(?:add|total|count) (?:it|that|this|them|everything|all of it)(?: all)? up\b|\btotal (?:it|them)\b",
    re.IGNORECASE,
)
"""A figure is no sum of anything: what is to be added up is what it was made of."""
_AND_THE = re.compile(
    r"(\b(?:without|except|minus|but not) [\w' -]+?),? and (?:the )?", re.IGNORECASE
)
"""*Without the soap and the towels* is one exception, and no wish for towels."""
_MOST = 3
_MOST_FIGURE = 7
"""Words of an answer that is a figure and how it was come by: *41.00 + 20 % = 49.20*."""
_QUESTION = re.compile(
    r"^\W*(?:(?:and|so|ok|okay|now)\W+)*(?:what|who|whose|when|where|which|why|how|does|do|did|is|are|was|were)\b",
    re.IGNORECASE,
)
_READS = frozenset({"ocr", "pdf", "transcript", "speech-to-text"})
"""What an expert bears that says in text what a file says: its answer stands for the file."""
_LANGUAGE = "|".join(sorted(LANGUAGES, key=len, reverse=True))
_NAMED = re.compile(
    rf"\b(?:the|that|your|its|this) (?P<which>(?:(?:whole|full|entire|first|second|third|last|latest|earlier|previous|short|long|new|old|same|{_LANGUAGE}) )*)"
    rf"(?P<noun>{'|'.join(MADE)})\b(?P<of>(?: text| version| one)? (?:of|for|from) (?!(?:it|that|this|before|earlier)\b)[\w'. -]{{2,40}})?",
    re.IGNORECASE,
)
_TONGUE = re.compile(
    rf"\b(?:the|that|your) (?P<language>{_LANGUAGE}) (?:one|version|text|translation|wording|words|copy)\b|\bthe (?P<alone>{_LANGUAGE})(?= (?:aloud|out loud|out|to me|too|as well|again|please)\b)",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"\b(?:the|my|its|that) (?:actual |very )?(?:\w+ )?original(?: one| version| text)?\b(?: (?P<noun>\w+))?|\b(?:the|that|my) (?P<self>\w+) itself\b",
    re.IGNORECASE,
)
_BACK = re.compile(rf"\bback (?:again )?(?:in)?to (?P<language>{_LANGUAGE})\b", re.IGNORECASE)
_MAKES = re.compile(
    r"\b(?:make|write|create|draw|do|produce|generate|add|suggest|propose|find|prepare|compose|think of|come up with)(?: me| us| it)? $",
    re.IGNORECASE,
)
"""*Write the summary*: one is wanted that is not there yet."""
_SO = re.compile(r"^\W*(?:(?:and|so|but|now|then|ok|okay|please|no|sorry)\b[\s,]*)*", re.IGNORECASE)
_PAGE = re.compile(r"\b(?:pages?|p\.) ?(?:\d+|one|two|three|four|five)\b", re.IGNORECASE)
_OF_THEM = re.compile(
    r"\b(?:which|who|what) (?:one )?of (?:them|these|those|the two|both)\b|\b(?:both|the two|all) (?:of them|of these|letters|mails|e-?mails|texts|files|notes|pictures|photos|recordings)\b"
    r"|\bcompare (?:them|these|those|the two|both)\b|\bwhich (?:letter|mail|e-?mail|text|file|note|picture|photo|recording) (?:is|was|has|sounds|seems|looks)\b",
    re.IGNORECASE,
)
"""*Which of them is angrier?*: of the files, where several are there."""
_PLACE = re.compile(
    r"\bthe (?:first|second|third|fourth|other|last)(?: (?:one|file|letter|mail|e-?mail|text|note|picture|photo|recording|attachment))?(?=\W*$| (?:in|into|to|aloud|out|for|say|says|about)\b)",
    re.IGNORECASE,
)
_WORKS_ON_IT = re.compile(
    r"^\W*(?:(?:and|so|ok|okay|now|then|please|can you|could you)\W+)*(?:give (?:it|that|this) an? (?:\w+ )?(?:title|headline|heading)|(?:summari[sz]e|shorten|translate|read(?: out)?|say|speak|sum) (?:it|that|this)\b"
    r"|(?:write|find|suggest)(?: me)? an? (?:\w+ )?(?:title|headline|heading) for (?:it|that|this))(?! (?:in|on|from|of) the\b)[^,.;?!]*\W*$",
    re.IGNORECASE,
)
_THAT_PAGE = re.compile(r"\b(?:that|this|the (?:whole|same)) page\b", re.IGNORECASE)
_WRITTEN = re.compile(
    r"\b(?:the|that|this|his|her|their|my|our) (?:\w+ )?(?:message|note|memo|voicemail|mail|e-?mail|letter|text|recording|notice|story|article)\b(?! (?:\w+ )?(?:number|address))",
    re.IGNORECASE,
)
"""What somebody wrote or said, by a word that any of its kinds may bear."""


def plainly(text: str, before: str = "") -> str:
    """Return a message about one thing that was singled out in words that point at it: *the second* is *it*.

    Args:
        text: What is said.
        before: What was asked last: *and the summary too* wants the same done to another thing.
    """
    if before and not acts(text) and not languages(_TONGUE.sub("", text)):
        text = before if MAKES_IT_HEARD.search(before) or not MAKES_IT_HEARD.search(text) else text
    if MAKES_IT_HEARD.search(text) and not acts(text):
        text = f"read {_SO.sub('', text.strip())}"
    for named in (_NAMED, _TONGUE, _ORIGINAL, _PLACE):
        text = named.sub("it", text)
    return text


def added_up(text: str) -> str:
    """Return an order to add *it* up as one that says what: all that stands in the file."""
    whole = _ADDS_UP.sub("add up everything", text)
    return _AND_THE.sub(r"\1 or the ", whole) if whole != text else text


@dataclass(frozen=True)
class Singled:
    """What a message names of a thread."""

    history: tuple[Turn, ...] = ()
    """The turns with nothing else in them, where a file is named that was read since."""
    given: Mapping[str, ArtifactRef] = field(default_factory=dict[str, ArtifactRef])
    """Else what is named itself, as it would be attached."""
    known: Mapping[str, ArtifactRef] = field(default_factory=dict[str, ArtifactRef])
    """The same, under the names that provenance gives."""


def singled_out(
    task: Task, history: Sequence[Turn], past: Past, experts: Snapshot
) -> Singled | None:
    """Return what a message names of a thread; None where it names nothing, or all that there is.

    What is named is shown to whoever plans as though it had just been attached: there is no surer way
    to be taken for what the message is about.

    Args:
        task: What is asked, with nothing attached.
        history: The turns of the thread, oldest first.
        past: What they left behind.
        experts: Who is there.
    """
    made = answered(history, experts)
    kept = list(_results(task.text, made, past))
    files = _files(task.text, past, made, named=bool(kept))
    if not kept and not files and not (kept := _text_just_made(task.text, made)):
        return _afresh(task.text, history, past, made)
    original = _ORIGINAL.search(task.text)
    if files and not kept:
        left = _OF_THEM.sub(" ", _WRITTEN.sub(" ", _ORIGINAL.sub(" ", task.text)))
        if PRONOUN.search(left) and not original:
            return None  # "is it in the letter?" is about what was answered, too
        kept = [each for each in made if _stands_for(each, files)]
        if kept and original:
            files = []  # the original of a translated recording is what was said in it
        elif _PLACE.search(task.text) and (english := _in_english(task.text, files, made)):
            kept, files = english, []  # asked in English of what was put into it
        elif kept:
            only = _with_only(history, kept, files)
            return None if _amount(only) == _amount(history) else Singled(history=only)
    known = [past.artifacts[name] for each in files for name in each.roots]
    named = [*known, *(e for each in kept[-_MOST:] for e in _refs(each, past))]
    return _given([each for each in named if isinstance(each, ArtifactRef)], kept)


def _given(named: Sequence[ArtifactRef], kept: Sequence[Answered]) -> Singled | None:
    """Return artifacts as though they had just been attached."""
    refs = {f"a{number}": ref for number, ref in enumerate(named, start=1)}
    given = {name: _told(ref, kept) for name, ref in refs.items()}
    return Singled(given=given, known=refs) if refs else None


def _text_just_made(text: str, made: Sequence[Answered]) -> list[Answered]:
    """Return the text that was answered last, for an order to work on *it* that any text serves."""
    last = [each for each in made if each.turn == made[-1].turn] if made else []
    texts = [e for e in last if e.bears("translation", "summarise", *_READS) and not e.is_timed]
    if len(last) == len(texts) == 1 and _WORKS_ON_IT.match(text):
        return texts
    if _SHORTENS.match(text) and last and all(_is_brief(each) for each in last):
        # Nobody wants less of a name or a date: the text that was asked for it is meant.
        texts = [
            each for each in made if each.bears("translation", *_READS) and not _is_brief(each)
        ]
        return texts[-1:]
    return []


def _is_brief(answer: Answered) -> bool:
    return len(answer.text.split()) < _MOST_BRIEF


def _in_english(text: str, files: Sequence[Thing], made: Sequence[Answered]) -> list[Answered]:
    """Return the English translations of files that a question is about; none where one has none."""
    if not _QUESTION.match(text) or languages(text):
        return []
    found = [
        next(
            (e for e in reversed(made) if e.bears("translation") and set(e.files) == {f.label}),
            None,
        )
        for f in files
    ]
    told = [each for each in found if each is not None and guess_language(each.text) == "en"]
    return told if len(told) == len(files) else []


def _afresh(
    text: str, history: Sequence[Turn], past: Past, made: Sequence[Answered]
) -> Singled | None:
    """Return the thread without what was made of its files, for a question that points at none of it.

    *What was the dearest item?* after *add it up* is asked of the receipt: a sum has no items. And
    *how many pupils joined?* after a summary is asked of the letter: the summary has left most out.
    """
    last = [each for each in made if each.turn == made[-1].turn] if made else []
    question = (_QUESTION.match(text) or _ADDS_UP.search(text)) is not None
    points = PRONOUN.search(_EXPLETIVE.sub(" ", text)) and not _ADDS_UP.search(text)
    if points or not last:
        return None
    adds = _ADDS_UP.search(text) and all(_is_made_of_a_file(each, question=True) for each in last)
    if adds and len(past.attachments) == 1:
        whole = [past.artifacts[name] for each in past.attachments for name in each.roots]
        return _given([each for each in whole if isinstance(each, ArtifactRef)], [])
    if question and len(past.attachments) == 1 and (said := _in_words(past, made, last)):
        return _given(said, [])
    if not all(_is_made_of_a_file(e, question=question) for e in last):
        return None
    dropped = [each.part for each in made if _is_made_of_a_file(each, question=question)]
    turns: list[Turn] = []
    for turn in history:
        parts = [p for p in listed(turn.get("parts")) if not any(p is each for each in dropped)]
        if parts or turn.get("attachments"):
            turns.append({**turn, "parts": parts})
    files = [turn.get("attachments") for turn in turns]
    return Singled(history=tuple(turns)) if any(files) else None


def _in_words(past: Past, made: Sequence[Answered], last: Sequence[Answered]) -> list[ArtifactRef]:
    """Return what the one file of a thread says, in English where it was put into that."""
    if not all(each.bears("translation", "summarise", "headline") for each in last):
        return []
    reads = [each for each in made if _stands_for(each, past.attachments)]
    english = [
        each
        for each in made
        if each.bears("translation") and not _is_brief(each) and guess_language(each.text) == "en"
    ]
    told = [*reads, *(english if reads else [])]
    return _refs(told[-1], past) if told else []


def _is_made_of_a_file(answer: Answered, *, question: bool) -> bool:
    if _is_figure(answer):
        return True
    abroad = answer.bears("translation") and guess_language(answer.text) != "en"
    return question and (abroad or answer.bears("summarise", "headline", "question"))


def _is_figure(answer: Answered) -> bool:
    return answer.bears("calculator") and len(answer.text.split()) <= _MOST_FIGURE


def _refs(answer: Answered, past: Past) -> list[ArtifactRef]:
    """Return what an answer made, named as the thread names it."""
    held = [each for each in past.artifacts.values() if isinstance(each, ArtifactRef)]
    return [each for each in held if each.id in answer.ids][:1]


def _told(ref: ArtifactRef, kept: Sequence[Answered]) -> ArtifactRef:
    """Return an answer in text under the name that a file of it would bear: *translation.txt*."""
    if not ref.name.startswith("earlier answer") or ref.kind is not Kind.TEXT:
        return ref
    maker = next((e for e in kept if ref.id in e.ids), None)
    nouns = [noun for noun, tag in MADE.items() if maker is not None and maker.bears(tag)]
    return ref.model_copy(update={"name": f"{nouns[0] if nouns else 'answer'}.txt"})


def _results(text: str, made: Sequence[Answered], past: Past) -> Iterator[Answered]:
    """Yield the answers that a message names."""
    for mention in _NAMED.finditer(text):
        if _MAKES.search(text[: mention.start()]):
            continue
        pool = called(mention["noun"], made)
        if mention["of"]:
            about = _labels(resolve(mention["of"], (), _attached(past)).explicit)
            pool = [each for each in pool if each.files & about]
        codes = [LANGUAGES[each] for each in mention["which"].lower().split() if each in LANGUAGES]
        if codes:
            pool = [each for each in pool if guess_language(each.text) in codes]
        place = next((ORDINALS[e] for e in mention["which"].lower().split() if e in ORDINALS), -1)
        if pool and place < len(pool):
            yield pool[place]
    for mention in _TONGUE.finditer(text):
        code = LANGUAGES[(mention["language"] or mention["alone"]).lower()]
        spoken = [each for each in made if guess_language(each.text) == code]
        texts = [each for each in spoken if each.bears("translation")] or [
            each for each in spoken if each.bears(*_READS)
        ]
        if texts:
            yield texts[-1]
    pages = [each for each in made if each.bears("pdf")]
    if pages and _THAT_PAGE.search(text):
        yield pages[-1]
    if (back := _BACK.search(text)) and not _NAMED.search(text):
        code = LANGUAGES[back["language"].lower()]
        changed = [e for e in made if e.bears("translation") and guess_language(e.text) != code]
        if changed:
            yield changed[-1]


def _files(text: str, past: Past, made: Sequence[Answered], *, named: bool) -> list[Thing]:
    """Return the attachments that a message names where something else was made since."""
    if original := _ORIGINAL.search(text):
        about = _attached(past)
        noun = original["noun"] or original["self"] or ""
        told = [e for e in resolve(f"the {noun}", (), about).explicit if e.origin == "attachment"]
        if original["self"] and not told and not _WRITTEN.search(f"the {noun}"):
            return []
        if original["self"] and noun.lower() in MADE:
            return []
        return told or list(past.focus) or past.attachments[-1:]
    if not named and (tongue := _TONGUE.search(text)):
        code = LANGUAGES[(tongue["language"] or tongue["alone"]).lower()]
        texts = [each for each in past.attachments if each.text and each.kind is Kind.TEXT]
        written = [each for each in texts if guess_language(each.text) == code]
        if len(written) == 1:
            return written
    if named or not acts(text) or not made or _BACK.search(text):
        return []
    pages = [each for each in past.attachments if each.kind is Kind.DOCUMENT]
    if _PAGE.search(text) and len(pages) == 1:
        return pages
    told = [e for e in resolve(text, (), _attached(past)).explicit if e.origin == "attachment"]
    if not told and _OF_THEM.search(text):
        newest = past.attachments[-1].kind if past.attachments else None
        told = [each for each in past.attachments if each.kind is newest]
        told = told if len(told) > 1 else []
    said = [e for e in past.attachments if e.kind in {Kind.TEXT, Kind.AUDIO, Kind.VIDEO}]
    if not told and len(said) == 1 and _WRITTEN.search(text):
        told = said
    # What reads a table asks it anew each time, and says so in the words of the turns before.
    if not told or any(each.kind is Kind.TABLE for each in told):
        return []
    last = [each for each in made if each.turn == made[-1].turn]
    if all(_stands_for(each, told) for each in last):
        return []
    return told


def _stands_for(answer: Answered, files: Sequence[Thing]) -> bool:
    """Say whether an answer is what a file says, in text."""
    reads = answer.bears(*_READS) and not answer.is_timed
    return reads and bool(answer.files & _labels(files))


def _with_only(
    history: Sequence[Turn], kept: Sequence[Answered], files: Sequence[Thing]
) -> tuple[Turn, ...]:
    """Return the turns with these answers and files alone."""
    labels, seen = _labels(files), set[str]()
    turns: list[Turn] = []
    for turn in history:
        parts = [part for part in listed(turn.get("parts")) if any(part is e.part for e in kept)]
        held = turn.get("attachments")
        given: dict[str, JSON] = {}
        for name, value in held.items() if isinstance(held, Mapping) else ():
            label = ", ".join(names_of(value)) or name
            if label in labels and label not in seen:
                given[name] = value
                seen.add(label)
        if parts or given:
            turns.append({**turn, "parts": parts, "attachments": given})
    return tuple(turns)


def _amount(turns: Sequence[Turn]) -> tuple[int, int]:
    """Return how many answers and how many files a thread holds."""
    attached = [turn.get("attachments") for turn in turns]
    return (
        sum(len(listed(turn.get("parts"))) for turn in turns),
        sum(len(each) for each in attached if isinstance(each, Mapping)),
    )


def _attached(past: Past) -> Discourse:
    return Discourse(attachments=past.attachments, contents={}, focus=past.focus)


def _labels(things: Sequence[Thing]) -> frozenset[str]:
    return frozenset(each.label for each in things)


__all__ = ("Singled", "added_up", "plainly", "singled_out")
