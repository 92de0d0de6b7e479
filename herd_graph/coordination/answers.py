"""The answer: one part for each thing that was asked, with where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict

from herd_graph.artifacts.base import printable
from herd_graph.artifacts.workings import without_workings
from herd_graph.binding import literal
from herd_graph.coordination.along import once, wish_for
from herd_graph.coordination.checks.quoting import OF_TRUTH, QUOTED
from herd_graph.coordination.evidence import Conflict, Evidence
from herd_graph.coordination.in_words import as_asked, words_of
from herd_graph.coordination.remarks import remark
from herd_graph.plans import AllOf, Ask, Binding, FirstOf, FromInput, FromStep, Plan, Value
from herd_graph.state import StepRecord
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef, JSONObject, Kind, StepId, StepStatus

MOST_SOURCES = 50
"""Steps that the provenance of one part lists, the nearest ones first."""
SHOWN_DOUBTS = 3
"""Doubts of one part that are written out; the JSON has all of them."""
_WORDS = frozenset({Kind.TEXT, Kind.DATA, Kind.TABLE})
AnswerStatus = Literal["done", "partial", "failed", "abstained", "waiting"]
PartStatus = StepStatus | Literal["waiting"]


class Source(BaseModel):
    """One step on the way to a part of the answer, the last one first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    expert: str
    inputs: tuple[str, ...] = ()
    """Attachments that it read, by file name (or by the name that the plan binds)."""


class AnswerPart(BaseModel):
    """The answer to one thing that was asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: str
    status: PartStatus
    text: str = ""
    """The artifacts in words: text itself, or a line that describes a picture or a recording."""
    spoken: str = ""
    """Of a recording that was made: the words that it says, where no other part shows them."""
    along: tuple[tuple[str, str], ...] = ()
    """Words that were asked for as well and are on the way to it: what asks for them, and the words."""
    artifacts: tuple[ArtifactRef, ...] = ()
    step: str = ""
    expert: str = ""
    error: str = ""
    sources: tuple[Source, ...] = ()
    caution: str = ""
    """What the cards of the experts on the way, and checks, say about relying on it."""
    confidence: float | None = None
    """How sure it is, from 0 to 1; None where it is not answered."""
    doubts: tuple[str, ...] = ()
    """What checks did not like on the way, as ``s1: language: …``."""
    unfound: tuple[str, ...] = ()
    """Numbers, dates, names and quotations of its text that no source of it holds."""
    left_out: int = 0
    """Items of a list that failed and were left out on the way, as the plan allows."""
    usd: float = 0.0
    seconds: float = 0.0
    """What the steps on the way cost and took, all of them together."""

    @property
    def provenance(self) -> str:
        """One line: ``translate@1 (s2) ← transcribe@1 (s1) ← voice-note.wav``."""
        chain = [f"{source.expert} ({source.step})" for source in self.sources]
        files = list(dict.fromkeys(name for source in self.sources for name in source.inputs))
        if files:
            chain.append(", ".join(files))
        return " ← ".join(chain)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that it came by, the last one first."""
        return tuple(each.step for each in self.sources)

    @property
    def unsure(self) -> list[str]:
        """What a reader should know before relying on it, in words."""
        experts = {each.step: each.expert for each in self.sources}
        said = [remark(each, own=self.step, experts=experts) for each in self.doubts]
        told = list(dict.fromkeys(said))[:SHOWN_DOUBTS]
        if len(set(said)) > SHOWN_DOUBTS:
            told.append(f"{len(set(said)) - SHOWN_DOUBTS} more doubts")
        if self.left_out:
            told.append(
                f"{self.left_out} failed and {'is' if self.left_out == 1 else 'are'} left out"
            )
        if self.unfound:
            said_alone = ", ".join(f"“{each}”" for each in self.unfound[:SHOWN_DOUBTS])
            told.append(f"what it was made of does not say {said_alone}")
        return told


def _is_one_file(part: AnswerPart, other: AnswerPart) -> bool:
    """Say whether two parts show the very same file: two equal numbers are two answers."""
    made = [each.id for each in part.artifacts]
    files = all(each.kind not in _WORDS for each in part.artifacts)
    return bool(made) and files and made == [each.id for each in other.artifacts]


def _heading(ask: str) -> str:
    """Write what was asked as the line above its answer."""
    plain = printable(ask).strip().rstrip(".,;:")
    return f"{plain[:1].upper()}{plain[1:]}{'' if plain.endswith(('?', '!')) else ':'}"


class Answer(BaseModel):
    """What came of a task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: AnswerStatus
    parts: tuple[AnswerPart, ...] = ()
    missing: tuple[str, ...] = ()
    """What was asked for and is not answered, with the reason."""
    reason: str = ""
    """Why there is no answer at all, or what holds it up."""
    conflicts: tuple[Conflict, ...] = ()
    """What two sources of the answer say differently."""
    prose: str = ""
    """The parts as one text by a language model, held to what they say; empty without one."""

    @property
    def artifacts(self) -> tuple[ArtifactRef, ...]:
        """Everything that was asked for and made."""
        return tuple(ref for part in self.parts for ref in part.artifacts)

    @property
    def text(self) -> str:
        """The answers alone, without headings and provenance."""
        return "\n\n".join(part.text for part in self.parts if part.status == "done")

    def dump(self) -> JSONObject:
        """Return the answer as JSON."""
        return cast("JSONObject", self.model_dump(mode="json"))

    def __str__(self) -> str:
        return self.render()

    def render(self, *, provenance: bool = True) -> str:
        """Return the answer in words: each part, what is missing, and why.

        Args:
            provenance: Say below each part which experts and files it comes from. What their cards
                say about relying on it stands there in any case.
        """
        blocks: list[str] = []
        if self.prose:
            blocks.append(printable(self.prose))
        headed = len(self.parts) > 1
        told = [each for each in self.parts if each.status == "done"]
        for part in told:
            alike = [each for each in told if _is_one_file(part, each)] or [part]
            if alike[0] is not part:
                continue  # what was made twice is shown once
            headings = [_heading(each.ask) for each in alike if each.ask]
            lines = [once(headings)] if headed and headings else []
            for wish, words in part.along:
                lines += [_heading(wish), printable(words).rstrip(), ""]
            if not self.prose or not all(each.kind in _WORDS for each in part.artifacts):
                lines.append(printable(part.text))
            if part.spoken:
                lines.append(f"It says: {printable(part.spoken)}")
            origin = part.provenance if provenance else ""
            below = "; ".join(filter(None, (origin, part.caution)))
            if below:
                lines.append(f"  [{below}]")
            lines += [f"  [not sure: {printable(each)}]" for each in part.unsure]
            blocks.append("\n".join(lines))
        if self.conflicts:
            listed = "\n".join(f"- {printable(str(each))}" for each in self.conflicts)
            blocks.append(f"Sources that differ:\n{listed}")
        if self.missing and self.status != "abstained":  # its reason says it all
            missing = "\n".join(f"- {printable(each)}" for each in self.missing)
            blocks.append(f"Not answered:\n{missing}")
        if self.reason and (self.status in {"abstained", "waiting"} or not blocks):
            blocks.append(printable(self.reason))
        if not blocks:  # an empty page would leave open whether anything was done at all
            blocks = [
                f"Not done, because its condition does not hold: {printable(each.ask)}"
                for each in self.parts
                if each.status == "skipped"
            ]
        return "\n\n".join(blocks)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        import html

        return {"text/plain": str(self), "text/html": f"<pre>{html.escape(str(self))}</pre>"}


def compose(
    plan: Plan,
    records: Mapping[str, StepRecord],
    outputs_of: Callable[[FromStep], Sequence[ArtifactRef] | None],
    attachments: Mapping[str, ArtifactRef | list[ArtifactRef]],
    store: ArtifactStore,
    *,
    waiting: Mapping[str, str] | None = None,
    caution_of: Callable[[str], str] = lambda _: "",
    evidence: Evidence | None = None,
) -> Answer:
    """Compose the answer from what was finished.

    Args:
        plan: The plan that ran.
        records: How each step ended, by step id.
        outputs_of: The artifacts that a reference to a step stands for; None if it is not done.
        attachments: The task's inputs.
        store: Where the artifacts are.
        waiting: Steps that wait for a person, with the question.
        caution_of: What the card of an expert says about relying on it, by ``name@version``.
        evidence: What tells how sure each part is; without it only what the records say.
    """
    if plan.abstained:
        return Answer(status="abstained", reason=plan.reason, missing=plan.unmet)
    waiting = waiting or {}
    parts = [
        _part(ask, plan, records, outputs_of, attachments, store, waiting) for ask in plan.asks
    ]
    weighed = evidence or Evidence()
    said = {id(part): _spoken(part, parts, plan, outputs_of, store) for part in parts}
    parts = [
        part.model_copy(
            update={
                "caution": _cautions(part, caution_of, records),
                "spoken": said[id(part)],
                "along": tuple(
                    each
                    for each in _along(part, parts, outputs_of, store)
                    if each[1] != said[id(part)]
                ),
                **weighed.of(part, records, store),
            }
        )
        for part in parts
    ]
    conflicts = weighed.conflicts(plan, records, attachments, store)
    missing = [
        f"{part.ask}: {part.error}" for part in parts if part.status not in {"done", "skipped"}
    ]
    missing.extend(plan.unmet)
    done = any(part.status == "done" for part in parts)
    if waiting:
        question = "; ".join(waiting.values())
        return Answer(status="waiting", parts=tuple(parts), missing=tuple(missing), reason=question)
    if not missing:
        return Answer(status="done", parts=tuple(parts), conflicts=conflicts)
    return Answer(
        status="partial" if done else "failed",
        parts=tuple(parts),
        missing=tuple(missing),
        reason=plan.reason,
        conflicts=conflicts,
    )


def _spoken(
    part: AnswerPart,
    parts: Sequence[AnswerPart],
    plan: Plan,
    outputs_of: Callable[[FromStep], Sequence[ArtifactRef] | None],
    store: ArtifactStore,
) -> str:
    """Return the words of a recording that was made of a text which is no answer of its own."""
    if part.status != "done" or [each.kind for each in part.artifacts] != [Kind.AUDIO]:
        return ""
    shown = {ref.id for other in parts if other is not part for ref in other.artifacts}
    for binding in plan.step(part.step).inputs.values() if part.step else ():
        made = outputs_of(binding) if isinstance(binding, FromStep) else None
        if made and all(ref.kind is Kind.TEXT and ref.id not in shown for ref in made):
            return without_workings(words_of(made, store))
    return ""


def _along(
    part: AnswerPart,
    parts: Sequence[AnswerPart],
    outputs_of: Callable[[FromStep], Sequence[ArtifactRef] | None],
    store: ArtifactStore,
) -> tuple[tuple[str, str], ...]:
    """Return the words on the way to a file that were asked for by name and stand nowhere else."""
    if part.status != "done" or not part.artifacts or _WORDS & {a.kind for a in part.artifacts}:
        return ()
    shown = {ref.id for other in parts for ref in other.artifacts}
    found: list[tuple[str, str]] = []
    for source in reversed(part.sources[1:]):
        wish = wish_for(source.expert, part.ask)
        made = outputs_of(FromStep(step=StepId(source.step))) if wish else None
        if made and all(ref.kind is Kind.TEXT and ref.id not in shown for ref in made):
            found.append((wish, words_of(made, store)))
    return tuple(found)


def _cautions(
    part: AnswerPart, caution_of: Callable[[str], str], records: Mapping[str, StepRecord]
) -> str:
    """Return what cards say of relying on the experts, and checks of a result that they pass.

    That a model invents facts says nothing of an answer which is quoted from its text.
    """
    found: list[str] = []
    told: list[str] = []
    for source in part.sources:
        verdicts = records[source.step].verdicts if source.step in records else ()
        caution = caution_of(source.expert)
        if not (OF_TRUTH.search(caution) and any(each.check == QUOTED for each in verdicts)):
            found.append(caution)
        told += [
            each.reason
            for each in verdicts
            if each.check.startswith("caution:") and each.check != QUOTED
        ]
    found += told
    return "; ".join(filter(None, dict.fromkeys(found)))


def _part(
    ask: Ask,
    plan: Plan,
    records: Mapping[str, StepRecord],
    outputs_of: Callable[[FromStep], Sequence[ArtifactRef] | None],
    attachments: Mapping[str, ArtifactRef | list[ArtifactRef]],
    store: ArtifactStore,
    waiting: Mapping[str, str],
) -> AnswerPart:
    wanted = _steps_of(ask.source)
    found = _gather(ask.source, records, outputs_of, attachments, store)
    refs, used = found or ([], [])
    head = used[0] if used else (wanted[0] if wanted and found is None else None)
    record = records.get(head.step) if head is not None else None
    expert = _expert(record, head, plan)
    if found is not None:
        return AnswerPart(
            ask=ask.ask,
            status="done",
            text=as_asked(ask.ask, refs, store),
            artifacts=tuple(refs),
            step=head.step if head else "",
            expert=expert,
            sources=_chain([each.step for each in used], plan, records, attachments),
        )
    status, error = _why_not(wanted, plan, records, waiting)
    return AnswerPart(
        ask=ask.ask,
        status=status,
        step=head.step if head else "",
        expert=expert,
        error=error,
    )


def _gather(
    binding: Binding,
    records: Mapping[str, StepRecord],
    outputs_of: Callable[[FromStep], Sequence[ArtifactRef] | None],
    attachments: Mapping[str, ArtifactRef | list[ArtifactRef]],
    store: ArtifactStore,
) -> tuple[list[ArtifactRef], list[FromStep]] | None:
    """Return what a binding stands for and the steps that gave it; None if it is not there.

    Of alternatives the first is taken that was not skipped. An input or a literal among them, which
    is always there, never covers up for a step before it that did not succeed.
    """
    if isinstance(binding, FromStep):
        made = outputs_of(binding)
        return None if made is None else (list(made), [binding])
    if isinstance(binding, FromInput):
        given = attachments.get(binding.input)
        if given is None:
            return None
        return (list(given) if isinstance(given, list) else [given]), []
    if isinstance(binding, Value):
        kept = literal(binding.value, store)
        return (kept if isinstance(kept, list) else [kept]), []
    if isinstance(binding, AllOf):
        parts = [_gather(each, records, outputs_of, attachments, store) for each in binding.all]
        there = [each for each in parts if each is not None]
        if len(there) < len(parts):
            return None
        return [ref for refs, _ in there for ref in refs], [step for _, s in there for step in s]
    failed = False
    for each in getattr(binding, "first", ()):
        found = _gather(each, records, outputs_of, attachments, store)
        if found is not None and (found[1] or not failed):
            return found
        states = [records[step.step].status for step in _steps_of(each) if step.step in records]
        failed = failed or any(state not in {"done", "skipped"} for state in states)
    return None


def _expert(record: StepRecord | None, head: FromStep | None, plan: Plan) -> str:
    if record is not None and record.expert:
        return record.expert
    return (plan.step(head.step).expert or "") if head is not None else ""


def _steps_of(binding: Binding) -> list[FromStep]:
    if isinstance(binding, FromStep):
        return [binding]
    if isinstance(binding, AllOf):
        return [found for each in binding.all for found in _steps_of(each)]
    if isinstance(binding, FirstOf):
        return [found for each in binding.first for found in _steps_of(each)]
    return []


def _why_not(
    wanted: Sequence[FromStep],
    plan: Plan,
    records: Mapping[str, StepRecord],
    waiting: Mapping[str, str],
) -> tuple[PartStatus, str]:
    """Say why a part is missing: the first step on the way to it that did not get done."""
    upstream = _upstream([each.step for each in wanted], plan)
    for step in upstream:
        if any(asked.partition("[")[0] == step for asked in waiting):
            return "waiting", f"step {step!r} waits for a person's approval"
    blamed: tuple[PartStatus, str] | None = None
    for step in upstream:
        record = records.get(step)
        if record is not None and record.status in {"failed", "refused"}:
            return record.status, record.error or f"step {step!r} {record.status}"
        if record is not None and record.status in {"skipped", "cancelled"} and blamed is None:
            blamed = record.status, record.error or f"step {step!r} was {record.status}"
    return blamed or ("cancelled", "the run ended before this was done")


def _upstream(wanted: Sequence[str], plan: Plan) -> list[str]:
    """Return the steps and everything that they need, those nearest to the inputs first."""
    steps = {each.id: each for each in plan.steps}
    order: dict[str, None] = {}
    pending = [(StepId(step), False) for step in reversed(wanted)]
    while pending:
        step, visited = pending.pop()
        if visited:
            order[step] = None
        elif step not in order:
            pending.append((step, True))
            pending.extend((need, False) for need in sorted(steps[step].needs, reverse=True))
    return list(order)


def _chain(
    steps: Sequence[str],
    plan: Plan,
    records: Mapping[str, StepRecord],
    attachments: Mapping[str, ArtifactRef | list[ArtifactRef]],
) -> tuple[Source, ...]:
    chain: list[Source] = []
    by_id = {each.id: each for each in plan.steps}
    for step_id in reversed(_upstream(steps, plan)):
        if len(chain) == MOST_SOURCES:
            break
        record = records.get(step_id)
        if record is None or record.status != "done":
            continue
        files: list[str] = []
        for binding in by_id[StepId(step_id)].bindings:
            name = getattr(binding, "input", "")
            given = attachments.get(name) if name else None
            refs = given if isinstance(given, list) else [given] if given else []
            files.extend(ref.name or name for ref in refs)
        chain.append(Source(step=step_id, expert=record.expert, inputs=tuple(files)))
    return tuple(chain)
