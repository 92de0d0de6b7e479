"""What a terminal shows of a session: the plan with a marker, a payload in words, what it cost."""

from __future__ import annotations

from herd_graph.artifacts import Artifact
from herd_graph.artifacts.base import human_size, printable
from herd_graph.coordination.answers import words_of
from herd_graph.debug.session import DebugSession
from herd_graph.flow import order
from herd_graph.plans import show, show_condition

MARKS = {
    "done": "ok",
    "failed": "!!",
    "refused": "no",
    "skipped": "--",
    "cancelled": "xx",
    "waiting": "??",
    "ready": "..",
    "pending": "  ",
}
_MOST = 4000


def where(session: DebugSession) -> str:
    """Return the plan in the order of its steps, with how each stands; ``>>`` marks the next."""
    plan, statuses = session.plan, session.standing.statuses
    if plan.abstained:
        return f"No plan: {printable(plan.reason or 'nothing to do')}"
    lines = [*around(session)]
    inside = session.inside
    for step_id in order(plan):
        step = plan.step(step_id)
        mark = ">>" if session.stop.next.partition("[")[0] == step_id else None
        mark = mark or MARKS.get(statuses.get(step_id, "pending"), "  ")
        bound = ", ".join(f"{name}={show(each)}" for name, each in step.inputs.items())
        each = f" for each {show(step.foreach)}" if step.foreach is not None else ""
        when = f" when {' and '.join(map(show_condition, step.when))}" if step.when else ""
        expert = step.expert or f"<{step.capability.query}>" if step.capability else step.expert
        record = session.standing.records.get(step_id)
        took = f"  ({record.seconds:.2f} s)" if record is not None and record.seconds else ""
        hand = "  [set by hand]" if record is not None and record.pinned else ""
        into = ""
        if inside is not None and session.stop.next.partition("[")[0] == step_id:
            into = f"  [inside: run {inside.run}, stop {inside.stop.number}]"
        lines.append(f"{mark} {step_id}: {expert}({bound}){each}{when}{took}{hand}{into}")
        items = [name for name in statuses if name.startswith(f"{step_id}[")]
        lines += [f"     {MARKS.get(statuses[name], '  ')} {name}" for name in items[:12]]
        if len(items) > 12:
            lines.append(f"     … and {len(items) - 12} more")
    return printable("\n".join(lines))


def around(session: DebugSession) -> list[str]:
    """Return a line for each run that this one is inside of, the outermost first."""
    outside = session.outside
    if outside is None:
        return []
    return [*around(outside), f"inside {outside.stop.next or '?'} of run {outside.run}:"]


def shown(session: DebugSession, name: str, *, whole: bool = False) -> str:
    """Return what an input or a step holds, in words; without ``whole`` it is cut."""
    parts: list[str] = []
    for ref, artifact in zip(session.refs(name), session.artifact(name), strict=True):
        parts.append(f"{_head(artifact)}\n{words_of([ref], session.driver.store)}")
    text = "\n\n".join(parts)
    cut = text if whole or len(text) <= _MOST else f"{text[:_MOST]}… (pp {name} shows all)"
    return printable(cut)


def costs(session: DebugSession) -> str:
    """Return what each step took and cost, the dearest first."""
    records = sorted(session.standing.records.values(), key=lambda each: (-each.usd, -each.seconds))
    lines = [
        f"{each.step:<12} {each.expert or '-':<24} {each.seconds:>8.2f} s  ${each.usd:.4f}"
        f"  {len(each.attempts)} {'try' if len(each.attempts) == 1 else 'tries'}"
        for each in records
    ]
    total = sum(each.usd for each in records)
    return "\n".join([*lines, f"total: {session.stop.seconds:.2f} s, ${total:.4f}"])


def _head(artifact: Artifact) -> str:
    name = f" {artifact.name}" if artifact.name else ""
    return f"<{artifact.kind.value}{name}, {artifact.mime}, {human_size(artifact.size)}>"


__all__ = ("MARKS", "around", "costs", "shown", "where")
