"""The first router: no key, no training. It reads the request and puts typed steps together.

Clause by clause: what is asked (``clauses``), what of (``references``), who could do it
(``ranking``), with which parameters (``parameters``), and through which converters
(``assembly``). What nobody can do is said, not guessed.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from herd_graph.cards import Port
from herd_graph.plans import Ask, FromInput, Plan, Value
from herd_graph.routing.assembly import Draft
from herd_graph.routing.base import ClauseTrace, Route, RouteTrace, Situation
from herd_graph.routing.clauses import Clause, gloss, is_loose, spelt, split
from herd_graph.routing.composing import Composer
from herd_graph.routing.content import Protected, protect
from herd_graph.routing.ranking import verbs_of
from herd_graph.routing.references import Discourse, Thing, attachment_names
from herd_graph.routing.thresholds import Thresholds
from herd_graph.routing.workbench import Part, Workbench
from herd_graph.tasks import Task, input_port
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef, Kind

_KNOWN_TEXT = 2000


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
        protected = protect(task.text)
        verbs = verbs_of(cards)
        clauses = split(gloss(spelt(protected.text)), verbs)
        read = time.perf_counter()
        attachments = [_attached(name, value) for name, value in task.attachments.items()]
        about = Discourse(attachments=attachments, contents=_contents(protected))
        bench = Workbench(
            draft=Draft(cards=cards),
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
        plan = _plan(task, clauses, parts, bench, protected)
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
                "read": read - synced,
                "embed": bench.embedding_s,
                "compose": done - read - bench.embedding_s,
            },
            settings={**self.thresholds.model_dump(), "embedder": situation.index.embedder.name},
        )
        return Route(plan=plan, trace=trace)


def _excuse(parts: Sequence[Part], verbs: Collection[str]) -> None:
    """Take for a remark what no expert does and what neither orders nor asks, beside what is met."""
    if not any(part.answers for part in parts):
        return
    for part in parts:
        loose = part.clause.request and not part.answers and is_loose(part.clause.text, verbs)
        if loose and not part.clause.said.rstrip().endswith("?"):
            part.clause = replace(part.clause, request=False)
            part.decision = f"a remark: it neither orders nor asks ({part.reason})"


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
            unmet.append(said)
            reasons.append(f"{said!r}: {part.reason}")
        for thing in part.answers:
            label = said
            if len(part.answers) > 1 and len(thing.roots) == 1:
                label = f"{said} ({_root_label(thing.roots[0], bench.about)})"
            answers.append(Ask(ask=label, source=thing.binding))
    answers = list({each.source.model_dump_json(): each for each in answers}.values())
    reason = "; ".join(reasons)
    if not bench.draft.steps and not reason:
        reason = _nothing_asked(task, clauses)
    if reason:
        offered = ", ".join(card.name for card in bench.draft.cards[:12])
        reason = f"{reason[0].upper()}{reason[1:]}." if reason[-1] not in ".!?" else reason
        if not bench.draft.steps and offered:
            reason += f" The experts here are: {offered}."
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
