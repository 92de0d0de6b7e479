"""Go on with a thread: what earlier turns attached and made, and follow-ups that lean on them.

Two kinds of follow-up. One refers to something earlier (*now translate it*, *what does the second
photo say?*): earlier things are then spoken of like attachments and results of this turn. The other
is an ellipsis (*and the second photo?*, *the same for this file*, *no, the other one*): it says
only what to do the last request with, so that request is planned again with that alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import ValidationError

from herd_graph.discovery.words import STOP_WORDS, stem, words
from herd_graph.plans import FromInput
from herd_graph.routing.lexicon import (
    AUXILIARIES,
    FILE_WORDS,
    MAKES_IT_HEARD,
    MATERIAL,
    ORDINALS,
    QUESTION_WORDS,
    SUGGESTS,
    VERBS,
)
from herd_graph.routing.references import Discourse, Thing, attachment_names, resolve
from herd_graph.routing.tongues import languages
from herd_graph.tasks import input_port
from herd_graph.types import JSON, ArtifactRef, Kind

_LEAD = re.compile(
    r"^(?:(?:no|nope|not (?:this|that|it)(?: one)?|sorry|wrong(?: (?:one|file|picture|photo))?|actually|ok|okay|and|or|now|then"
    r"|but|also|please|well|hmm?|oh|i meant?|i mean|(?:what|how) about|try|make it|take|use|great|good|thanks?"
    r"|(?:do |and )?(?:exactly )?the (?:very )?same(?: thing)?(?: again)?|same(?: thing)?(?: again)?|once (?:more|again)|again|likewise"
    r"|repeat (?:it|that|this)|do (?:it|that|this)(?: again| too| as well)?(?=[\s,.!?]*$| (?:for|with|to|on)\b)"
    r"|for|with|to|on|of|in|from|too|as well)\b[\s,.:;!–—-]*)+",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"\b(?:same|again|once more|repeat|likewise|do (?:it|that|this) (?:for|with|to|on|too))\b",
    re.IGNORECASE,
)
_THIS = re.compile(
    r"^(?:(?:this|these|that|those|the (?:new|next|attached|following)|all|both|each)(?: of)?(?: (?:these|this|the|them))?"
    r"(?: (?:one|ones|\w+))?|it|them)?(?: (?:too|as well|please|now|instead))?[\s?.!]*$",
    re.IGNORECASE,
)
_EARLIER = re.compile(
    r"\b(?:again|earlier|previous(?:ly)?|before|above|last time|just now|you (?:said|made|wrote|gave|told))\b",
    re.IGNORECASE,
)
_THIS_FILE = re.compile(
    rf"\b(?:this|these|the (?:new|attached))(?: (?:new|attached))?(?: (?:ones?|{'|'.join(sorted(MATERIAL.keys() | FILE_WORDS))}))?\b",
    re.IGNORECASE,
)
"""What has just been attached: *this one*, *these new photos*."""
_BESIDE = re.compile(
    r"\b(?:both|all|each|every|compar\w+|differ\w*|than|versus|vs|same|like|other|together|merge|combine|first|last)\b",
    re.IGNORECASE,
)
"""Words that set something else beside it."""
_ASKS_OF_IT = re.compile(
    rf"[,:;–—-]\s*(?:and )?(?:{'|'.join(sorted(map(re.escape, QUESTION_WORDS)))})\b", re.IGNORECASE
)
"""*This recording, what is said in it?*"""
_MOST_TEXT = 2000
_MOST_TONGUE = 5


@dataclass(frozen=True, kw_only=True)
class Redone:
    """The last request, to be planned again."""

    text: str
    attachments: tuple[Thing, ...]
    """What alone it is about now."""


@dataclass(kw_only=True)
class Past:
    """What earlier turns of a thread left behind, oldest first."""

    attachments: list[Thing] = field(default_factory=list[Thing])
    results: list[list[Thing]] = field(default_factory=list[list[Thing]])
    focus: list[Thing] = field(default_factory=list[Thing])
    """The attachments that the last answer came from."""
    requests: list[str] = field(default_factory=list[str])
    artifacts: dict[str, ArtifactRef | list[ArtifactRef]] = field(
        default_factory=dict[str, ArtifactRef | list[ArtifactRef]]
    )
    """By the names that a plan can bind: ``h1``, ``h2`` …"""

    def __bool__(self) -> bool:
        return bool(self.requests)

    def refers(self, text: str, *, bare: bool = True) -> bool:
        """Say whether a request leans on what was before: on a thread, not every one does.

        Args:
            text: The request.
            bare: An order that names nothing to work on (*translate*) does so, too.
        """
        about = Discourse(attachments=self.attachments, contents={}, results=list(self.results))
        found = resolve(text, (), about)
        held = {each.kind for each in (*self.attachments, *(t for g in self.results for t in g))}
        spoken = words(text)
        pointed = any(
            SUGGESTS.get(word) in held and {"the", "that", "this", "my"} & set(spoken[:place])
            for place, word in enumerate(spoken)
        )
        return bool(
            found.explicit
            or found.results
            or found.pronoun
            or (bare and found.bare)
            or pointed
            or _EARLIER.search(text)
        )

    def is_named(self, text: str) -> bool:
        """Say whether a request names what an earlier turn made: *the transcript*."""
        about = Discourse(attachments=[], contents={}, results=list(self.results))
        return bool(resolve(text, (), about).results)

    def ellipsis(self, text: str, fresh: Sequence[Thing]) -> Redone | None:
        """Return the last request with what this one names in its place, if it says no more.

        Args:
            text: The request.
            fresh: What is attached to it.
        """
        request = self._request()
        if not request:
            return None
        rest = _LEAD.sub("", text.strip()).strip(" ,.;:?!")
        same = bool(_SAME.search(text))
        mentions = languages(rest)
        spoken = words(rest)
        if same and mentions and not acts(rest):
            return self._in_another_language(request, rest)
        if mentions or acts(rest) or (not same and MAKES_IT_HEARD.search(rest)):
            return None
        if not rest or _THIS.match(rest):
            if fresh:
                return Redone(text=request, attachments=tuple(fresh))
            return self._again(request) if same and (not rest or "that" in spoken) else None
        pool = list(fresh) or self.attachments
        about = Discourse(attachments=pool, contents={}, focus=[] if fresh else self.focus)
        found = [each for each in resolve(rest, (), about).explicit if each.origin == "attachment"]
        leans = same or rest != text.strip(" ,.;:?!") or _only_names(rest, found)
        if not found or not leans or len(spoken) > 8:
            return None
        return Redone(text=request, attachments=tuple(found))

    def _request(self) -> str:
        """Return the last request that says what to do."""
        for each in reversed(self.requests):
            if acts(each):
                return each
            told = languages(each)
            if len(told) == 1 and len(words(each)) <= _MOST_TONGUE:
                return f"translate it into {told[0].name}"  # "in Portuguese please" was one, too
        return ""

    def _again(self, request: str) -> Redone:
        return Redone(text=request, attachments=tuple(self.focus or self.attachments))

    def _in_another_language(self, request: str, rest: str) -> Redone:
        wanted = languages(rest)[-1]
        there = [each for each in languages(request) if each.target]
        text = f"{request.rstrip(' .?!')}, in {wanted.name}"
        if there:
            start, end = there[-1].span
            text = f"{request[:start]}into {wanted.name}{request[end:]}"
        return Redone(text=text, attachments=tuple(self.focus or self.attachments))


def is_about_this_alone(text: str, past: Past) -> bool:
    """Say whether a request that comes with a file points at that, and at nothing earlier."""
    left, pointed = _THIS_FILE.subn(" ", text)
    return pointed > 0 and not _BESIDE.search(left) and not past.refers(left, bare=False)


def acts(text: str) -> bool:
    """Say whether a text says what to do: a fragment about a file does not."""
    said = _LEAD.sub("", text.strip())
    spoken = words(said)
    if _ASKS_OF_IT.search(said):
        return True
    held = {*FILE_WORDS, *MATERIAL, *SUGGESTS, *ORDINALS}
    if spoken and (spoken[0] in QUESTION_WORDS | AUXILIARIES or spoken[0] in VERBS):
        return not (len(spoken) == 1 and spoken[0] in held)
    acting = [each for each in spoken if each in VERBS and each not in held]
    known = all(each in held or each in STOP_WORDS or each in {"one", "ones"} for each in spoken)
    return bool(acting) or (len(spoken) > 8 and not known)


def _only_names(rest: str, found: Sequence[Thing]) -> bool:
    """Say whether a text is nothing but the name or the place of a file."""
    names = {name for each in found for name in each.names}
    held = {*FILE_WORDS, *MATERIAL, *SUGGESTS, *ORDINALS, "one", "ones", "other", *STOP_WORDS}
    return bool(found) and all(
        each in held or stem(each) in names or any(each in t.label.lower() for t in found)
        for each in words(rest)
    )


def remember(history: Sequence[Mapping[str, JSON]]) -> Past:
    """Return what the turns of a thread left behind; what cannot be read is left out."""
    past = Past()
    seen: dict[str, Thing] = {}
    for turn in history:
        request = turn.get("task")
        past.requests.append(request if isinstance(request, str) else "")
        attached = turn.get("attachments")
        here: list[Thing] = []
        if isinstance(attached, Mapping):
            for value in attached.values():
                thing = _file(past, value, seen)
                if thing is not None:
                    here.append(thing)
        parts = turn.get("parts")
        listed = (
            [each for each in parts if isinstance(each, Mapping)] if isinstance(parts, list) else []
        )
        made = [thing for each in listed for thing in _made(past, each)]
        if made:
            past.results.append(made)
        used = {name for each in listed for name in _files_of(each)}
        focus = [each for each in past.attachments if each.label in used]
        past.focus = focus or here or past.focus
    return past


def _file(past: Past, value: JSON, seen: dict[str, Thing]) -> Thing | None:
    refs = _references(value)
    if not refs:
        return None
    key = " ".join(each.id for each in refs)
    if key in seen:
        return seen[key]
    given: ArtifactRef | list[ArtifactRef] = refs if isinstance(value, list) else refs[0]
    name = _keep(past, given)
    port = input_port(name, given)
    if len(refs) == 1:
        port = port.model_copy(update={"mime": (refs[0].mime,)})
    thing = Thing(
        binding=FromInput(input=name),
        port=port,
        origin="attachment",
        label=", ".join(each.name for each in refs if each.name) or name,
        names=frozenset(stem for each in refs for stem in attachment_names(each.name)),
        roots=(name,),
        text=(refs[0].inline or "")[:_MOST_TEXT] if len(refs) == 1 else "",
    )
    seen[key] = thing
    past.attachments.append(thing)
    return thing


def _made(past: Past, part: Mapping[str, JSON]) -> list[Thing]:
    if part.get("status") != "done":
        return []
    ask, expert, text = (str(part.get(key) or "") for key in ("ask", "expert", "text"))
    named = f"{expert.partition('@')[0].replace('_', ' ')} {ask}"
    names = frozenset(stem(each) for each in words(named) if each not in STOP_WORDS)
    found: list[Thing] = []
    refs = _references(part.get("artifacts"))
    given: list[ArtifactRef | list[ArtifactRef]] = [*refs]
    if len(refs) > 1 and len({each.kind for each in refs}) == 1:
        given = [refs]
    for each in given:
        name = _keep(past, _named(each, f"earlier answer: {ask}" if ask else "earlier answer"))
        single = each if isinstance(each, ArtifactRef) else None
        readable = single is not None and single.kind is Kind.TEXT
        found.append(
            Thing(
                binding=FromInput(input=name),
                port=input_port(name, each),
                origin="result",
                label=f"the earlier answer to {ask!r}" if ask else "an earlier answer",
                names=names,
                roots=(name,),
                text=text[:_MOST_TEXT] if readable else "",
            )
        )
    return found


def _named(given: ArtifactRef | list[ArtifactRef], name: str) -> ArtifactRef | list[ArtifactRef]:
    """Give a name to what has none: provenance is read by people."""
    if isinstance(given, list) or given.name:
        return given
    return given.model_copy(update={"name": name if len(name) <= 60 else f"{name[:59]}…"})


def _keep(past: Past, given: ArtifactRef | list[ArtifactRef]) -> str:
    name = f"h{len(past.artifacts) + 1}"
    past.artifacts[name] = given
    return name


def _references(value: JSON) -> list[ArtifactRef]:
    listed = value if isinstance(value, list) else [value]
    try:
        return [ArtifactRef.model_validate(each) for each in listed if each is not None]
    except ValidationError:
        return []


def _files_of(part: Mapping[str, JSON]) -> list[str]:
    sources = part.get("sources")
    found: list[str] = []
    for source in cast("list[Any]", sources if isinstance(sources, list) else []):
        inputs = (
            cast("Mapping[str, Any]", source).get("inputs") if isinstance(source, Mapping) else ()
        )
        found += [str(each) for each in inputs or ()]
    return found
