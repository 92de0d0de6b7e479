"""What the page shows of one step: what went in, what came out, why, and how it was tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from herd_graph.artifacts.base import printable
from herd_graph.checking import check
from herd_graph.debug.changing import swapped
from herd_graph.debug.standing import Standing
from herd_graph.debug.web.looks import Look, record_json
from herd_graph.debug.web.payloads import Payloads, Shown, described
from herd_graph.errors import HerdError
from herd_graph.explaining import explain
from herd_graph.plans import (
    AllOf,
    Binding,
    FirstOf,
    FromInput,
    FromStep,
    Item,
    Step,
    Value,
    show,
    show_condition,
)
from herd_graph.recording.events import Event
from herd_graph.tasks import input_port
from herd_graph.types import JSON, ArtifactRef

_ITEMS = 500
_EVENTS = 300
_SWAPS = 40


def step_json(look: Look, name: str, payloads: Payloads, events: Sequence[Event]) -> Shown:
    """Return everything about a step, or about one item of its list (``s1[3]``).

    Raises:
        PlanMalformed: There is no such step.
    """
    standing = look.standing
    step = standing.plan.step(name)
    is_item = "[" in name
    ended = standing.schedule.ended.get(step.id)
    record = standing.records.get(name) if is_item else ended.record if ended is not None else None
    if record is None:
        record = standing.records.get(name)
    item = _item(standing, look, step, name) if is_item else None
    why = explain(standing.plan, standing.trace, standing.records, look.row, step.id)
    return {
        "id": name,
        "step": step.id,
        "expert": step.expert or "",
        "title": printable((step.expert or "").partition("@")[0] or step.id),
        "ask": printable(step.ask),
        "status": standing.statuses.get(name, "pending"),
        "when": " and ".join(printable(show_condition(each)) for each in step.when),
        "foreach": show(step.foreach) if step.foreach is not None else "",
        "card": _card(standing, step),
        "record": None if record is None else cast("JSON", _record(record)),
        "inputs": [
            _input(standing, look, key, each, item, payloads) for key, each in step.inputs.items()
        ],
        "outputs": _outputs(standing, step, name, payloads),
        "items": _items(standing, step, is_item=is_item),
        "why": _why(why.steps[0]),
        "router": {"name": why.router, "confidence": why.confidence},
        "events": [event_json(each) for each in events[-_EVENTS:]],
    }


def event_json(event: Event) -> Shown:
    """Return an event."""
    return {"kind": event.kind, "step": event.step, "at": event.at, "data": event.data}


def _record(record: Any) -> dict[str, Any]:
    attempts = [each.model_dump(mode="json") for each in record.attempts]
    for each in attempts:
        each["error"] = printable(str(each.get("error", "")))[:2000]
    return {
        **record_json(record),
        "status": record.status,
        "error": printable(record.error),
        "error_type": record.error_type,
        "attempts": attempts,
        "verdicts": [each.model_dump(mode="json") for each in record.verdicts],
        "input_hash": record.input_hash,
    }


def _why(step: Any) -> Shown:
    return {
        "fallbacks": list(step.fallbacks),
        "clauses": [each.model_dump(mode="json") for each in step.clauses],
    }


def _card(standing: Standing, step: Step) -> JSON:
    if step.expert is None or not standing.experts.knows(step.expert):
        query = step.capability.query if step.capability is not None else ""
        return {"id": step.expert or "", "description": printable(query), "outputs": []}
    card = standing.experts.find(step.expert).card
    return {
        "id": card.id,
        "description": printable(card.description),
        "locality": card.locality,
        "licence": printable(card.licence),
        "caution": printable(card.caution),
        "notes": printable(card.notes),
        "tags": [printable(each) for each in card.tags],
        "signature": printable(card.signature),
        "outputs": [
            {"name": port.name, "kind": port.kind.value, "type": port.type_name, "many": port.many}
            for port in card.outputs
        ],
    }


def _input(
    standing: Standing,
    look: Look,
    name: str,
    binding: Binding,
    item: ArtifactRef | None,
    payloads: Payloads,
) -> Shown:
    told: Shown = {"name": name, "from": printable(show(binding))}
    if isinstance(binding, Value):
        return {**told, "literal": binding.value}
    refs = _bound(standing, look, binding, item)
    payloads.note(refs or (), standing.store)
    return {**told, "refs": None if refs is None else [described(ref) for ref in refs]}


def _bound(
    standing: Standing, look: Look, binding: Binding, item: ArtifactRef | None
) -> list[ArtifactRef] | None:
    """Return what a binding stands for; None where it is not there yet. Nothing is written."""
    if isinstance(binding, FromInput):
        given = look.inputs.get(binding.input)
        return given if isinstance(given, list) else None if given is None else [given]
    if isinstance(binding, FromStep):
        return standing.schedule.outputs_of(binding)
    if isinstance(binding, Item):
        return None if item is None else [item]
    if isinstance(binding, AllOf):
        parts = [_bound(standing, look, each, item) for each in binding.all]
        return [ref for part in parts if part is not None for ref in part]
    if isinstance(binding, FirstOf):
        found = (_bound(standing, look, each, item) for each in binding.first)
        return next((each for each in found if each is not None), None)
    return None


def _item(standing: Standing, look: Look, step: Step, name: str) -> ArtifactRef | None:
    number = name.partition("[")[2].rstrip("]")
    if step.foreach is None or not number.isdecimal():
        return None
    unit = next((each for each in standing.ready if each.id == name), None)
    if unit is not None:
        found = [each for each in unit.inputs.values() if isinstance(each, ArtifactRef)]
        bound = [key for key, each in step.inputs.items() if isinstance(each, Item)]
        value = unit.inputs.get(bound[0]) if bound else None
        return value if isinstance(value, ArtifactRef) else next(iter(found), None)
    refs = _bound(standing, look, step.foreach, None) or []
    return refs[int(number)] if int(number) < len(refs) else None


def _outputs(standing: Standing, step: Step, name: str, payloads: Payloads) -> list[Any]:
    given: dict[str, Any] = {}
    if "[" in name:
        record = standing.records.get(name)
        given = dict(record.outputs) if record is not None else {}
    elif step.id in standing.schedule.ended:
        given = dict(standing.schedule.ended[step.id].outputs)
    told: list[Any] = []
    for port, value in given.items():
        refs = cast("list[ArtifactRef | None]", value if isinstance(value, list) else [value])
        payloads.note(refs, standing.store)
        told.append(
            {
                "name": port,
                "many": isinstance(value, list),
                "total": len(refs),
                "refs": [described(ref) for ref in refs[:_ITEMS]],
            }
        )
    return told


def _items(standing: Standing, step: Step, *, is_item: bool) -> JSON:
    if step.foreach is None or is_item:
        return None
    statuses = standing.statuses
    names = [each for each in statuses if each.startswith(f"{step.id}[")]
    names.sort(key=lambda each: int(each.partition("[")[2].rstrip("]") or 0))
    told: list[Any] = []
    for each in names[:_ITEMS]:
        record = standing.records.get(each)
        told.append(
            {
                "id": each,
                "status": statuses[each],
                "seconds": record.seconds if record is not None else None,
                "error": printable(record.error)[:300] if record is not None else "",
            }
        )
    return {"total": len(names), "list": told}


def swaps(look: Look, name: str) -> list[str]:
    """Return the experts that could do a step instead, those that the router saw first."""
    standing = look.standing
    step = standing.plan.step(name)
    clauses = standing.trace.clauses if standing.trace is not None else ()
    seen = [
        each.expert for clause in clauses if clause.step == step.id for each in clause.candidates
    ]
    before = (
        standing.experts.find(step.expert).card
        if step.expert is not None and standing.experts.knows(step.expert)
        else None
    )
    gives = {port.kind for port in before.outputs} if before is not None else set[Any]()
    alike = [
        card.id
        for card in standing.experts.latest
        if not gives or gives & {port.kind for port in card.outputs}
    ]
    found: list[str] = []
    for spec in dict.fromkeys([*seen, *alike]):
        if len(found) >= _SWAPS or spec == step.expert or not standing.experts.knows(spec):
            continue
        if _fits(look, step, spec):
            found.append(standing.experts.find(spec).card.id)
    return list(dict.fromkeys(found))


def _fits(look: Look, step: Step, spec: str) -> bool:
    standing = look.standing
    ports = {name: input_port(name, value) for name, value in look.inputs.items()}
    try:
        plan = swapped(standing.plan, step.id, spec, standing.experts)
        return not check(plan.model_copy(update={"inputs": ports}), standing.experts, ports)
    except HerdError:
        return False


__all__ = ("event_json", "step_json", "swaps")
