"""Look back on a thread: *what did you say the total was?*, *which file was that from?*, *undo*.

What was answered before is answered again by asking for it again, in the words and with the files of
its turn: experts answer the same, and the answer says what it was made of. Where an answer came from
needs nobody's work: the thread says it. So it does of what cannot be taken back, because nothing was
changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from herd_graph.discovery.words import STOP_WORDS, stem, words
from herd_graph.routing.lexicon import ORDINALS
from herd_graph.routing.thread_answers import MADE, Answered, called

_LEAD = r"^\W*(?:(?:and|so|but|now|then|ok|okay|thanks?(?: you)?(?: a lot| so much| very much)?|great|perfect|nice|cool|hi|hello|sorry|wait|hmm?|please|(?:can|could|would) you|again|once more|remind me)\b[\s,.!]*)*"
_TAIL = r"(?:\s+(?:again|please|once more|before|earlier|just now|now|for me|that you (?:made|gave|wrote|said)|you (?:made|gave|wrote|said)))*\W*$"
_ADJECTIVES = r"(?:(?:whole|full|entire|first|last|latest|earlier|previous|short|long|old) )*"
_NOUN = "|".join(MADE)
_SHOWS = re.compile(
    rf"{_LEAD}(?:(?:show|give|tell|send|bring|read|remind)(?: me| us)?(?: of| back)?|repeat|let me (?:see|have)|(?:go )?back to|what (?:was|were|did you (?:say|call|write) (?:for|as)?))"
    rf" (?:the|that|your) {_ADJECTIVES}(?P<noun>{_NOUN})(?P<again>{_TAIL})",
    re.IGNORECASE,
)
"""*Show me the translation again*; without *again*, to show is to show what is there."""
_SAID = re.compile(
    rf"{_LEAD}what (?:did|does) (?:the|that|your) {_ADJECTIVES}(?P<noun>{_NOUN}) say(?P<again>{_TAIL})",
    re.IGNORECASE,
)
_TOLD = re.compile(
    rf"{_LEAD}(?:what|how much|how many|who|when|where|which(?: \w+)?) did you (?:say|tell me|think|find|make)(?: (?:that|about))?"
    rf"(?: (?:the|that|his|her|its|their|my))? (?P<noun>[\w' -]{{2,40}}?)(?: (?:was|were|is|are|came to|comes to))?(?P<again>{_TAIL})",
    re.IGNORECASE,
)
"""*What did you say the total was?*"""
_WAS = re.compile(
    rf"{_LEAD}(?:what|how much|who|when|where) (?:was|were) (?:the|that|his|her|its|their) (?P<noun>[\w' -]{{2,40}}?) again(?P<again>{_TAIL})",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    rf"{_LEAD}(?:(?:show|give|tell|repeat|what (?:was|were))(?: me)?) (?:the|your) (?P<which>first|second|third|last|previous|other|very first) (?:answer|reply|result|thing you said)(?P<again>{_TAIL})",
    re.IGNORECASE,
)
_ANSWER_TO = re.compile(
    rf"{_LEAD}what (?:was|is|did you say|were)(?: the| your)?(?: (?:answer|reply|result))?(?: (?:to|for))? (?:the|my) (?P<which>first|second|third|fourth|last|previous)(?: (?:one|question|request|message))?{_TAIL}",
    re.IGNORECASE,
)
"""*What was the answer to the second?*"""
_WHENCE = re.compile(
    rf"{_LEAD}(?:(?:which|what) (?:file|one|document|letter|attachment|picture|photo|page|source|text|mail|recording|of (?:them|the \w+)) (?:was|is|did|does|were) (?:that|this|it|they|those|you)"
    r"(?: (?:get|take|find|come|came|taken|have))?(?: (?:it|that|this))? ?(?:from|in|on|out of)?|where (?:did|does|do|is|was) (?:you|that|this|it) (?:get|take|find|come|have|from)(?: (?:it|that|this))?(?: from)?"
    r"|how (?:did|do) you (?:get|know|find|work|make)(?: (?:it|that|this)| out)*|how come you say (?:so|that)|what is (?:that|this|it) based on)\W*$",
    re.IGNORECASE,
)
_PAGE = re.compile(r"\bpages?\b", re.IGNORECASE)
_UNDOES = re.compile(
    rf"{_LEAD}(?:undo|revert|take (?:it|that|this) back|go back(?: one)?(?: step)?|cancel|scrap|delete|remove|forget)(?: (?:it|that|this|the last (?:one|step|answer|change|thing)|that last (?:one|step)))?(?: please)?\W*$",
    re.IGNORECASE,
)
_ASKED = re.compile(
    rf"{_LEAD}what (?:(?:was|were|is) my (?:first |last |previous |earlier )?(?:questions?|requests?|messages?)|(?:did|have) i (?:ask|asked|say|said|want))(?: (?:you|for|to know|first|before|earlier|at first|last|again|so far))*\W*$",
    re.IGNORECASE,
)
_TOTALS = frozenset(map(stem, ("total", "sum", "bill", "altogether")))
_SAYS_TOTAL = re.compile(
    r"\b(?:totals?|sum|add(?:s|ed)?\b.{0,30}\bup|altogether|in all|bill|come to|comes to|how much (?:is|was|did|do) (?:it|this|that|we|i|they)\b)",
    re.IGNORECASE,
)


def turn_meant(text: str, made: Sequence[Answered], requests: Sequence[str]) -> int | None:
    """Return the turn whose answer a message wants to have again; None where it wants no such thing.

    Args:
        text: What is said.
        made: What the thread answered, oldest first.
        requests: What was asked in its turns.
    """
    if not made:
        return None
    if found := _ANSWER.match(text):
        return _at(found["which"], list(dict.fromkeys(each.turn for each in made)))
    if found := _ANSWER_TO.match(text):
        return _at(found["which"], list(range(len(requests))))
    if found := _SHOWS.match(text) or _SAID.match(text):
        named = called(found["noun"], made)
        return named[-1].turn if named else None
    if found := _TOLD.match(text) or _WAS.match(text):
        return _asked_for(found["noun"], made, requests)
    return None


def _at(which: str, turns: Sequence[int]) -> int | None:
    """Return the turn at a place that is said in words."""
    said = which.lower().removeprefix("very ")
    place = {"previous": -1, "other": -2}.get(said, ORDINALS.get(said, -1))
    return turns[place] if -len(turns) <= place < len(turns) else None


def _asked_for(noun: str, made: Sequence[Answered], requests: Sequence[str]) -> int | None:
    """Return the last turn that was asked for something of this name."""
    named = called(noun, made)
    if named:
        return named[-1].turn
    meant = {stem(each) for each in words(noun) if each not in STOP_WORDS}
    for each in reversed(made):
        if meant and is_about(requests[each.turn], meant):
            return each.turn
    return None


def is_about(request: str, meant: frozenset[str] | set[str]) -> bool:
    """Say whether a request asked for what these stems of words say: *how much did it come to* for a total."""
    if meant <= {stem(each) for each in words(request)}:
        return True
    return bool(meant & _TOTALS) and bool(_SAYS_TOTAL.search(request))


def told_of(text: str, made: Sequence[Answered], requests: Sequence[str]) -> str:
    """Return what the thread itself says to a message; empty where the message asks it nothing.

    Args:
        text: What is said.
        made: What the thread answered, oldest first.
        requests: What was asked in its turns.
    """
    if _UNDOES.match(text):
        return (
            "There is nothing to take back: every answer is made anew, and no file of yours was changed. "
            "Say what to go on with instead, as in “translate the first letter” or “no, the other one”."
        )
    if _ASKED.match(text) and requests:
        listed = "; ".join(f"“{each.strip()}”" for each in requests[-12:] if each.strip())
        return f"You asked: {listed}."
    if made and _WHENCE.match(text):
        pages = " Which page it stands on is not kept." if _PAGE.search(text) else ""
        return f"{_origin(made)}{pages}"
    return ""


def _origin(made: Sequence[Answered]) -> str:
    """Return what the last answer was made of, and by whom."""
    last = [each for each in made if each.turn == made[-1].turn]
    lines: list[str] = []
    for each in last:
        files = sorted(_files(each, made, set()))
        chain = _experts(each)
        of = f"from {' and '.join(files)}" if files else "from the words of the message alone"
        lines.append(f"“{str(each.part.get('ask') or '').strip()}” was answered {of}{chain}.")
    return "\n".join(lines)


def _files(answer: Answered, made: Sequence[Answered], seen: set[int]) -> set[str]:
    """Return the files that an answer comes from, through the earlier answers that it was made of."""
    found: set[str] = set()
    seen.add(id(answer))
    earlier = {f"earlier answer: {e.part.get('ask')}"[:59]: e for e in made if e.turn < answer.turn}
    for name in answer.files:
        before = earlier.get(name[:59])
        if before is None:
            found.add(name)
        elif id(before) not in seen:
            found |= _files(before, made, seen)
    return found


def _experts(answer: Answered) -> str:
    sources = answer.part.get("sources")
    listed = sources if isinstance(sources, list) else []
    # The last step stands first.
    names = [str(e.get("expert") or "") for e in reversed(listed) if isinstance(e, Mapping)]
    names = list(dict.fromkeys(n.partition("@")[0] for n in names if n))
    return f", by {', then '.join(names)}" if names else ""


__all__ = ("is_about", "told_of", "turn_meant")
