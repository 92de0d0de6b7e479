"""Make one result of several experts' results for the same step, port by port, as its kind asks.

The fuser of a port is the one that the step names, else the one that fits: transcripts are voted on
word by word, readings of a picture letter by letter, boxes and numbers merged; of anything else the
result that most agree on is taken whole, or the text that is nearest to the others.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

from herd_graph.artifacts import Data, Text, load
from herd_graph.artifacts.sureness import by_letter, by_word
from herd_graph.cards import ExpertCard, Port
from herd_graph.coordination.fusers.boxes import Detection, box_of, fuse_boxes, with_box
from herd_graph.coordination.fusers.numbers import Quantity, fuse_numbers
from herd_graph.coordination.fusers.ocr import fuse_characters
from herd_graph.coordination.fusers.speech import Heard, fuse_heard
from herd_graph.coordination.fusers.texts import choose_text
from herd_graph.errors import HerdError
from herd_graph.state import Verdict
from herd_graph.store import ArtifactStore
from herd_graph.types import JSON, ArtifactRef, Kind

Value: TypeAlias = "ArtifactRef | list[ArtifactRef]"
Outputs: TypeAlias = Mapping[str, Value]
Fuser = Literal["vote", "transcripts", "characters", "nearest", "mean", "boxes"]
FUSERS: Mapping[str, str] = {
    "vote": "the result that most agree on, whole",
    "transcripts": "words, aligned and voted on (ROVER)",
    "characters": "letters of one line or a short page, aligned and voted on",
    "nearest": "the text that is nearest to the others (minimum Bayes risk)",
    "mean": "the mean of the numbers that agree",
    "boxes": "boxes that overlap, merged (weighted boxes fusion)",
}
"""What a step's ``fuse`` may name."""
MOST_LETTERS = 4000
"""Longer readings are not aligned letter by letter: it takes time with the square of the length."""
SHOWN = 80
"""Letters of a result that a doubt quotes."""
SHOWN_BYTES = 4096
_SPEECH = frozenset({"speech", "transcript", "transcription", "asr", "dictation", "transcribe"})
_OCR = frozenset({"ocr", "scan", "reading", "handwriting"})


@dataclass(frozen=True, kw_only=True)
class Fused:
    """What came of several results."""

    expert: str
    """The expert whose result stands, or stands nearest to what was made of them all."""
    outputs: dict[str, Any]
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class _Port:
    """What came of one port."""

    value: Value
    agreement: float
    nearest: int
    told: str


def fuse(
    candidates: Sequence[tuple[str, Outputs]],
    *,
    store: ArtifactStore,
    cards: Mapping[str, ExpertCard] | None = None,
    how: str | None = None,
    weights: Mapping[str, float] | None = None,
) -> Fused:
    """Make one result of several; a disagreement that remains is in the verdict.

    Args:
        candidates: Expert id and outputs, in the order of the router's preference; not empty.
        store: Where payloads are read from, and where a merged one is kept.
        cards: What the experts say of themselves, by id: which fuser fits is read from them.
        how: The fuser's name, one of ``FUSERS``; by default the one that fits.
        weights: How much an expert counts, by id: its measured quality.

    Returns:
        The outputs, and a verdict: ``pass`` where all agree, else ``doubt`` with the share of the
        weight that agrees as its score.
    """
    given = [(weights or {}).get(expert, 1.0) for expert, _ in candidates]
    agreed, share, places = _majority(candidates, given)
    others = [expert for place, (expert, _) in enumerate(candidates) if place in places]
    votes = len(candidates) - len(others)
    if not others:
        verdict = Verdict(check="agreement", level="pass", reason=f"{votes} of {votes} agree")
        return Fused(
            expert=candidates[agreed][0], outputs=dict(candidates[agreed][1]), verdict=verdict
        )
    known = cards or {}
    outputs: dict[str, Any] = dict(candidates[agreed][1])
    told: list[str] = []
    shares: list[float] = []
    nearest = agreed
    for name in list(outputs):
        made = _port(name, candidates, known, how, given, store)
        if made is None:
            continue
        outputs[name] = made.value
        shares.append(made.agreement)
        nearest = made.nearest
        told.append(f"{name}: {made.told}")
    rest = ", ".join(f"{candidates[at][0]}{_words(candidates[at][1], store)}" for at in places)
    if told:
        told.append(f"another result came from {rest}")
    if not told:
        reason = f"{votes} of {len(candidates)} agree; another result came from {rest}"
        score = share
    else:
        reason, score = "; ".join(told), min(shares)
    verdict = Verdict(
        check="agreement", level="doubt", score=score, reason=reason, evidence=list(others)
    )
    return Fused(expert=candidates[nearest][0], outputs=outputs, verdict=verdict)


def _majority(
    candidates: Sequence[tuple[str, Outputs]], weights: Sequence[float]
) -> tuple[int, float, list[int]]:
    """Return the place of the result that most weight agrees on, its share, and who says otherwise.

    Of results with equal weight the first one stands: candidates come in the order of preference.
    """
    signatures = [_signature(outputs) for _, outputs in candidates]
    votes: defaultdict[Any, float] = defaultdict(float)
    for signature, weight in zip(signatures, weights, strict=True):
        votes[signature] += weight
    best = max(range(len(candidates)), key=lambda index: (votes[signatures[index]], -index))
    others = [place for place, signature in enumerate(signatures) if signature != signatures[best]]
    whole = sum(weights)
    return best, votes[signatures[best]] / whole if whole else 1.0, others


def _words(outputs: Outputs, store: ArtifactStore) -> str:
    """Return a short result in words, for whoever has to decide between two."""
    refs = [ref for value in outputs.values() for ref in _listed(value)]
    if len(refs) != 1 or refs[0].kind not in {Kind.TEXT, Kind.DATA} or refs[0].size > SHOWN_BYTES:
        return ""
    text = " ".join(load(refs[0], store).bytes().decode("utf-8", "replace").split())
    return f" ({text[:SHOWN]}{'…' if len(text) > SHOWN else ''})"


def _signature(outputs: Outputs) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (name, tuple(ref.id for ref in _listed(value))) for name, value in sorted(outputs.items())
    )


def _listed(value: Value) -> list[ArtifactRef]:
    return [each for each in value if each] if isinstance(value, list) else [value]


def _port(
    name: str,
    candidates: Sequence[tuple[str, Outputs]],
    cards: Mapping[str, ExpertCard],
    how: str | None,
    weights: Sequence[float],
    store: ArtifactStore,
) -> _Port | None:
    """Fuse one port; None where the whole result of the majority is to stand."""
    held = [
        (place, outputs[name]) for place, (_, outputs) in enumerate(candidates) if name in outputs
    ]
    values = [value for _, value in held]
    shares = [weights[place] for place, _ in held]
    if len(values) < 2 or sum(shares) <= 0:
        return None
    card = cards.get(candidates[0][0])
    port = card.output(name) if card is not None else None
    fuser = how or _fitting(values[0], port, card)
    if fuser in {None, "vote"}:
        return None
    try:
        made = _FUSE[cast("Fuser", fuser)](values, shares, store)
    except (HerdError, ValueError, KeyError, TypeError):
        return None  # results of a shape that this fuser does not know: the majority stands
    if made is None:
        return None
    return _Port(
        value=made.value,
        agreement=made.agreement,
        nearest=held[made.nearest][0],
        told=made.told,
    )


def _fitting(value: Value, port: Port | None, card: ExpertCard | None) -> str | None:
    first = _listed(value)[0] if _listed(value) else None
    if first is None:
        return None
    named = "" if card is None else " ".join((card.name.replace("_", " "), *card.tags))
    words = set(named.lower().split())
    if first.kind is Kind.TEXT and not isinstance(value, list):
        if words & _SPEECH:
            return "transcripts"
        return "characters" if words & _OCR else "nearest"
    if first.kind is Kind.DATA:
        if port is not None and port.scalar in {"number", "integer"}:
            return "mean"
        return "boxes" if isinstance(value, list) else None
    return None


def _texts(values: Sequence[Value], store: ArtifactStore) -> list[str]:
    return [str(load(_listed(value)[0], store)) for value in values]


def _heard(values: Sequence[Value], texts: Sequence[str]) -> list[Heard]:
    """Return transcripts with how sure their experts were; who does not say is as sure as the rest."""
    told = [by_word(text, _ref(value).sure) for text, value in zip(texts, values, strict=True)]
    known = [sure for words in told for _, sure in words]
    mean = sum(known) / len(known) if known else 1.0
    return [
        Heard(text=text, words=words or tuple((each, mean) for each in text.split() if known))
        for text, words in zip(texts, told, strict=True)
    ]


def _letters(values: Sequence[Value], texts: Sequence[str]) -> list[list[float]] | None:
    """Return how sure the experts were of each letter; None where none of them says."""
    told = [by_letter(text, _ref(value).sure) for text, value in zip(texts, values, strict=True)]
    known = [sure for letters in told for sure in letters or ()]
    if not known:
        return None
    mean = sum(known) / len(known)
    return [own or [mean] * len(text) for own, text in zip(told, texts, strict=True)]


def _ref(value: Value) -> ArtifactRef:
    return _listed(value)[0]


def _transcripts(
    values: Sequence[Value], weights: Sequence[float], store: ArtifactStore
) -> _Port | None:
    texts = _texts(values, store)
    fused = fuse_heard(_heard(values, texts), weights)
    heard = ", ".join(f"{one or '-'}/{two or '-'}" for one, two in fused.disputed[:5])
    told = f"{len(fused.disputed)} words are disputed ({heard})" if heard else "all words agree"
    return _made(Text(fused.text), values, texts, fused.text, fused.agreement, told, store)


def _characters(
    values: Sequence[Value], weights: Sequence[float], store: ArtifactStore
) -> _Port | None:
    texts = _texts(values, store)
    if max(map(len, texts)) > MOST_LETTERS:
        return _nearest(values, weights, store)
    text, agreement = fuse_characters(texts, weights, sure=_letters(values, texts))
    told = f"{agreement:.0%} of the letters agree"
    return _made(Text(text), values, texts, text, agreement, told, store)


def _nearest(
    values: Sequence[Value], weights: Sequence[float], store: ArtifactStore
) -> _Port | None:
    texts = _texts(values, store)
    chosen = choose_text(texts, weights)
    told = f"the text nearest to the others was taken (likeness {chosen.score:.2f})"
    return _Port(
        value=values[chosen.index], agreement=chosen.score, nearest=chosen.index, told=told
    )


def _mean(values: Sequence[Value], weights: Sequence[float], store: ArtifactStore) -> _Port | None:
    numbers = [_number(value, store) for value in values]
    found = fuse_numbers([Quantity(value=each) for each in numbers], weights)
    apart = min(range(len(numbers)), key=lambda place: abs(numbers[place] - found.value))
    shown = ", ".join(f"{each.value:g}" for each in found.outliers)
    told = f"{found.value:g} by {found.share:.0%} of the weight" + (
        f"; not {shown}" if shown else ""
    )
    merged = Data(found.value).put(store, _listed(values[apart])[0].provenance)
    return _Port(value=merged, agreement=found.share, nearest=apart, told=told)


def _boxes(values: Sequence[Value], weights: Sequence[float], store: ArtifactStore) -> _Port | None:
    held: list[list[Any]] = [
        [cast("Any", load(ref, store)).value for ref in _listed(value)] for value in values
    ]
    found = [[_detection(each) for each in several] for several in held]
    fused = fuse_boxes(found, weights)
    first = next((refs for value in values if (refs := _listed(value))), None)
    form: Any = next((each for several in held for each in several), None)
    if first is None or form is None:
        return None
    provenance = first[0].provenance
    refs = [
        Data({**with_box(form, each.box), "label": each.label, "score": round(each.score, 4)}).put(
            store, provenance
        )
        for each in fused
    ]
    agreement = min(len(each) for each in found) / max(1, *(len(each) for each in found))
    told = f"{len(fused)} boxes of {', '.join(str(len(each)) for each in found)}"
    return _Port(value=refs, agreement=agreement, nearest=0, told=told)


def _made(
    artifact: Text,
    values: Sequence[Value],
    texts: Sequence[str],
    text: str,
    agreement: float,
    told: str,
    store: ArtifactStore,
) -> _Port:
    if text in texts:
        place = texts.index(text)
        return _Port(value=values[place], agreement=agreement, nearest=place, told=told)
    place = max(range(len(texts)), key=lambda each: _likeness(text, texts[each]))
    ref = artifact.put(store, _listed(values[place])[0].provenance)
    return _Port(value=ref, agreement=agreement, nearest=place, told=told)


def _likeness(one: str, two: str) -> float:
    from herd_graph.coordination.fusers.texts import likeness

    return likeness(one, two)


def _number(value: Value, store: ArtifactStore) -> float:
    held: JSON = json.loads(load(_listed(value)[0], store).bytes())
    if isinstance(held, bool) or not isinstance(held, int | float):
        raise TypeError(f"{held!r} is no number")
    return float(held)


def _detection(value: Any) -> Detection:
    box = box_of(value)
    if box is None:
        raise ValueError(f"{value!r} has no box")
    return Detection(label=str(value["label"]), box=box, score=float(value["score"]))


_FUSE: dict[Fuser, Callable[[Sequence[Value], Sequence[float], ArtifactStore], _Port | None]] = {
    "transcripts": _transcripts,
    "characters": _characters,
    "nearest": _nearest,
    "mean": _mean,
    "boxes": _boxes,
}

__all__ = ("FUSERS", "Fused", "Fuser", "fuse")
