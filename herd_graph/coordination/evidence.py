"""What stands behind a part of an answer, weighed: how sure it is, what it lacks, who contradicts it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from pydantic import BaseModel, ConfigDict

from herd_graph.artifacts import Data, Table, Text, load
from herd_graph.cards import ExpertCard
from herd_graph.coordination.checks.grounding import claims
from herd_graph.coordination.confidence import Calibration, raw_confidence
from herd_graph.coordination.fusers.across import Fact, facts, relate
from herd_graph.coordination.reckoned import unreckoned
from herd_graph.errors import HerdError
from herd_graph.plans import FromInput, Plan
from herd_graph.state import StepRecord
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef, Kind

_MOST_WORDS = 4_000
"""Letters of one source that facts are read out of."""
_MOST_SOURCES = 12
Attachments = Mapping[str, "ArtifactRef | list[ArtifactRef]"]


class Conflict(BaseModel):
    """Two sources that say different things about the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    left: str
    """The source: a file, and the expert that read it."""
    left_says: str
    right: str
    right_says: str

    def __str__(self) -> str:
        return (
            f"{self.about}: {self.left} says “{self.left_says}”, {self.right} says "
            f"“{self.right_says}”"
        )


class Cited(Protocol):
    """What is known of a part before it is weighed."""

    @property
    def status(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def artifacts(self) -> tuple[ArtifactRef, ...]: ...
    @property
    def expert(self) -> str: ...
    @property
    def steps(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What tells how sure the parts of an answer are.

    Args:
        request: The task in the person's words.
        router: How sure the router was of its plan, from 0 to 1.
        items: The records of a run, those of single ``foreach`` items too.
        cards: The experts' cards, by ``name@version``.
        calibration: From raw confidence to the share that is right.
    """

    request: str = ""
    router: float | None = None
    items: Mapping[str, StepRecord] = field(default_factory=dict[str, StepRecord])
    cards: Mapping[str, ExpertCard] = field(default_factory=dict[str, ExpertCard])
    calibration: Calibration = field(default_factory=Calibration)

    def of(
        self, part: Cited, records: Mapping[str, StepRecord], store: ArtifactStore
    ) -> dict[str, Any]:
        """Return the fields of a part that say how it stands."""
        if part.status != "done":
            return {}
        chain = [each for step in part.steps for each in self._records(step, records)]
        done = [each for each in chain if each.status == "done"]
        raw = raw_confidence(done, router=self.router, own=_own_scores(part, store))
        unfound = self._unfound(part, records, store)
        if unfound:
            raw *= 0.7
        return {
            "confidence": round(self.calibration(raw), 4),
            "doubts": tuple(_doubts(done)),
            "unfound": unfound,
            "left_out": len(chain) - len(done),
            "usd": sum(each.usd for each in chain if each.items is None),
            "seconds": sum(each.seconds for each in chain if each.items is None),
        }

    def _records(self, step: str, records: Mapping[str, StepRecord]) -> list[StepRecord]:
        found = [records[step]] if step in records else []
        if found and found[0].items is not None:
            found += [each for name, each in self.items.items() if name.startswith(f"{step}[")]
        return found

    def _unfound(
        self, part: Cited, records: Mapping[str, StepRecord], store: ArtifactStore
    ) -> tuple[str, ...]:
        """Return what a language model's words say and nothing that it was given does."""
        card = self.cards.get(part.expert)
        if card is None or not re.search(r"language model|\bllm\b|\bchat\b", " ".join(card.tags)):
            return ()
        sources = [
            text
            for step in part.steps[1:]
            for ref in _outputs(records.get(step))
            if (text := _words(ref, store))
        ]
        if not sources:
            return ()  # it was asked what it knows itself
        told = unreckoned(_unglossed(part.text, sources))
        found = claims(told, sources, request=self.request)
        return tuple(each.said for each in found if not each.found)

    def conflicts(
        self,
        plan: Plan,
        records: Mapping[str, StepRecord],
        attachments: Attachments,
        store: ArtifactStore,
    ) -> tuple[Conflict, ...]:
        """Return what attachments of different kinds say differently, as experts read them."""
        held: dict[str, list[Fact]] = {}
        kinds: dict[str, Kind] = {}
        for step in plan.steps[:200]:
            record = records.get(step.id)
            names = {each.input for each in step.bindings if isinstance(each, FromInput)}
            files = [attachments[name] for name in names if name in attachments]
            if (
                record is None
                or record.status != "done"
                or len(files) != 1
                or len(held) >= _MOST_SOURCES
            ):
                continue  # fmt: skip
            ref = files[0]
            if isinstance(ref, list) or ref.kind is Kind.TEXT:
                continue
            text = "\n".join(
                _words(each, store) for each in _outputs(record) if each.kind is Kind.TEXT
            )
            _note(held, kinds, f"{ref.name or next(iter(names))} ({record.expert})", ref.kind, text)
        for name, ref in attachments.items():
            if not isinstance(ref, list) and ref.kind is Kind.TEXT and len(held) < _MOST_SOURCES:
                _note(held, kinds, ref.name or name, Kind.TEXT, _words(ref, store))
        if len(set(kinds.values())) < 2:
            return ()
        return tuple(
            Conflict(
                about=each.left.subject or each.left.kind,
                left=each.left.source,
                left_says=each.left.said,
                right=each.right.source,
                right_says=each.right.said,
            )
            for each in relate(held)
            if not each.holds and kinds[each.left.source] is not kinds[each.right.source]
        )


_GLOSSED = re.compile(r"“(?P<said>[^“”]{2,})” \((?P<gloss>[^()\n]{2,}(?:\([^()\n]*\)[^()\n]*)*)\)")
"""What a source says, and what that means in another language: *“Fechado” (Closed)*."""


def _unglossed(text: str, sources: Sequence[str]) -> str:
    """Leave out what quotations mean in another language: no source says it in these words."""
    held = [" ".join(each.split()).casefold() for each in sources]

    def plain(found: re.Match[str]) -> str:
        said = " ".join(found["said"].split()).casefold()
        return f"“{found['said']}”" if any(said in each for each in held) else found.group()

    return _GLOSSED.sub(plain, text)


def _note(
    held: dict[str, list[Fact]], kinds: dict[str, Kind], source: str, kind: Kind, text: str
) -> None:
    found = facts(text[:_MOST_WORDS], source) if text else []
    if found:
        held[source] = found
        kinds[source] = kind


def _outputs(record: StepRecord | None) -> list[ArtifactRef]:
    if record is None:
        return []
    return [
        ref
        for refs in record.outputs.values()
        for ref in (refs if isinstance(refs, list) else [refs])
        if ref is not None
    ]


def _words(ref: ArtifactRef, store: ArtifactStore) -> str:
    artifact = load(ref, store)
    try:
        return str(cast("Any", artifact)) if isinstance(artifact, Text | Table | Data) else ""
    except HerdError:
        return ""


def _doubts(chain: Sequence[StepRecord]) -> list[str]:
    return [
        f"{verdict.check}: {verdict.reason} ({record.step})"
        for record in chain
        for verdict in record.verdicts
        if verdict.level != "pass"
    ]


def _own_scores(part: Cited, store: ArtifactStore) -> list[float]:
    """Return how sure an expert says itself that it is; a score of something else is none."""
    found: list[float] = []
    for ref in part.artifacts[:20]:
        if ref.kind is not Kind.DATA or ref.inline is None:
            continue
        value: Any = cast("Data[Any]", load(ref, store)).value
        if isinstance(value, dict):
            said = cast("dict[str, Any]", value)
            sure = said.get("confidence", said.get("probability"))
            if isinstance(sure, int | float) and 0 <= sure <= 1:
                found.append(float(sure))
    return found


__all__ = ("Conflict", "Evidence")
