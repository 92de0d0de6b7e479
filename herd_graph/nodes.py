"""An expert as a typed node of somebody's own LangGraph ``StateGraph``.

    builder.add_node("sum_up", summarise.as_node(inputs={"text": "draft"}, output="summary"))

State keys are named like the ports unless they are mapped. The state holds plain JSON values, and
references for media (see ``values``). The node makes one call, with the expert's own limits:
retries are the surrounding graph's business. Imported lazily: it loads LangChain and LangGraph.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Protocol, cast

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from typing_extensions import TypedDict

from herd_graph.binding import Ref
from herd_graph.calling import Call, Caller, Live
from herd_graph.config import Config
from herd_graph.coordination.answers import words_of
from herd_graph.errors import CallRefused, DeclarationError, PortViolation, suggest
from herd_graph.experts import Expert
from herd_graph.recording.events import Event
from herd_graph.store import ArtifactStore, open_store
from herd_graph.threads import engine_loop, in_thread
from herd_graph.types import JSON, StepId
from herd_graph.values import annotation, guarded, to_plain, to_refs
from herd_graph.workflows import PlanRunner, plan_runner

SHOWN_CHARS = 300
"""Of an input, when a person is asked about a call."""


class Host(Protocol):
    """What a node or a tool needs of a herd: a store, settings, and somebody who calls."""

    @property
    def store(self) -> ArtifactStore:
        """Where artifacts live."""
        ...

    @property
    def config(self) -> Config:
        """Limits and allowed folders."""
        ...

    @property
    def caller(self) -> Caller:
        """Who makes the calls."""
        ...

    @property
    def run_nested(self) -> PlanRunner | None:
        """Who runs workflows."""
        ...


class _Alone:
    """Stands in for a herd where an expert is used without one; one for each process and home."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.store = open_store(config.home / "artifacts")
        self.caller: Caller = Live(self.store)
        self.run_nested: PlanRunner | None = None


@functools.cache
def _alone(config: Config) -> _Alone:
    return _Alone(config)


class Calling:
    """One expert, called with plain values, and asked about where it has side effects.

    Args:
        expert: The expert.
        host: The herd whose store, limits and loaded models are used; by default one store under
            ``HERD_HOME``, shared by everything in this process that names no herd.
    """

    def __init__(self, expert: Expert, host: Host | None = None) -> None:
        self.expert = expert
        self._given = host

    @property
    def host(self) -> Host:
        """Whose store and models are used: found when the first call is made."""
        return self._given or _alone(Config.from_environment())

    def bind(self, values: Mapping[str, Any], config: Config) -> dict[str, Ref]:
        """Put values into the store. Raises ``PortViolation``."""
        card = self.expert.card
        refs: dict[str, Ref] = {}
        for port in card.inputs:
            value = values.get(port.name)
            if value is None:
                if port.required:
                    raise PortViolation(
                        f"Expert {card.id!r} got no input {port.name!r}. Expected "
                        f"{card.signature}. Given: {', '.join(map(repr, values)) or 'nothing'}."
                    )
                continue
            where = f"Input {port.name!r} of expert {card.id!r}"
            refs[port.name] = to_refs(value, port, self.host.store, config, where)
        return refs

    def question(self, refs: Mapping[str, Ref]) -> dict[str, Any]:
        """Return what a person is asked before a call, by the expert's name."""
        card = self.expert.card
        inputs: dict[str, str] = {}
        for name, given in refs.items():
            words = words_of(given if isinstance(given, list) else [given], self.host.store)
            inputs[name] = words if len(words) <= SHOWN_CHARS else f"{words[: SHOWN_CHARS - 1]}…"
        told = ", ".join(f"{name}={words!r}" for name, words in inputs.items())
        question = f"{card.name!r} is about to be called with {told}. Allow it?"
        return {card.name: {"expert": card.id, "question": question, "inputs": inputs}}

    def ask(self, refs: Mapping[str, Ref], config: RunnableConfig) -> None:
        """Ask a person through LangGraph's ``interrupt``, where the expert has side effects.

        Raises:
            CallRefused: The person said no, or there is no graph to ask through.
        """
        card = self.expert.card
        if not card.approve:
            return
        if not in_graph(config):
            raise CallRefused(
                f"{card.id!r} has side effects and asks a person first, and there is nobody to ask "
                "here. Expected to run inside a LangGraph graph with a checkpointer, where the "
                "question is an interrupt."
            )
        from langgraph.types import interrupt

        said: Any = interrupt(self.question(refs))
        if isinstance(said, Mapping):
            said = cast("Mapping[str, Any]", said).get(card.name, False)
        if not said:
            raise CallRefused(
                f"A person did not approve the call of {card.id!r}. Expected a yes. Resume with "
                f"Command(resume={{{card.name!r}: True}})."
            )

    async def call(self, refs: Mapping[str, Ref], config: RunnableConfig) -> dict[str, Ref]:
        """Make the call and return a reference for each output."""
        card = self.expert.card
        host = self.host
        writer = stream_writer(config)

        def emit(kind: str, data: dict[str, JSON]) -> None:
            if writer is not None:
                event = Event(kind=cast("Any", kind), run="", step=card.name, data=data)
                writer(event.model_dump(mode="json"))

        plan_runner.set(host.run_nested)
        result = await host.caller.call(
            Call(expert=self.expert, inputs=refs, step=StepId(card.name), emit=emit)
        )
        return result.outputs


def in_graph(config: RunnableConfig) -> bool:
    """Say whether code runs inside a LangGraph node, so that it can interrupt."""
    return "__pregel_scratchpad" in (config.get("configurable") or {})


def stream_writer(config: RunnableConfig) -> Any:
    """Return what writes to LangGraph's custom stream; None outside a graph."""
    if not in_graph(config):
        return None
    from langgraph.config import get_stream_writer

    return get_stream_writer()


def node(
    expert: Expert,
    *,
    inputs: Mapping[str, str] | None = None,
    output: str | None = None,
    outputs: Mapping[str, str] | None = None,
    host: Host | None = None,
) -> Runnable[Any, dict[str, Any]]:
    """Make a node of an expert; see ``Expert.as_node``."""
    takes, gives = _keys(expert, inputs, output, outputs)
    calling = Calling(expert, host)

    def bind(state: Any) -> dict[str, Ref]:
        values = {port: _read(state, key) for port, key in takes.items()}
        missing = [
            takes[port.name]
            for port in expert.card.inputs
            if port.required and values[port.name] is None
        ]
        if missing:
            there = ", ".join(repr(key) for key in _keys_of(state)) or "none"
            raise PortViolation(
                f"The node of expert {expert.card.id!r} found nothing in the state keys "
                f"{', '.join(map(repr, missing))}. Expected {expert.card.signature}; the state has "
                f"{there}. Have an earlier node write them, or map them: as_node(inputs={{…}})."
            )
        return calling.bind(values, guarded(calling.host.config))

    def result(outputs: Mapping[str, Ref]) -> dict[str, Any]:
        store = calling.host.store
        return {gives[name]: to_plain(ref, store) for name, ref in outputs.items()}

    def func(state: Any, config: RunnableConfig) -> dict[str, Any]:
        refs = bind(state)
        calling.ask(refs, config)
        return result(engine_loop.wait(calling.call(refs, config)))

    async def afunc(state: Any, config: RunnableConfig) -> dict[str, Any]:
        refs = await in_thread(lambda: bind(state), label="bind")
        calling.ask(refs, config)
        made = await calling.call(refs, config)
        return await in_thread(lambda: result(made), label="plain")

    made = RunnableLambda(func, afunc=afunc, name=expert.card.name)
    card = expert.card
    given = {takes[port.name]: annotation(port) for port in card.inputs}
    back = {gives[port.name]: annotation(port) for port in card.outputs}
    return made.with_types(
        input_type=cast("Any", TypedDict(f"{card.name}_input", given, total=False)),  # type: ignore[operator]
        output_type=cast("Any", TypedDict(f"{card.name}_output", back, total=False)),  # type: ignore[operator]
    )


def _keys(
    expert: Expert,
    inputs: Mapping[str, str] | None,
    output: str | None,
    outputs: Mapping[str, str] | None,
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the state key of each port. Raises ``DeclarationError``."""
    card = expert.card
    takes = {port.name: port.name for port in card.inputs}
    gives = {port.name: port.name for port in card.outputs}
    for given, known, what in ((inputs, takes, "Its inputs"), (outputs, gives, "Its outputs")):
        for name, key in (given or {}).items():
            if name not in known:
                raise DeclarationError(
                    f"Expert {card.id!r} has no port {name!r} that could be mapped to the state key "
                    f"{key!r}. {suggest(name, known, what=what)}"
                )
            known[name] = key
    if output is not None:
        if len(gives) > 1 or outputs:
            raise DeclarationError(
                f"output={output!r} names one key, and expert {card.id!r} gives "
                f"{', '.join(map(repr, gives))}. Expected outputs={{port: key, …}}."
            )
        gives = dict.fromkeys(gives, output)
    return takes, gives


def _keys_of(state: Any) -> list[str]:
    held = cast("Mapping[str, Any]", state if isinstance(state, Mapping) else vars(state))
    return sorted(key for key, value in held.items() if value is not None)


def _read(state: Any, key: str) -> Any:
    if isinstance(state, Mapping):
        return cast("Mapping[str, Any]", state).get(key)
    return getattr(state, key, None)


__all__ = ("Calling", "Host", "in_graph", "node", "stream_writer")
