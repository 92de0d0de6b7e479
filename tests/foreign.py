"""Run one expert of a herd as a plan of one step: through the whole engine, as users do."""

from __future__ import annotations

from typing import Any

from herd_graph import Herd, Plan
from herd_graph.artifacts import Artifact, load
from herd_graph.cards import Port
from herd_graph.plans import Ask, FromInput, FromStep, Step
from herd_graph.recording.events import Event
from herd_graph.runs import Run
from herd_graph.types import StepId


def plan_of(herd: Herd, name: str, given: dict[str, Any], output: str | None = None) -> Plan:
    card = herd.registry.find(name).card
    ports: dict[str, Port] = {}
    for each in given:
        port = card.input(each)
        assert port is not None, f"{card.signature} has no input {each!r}"
        ports[each] = port
    step = StepId("s1")
    return Plan(
        inputs=ports,
        steps=(Step(id=step, expert=name, inputs={each: FromInput(input=each) for each in given}),),
        answers=(Ask(ask=name, source=FromStep(step=step, output=output)),),
    )


def run_one(
    herd: Herd,
    name: str,
    /,
    *,
    output: str | None = None,
    events: list[Event] | None = None,
    approve: Any = None,
    budget: Any = None,
    **given: Any,
) -> Run:
    """Run one expert and return the run."""
    on_event = None if events is None else events.append
    plan = plan_of(herd, name, given, output)
    return herd.run(plan, on_event=on_event, approve=approve, budget=budget, **given)


def ask(herd: Herd, name: str, /, *, output: str | None = None, **given: Any) -> Artifact:
    """Run one expert and return the one artifact that it gave."""
    found = ask_all(herd, name, output=output, **given)
    assert len(found) == 1, found
    return found[0]


def ask_all(herd: Herd, name: str, /, *, output: str | None = None, **given: Any) -> list[Artifact]:
    """Run one expert and return what it gave."""
    run = run_one(herd, name, output=output, **given)
    assert run.status == "done", str(run.answer)
    return [load(ref, herd.store) for ref in run.answer.artifacts]


def why_not(herd: Herd, name: str, /, **given: Any) -> str:
    """Run one expert that fails, and return the reason."""
    run = run_one(herd, name, **given)
    assert run.status == "failed", str(run.answer)
    return "\n".join(run.answer.missing)
