"""The static LangGraph graph of a herd, and the compiled graph that owns its flights.

    START ─▶ ingest ─▶ route ─▶ validate ─▶ pump ⇄ (gate | replan) ─▶ check ─▶ fuse ─▶ END

One compiled graph serves every request: the plan is data. Imported lazily: it loads LangGraph.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from typing import Any, cast

from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import ensure_config
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.utils.runnable import RunnableCallable

from herd_graph import run_logs, telemetry
from herd_graph.engine import Engine, Request
from herd_graph.errors import HerdError, RunError, RunOwned
from herd_graph.expansion import PlannedExpert
from herd_graph.pump import Flight
from herd_graph.recording.store import RunStore
from herd_graph.saver import FLIGHT, HerdSaver, MemorySaver
from herd_graph.serving import (
    Serving,
    at_the_door,
    holds_artifacts,
    holds_messages,
    listened,
    names_messages,
    said_otherwise,
)
from herd_graph.stages import NODES, Node
from herd_graph.state import door_schemas, state_schema
from herd_graph.threads import engine_loop, in_thread
from herd_graph.turnstiles import Turnstile

run_logs.logger("herd_graph")  # the pump's own lines say which run they are about
REQUEST = "__herd_request"
STEP_LIMIT = 1_000_000
"""Super-steps of one run: a caller's own limit (25 in LangChain) would end a 40-step plan."""

_NEXT: dict[str, list[str]] = {
    "validate": ["pump", "fuse"],
    "pump": ["pump", "gate", "check", "replan", "fuse"],
    "check": ["replan", "pump", "fuse"],
    "replan": ["validate", "pump", "fuse"],
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
    if workflow is None:
        state: Any = state_schema(talks=True)
        takes, gives = door_schemas()
    else:
        serving = Serving(workflow)
        nodes |= {
            "ingest": serving.ingest(nodes["ingest"]),
            "fuse": serving.fuse(nodes["fuse"]),
        }
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
    return HerdGraph(engine=engine, talks=workflow is None, **attributes)


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
        run_logs.enter_run(flight.run or str(state.get("run") or ""))
        with telemetry.at_node(flight.key, label):
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

    def __init__(self, *, engine: Engine, talks: bool = False, **attributes: Any) -> None:
        allowlist = attributes.pop("_serde_allowlist", None)
        own = {key: attributes.pop(key) for key in list(attributes) if key.startswith("_")}
        super().__init__(**attributes)
        self.engine = engine
        self.talks = talks
        """Whether it takes chat messages, and answers with one."""
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
        given, nested = input, _is_nested(config)
        if holds_artifacts(given) or names_messages(given):
            input = await in_thread(lambda: self._let_in(given, nested=nested), label="attach")  # noqa: A001
        flight, config, options = self._take_off(config, options)
        heart: asyncio.Task[None] | None = None
        error: BaseException | None = None
        thread = self._own_thread(config)
        try:
            if thread is not None and self.engine.leases is not None:
                await self._lease_off_loop(flight, thread, config)
                if isinstance(self._saver, HerdSaver):
                    flight.trail = self._saver.follow(flight.key)
                heart = asyncio.create_task(self.engine.leases.keep(thread), name="herd:lease")
            async with contextlib.aclosing(
                cast("Any", super()).astream(input, config, **options)
            ) as parts:
                async for part in parts:
                    yield part
        except BaseException as raised:
            error = raised
            raise
        finally:
            if heart is not None:
                heart.cancel()
            landing = self._touch_down(flight, thread if heart is not None else None)
            try:
                await asyncio.shield(asyncio.ensure_future(landing))
                if error is None and flight.trail is not None:
                    error = flight.trail.error
                    if error is not None:
                        raise error
            finally:
                telemetry.close(flight.key, error, thread=thread or "")
                error = None  # its traceback refers to this frame

    def stream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        input: Any,  # noqa: A002 - LangGraph's name
        config: RunnableConfig | None = None,
        **options: Any,
    ) -> Iterator[Any]:
        """Stream as LangGraph does, and leave nothing running behind."""
        input = self._let_in(input, nested=_is_nested(config))  # noqa: A001
        flight, config, options = self._take_off(config, options)
        heart: Any = None
        error: BaseException | None = None
        thread = self._own_thread(config)
        try:
            if thread is not None and self.engine.leases is not None:
                self._lease(thread, config)
                heart = engine_loop.start(self.engine.leases.keep(thread))
            parts = cast("Any", super()).stream(input, config, **options)
            with contextlib.closing(parts):
                yield from parts
        except BaseException as raised:
            error = raised
            raise
        finally:
            if heart is not None:
                heart.cancel()
            engine_loop.wait(flight.close())
            self.engine.flights.pop(flight.key, None)
            self._land(flight, thread if heart is not None else None)
            telemetry.close(flight.key, error, thread=thread or "")
            error = None

    async def abulk_update_state(self, config: RunnableConfig, supersteps: Any) -> RunnableConfig:
        """Edit one after the other: two edits of one checkpoint at once would share their writes."""
        async with self._editing:
            return await cast("Any", super()).abulk_update_state(config, supersteps)

    def _let_in(self, given: Any, *, nested: bool) -> Any:
        """Return an input as the state can hold it: references, and a task for a conversation."""
        if holds_artifacts(given):
            given = at_the_door(given, self.engine.store)
        if self.talks and holds_messages(given):
            return listened(given, self.engine, nested=nested)
        return said_otherwise(given) if self.talks else given

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
        telemetry.watch(flight, self.name or "herd")
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
        """Have the checkpointer take no more, where it is ours."""
        if isinstance(self._saver, HerdSaver):
            self._saver.close()

    def _lease(self, thread: str, config: RunnableConfig) -> None:
        assert self.engine.leases is not None
        fork = "checkpoint_id" in (config.get("configurable") or {})
        self.engine.leases.acquire(thread, share=fork)

    async def _lease_off_loop(self, flight: Flight, thread: str, config: RunnableConfig) -> None:
        assert self.engine.leases is not None
        saver, place = self._saver, config.get("configurable") or {}
        fork = "checkpoint_id" in place
        newest = not fork and not place.get("checkpoint_ns")

        def lease() -> None:
            self._lease(thread, config)
            if isinstance(saver, HerdSaver) and newest:
                saver.look_up(flight.key, thread)

        taking = asyncio.ensure_future(self._off_loop(lease, label="lease"))
        try:
            await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.wait((taking,))  # a lease that came too late would never be given back
            if not taking.cancelled() and taking.exception() is None:
                self.engine.leases.release(thread)
            raise
        except HerdError as error:
            if not fork and not isinstance(error, RunOwned):  # the commit failed, and not the lease
                with contextlib.suppress(HerdError):
                    self.engine.leases.release(thread)
            raise

    async def _off_loop(self, work: Callable[[], None], *, label: str) -> None:
        """Do database work where all of it is done: nobody waits for the lock, and all is in order.

        A server goes on before the row of a run is written, which then comes first.
        """
        if self.engine.runs is not None:
            await self.engine.runs.database.commits.do(work)
        else:
            await in_thread(work, label=label)

    async def _touch_down(self, flight: Flight, thread: str | None) -> None:
        await flight.close()
        self.engine.flights.pop(flight.key, None)
        if isinstance(self._saver, HerdSaver):
            self._saver.land(flight.key)
        await self._off_loop(lambda: self._land(flight, thread), label="land")

    def _land(self, flight: Flight, thread: str | None) -> None:
        leases = self.engine.leases if thread is not None else None
        try:
            if self.engine.runs is not None and flight.active:
                if leases is None or leases.owns(thread or ""):
                    self._write_down(flight, self.engine.runs)
                    if flight.request.opened:
                        flight.landed = self.engine.runs.get(flight.run)
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


def _is_nested(config: RunnableConfig | None) -> bool:
    """Say whether a graph is invoked by another one, as its node or from within a node."""
    return "__pregel_task_id" in (ensure_config(config).get("configurable") or {})


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
