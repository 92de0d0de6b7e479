"""The static LangGraph graph of a herd, and the compiled graph that owns its flights.

    START ─▶ ingest ─▶ route ─▶ validate ─▶ pump ⇄ (gate | replan) ─▶ check ─▶ fuse ─▶ END

One compiled graph serves every request: the plan is data. Imported lazily: it loads LangGraph.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any, cast

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.utils.runnable import RunnableCallable

from herd_graph.binding import literal
from herd_graph.checking import check as check_plan
from herd_graph.coordination import Answer, compose
from herd_graph.engine import Engine, Request
from herd_graph.errors import CallRefused, PlanInvalid, RunError
from herd_graph.expansion import PlannedExpert
from herd_graph.inlining import inline
from herd_graph.journal import history, open_row, settle_row
from herd_graph.plans import Plan, Value
from herd_graph.pump import Flight, records_of
from herd_graph.recording.store import RunStore
from herd_graph.replanning import pin, replan
from herd_graph.routing.base import Route, Situation
from herd_graph.saver import HerdSaver, MemorySaver
from herd_graph.serving import Serving, at_the_door, holds_artifacts, taken_in
from herd_graph.state import HerdInput, HerdOutput, PlanRef, state_schema
from herd_graph.store import ArtifactStore
from herd_graph.tasks import Task
from herd_graph.threads import engine_loop, in_thread
from herd_graph.turnstiles import Turnstile
from herd_graph.types import JSON

FLIGHT, REQUEST = "__herd_flight", "__herd_request"
STEP_LIMIT = 1_000_000
"""Super-steps of one run: a caller's own limit (25 in LangChain) would end a 40-step plan."""

Node = Callable[[Engine, Flight, Mapping[str, Any]], Awaitable[dict[str, Any]]]


async def ingest(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Begin a run: normalise the task, and leave nothing of the turn before."""
    task = await in_thread(lambda: taken_in(engine, state), label="bind")
    if flight.thread and not task.thread:
        task = task.model_copy(update={"thread": flight.thread})
    flight.begin()

    def note() -> tuple[Mapping[str, JSON], ...]:
        open_row(engine, flight.run, task, flight.ledger.budget)
        told = flight.request.history
        return history(engine, task.thread, flight.run) if told is None else told

    flight.history = await in_thread(note, label="journal")
    return {
        "task": await flight.keep_task(task),
        "run": flight.run,
        "plan": {},
        "pending": {},
        "approvals": {},
        "answer": {},
        "phase": "pump",
    }


async def route(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Have a plan written, unless a person wrote one; pin the versions of its experts."""
    task = await flight.load_task(state)
    trace, update = "", dict[str, Any]()
    if task.plan:
        given = task.plan
        plan = await in_thread(lambda: Plan.parse(engine.store.get(given)), label="plan")
    else:
        found = await _ask_router(engine, flight, task)
        plan, trace = found.plan, await _keep_text(engine.store, found.trace.model_dump_json())
        update = await _with_earlier(flight, task, found)
    pinned = pin(plan, flight.experts)
    reference = PlanRef(plan=await _keep(engine.store, pinned), trace=trace)
    flight.emit("planned", plan=reference.plan, steps=len(pinned.steps), revision=0)
    return {"plan": reference.model_dump(), **update}


async def _with_earlier(flight: Flight, task: Task, found: Route) -> dict[str, Any]:
    """Attach what the plan binds of the thread's earlier turns."""
    if not found.attachments:
        return {}
    attached = {**task.attachments, **found.attachments}
    return {"task": await flight.keep_task(task.model_copy(update={"attachments": attached}))}


async def _ask_router(engine: Engine, flight: Flight, task: Task) -> Route:
    await engine.sync_index()
    situation = Situation(
        experts=flight.offered,
        index=engine.index,
        store=engine.store,
        budget=flight.ledger.budget,
        history=flight.history,
    )
    found = await engine.router.route(task, situation)
    flight.ledger.settle(0.0, found.trace.usd)
    return found


async def _keep(store: ArtifactStore, plan: Plan) -> str:
    """Keep a plan, and its literals beside it, so that the pump does not write on the loop."""

    def keep() -> str:
        for step in plan.steps:
            for binding in step.bindings:
                if isinstance(binding, Value):
                    items = binding.value if isinstance(binding.value, list) else [binding.value]
                    for each in (binding.value, *items):
                        literal(each, store)
        return store.put(json.dumps(plan.dump(), ensure_ascii=False).encode())

    return await in_thread(keep, label="keep")


async def _keep_text(store: ArtifactStore, text: str) -> str:
    return await in_thread(lambda: store.put(text.encode()), label="keep")


async def validate(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse a plan with problems before anything runs; a router's becomes an abstention."""
    task, plan = await flight.load_task(state), await flight.load_plan(state)
    if plan.abstained:
        return {"phase": "fuse"}
    problems = check_plan(plan, flight.experts, task.inputs)
    if not problems:
        return {**await _inlined(engine, flight, state, plan), "phase": "pump"}
    if task.plan:
        raise PlanInvalid(problems)
    told = "; ".join(str(problem) for problem in problems)
    refused = Plan(reason=f"The router's plan cannot be run: {told}", author=plan.author)
    reference = PlanRef.model_validate(state["plan"])
    kept = reference.model_copy(update={"plan": await _keep(engine.store, refused)})
    return {"plan": kept.model_dump(), "phase": "fuse"}


async def _inlined(
    engine: Engine, flight: Flight, state: Mapping[str, Any], plan: Plan
) -> dict[str, Any]:
    """Put the steps of workflows in the place of the steps that call them."""
    flat = inline(plan, flight.experts)
    if flat is plan:
        return {}
    reference = PlanRef.model_validate(state["plan"])
    kept = await _keep(engine.store, pin(flat, flight.experts))
    flight.emit("planned", plan=kept, steps=len(flat.steps), revision=reference.revision)
    return {"plan": reference.model_copy(update={"plan": kept}).model_dump()}


async def pump(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Run what is ready; see ``herd_graph.pump``."""
    del engine
    return await flight.pump(state)


async def gate(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Ask a person everything that is pending, in one interrupt, when nothing else can run."""
    from langgraph.types import interrupt

    del engine
    if not flight.request.may_ask:
        raise CallRefused(
            f"Run {flight.run!r} needs a person's approval, beside another run that is being asked "
            "about in the same step. Expected one such call at a time: otherwise an answer could "
            "reach the wrong one. Call it again."
        )
    pending: dict[str, Any] = dict(state.get("pending") or {})
    said: Any = interrupt(pending)
    if not isinstance(said, Mapping):
        said = dict.fromkeys(pending, bool(said))
    answers = cast("Mapping[str, Any]", said)
    approvals = {step: bool(value) for step, value in answers.items() if step in pending}
    return {
        "approvals": {**(state.get("approvals") or {}), **approvals},
        "pending": {},
        "phase": "pump",
    }


async def check(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """See whether everything that was asked for is there, or another path is worth a try."""
    task, plan = await flight.load_task(state), await flight.load_plan(state)
    records = records_of(state, state["run"])
    revision = int(state["plan"]["revision"])
    failed = any(each.id in records and records[each.id].status == "failed" for each in plan.steps)
    hopeful = failed and not task.plan and revision < engine.replans and bool(plan.steps)
    return {"phase": "replan" if hopeful else "fuse"}


async def rewrite(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the router again without the experts that failed; what is finished is kept."""
    task, plan = await flight.load_task(state), await flight.load_plan(state)
    records = records_of(state, state["run"])
    reference = PlanRef.model_validate(state["plan"])
    found = await replan(engine, flight, task, plan, records)
    if found is None or check_plan(found.plan, flight.experts, task.inputs):
        kept = reference.model_copy(update={"revision": reference.revision + 1})
        return {"plan": kept.model_dump(), "phase": "fuse"}
    revised = PlanRef(
        plan=await _keep(engine.store, pin(found.plan, flight.experts)),
        trace=await _keep_text(engine.store, found.trace.model_dump_json()),
        revision=reference.revision + 1,
        reason=found.plan.reason,
    )
    flight.emit("replanned", revision=revised.revision, plan=revised.plan)
    earlier = await _with_earlier(flight, task, found)
    return {"plan": revised.model_dump(), "phase": "validate", **earlier}


async def fuse(engine: Engine, flight: Flight, state: Mapping[str, Any]) -> dict[str, Any]:
    """Compose the answer and close the run."""
    task, plan = await flight.load_task(state), await flight.load_plan(state)
    records = records_of(state, state["run"])

    def composed() -> Answer:
        schedule = flight.settled_schedule(state, plan, task)
        ended = {step: each.record for step, each in schedule.ended.items()}
        return compose(
            plan,
            ended,
            schedule.outputs_of,
            task.attachments,
            engine.store,
            caution_of=flight.experts.caution_of,
        )

    answer = await in_thread(composed, label="fuse")
    flight.finish(answer)
    flight.emit("fused", status=answer.status, parts=len(answer.parts))
    usd = sum(record.usd for record in records.values())
    flight.emit("ended", status=answer.status, seconds=flight.ledger.seconds_used, usd=usd)
    await in_thread(lambda: settle_row(engine, flight, state, records, answer), label="journal")
    return {"answer": answer.dump(), "phase": "done"}


NODES: dict[str, Node] = {
    "ingest": ingest,
    "route": route,
    "validate": validate,
    "pump": pump,
    "gate": gate,
    "replan": rewrite,
    "check": check,
    "fuse": fuse,
}
_NEXT: dict[str, list[str]] = {
    "validate": ["pump", "fuse"],
    "pump": ["pump", "gate", "check", "replan", "fuse"],
    "check": ["replan", "fuse"],
    "replan": ["validate", "fuse"],
}


def build(
    engine: Engine,
    checkpointer: Any = None,
    *,
    name: str = "herd",
    workflow: PlannedExpert | None = None,
) -> HerdGraph:
    """Compile the graph of a herd, or of one workflow in it."""
    nodes: dict[str, Node] = dict(NODES)
    takes: Any = HerdInput
    gives: Any = HerdOutput
    state: Any = state_schema()
    if workflow is not None:
        serving = Serving(workflow)
        nodes |= {"ingest": serving.ingest(ingest), "fuse": serving.fuse(fuse)}
        takes, gives, state = serving.takes, serving.gives, serving.state
    builder: Any = StateGraph(state, input_schema=takes, output_schema=gives)
    for label, node in nodes.items():
        builder.add_node(label, _runnable(engine, label, node))
    builder.add_edge(START, "ingest")
    builder.add_edge("ingest", "route")
    builder.add_edge("route", "validate")
    for label, targets in _NEXT.items():
        builder.add_conditional_edges(label, _light("phase", _phase, _aphase), targets)
    builder.add_edge("gate", "pump")
    builder.add_edge("fuse", END)
    compiled = builder.compile(checkpointer=checkpointer, name=name)
    # The builder makes the base class; copies (with_config, LangGraph's server) make ours.
    attributes: dict[str, Any] = {**vars(compiled)}
    return HerdGraph(engine=engine, **attributes)


def _phase(state: Mapping[str, Any]) -> str:
    return str(state["phase"])


async def _aphase(state: Mapping[str, Any]) -> str:
    return _phase(state)  # a sync function alone would run in a pool, once for every super-step


def _light(name: str, func: Callable[..., Any], afunc: Callable[..., Any]) -> Runnable[Any, Any]:
    """Return a runnable as LangGraph makes its own nodes: no run of its own in traces, and cheap."""
    make = cast("Any", RunnableCallable)
    return make(func, afunc, name=name, trace=False, recurse=False)


def _runnable(engine: Engine, label: str, node: Node) -> Runnable[Any, Any]:
    async def afunc(state: Mapping[str, Any], config: RunnableConfig) -> dict[str, Any]:
        key = config.get("configurable", {}).get(FLIGHT)
        flight = engine.flights.get(str(key))
        if flight is None:
            raise RunError(
                f"Node {label!r} was entered outside a herd's own graph. Expected to be run by "
                "herd.compile(). Use the compiled graph, not its builder."
            )
        flight.writer = get_stream_writer()
        return await node(engine, flight, state)

    def func(state: Mapping[str, Any], config: RunnableConfig) -> dict[str, Any]:
        return engine_loop.wait(afunc(state, config))

    return _light(label, func, afunc)


class HerdGraph(CompiledStateGraph[Any, Any, Any, Any]):
    """A compiled graph that owns what it starts.

    Pregel does not own the pump's calls, and between super-steps no node runs that could be
    cancelled: a caller that stops listening, a recursion limit or a failing checkpointer would leak
    every call in flight. So each invocation has a flight of its own, closed when it ends.
    """

    def __init__(self, *, engine: Engine, **attributes: Any) -> None:
        allowlist = attributes.pop("_serde_allowlist", None)
        own = {key: attributes.pop(key) for key in list(attributes) if key.startswith("_")}
        super().__init__(**attributes)
        self.engine = engine
        self._serde_allowlist = allowlist
        self._editing = Turnstile(1)
        for key, value in own.items():
            setattr(self, key, value)

    async def astream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        input: Any,  # noqa: A002 - LangGraph's name
        config: RunnableConfig | None = None,
        **options: Any,
    ) -> AsyncIterator[Any]:
        """Stream as LangGraph does, and leave nothing running behind."""
        if holds_artifacts(input):
            given, store = input, self.engine.store
            input = await in_thread(lambda: at_the_door(given, store), label="attach")  # noqa: A001
        flight, config, options = self._take_off(config, options)
        heart: asyncio.Task[None] | None = None
        thread = self._own_thread(config)
        try:
            if thread is not None and self.engine.leases is not None:
                await self._lease_off_loop(thread, config)
                heart = asyncio.create_task(self.engine.leases.keep(thread), name="herd:lease")
            async with contextlib.aclosing(
                cast("Any", super()).astream(input, config, **options)
            ) as parts:
                async for part in parts:
                    yield part
        finally:
            if heart is not None:
                heart.cancel()
            landing = self._touch_down(flight, thread if heart is not None else None)
            await asyncio.shield(asyncio.ensure_future(landing))

    def stream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        input: Any,  # noqa: A002 - LangGraph's name
        config: RunnableConfig | None = None,
        **options: Any,
    ) -> Iterator[Any]:
        """Stream as LangGraph does, and leave nothing running behind."""
        if holds_artifacts(input):
            input = at_the_door(input, self.engine.store)  # noqa: A001
        flight, config, options = self._take_off(config, options)
        heart: Any = None
        thread = self._own_thread(config)
        try:
            if thread is not None and self.engine.leases is not None:
                self._lease(thread, config)
                heart = engine_loop.start(self.engine.leases.keep(thread))
            parts = cast("Any", super()).stream(input, config, **options)
            with contextlib.closing(parts):
                yield from parts
        finally:
            if heart is not None:
                heart.cancel()
            engine_loop.wait(flight.close())
            self._land(flight, thread if heart is not None else None)

    async def abulk_update_state(self, config: RunnableConfig, supersteps: Any) -> RunnableConfig:
        """Edit one after the other: two edits of one checkpoint at once would share their writes."""
        async with self._editing:
            return await cast("Any", super()).abulk_update_state(config, supersteps)

    def _take_off(
        self, config: RunnableConfig | None, options: dict[str, Any]
    ) -> tuple[Flight, RunnableConfig, dict[str, Any]]:
        given: dict[str, Any] = dict(config or {})
        configurable: dict[str, Any] = dict(given.get("configurable") or {})
        request = self.engine.requests.pop(str(configurable.pop(REQUEST, "")), None) or Request()
        stepping = bool(
            options.get("interrupt_after")
            or options.get("interrupt_before")
            or self.interrupt_after_nodes
            or self.interrupt_before_nodes
        )
        flight = Flight(secrets.token_hex(8), self.engine, request, stepping=stepping)
        request.flight = flight
        if "thread_id" in configurable and not configurable.get("__pregel_task_id"):
            saver = self._saver
            ours = isinstance(saver, HerdSaver | MemorySaver)
            flight.thread = "" if ours else f"graph:{configurable['thread_id']}"
        self.engine.flights[flight.key] = flight
        configurable[FLIGHT] = flight.key
        given["configurable"] = configurable
        given["recursion_limit"] = STEP_LIMIT
        if options.get("durability") is None and self._durable(configurable):
            options = {**options, "durability": "sync"}
        return flight, cast("RunnableConfig", given), options

    def _durable(self, configurable: Mapping[str, Any]) -> bool:
        """Say whether there will be checkpoints: our own, or those of the graph around us."""
        own = self._saver
        if own is not None:
            return bool(own)  # False: not even the surrounding graph's
        return bool(configurable.get("__pregel_checkpointer"))

    def _own_thread(self, config: RunnableConfig) -> str | None:
        """Return the thread whose checkpoints are ours to guard; None inside another graph."""
        configurable = config.get("configurable") or {}
        own = isinstance(self._saver, HerdSaver | MemorySaver)
        ours = own and not configurable.get("__pregel_task_id")
        return str(configurable["thread_id"]) if ours and "thread_id" in configurable else None

    @property
    def _saver(self) -> Any:
        return cast("Any", self).checkpointer

    def release(self) -> None:
        """Stop the checkpointer's thread, where it is ours."""
        if isinstance(self._saver, HerdSaver):
            self._saver.close()

    def _lease(self, thread: str, config: RunnableConfig) -> None:
        assert self.engine.leases is not None
        fork = "checkpoint_id" in (config.get("configurable") or {})
        self.engine.leases.acquire(thread, share=fork)

    async def _lease_off_loop(self, thread: str, config: RunnableConfig) -> None:
        taking = asyncio.ensure_future(
            in_thread(lambda: self._lease(thread, config), label="lease")
        )
        try:
            await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.wait((taking,))  # a lease that came too late would never be given back
            if not taking.cancelled() and taking.exception() is None:
                assert self.engine.leases is not None
                self.engine.leases.release(thread)
            raise

    async def _touch_down(self, flight: Flight, thread: str | None) -> None:
        await flight.close()
        await in_thread(lambda: self._land(flight, thread), label="land")

    def _land(self, flight: Flight, thread: str | None) -> None:
        self.engine.flights.pop(flight.key, None)
        leases = self.engine.leases if thread is not None else None
        try:
            if self.engine.runs is not None and flight.active:
                if leases is None or leases.owns(thread or ""):
                    self._write_down(flight, self.engine.runs)
                else:
                    self.engine.runs.forget(flight.run)
        finally:
            if leases is not None:
                leases.release(thread or "")

    def _write_down(self, flight: Flight, runs: RunStore) -> None:
        runs.flush()
        if not flight.ended:
            status = "waiting" if flight.gated else "interrupted"
            runs.update(flight.run, status=status, seconds=flight.ledger.seconds_used)


def requested(graph: HerdGraph, request: Request, config: RunnableConfig) -> RunnableConfig:
    """Return a config under which the next invocation of a graph is served as requested."""
    key = secrets.token_hex(8)
    graph.engine.requests[key] = request
    configurable = {**(config.get("configurable") or {}), REQUEST: key}
    return {**config, "configurable": configurable}


def isolated(work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
    """Start a coroutine outside any LangGraph run that surrounds the caller.

    Without this a herd that is called by an expert, or by a node of somebody's graph, would inherit
    that graph's thread, checkpointer and recursion limit. Other context variables are kept.
    """
    from langchain_core.runnables.config import var_child_runnable_config

    context = contextvars.copy_context()
    context.run(var_child_runnable_config.set, None)
    return asyncio.get_running_loop().create_task(work, name=name, context=context)
