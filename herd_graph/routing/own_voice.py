"""Leave out of a thread the sound that was made by speaking a text, unless a request asks for it.

After *read it aloud* the last thing that a thread made is sound, and *who is mentioned in it?* would
have an expert listen to a voice that the herd itself made. The text that was spoken is what is meant:
it is there still, as a file or as an earlier answer, and becomes the newest thing again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from herd_graph.cards import ExpertCard
from herd_graph.discovery.words import words
from herd_graph.registry import Snapshot
from herd_graph.routing.lexicon import MAKES_IT_HEARD, MATERIAL, SAYS_FIRST
from herd_graph.tasks import Task
from herd_graph.types import JSON, Kind

_SOUND = frozenset({Kind.AUDIO, Kind.VIDEO})
_NAMED = frozenset(
    {each for each, kind in MATERIAL.items() if kind is Kind.AUDIO}
    | {"speech", "voice", "sound", "spoken", "hear", "heard", "listen", "listening"}
)
_HEARD = re.compile(r"\b(?:re-?)?transcri(?:be|bes|bed|bing|pt|pts|ption)\b", re.IGNORECASE)
_OWN = re.compile(
    r"\byou(?:['\u2019]ve| have)?(?: just)? (?:made|spoke|said|read|recorded|created|generated|produced|gave)\b"
    r"|\b(?:your|own|generated|synthetic|synthesi[sz]ed|spoken)\b",
    re.IGNORECASE,
)
"""Words that tell sound that was made here from sound that was attached."""


def unheard(
    task: Task, history: Sequence[Mapping[str, JSON]], experts: Snapshot
) -> tuple[Mapping[str, JSON], ...]:
    """Return the turns of a thread without the sound that an expert made of a text.

    All of it stays where the request names it (*transcribe the speech you made*), and where an
    expert is there that makes other sound of sound (*make it slower*).

    Args:
        task: What is asked.
        history: The turns, oldest first.
        experts: Who is there.
    """
    told = tuple(history)
    speakers, names = _made(told, experts)
    altered = any(_alters(card) for card in experts.latest)
    if not names or altered or _means(task, told, names):
        return told
    return tuple(_without(turn, speakers) for turn in told)


def asks_for_it(task: Task, history: Sequence[Mapping[str, JSON]], experts: Snapshot) -> bool:
    """Say whether a request means, in words, sound that an expert made of a text."""
    _, names = _made(history, experts)
    return bool(names) and _means(task, history, names)


def _made(
    history: Sequence[Mapping[str, JSON]], experts: Snapshot
) -> tuple[set[str], Sequence[str]]:
    """Return who makes sound of a text, and the names of what they made."""
    speakers = {card.name for card in experts.latest if _speaks(card)}
    return speakers, [n for turn in history for e in _parts(turn) for n in _sounds(e, speakers)]


def _speaks(card: ExpertCard) -> bool:
    takes = {kind for port in card.inputs for kind in port.kinds}
    return card.outputs[0].kind is Kind.AUDIO and Kind.TEXT in takes and not takes & _SOUND


def _alters(card: ExpertCard) -> bool:
    takes = {kind for port in card.inputs for kind in port.kinds}
    return Kind.AUDIO in takes and any(port.kind in _SOUND for port in card.outputs)


def _means(task: Task, history: Sequence[Mapping[str, JSON]], names: Sequence[str]) -> bool:
    """Say whether a request means sound that was made here: by its name, or where there is no other."""
    text = task.text.lower()
    if any(name.lower() in text for name in names if name):
        return True
    left = SAYS_FIRST.sub(" ", MAKES_IT_HEARD.sub(" ", task.text))
    if not _NAMED & set(words(left)) and not _HEARD.search(left):
        return False
    given = [turn.get("attachments") for turn in history]
    kinds = {str(each.get("kind")) for value in given for each in _objects(value)}
    attached = [each if isinstance(each, list) else [each] for each in task.attachments.values()]
    kinds |= {ref.kind.value for refs in attached for ref in refs}
    other = bool(kinds & {kind.value for kind in _SOUND})
    return not other or bool(_OWN.search(task.text))


def _without(turn: Mapping[str, JSON], speakers: set[str]) -> Mapping[str, JSON]:
    parts = turn.get("parts")
    if not isinstance(parts, list) or not any(_sounds(e, speakers) for e in _parts(turn)):
        return turn
    kept: list[JSON] = [
        {**each, "artifacts": []} if isinstance(each, dict) and _sounds(each, speakers) else each
        for each in parts
    ]
    return {**turn, "parts": kept}


def _sounds(part: Mapping[str, JSON], speakers: set[str]) -> list[str]:
    """Return the names of the sound that a part made of a text."""
    if str(part.get("expert") or "").partition("@")[0] not in speakers:
        return []
    refs = _objects(part.get("artifacts"))
    return [str(each.get("name") or "") for each in refs if each.get("kind") == Kind.AUDIO.value]


def _parts(turn: Mapping[str, JSON]) -> list[Mapping[str, JSON]]:
    listed = turn.get("parts")
    return [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []


def _objects(value: JSON) -> list[Mapping[str, JSON]]:
    """Return the objects in what a turn kept: one, several, or several by name."""
    if isinstance(value, dict):
        inner = [each for held in value.values() for each in _objects(held)]
        return [value, *inner] if "kind" in value else inner
    listed = value if isinstance(value, list) else []
    return [found for each in listed for found in _objects(each)]


__all__ = ("asks_for_it", "unheard")
