"""Compile a plan to an ordinary LangGraph ``StateGraph``: one node per step, under the step's name.

For people who want the nodes in a graph of their own, in a viewer, or behind their own retry
policies and breakpoints. LangGraph's barrier then applies: a super-step ends when its slowest node
does, so of two chains 0.1 s → 1 s and 1 s → 0.1 s both take 2.0 s, where a herd's engine, which
starts each step as soon as its inputs are there, takes 1.1 s. Budgets, leases, late binding and
several candidates for one step are the engine's as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Annotated, Any, cast

from langchain_core.runnables import RunnableConfig
from typing_extensions import TypedDict

from herd_graph.artifacts import Artifact
from herd_graph.binding import (
    SKIPPED,
    Ref,
    holds,
    items_of,
    literal,
    resolve,
    resolve_inputs,
    with_defaults,
)
from herd_graph.calling import Call, Caller, CallResult
from herd_graph.checking import validate
from herd_graph.errors import CallError, CallRefused, PlanInvalid
from herd_graph.expansion import expand
from herd_graph.experts import Expert
from herd_graph.plans import FromStep, Plan, Step
from herd_graph.registry import Snapshot
from herd_graph.schedule import input_hash
from herd_graph.state import StepRecord
from herd_graph.store import ArtifactStore
from herd_graph.types import JSON, ArtifactRef, RunId, StepId

ANSWERS = "answers"
"""The name of the last node."""


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {**old, **new}


class PlanState(TypedDict, total=False):
    """The state of a compiled plan: JSON and references, never bytes."""

    inputs: dict[str, Any]
    """By the names that the plan binds: artifacts, references (also as JSON), or plain values."""
    steps: Annotated[dict[str, Any], _merge]
    """A ``StepRecord`` as JSON for each step that has ended."""
    answers: dict[str, Any]
    """For each thing that was asked: a reference as JSON, a list of them, or None if skipped."""


def to_state_graph(plan: Plan, experts: Snapshot, store: ArtifactStore, *, caller: Caller) -> Any:
    """Return a ``StateGraph`` with one node per step; compile it, or add nodes of your own first.

    Steps that ask a person do so by LangGraph's ``interrupt``: resume with ``True`` or ``False``.

    Args:
        plan: A plan without late-bound steps.
        experts: Who is present; the nodes keep these versions.
        store: Where artifacts are kept.
        caller: Makes the calls.

    Raises:
        PlanInvalid: The plan has problems, or steps that only the engine can run.
    """
    validate(plan, experts)
    plan = expand(plan, experts)
    only_engine = [
        f"Step {each.id!r} is bound late or has several candidates. Expected one expert for each "
        "step. Name the expert, or run the plan with herd.run(plan)."
        for each in plan.steps
        if each.expert is None or each.select != "top_1"
    ]
    if only_engine:
        raise PlanInvalid(only_engine)
    graph: Any = import_module("langgraph.graph")
    builder: Any = graph.StateGraph(PlanState)
    for step in plan.steps:
        node = _Node(plan, step, experts, store, caller)
        builder.add_node(step.id, node.run, metadata={"expert": node.candidates[0].card.id})
    builder.add_node(ANSWERS, _answers(plan, store))
    last = sorted({step for ask in plan.asks for step in _steps_of(ask.source)})
    for step in plan.steps:
        builder.add_edge(sorted(step.needs) or graph.START, step.id)
    builder.add_edge(last or graph.START, ANSWERS)
    builder.add_edge(ANSWERS, graph.END)
    return builder


def _steps_of(binding: Any) -> set[StepId]:
    if isinstance(binding, FromStep):
        return {binding.step}
    nested = (*getattr(binding, "all", ()), *getattr(binding, "first", ()))
    return {step for each in nested for step in _steps_of(each)}


def _inputs(plan: Plan, state: PlanState, store: ArtifactStore) -> dict[str, Ref]:
    given = {name: _ref(value, store) for name, value in state.get("inputs", {}).items()}
    return with_defaults(plan.inputs, given, store)


def _ref(value: Any, store: ArtifactStore) -> Ref:
    if isinstance(value, list | tuple):
        several = [_ref(each, store) for each in cast("list[Any]", value)]
        return [each for each in several if isinstance(each, ArtifactRef)]
    if isinstance(value, ArtifactRef):
        return value
    if isinstance(value, Artifact):
        return value.put(store)
    if isinstance(value, Mapping):
        named = cast("Mapping[str, Any]", value)
        if {"id", "kind", "mime", "size"} <= named.keys():
            return ArtifactRef.model_validate(named)
    return literal(cast("JSON", value), store)


def _records(state: PlanState) -> Callable[[str], StepRecord | None]:
    records = state.get("steps", {})

    def find(step: str) -> StepRecord | None:
        found = records.get(step)
        return None if found is None else StepRecord.model_validate(found)

    return find


def _answers(plan: Plan, store: ArtifactStore) -> Callable[[PlanState], Awaitable[dict[str, Any]]]:
    async def gather(state: PlanState) -> dict[str, Any]:
        inputs, records = _inputs(plan, state, store), _records(state)
        answers: dict[str, Any] = {}
        for ask in plan.asks:
            found = resolve(ask.source, inputs, records, store)
            answers[ask.ask] = None if found is SKIPPED else _dump(found)
        return {"answers": answers}

    return gather


def _dump(ref: Ref) -> Any:
    if isinstance(ref, list):
        return [each.model_dump(mode="json") for each in ref]
    return ref.model_dump(mode="json")


class _Node:
    """One step as a node."""

    def __init__(
        self, plan: Plan, step: Step, experts: Snapshot, store: ArtifactStore, caller: Caller
    ) -> None:
        assert step.expert is not None
        self.plan = plan
        self.step = step
        self.store = store
        self.caller = caller
        self.candidates = [experts.find(each) for each in (step.expert, *step.fallbacks)]

    async def run(self, state: PlanState, config: RunnableConfig) -> dict[str, Any]:
        """Run the step on what the state holds; return its record."""
        configured: dict[str, Any] = config.get("configurable") or {}
        thread = configured.get("thread_id", "")
        inputs, records = _inputs(self.plan, state, self.store), _records(state)
        record = StepRecord(run=str(thread), step=self.step.id, status="skipped")
        if all(holds(each, inputs, records, self.store) for each in self.step.when):
            record = await self._called(inputs, records, record)
        return {"steps": {self.step.id: record.model_dump(mode="json")}}

    async def _called(
        self,
        inputs: Mapping[str, Ref],
        records: Callable[[str], StepRecord | None],
        record: StepRecord,
    ) -> StepRecord:
        items: list[ArtifactRef | None] = [None]
        if self.step.foreach is not None:
            listed = items_of(self.step.foreach, inputs, records, self.store)
            if listed is None:
                return record
            items = list(listed)
        card = self.candidates[0].card
        calls: list[dict[str, Ref]] = []
        for item in items:
            bound = resolve_inputs(self.step, card, inputs, records, self.store, item)
            if bound is SKIPPED:
                return record
            calls.append(bound)
        self._approved(len(calls))
        run = RunId(record.run)
        results = await _together(
            [self._first_that_works(each, run, at) for at, each in enumerate(calls)]
        )
        done = [each for each in results if each is not None]
        outputs: dict[str, Any] = done[0].outputs if done and self.step.foreach is None else {}
        if self.step.foreach is not None:
            outputs = {port.name: _column(port.name, results) for port in card.outputs}
        return record.model_copy(
            update={
                "status": "done",
                "expert": card.id,
                "outputs": outputs,
                "items": len(items) if self.step.foreach is not None else None,
                "usd": sum(each.usd for each in done),
                "seconds": sum(each.seconds for each in done),
            }
        )

    def _approved(self, calls: int) -> None:
        """Ask a person, where a candidate has side effects. Raises ``CallRefused``."""
        asking = [each.card.id for each in self.candidates if each.card.approve]
        if not asking or not calls:
            return
        interrupt: Any = import_module("langgraph.types").interrupt
        question = f"May step {self.step.id!r} call {' or '.join(asking)}?"
        if not interrupt({"step": self.step.id, "expert": asking[0], "question": question}):
            raise CallRefused(
                f"Step {self.step.id!r} was not approved: {asking[0]!r} asks before each call. "
                "Resume with True to let it run."
            )

    async def _first_that_works(
        self, bound: Mapping[str, Ref], run: RunId, place: int
    ) -> CallResult | None:
        """Call the candidates in turn; None when an item may be left out."""
        for at, expert in enumerate(self.candidates, start=1):
            try:
                return await self.caller.call(self._call(expert, bound, run, place, at))
            except CallError:
                if at < len(self.candidates):
                    continue
                if self.step.foreach is not None and self.step.on_item_error == "skip":
                    return None
                raise
        return None

    def _call(
        self, expert: Expert, bound: Mapping[str, Ref], run: RunId, place: int, attempt: int
    ) -> Call:
        step = self.step.id if self.step.foreach is None else StepId(f"{self.step.id}[{place}]")
        return Call(
            expert=expert,
            inputs=bound,
            run=run,
            step=step,
            attempt=attempt,
            idempotency_key=input_hash(self.step, expert.card.id, bound),
        )


def _column(name: str, results: list[CallResult | None]) -> list[ArtifactRef | None]:
    """Return one output of every item, in order; lists are joined, what was left out is None."""
    column: list[ArtifactRef | None] = []
    for each in results:
        given = None if each is None else each.outputs.get(name)
        column.extend(given if isinstance(given, list) else [given])
    return column


async def _together(
    calls: list[Any],
) -> list[CallResult | None]:
    """Await all; when one fails, cancel the others and wait until they are gone."""
    tasks = [asyncio.ensure_future(each) for each in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


__all__ = ("ANSWERS", "PlanState", "to_state_graph")
