"""The first router: no key, no training. It reads the request and puts typed steps together.

Clause by clause: what is asked (``clauses``), what of (``references``), who could do it
(``ranking``), with which parameters (``parameters``), and through which converters
(``assembly``). What nobody can do is said, not guessed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from herd_graph.cards import Port
from herd_graph.discovery.words import stems
from herd_graph.plans import AllOf, Ask, FromInput, Plan, Value
from herd_graph.routing.assembly import Draft
from herd_graph.routing.base import ClauseTrace, Route, RouteTrace, Situation
from herd_graph.routing.clauses import Clause, is_loose, split
from herd_graph.routing.composing import Composer
from herd_graph.routing.content import Protected, protect
from herd_graph.routing.conversation import Past, remember
from herd_graph.routing.own_voice import unheard
from herd_graph.routing.ranking import verbs_of
from herd_graph.routing.references import Discourse, Thing, attachment_names
from herd_graph.routing.thresholds import Thresholds
from herd_graph.routing.wording import Wording, reworded
from herd_graph.routing.workbench import Part, Workbench
from herd_graph.tasks import Task, input_port
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef, Kind

_KNOWN_TEXT = 2000
_MOST_OFFERED = 12
"""Experts that an abstention lists; of more, it names the nearest."""


class SemanticPlanner:
    """Writes plans from cards alone, by meaning and by type.

    Args:
        thresholds: When an expert is near enough to be chosen.
    """

    name = "semantic"

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        self.thresholds = thresholds or Thresholds()

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return a plan and why; a plan without steps, with a reason, where nothing fits."""
        return await in_thread(lambda: self.plan(task, situation), label="route")

    def plan(self, task: Task, situation: Situation) -> Route:
        """Do the work of ``route``, on the caller's thread."""
        started = time.perf_counter()
        situation.index.sync(situation.experts)
        synced = time.perf_counter()
        cards = situation.experts.latest
        attachments = attached_things(task)
        own = Discourse(attachments=attachments, contents={})
        past = remember(unheard(task, situation.history, situation.experts))
        redone = past.ellipsis(task.text, attachments) if past else None
        verbs = verbs_of(cards)
        if redone is not None:
            about = Discourse(attachments=list(redone.attachments), contents={})
            made = self._read(redone.text, about, situation, verbs)
            made.bench.draft.notes.append(f"the last request again: {redone.text!r}")
        elif past and not attachments and past.refers(task.text):
            made = self._read(task.text, _recalled(past), situation, verbs)
        else:
            made = self._read(task.text, own, situation, verbs)
            named = past.is_named(task.text)
            if past and (made.unmet or named):
                recalled = _recalled(past, attachments)
                again = self._read(task.text, recalled, situation, verbs)
                made = again if again.unmet < made.unmet + named else made
        parts, bench, protected = made.parts, made.bench, made.protected
        plan = _plan(task, made.clauses, parts, bench, protected)
        earlier = {
            name: past.artifacts[name] for name in bound_inputs(plan) if name in past.artifacts
        }
        if earlier:
            ports = {name: input_port(name, value) for name, value in earlier.items()}
            plan = plan.model_copy(update={"inputs": {**plan.inputs, **ports}})
            bench.draft.notes.append(f"of earlier turns: {', '.join(earlier)}")
        done = time.perf_counter()
        trace = RouteTrace(
            router=self.name,
            request=task.text[:2000],
            clauses=tuple(_trace(part, protected) for part in parts),
            notes=tuple(bench.draft.notes),
            confidence=round(
                min((part.confidence for part in parts if part.clause.request), default=0.0), 4
            ),
            registry=situation.index.fingerprint,
            seconds={
                "sync": synced - started,
                "read": made.seconds,
                "embed": bench.embedding_s,
                "compose": done - synced - made.seconds - bench.embedding_s,
            },
            settings={**self.thresholds.model_dump(), "embedder": situation.index.embedder.name},
        )
        return Route(plan=plan, trace=trace, attachments=earlier)

    def _read(
        self, text: str, about: Discourse, situation: Situation, verbs: frozenset[str]
    ) -> _Read:
        """Turn words into the parts of a plan."""
        started = time.perf_counter()
        protected = protect(text)
        names = [each.label for each in about.attachments]
        wording = reworded(protected.text, names)
        clauses = [_as_typed(each, wording) for each in split(wording.text, verbs)]
        seconds = time.perf_counter() - started
        about.contents.update(_contents(protected))
        bench = Workbench(
            draft=Draft(cards=situation.experts.latest),
            about=about,
            index=situation.index,
            protected=protected,
            thresholds=self.thresholds,
        )
        composer = Composer(bench)
        parts: list[Part] = []
        for clause in (each for whole in clauses for each in composer.divide(whole)):
            parts.append(composer.compose(clause, parts, alone=len(clauses) == 1))
        _excuse(parts, verbs)
        return _Read(
            clauses=clauses, parts=parts, bench=bench, protected=protected, seconds=seconds
        )


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A request as it was read."""

    clauses: Sequence[Clause]
    parts: Sequence[Part]
    bench: Workbench
    protected: Protected
    seconds: float

    @property
    def unmet(self) -> int:
        """How many things that are asked are not met; everything where nothing is."""
        if not self.bench.draft.steps:
            return 1 + len(self.parts)
        return sum(bool(part.reason and part.clause.request) for part in self.parts)


def _as_typed(clause: Clause, wording: Wording) -> Clause:
    """Give a clause the words that the person typed, for headings and open-ended experts."""
    typed = wording.typed(clause.said)
    return replace(clause, said=typed, foreign=True) if typed != clause.said else clause


def _recalled(past: Past, attachments: Sequence[Thing] = ()) -> Discourse:
    return Discourse(
        attachments=[*attachments, *past.attachments],
        contents={},
        results=[list(each) for each in past.results],
        focus=list(attachments) or list(past.focus),
    )


def bound_inputs(plan: Plan) -> list[str]:
    """Return the inputs that a plan binds."""
    bindings = [each for step in plan.steps for each in step.bindings]
    bindings += [each.source for each in plan.answers]
    inner = [part for each in bindings if isinstance(each, AllOf) for part in each.all]
    return list(
        dict.fromkeys(each.input for each in (*bindings, *inner) if isinstance(each, FromInput))
    )


def _excuse(parts: Sequence[Part], verbs: frozenset[str]) -> None:
    """Take for a remark what no expert does and what neither orders nor asks, beside what is met."""
    if not any(part.answers for part in parts):
        return
    used = {root for part in parts for each in part.answers for root in each.roots}
    for part in parts:
        if part.points and not part.points & used:
            part.clause = replace(part.clause, request=True)
            part.unmet("it says what to look at, and not what to do with it")
            continue
        if set(stems(part.clause.text)) & verbs:
            continue  # what an expert does is no remark
        loose = part.clause.request and not part.answers and is_loose(part.clause.text, verbs)
        if loose and not part.clause.said.rstrip().endswith("?"):
            part.clause = replace(part.clause, request=False)
            part.decision = f"a remark: it neither orders nor asks ({part.reason})"


def attached_things(task: Task) -> list[Thing]:
    """Return what is attached to a task, as things that a request can speak of."""
    return [_attached(name, value) for name, value in task.attachments.items()]


def _attached(name: str, value: ArtifactRef | list[ArtifactRef]) -> Thing:
    refs = value if isinstance(value, list) else [value]
    label = ", ".join(each.name for each in refs if each.name) or name
    known = refs[0].inline if len(refs) == 1 and refs[0].kind is Kind.TEXT else None
    port = input_port(name, value)
    if len(refs) == 1:
        port = port.model_copy(update={"mime": (refs[0].mime,)})
    return Thing(
        binding=FromInput(input=name),
        port=port,
        origin="attachment",
        label=label,
        names=frozenset(stem for each in refs for stem in attachment_names(each.name)),
        roots=(name,),
        text=(known or "")[:_KNOWN_TEXT],
    )


def _contents(protected: Protected) -> dict[int, Thing]:
    return {
        number: Thing(
            binding=Value(value=content),
            port=Port(name=f"text{number + 1}", kind=Kind.TEXT),
            origin="content",
            label=protected.restore(content[:60], quote=False),
            roots=(f"text{number + 1}",),
            text=content[:_KNOWN_TEXT],
        )
        for number, content in enumerate(protected.contents)
    }


def _plan(
    task: Task,
    clauses: Sequence[Clause],
    parts: Sequence[Part],
    bench: Workbench,
    protected: Protected,
) -> Plan:
    answers: list[Ask] = []
    unmet: list[str] = []
    reasons: list[str] = []
    for part in parts:
        said = protected.restore(part.clause.said)
        if part.reason and part.clause.request:
            unmet.append(f"{said}: {part.reason}")
            reasons.append(f"{said!r}: {part.reason}")
        for thing in part.answers:
            label = said
            if len(part.answers) > 1 and len(thing.roots) == 1:
                label = f"{said} ({_root_label(thing.roots[0], bench.about)})"
            answers.append(Ask(ask=label, source=thing.binding))
    # What two clauses ask for may come of one step: each keeps its own words.
    answers = list({each.model_dump_json(): each for each in answers}.values())
    reason = "; ".join(reasons)
    if not bench.draft.steps and not reason:
        reason = _nothing_asked(task, clauses)
    if reason:
        offered = _offered(parts, bench)
        reason = f"{reason[0].upper()}{reason[1:]}." if reason[-1] not in ".!?" else reason
        if not bench.draft.steps and offered:
            reason += f" {offered}."
        elif not offered:
            reason += " No experts are registered."
    return Plan(
        steps=tuple(bench.draft.steps),
        inputs=task.inputs,
        answers=tuple(answers) if bench.draft.steps else (),
        unmet=tuple(unmet),
        reason=reason,
        author=SemanticPlanner.name,
    )


def _offered(parts: Sequence[Part], bench: Workbench) -> str:
    """Return the experts that there are; of many, those that came nearest."""
    names = [card.name for card in bench.draft.cards]
    if not names or len(names) <= _MOST_OFFERED:
        return f"The experts here are: {', '.join(names)}" if names else ""
    scores: dict[str, float] = {}
    for each in (candidate for part in parts for candidate in part.candidates):
        name = each.expert.partition("@")[0]
        scores[name] = max(scores.get(name, 0.0), each.score)
    nearest = sorted(scores, key=lambda name: -scores[name])[:5] or names[:_MOST_OFFERED]
    return f"The nearest of the {len(names)} experts here: {', '.join(nearest)}"


def _root_label(root: str, about: Discourse) -> str:
    known = [*about.attachments, *about.contents.values()]
    return next((each.label for each in known if root in each.roots), root)


def _nothing_asked(task: Task, clauses: Sequence[Clause]) -> str:
    if not task.text.strip():
        held = "; files are attached, but not what to do with them" if task.attachments else ""
        return f"the request is empty{held}. Say what is wanted, for example 'transcribe the recording'"
    if not clauses:
        return "the request holds no words. Say what is wanted"
    return "nothing is asked for in the request. Say what is wanted"


def _trace(part: Part, protected: Protected) -> ClauseTrace:
    return ClauseTrace(
        text=protected.restore(part.clause.said),
        step=part.step,
        candidates=part.candidates,
        decision=part.decision,
        parameters=part.parameters,
    )
