"""How runs, plans and traces look in a notebook: one piece of HTML each.

Everything is escaped, nothing is fetched: pictures and recordings are in the page, up to a size, so
that a saved notebook is whole and not huge. Colours follow the reader's light or dark.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from herd_graph.artifacts import Artifact, Text, load
from herd_graph.artifacts.base import printable
from herd_graph.errors import HerdError
from herd_graph.types import ArtifactRef, Kind

if TYPE_CHECKING:
    from herd_graph.routing.base import ClauseTrace, RouteTrace
    from herd_graph.runs import Run

_STYLE = (
    "<style>.herd{font:14px/1.45 system-ui,sans-serif;max-width:60em}"
    ".herd h4{margin:.8em 0 .2em;font-size:1em}.herd small{opacity:.7}"
    ".herd pre{white-space:pre-wrap;margin:.2em 0}.herd table{border-collapse:collapse}"
    ".herd td,.herd th{padding:.1em .7em .1em 0;text-align:left;vertical-align:top}"
    ".herd .no{opacity:.55}.herd img,.herd svg{max-width:100%}</style>"
)


class Shows(Protocol):
    """What displays itself in a notebook."""

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]: ...


def page(*blocks: str) -> str:
    """Return blocks of HTML as one."""
    return f'<div class="herd">{_STYLE}{"".join(blocks)}</div>'


def escaped(text: object) -> str:
    """Return text for HTML, without what could drive a terminal either."""
    return html.escape(printable(str(text)), quote=True)


def run_page(run: Run) -> str:
    """Return a run: what was asked, its plan with how each step went, and the answer's parts."""
    statuses = {step: record.status for step, record in run.records.items()}
    seconds = {step: record.seconds for step, record in run.records.items()}
    facts = f"run {run.id}: {run.status}, {run.seconds:.1f} s" + (
        f", ${run.usd:.4f}" if run.usd else ""
    )
    blocks = [f"<b>{escaped(run.task)}</b><br><small>{escaped(facts)}</small>"]
    if run.plan.steps:
        drawn = run.plan.to_svg(status=cast("Any", statuses), seconds=cast("Any", seconds))
        blocks.append(f"<div>{drawn}</div>")
    for part in run.answer.parts:
        if part.status != "done":
            continue
        if part.ask:
            blocks.append(f"<h4>{escaped(part.ask)}</h4>")
        blocks.extend(shown(ref, run) for ref in part.artifacts)
        if not part.artifacts:
            blocks.append(f"<pre>{escaped(part.text)}</pre>")
        told = "; ".join(filter(None, (part.provenance, part.caution)))
        blocks.append(f"<small>{escaped(told)}</small>" if told else "")
    if run.answer.missing:
        missing = "".join(f"<li>{escaped(each)}</li>" for each in run.answer.missing)
        blocks.append(f"<h4>Not answered</h4><ul>{missing}</ul>")
    if run.answer.reason and not run.answer.missing:
        blocks.append(f"<p>{escaped(run.answer.reason)}</p>")
    blocks += [f"<p><small>Warning: {escaped(each)}</small></p>" for each in run.warnings]
    return page(*blocks)


def shown(ref: ArtifactRef, run: Run) -> str:
    """Return an artifact of a run as HTML; one that cannot be read says so."""
    try:
        artifact = load(ref, run.store)
        if isinstance(artifact, Text) or ref.kind is Kind.DATA:
            return f"<pre>{escaped(artifact)}</pre>"
        return f"<div>{artifact_html(artifact)}</div>"
    except HerdError as error:
        return f"<p>{escaped(ref.kind.value)} that cannot be shown: {escaped(error)}</p>"


def artifact_html(artifact: Artifact) -> str:
    """Return an artifact as HTML."""
    bundle: Shows = artifact
    made = bundle._repr_mimebundle_()
    return made.get("text/html") or f"<code>{escaped(made['text/plain'])}</code>"


# Why the plan is what it is -----------------------------------------------------------------------


def trace_page(trace: RouteTrace) -> str:
    """Return a trace: each part of the request with the experts that were considered."""
    head = (
        f"<b>{escaped(trace.request)}</b><br><small>planned by {escaped(trace.router)}, "
        f"confidence {trace.confidence:.2f}, {1000 * sum(trace.seconds.values()):.0f} ms</small>"
    )
    notes = "".join(f"<li>{escaped(each)}</li>" for each in trace.notes)
    return page(head, *map(_clause, trace.clauses), f"<ul>{notes}</ul>" if notes else "")


def _clause(clause: ClauseTrace) -> str:
    where = f" <small>({escaped(clause.step)})</small>" if clause.step else ""
    rows = "".join(
        f"<tr{'' if each.eligible else _LEFT_OUT}><td>{'✓' if each.chosen else ''}</td>"
        f"<td>{escaped(each.expert)}</td><td>{each.score:.2f}</td>"
        f"<td>{escaped(_evidence(each.evidence))}</td><td>{escaped(each.reason)}</td></tr>"
        for each in clause.candidates
    )
    table = (
        "<table><tr><th></th><th>expert</th><th>score</th><th>evidence</th><th></th></tr>"
        f"{rows}</table>"
        if rows
        else ""
    )
    given = "".join(
        f"<br><small>{escaped(name)}: {escaped(source)}</small>"
        for name, source in clause.parameters.items()
    )
    decision = f"<br>{escaped(clause.decision)}" if clause.decision else ""
    return f"<h4>{escaped(clause.text)}{where}</h4>{table}{decision}{given}"


_LEFT_OUT = ' class="no"'


def _evidence(evidence: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in evidence.items())


def trace_text(trace: RouteTrace) -> str:
    """Return a trace in words."""
    lines = [f"{trace.request!r}, planned by {trace.router}, confidence {trace.confidence:.2f}"]
    for clause in trace.clauses:
        lines.append(f"{clause.step or 'no step'}: {clause.text!r} {clause.decision}".rstrip())
        lines += [
            f"  {'*' if each.chosen else '-' if each.eligible else 'x'} {each.expert} "
            f"{each.score:.2f} {each.reason}".rstrip()
            for each in clause.candidates
        ]
    return printable("\n".join([*lines, *(f"- {note}" for note in trace.notes)]))


def joined(parts: Iterable[str]) -> str:
    """Return several pages below each other."""
    return "<hr>".join(parts)


__all__ = (
    "artifact_html",
    "escaped",
    "joined",
    "page",
    "run_page",
    "trace_page",
    "trace_text",
)
