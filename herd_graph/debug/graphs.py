"""Step through a LangGraph graph that is an expert: its nodes are the steps, their updates the results.

A graph of somebody else's has no plan. What it has done becomes one, so that every face of the
debugger shows it as it shows any run: each node that ran is a step that gave an update of the state,
and what would run next stands at the end. It is kept in memory: the run around it keeps the result.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from pydantic import BaseModel

from herd_graph.adapters.said import expert_name
from herd_graph.adapters.subgraph import GraphExpert, fields_of
from herd_graph.artifacts import Artifact, Data, Text
from herd_graph.artifacts.base import printable
from herd_graph.cards import ExpertCard, Port
from herd_graph.coordination import Answer
from herd_graph.debug.breakpoints import Breakpoint
from herd_graph.debug.session import DebugSession
from herd_graph.debug.standing import Standing
from herd_graph.debug.stops import Reason, Stop
from herd_graph.errors import PlanMalformed, RunError, suggest
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.failures import explain
from herd_graph.graph import isolated
from herd_graph.plans import Plan, Step
from herd_graph.recording.events import Event
from herd_graph.registry import Snapshot
from herd_graph.runs import Run
from herd_graph.schedule import Schedule
from herd_graph.state import StepRecord
from herd_graph.tasks import Task, input_port
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef, Kind, RunId, StepId

if TYPE_CHECKING:
    from herd_graph.calling import Call, Caller
    from herd_graph.driving import Driver

_STATE = "state"
"""What the whole state is called, where a name is asked for."""
_INTERRUPT = "__interrupt__"
_SHOWN = 4000
_Wave = tuple[StepRecord, ...]
"""What ran in one super-step."""


class GraphSession(DebugSession):
    """Steps through one call of a graph; its state is looked at and edited by key.

    Args:
        driver: The herd's engine, store and run store.
        expert: The graph.
        inputs: What it is called with.
        call: The call that this is the inside of.
    """

    def __init__(self, driver: Driver, expert: GraphExpert, inputs: Inputs, call: Call) -> None:
        task = Task(text=f"Graph {expert.card.name}").model_copy(
            update={"attachments": dict(call.inputs)}
        )
        self._own = expert.config_of(call.run, call.step)
        thread = str(self._own["configurable"]["thread_id"])
        super().__init__(driver, task, thread=thread)
        self.expert = expert
        self._graph: Any = expert.graph
        pinned = "thread_id" in expert.config.get("configurable", {})
        if not (pinned and self._graph.checkpointer):
            from langgraph.checkpoint.memory import InMemorySaver

            self._graph = self._graph.copy(update={"checkpointer": InMemorySaver()})
        self._nodes = _experts(self._graph)
        self.experts = Snapshot({each.card.id: each for each in self._nodes.values()})
        self._entry = expert.given(inputs)
        self._waves: tuple[_Wave, ...] = ()
        self._at: dict[str, tuple[_Wave, ...]] = {}
        """What had run, by checkpoint."""
        self._error: Exception | None = None
        self._values: Mapping[str, Any] = {}

    def outputs(self) -> Outputs:
        """Return what the call gives. Raises what a node raised."""
        if self._error is not None:
            raise self._error
        return self.expert.outputs(self._values)

    # Going on ---------------------------------------------------------------------------------

    async def step(self) -> Stop:
        """Run what is next: what a node calls is not stepped into."""
        return await self.next()

    async def _advance(self, caller: Caller | None = None) -> list[str]:
        """Run the nodes that are next; the first time, none."""
        del caller
        entry, self._entry = self._entry, None
        first = self._standing is None
        ready = [] if first else [unit.step for unit in self.standing.ready]
        updates: list[tuple[str, Any]] = []
        began, clock = time.time(), time.monotonic()
        try:
            self._insist_on_an_end()
            await isolated(self._once(entry, updates), name=f"graph:{self.run}:debug")
        except Exception as error:  # a node's own: the call will raise it
            self._error = error
        seconds = time.monotonic() - clock
        self._seconds += seconds
        self._config = {"configurable": {"thread_id": self.thread}}
        before = sum(map(len, self._waves))
        if self._error is not None and not first:
            wave = tuple(self._failed(each, began, seconds) for each in ready)
        else:
            wave = tuple(
                [
                    await self._done(f"s{before + place}", node, update, began, seconds)
                    for place, (node, update) in enumerate(updates, 1)
                ]
            )
        if wave:
            self._waves = (*self._waves, wave)
        await self._look()
        if self._over:
            status = "done" if self._error is None else "failed"
            self.driver.runs.update(self.run, status=status, seconds=self._seconds)
        return [each.step for each in wave]

    def _insist_on_an_end(self) -> None:
        limit = self.expert.recursion_limit
        if len(self._waves) >= limit:
            todo = "Check where it ends, or pass recursion_limit=…"
            raise self.expert.failed(f"it went on for more than {limit} steps", todo)

    async def _once(self, given: Any, updates: list[tuple[str, Any]]) -> None:
        from langgraph.types import Command

        config = self._with(self._config)
        while True:
            questions: list[Any] = []
            modes = ["updates", "custom"]
            async for mode, piece in self._graph.astream(
                given, config, stream_mode=modes, interrupt_before="*"
            ):
                if mode == "custom":
                    self._tell(piece)
                elif isinstance(piece, Mapping):
                    told = dict(cast("Mapping[str, Any]", piece))
                    questions.extend(told.pop(_INTERRUPT, None) or ())
                    updates.extend(told.items())
            if not questions:
                return
            answers = {each.id: await self.expert.asked(each.value) for each in questions}
            given, config = Command(resume=answers), self._own

    def _tell(self, piece: Any) -> None:
        if self.listener is not None:
            said: dict[str, Any] = {"fraction": None, "message": printable(str(piece))[:300]}
            self.listener(
                Event(kind="progress", run=RunId(self.run), step=self.stop.next, data=said)
            )

    def _with(self, config: Mapping[str, Any]) -> dict[str, Any]:
        configurable = {**self._own["configurable"], **config.get("configurable", {})}
        return {**self._own, "configurable": configurable}

    async def _done(
        self, step: str, node: str, update: Any, began: float, seconds: float
    ) -> StepRecord:
        def kept() -> StepRecord:
            given = Data(_plain(update)).put(self.driver.store)
            return StepRecord(
                run=self.run,
                step=step,
                status="done",
                expert=self._nodes[node].card.id if node in self._nodes else node,
                outputs={"update": given},
                started=began,
                seconds=seconds,
            )

        return await in_thread(kept, label="debug")

    def _failed(self, step: Step, began: float, seconds: float) -> StepRecord:
        assert self._error is not None
        return StepRecord(
            run=self.run,
            step=step.id,
            status="failed",
            expert=step.expert or "",
            started=began,
            seconds=seconds,
            error=str(explain(self.expert.card.id, self._error)),
            error_type=type(self._error).__name__,
        )

    def _record(
        self, reason: Reason, moved: Sequence[str] = (), hit: Breakpoint | None = None
    ) -> Stop:
        stop = super()._record("ended" if reason == "fused" else reason, moved, hit)
        if self._error is not None:
            said = str(explain(self.expert.card.id, self._error))
            self.stops[-1] = stop = stop.model_copy(update={"note": said})
        return stop

    # Looking ----------------------------------------------------------------------------------

    async def _look(self) -> None:
        state = await self._graph.aget_state(self._with(self._config))
        checkpoint = str(state.config["configurable"].get("checkpoint_id") or "")
        if self._error is None:
            self._waves = self._at.setdefault(checkpoint, self._waves)
        self._values = fields_of(state.values)
        self._standing = self._standing_of(self._waves, state.next, checkpoint)

    async def standing_at(self, number: int) -> tuple[Task, Standing]:
        """Return what was known at an earlier stop, without going there. Raises ``RunError``."""
        stop = self._stop_at(number)
        if stop == self.stop:
            return self.task, self.standing
        config = {"configurable": {"checkpoint_id": stop.checkpoint}}
        state = await self._graph.aget_state(self._with(config))
        waves = self._at.get(stop.checkpoint, ())
        return self.task, self._standing_of(waves, state.next, stop.checkpoint)

    def _standing_of(
        self, waves: tuple[_Wave, ...], after: Sequence[str], checkpoint: str
    ) -> Standing:
        records = {each.step: each for wave in waves for each in wave}
        steps: list[Step] = []
        before: tuple[StepId, ...] = ()
        for wave in waves:
            steps += [_step(each.step, each.expert, before) for each in wave]
            before = tuple(StepId(each.step) for each in wave)
        is_over = self._error is not None or not after
        if not is_over:
            steps += [
                _step(f"s{len(records) + place}", self._nodes[node].card.id, before)
                for place, node in enumerate(after, 1)
            ]
        ports = {name: input_port(name, each) for name, each in self.task.attachments.items()}
        plan = Plan(steps=tuple(steps), inputs=ports, author="graph", reason=self.task.text)
        pinned = {step: each.model_copy(update={"pinned": True}) for step, each in records.items()}
        schedule = Schedule(
            plan=plan,
            run=self.run,
            inputs=self.task.attachments,
            experts=self.experts,
            store=self.driver.store,
            records=pinned,
        )
        for ended in schedule.ended.values():
            ended.record = records.get(ended.record.step, ended.record)
        return Standing(
            run=self.run,
            plan=plan,
            records=records,
            trace=None,
            schedule=schedule,
            experts=self.experts,
            store=self.driver.store,
            next_node="" if is_over else "pump",
            phase="done" if is_over else "pump",
            checkpoint=checkpoint,
        )

    def refs(self, name: str) -> list[ArtifactRef]:
        """Return what an input, a node's update, or a key of the state holds."""
        if name == _STATE or name in self._values:
            value = self._values if name == _STATE else self._values[name]
            return [Data(_plain(value)).put(self.driver.store)]
        return super().refs(name)

    async def result(self) -> Run:
        """Return what ran so far as a run."""
        runs = self.driver.runs
        standing = self.standing
        status = "failed" if self._error is not None or not self._over else "done"
        found = Run(
            row=await in_thread(lambda: runs.get(self.run), label="run"),
            plan=standing.plan,
            answer=Answer(status=status, reason=str(self._error or "")),
            trace=None,
            records=standing.records,
            store=self.driver.store,
            experts=self.experts,
            load_events=lambda: runs.events(self.run),
        )
        found.__dict__["_schedule"] = standing.schedule  # what ran stands, whatever it hashes to
        return found

    # Changing ---------------------------------------------------------------------------------

    async def edit(self, name: str, value: Any) -> Stop:
        """Write a key of the state, as the node that ran last would: where that adds, this adds.

        Raises:
            PlanMalformed: The state has no such key.
            RunError: The graph does not take it.
        """
        known = set(self._graph.channels) - {each for each in self._graph.channels if ":" in each}
        known = {each for each in known if not each.startswith("__")}
        if name not in known:
            raise PlanMalformed(
                f"The state has no key {name!r}. {suggest(name, known, what='Its keys')}"
            )
        if isinstance(value, Artifact):
            value = value.text if isinstance(value, Text) else cast("Any", value).value
        cards = {each.card.id: node for node, each in self._nodes.items()}
        last = cards.get(self._waves[-1][-1].expert) if self._waves else None
        try:
            await self._graph.aupdate_state(self._with(self._config), {name: value}, as_node=last)
        except Exception as error:
            raise RunError(
                f"The graph does not take that for {name!r}: {error}. Expected what a node may "
                "write. The state stands as it stood."
            ) from error
        self._config = {"configurable": {"thread_id": self.thread}}
        await self._look()
        stop = self._record("edited")
        self.stops[-1] = stop = stop.model_copy(update={"note": f"{name} was written by hand"})
        return stop

    async def goto(self, number: int) -> Stop:
        """Go to an earlier stop by its number. Raises ``RunError``."""
        self._stop_at(number)
        self._error = None
        return await super().goto(number)

    async def replan(self, plan: Plan) -> Stop:
        """Refuse: nodes are not experts."""
        del plan
        self._refuse("Its plan cannot be changed")

    async def swap(self, step: str, expert: str) -> Stop:
        """Refuse: nodes are not experts."""
        del step, expert
        self._refuse("Its nodes cannot be swapped")

    async def rerun(self, step: str) -> Stop:
        """Refuse: which nodes run is the graph's."""
        del step
        self._refuse("Its nodes cannot be run again by themselves")

    async def fork(self, at: int | None = None) -> DebugSession:
        """Refuse: the run around it is what can be forked."""
        del at
        self._refuse("It cannot be forked by itself")

    async def save(self, path: str | os.PathLike[str]) -> Path:
        """Refuse: the run around it is what can be recorded."""
        del path
        self._refuse("It cannot be saved by itself")

    def _refuse(self, what: str) -> NoReturn:
        raise RunError(
            f"This is a graph inside a run. {what}. Expected back, edit KEY VALUE, or a command on "
            "the run around it: up."
        )


class _Node(Expert):
    """A node, as far as it is shown."""

    async def invoke(self, inputs: Inputs, context: Any) -> Outputs:
        """Refuse: the graph calls it."""
        raise NotImplementedError


def _experts(graph: Any) -> dict[str, Expert]:
    """Return a card for each node, by the node's name."""
    found: dict[str, Expert] = {}
    taken: set[str] = set()
    for node in graph.nodes:
        if str(node).startswith("__"):  # the entrance
            continue
        name = wished = expert_name(str(node), "node")
        number = 2
        while name in taken:
            name, number = f"{wished[:60]}_{number}", number + 1
        taken.add(name)
        card = ExpertCard(
            name=name,
            description=f"Node {printable(str(node))} of a graph.",
            inputs=(),
            outputs=(Port(name="update", kind=Kind.DATA),),
        )
        found[str(node)] = _Node(card)
    return found


def _step(step: str, expert: str, after: tuple[StepId, ...]) -> Step:
    return Step(id=StepId(step), expert=expert, after=after)


def _plain(value: Any) -> Any:
    """Return a state's value as JSON: what is none is shown in words."""
    return json.loads(json.dumps(value, default=_shown, ensure_ascii=False, skipkeys=True))


def _shown(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return f"<{len(value):,} bytes>"
    if isinstance(value, BaseModel):
        return fields_of(value)
    if isinstance(value, set | frozenset | tuple):
        return list(cast("Any", value))
    return printable(str(value))[:_SHOWN]


__all__ = ("GraphSession",)
