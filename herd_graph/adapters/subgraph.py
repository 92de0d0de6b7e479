"""A LangGraph graph as one expert: its input keys are the ports, its output keys what comes back.

    herd.add(graph, name="triage", description="Sort a ticket.")
    herd.add(builder, takes=["question"], gives=["answer"])       # keys of one shared state

It runs as a graph of its own: neither the thread nor the recursion limit of the run around it reach
it, but callbacks do, so that traces nest. A graph of messages takes a text and files, and gives its
last message. What it asks by ``interrupt`` is put to ``ask=``, or fails with the question.
"""

from __future__ import annotations

import asyncio
import inspect
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from langchain_core.runnables.config import ensure_config

from herd_graph.adapters.said import expert_name, read_options
from herd_graph.adapters.sources import Source
from herd_graph.adapters.subgraph_keys import (
    Key,
    insist_on_choice,
    keys_of,
    last_message,
    message_of,
    ports_in,
    ports_out,
    said_keys,
)
from herd_graph.artifacts.base import printable
from herd_graph.cards import ExpertCard
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ExpertFailed
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.graph import isolated

OPTIONS = frozenset({"recursion_limit", "ask", "config"})
RECURSION_LIMIT = 100
_MOST_QUESTIONS = 50
_INTERRUPT = "__interrupt__"


class GraphExpert(Expert):
    """A graph that runs as one step."""

    def __init__(
        self,
        card: ExpertCard,
        graph: Any,
        takes: tuple[Key, ...],
        gives: tuple[Key, ...],
        *,
        recursion_limit: int,
        ask: Callable[[Any], Any] | None,
        config: Mapping[str, Any],
    ) -> None:
        super().__init__(card)
        self.graph = graph
        self.takes = takes
        self.gives = gives
        self.recursion_limit = recursion_limit
        self.ask = ask
        self.config = dict(config)

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Run the graph to its end, on a thread of its own."""
        given, config = self.given(inputs), self.config_of(context.run, context.step)
        work = isolated(self._run(given, config, context), name=f"graph:{self.card.id}")
        try:
            state = await work
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait([work])
            raise
        return self.outputs(state)

    def config_of(self, run: str, step: str) -> dict[str, Any]:
        """Return what a call is configured with: a thread of its own, where none is said."""
        config: dict[str, Any] = {
            "run_name": self.card.name,
            **self.config,
            "callbacks": self.config.get("callbacks") or ensure_config().get("callbacks"),
            "recursion_limit": self.recursion_limit,
        }
        thread = f"{run}:{step}:{secrets.token_hex(4)}"
        config["configurable"] = {"thread_id": thread, **config.get("configurable", {})}
        return config

    async def _run(self, given: Any, config: Any, context: ExpertContext) -> dict[str, Any]:
        graph = self.graph
        if self.ask is not None and graph.checkpointer is None:
            from langgraph.checkpoint.memory import InMemorySaver

            graph = graph.copy(update={"checkpointer": InMemorySaver()})
        for _ in range(_MOST_QUESTIONS):
            state = await self._once(graph, given, config, context)
            questions = state.pop(_INTERRUPT, ())
            if not questions:
                return state
            from langgraph.types import Command

            given = Command(resume={each.id: await self.asked(each.value) for each in questions})
        raise self.failed(f"it asked more than {_MOST_QUESTIONS} times", "Let it ask less")

    async def _once(
        self, graph: Any, given: Any, config: Any, context: ExpertContext
    ) -> dict[str, Any]:
        from langgraph.errors import GraphRecursionError

        state: dict[str, Any] = {}
        questions: list[Any] = []
        modes = ["updates", "custom", "values"]
        try:
            async for mode, piece in graph.astream(given, config, stream_mode=modes):
                if mode == "values":
                    state = dict(fields_of(piece))
                elif mode == "custom":
                    context.progress(None, printable(str(piece))[:300])
                elif isinstance(piece, Mapping):
                    found = cast("Mapping[str, Any]", piece)
                    questions.extend(found.get(_INTERRUPT) or ())
                    for node in found:
                        if node != _INTERRUPT:
                            context.progress(None, f"{self.card.name}/{node}: done")
        except GraphRecursionError as error:
            raise self.failed(
                f"it went on for more than {self.recursion_limit} steps",
                "Check where it ends, or pass recursion_limit=…",
            ) from error
        state.pop(_INTERRUPT, None)
        if questions:
            state[_INTERRUPT] = questions
        return state

    async def asked(self, question: Any) -> Any:
        """Return the answer to a question. Raises ``ExpertFailed`` where nobody answers."""
        if self.ask is None:
            raise self.failed(
                f"it asks a person: {printable(str(question))[:500]}",
                "Pass ask=…, a function that answers, when the graph is added",
            )
        answer = self.ask(question)
        return await answer if inspect.isawaitable(answer) else answer

    def given(self, inputs: Inputs) -> dict[str, Any]:
        """Return the state that a call begins with."""
        given: dict[str, Any] = {}
        for key in self.takes:
            if key.is_messages:
                given[key.name] = [message_of(inputs)]
            elif key.slot.port.name in inputs:
                given[key.name] = key.slot.decode(inputs[key.slot.port.name])
        return given

    def outputs(self, state: Mapping[str, Any]) -> Outputs:
        """Return a state as outputs. Raises ``ExpertFailed`` where it lacks what is wanted."""
        made: Outputs = {}
        for key in self.gives:
            if key.name not in state or (state[key.name] is None and not key.slot.nullable):
                if len(self.gives) == 1:
                    raise self.failed(
                        f"it ended without {key.name!r}", "Check which way it went in the graph"
                    )
                continue
            value = state[key.name]
            if key.is_messages:
                made.update(last_message(value))
            else:
                made[key.slot.port.name] = key.slot.encode(value)
        return made

    def failed(self, what: str, todo: str) -> ExpertFailed:
        """Return the error of a graph that came to no end."""
        error = ExpertFailed(
            f"Graph {self.card.id!r}: {what}. Expected it to come to its end. {todo}."
        )
        error.retryable = False
        return error


async def source_of(given: object, **options: Any) -> Source:
    """Return the expert for a graph.

    Args:
        given: A compiled graph, or a ``StateGraph``, which is compiled.
        options: ``takes`` and ``gives`` name keys of the state, or say their types by key;
            ``recursion_limit`` bounds its steps; ``ask`` answers what it asks by ``interrupt``;
            ``config`` goes with each call. What a card can say is said of it.

    Raises:
        DeclarationError: Its keys cannot be ports, or an option is not known.
    """
    graph: Any = cast("Any", given).compile() if _is_builder(given) else given
    name = str(getattr(graph, "name", "") or "graph")
    reference = f"graph {name!r}"
    chosen: dict[str, tuple[str, ...]] = {}
    for side in ("takes", "gives"):
        value = options.get(side)
        if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):  # pyright: ignore[reportUnknownVariableType]
            chosen[side] = tuple(cast("Sequence[str]", value))
            options = {key: each for key, each in options.items() if key != side}
    said, own = read_options(reference, options, OPTIONS)
    takes = said_keys(said.takes) or keys_of(graph, "input", reference, chosen.get("takes"))
    gives = said_keys(said.gives) or keys_of(graph, "output", reference, chosen.get("gives"))
    insist_on_choice(graph, reference, takes, gives, chosen, said)
    card = said.card(
        name=expert_name(name, "graph") if name != "LangGraph" else "graph",
        tags=("graph",),
        inputs=tuple(port for key in takes for port in ports_in(key)),
        outputs=tuple(port for key in gives for port in ports_out(key, alone=len(gives) == 1)),
        deterministic=False,
    )
    return Source(
        name=reference,
        experts=(
            GraphExpert(
                card,
                graph,
                takes,
                gives,
                recursion_limit=int(own.get("recursion_limit") or RECURSION_LIMIT),
                ask=own.get("ask"),
                config=own.get("config") or {},
            ),
        ),
    )


def _is_builder(given: object) -> bool:
    return not hasattr(given, "astream") and hasattr(given, "compile")


def fields_of(state: Any) -> Mapping[str, Any]:
    """Return a state's values by key, whether it is a mapping or a model."""
    if isinstance(state, Mapping):
        return cast("Mapping[str, Any]", state)
    return cast("Mapping[str, Any]", vars(state))


__all__ = ("OPTIONS", "RECURSION_LIMIT", "GraphExpert", "fields_of", "source_of")
