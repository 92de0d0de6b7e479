"""Experts, and a whole herd, as LangChain tools: for agents that were built elsewhere.

What a model passes is untrusted. A path is only read inside the allowed folders: ``folders=…``,
else ``Config.folders``, else the current working directory. Errors go back to the model as text, so
that it can try something else. What a tool returns beside its text (``artifact``) is JSON with
references, because an agent's messages are part of its graph's state. Imported lazily.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from langchain_core.tools import StructuredTool, ToolException
from pydantic import ConfigDict, Field, create_model

from herd_graph.artifacts import load
from herd_graph.binding import Ref
from herd_graph.budgets import Budget
from herd_graph.cards import ExpertCard
from herd_graph.coordination import Answer
from herd_graph.coordination.answers import words_of
from herd_graph.engine import Request
from herd_graph.errors import HerdError
from herd_graph.experts import Expert
from herd_graph.graph import requested
from herd_graph.nodes import Calling, Host, in_graph
from herd_graph.places import (
    alone,
    aopen_question,
    is_about,
    open_question,
    placed,
)
from herd_graph.tasks import Task
from herd_graph.threads import engine_loop, in_thread
from herd_graph.types import ArtifactRef, Kind
from herd_graph.values import annotation, guarded, to_refs

_MEDIA = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT})


def expert_tool(
    expert: Expert,
    *,
    host: Host | None = None,
    folders: Sequence[Path | str] = (),
    name: str | None = None,
    description: str | None = None,
) -> StructuredTool:
    """Make a tool of an expert; see ``Expert.as_tool``."""
    card = expert.card
    calling = Calling(expert, host)

    def bind(given: Mapping[str, Any]) -> dict[str, Ref]:
        return calling.bind(given, guarded(calling.host.config, folders))

    def told(outputs: Mapping[str, Ref]) -> tuple[str, dict[str, Any]]:
        return _in_words(card, outputs, calling), {
            port: _as_json(ref) for port, ref in outputs.items()
        }

    def func(**given: Any) -> tuple[str, dict[str, Any]]:
        config = ensure_config()
        try:
            refs = bind(given)
            if card.approve:
                alone(config, open_question(config), calling.question(refs), card.name)
            calling.ask(refs, config)
            return told(engine_loop.wait(calling.call(refs, config)))
        except HerdError as error:
            raise ToolException(str(error)) from error

    async def afunc(**given: Any) -> tuple[str, dict[str, Any]]:
        config = ensure_config()
        try:
            refs = await in_thread(lambda: bind(given), label="bind")
            if card.approve:
                asked = await aopen_question(config)
                alone(config, asked, calling.question(refs), card.name)
            calling.ask(refs, config)
            made = await calling.call(refs, config)
            return await in_thread(lambda: told(made), label="tell")
        except HerdError as error:
            raise ToolException(str(error)) from error

    return StructuredTool.from_function(
        func,
        coroutine=afunc,
        name=name or card.name,
        description=description or _description(card),
        args_schema=arguments_of(card),
        infer_schema=False,
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


def _description(card: ExpertCard) -> str:
    gives = ", ".join(port.type_name for port in card.outputs)
    return f"{card.description.strip()} Gives {gives}."


def arguments_of(card: ExpertCard) -> type[Any]:
    """Return the arguments of an expert's tool: a field for each input port."""
    fields: dict[str, Any] = {}
    for port in card.inputs:
        said = port.description or port.type_name
        if port.kind in _MEDIA:
            said = f"{said.rstrip('.')} ({port.type_name}: a file's path or a data: URL)"
        kind = annotation(port)
        if port.required:
            fields[port.name] = (kind, Field(description=said))
        else:
            fields[port.name] = (kind | None, Field(default=port.default, description=said))
    return create_model(f"{card.name}_arguments", __config__=ConfigDict(extra="forbid"), **fields)


def _in_words(card: ExpertCard, outputs: Mapping[str, Ref], calling: Calling) -> str:
    lines: list[str] = []
    for port in card.outputs:
        if port.name in outputs:
            given = outputs[port.name]
            words = words_of(given if isinstance(given, list) else [given], calling.host.store)
            lines.append(words if len(card.outputs) == 1 else f"{port.name}: {words}")
    return "\n".join(lines)


def _as_json(ref: Ref) -> Any:
    if isinstance(ref, list):
        return [each.model_dump(mode="json") for each in ref]
    return ref.model_dump(mode="json")


# A whole herd -----------------------------------------------------------------------------------


class HerdLike(Host, Protocol):
    """What the tool of a herd needs of it."""

    async def arun(self, what: Any, *attachments: Any, **options: Any) -> Any:
        """Answer a task."""
        ...

    def compile(self, checkpointer: Any = None, *, name: str = "herd") -> Any:
        """Return the herd's graph."""
        ...


def herd_tool(
    herd: HerdLike,
    *,
    name: str = "herd",
    description: str = "",
    folders: Sequence[Path | str] = (),
    budget: Budget | None = None,
) -> StructuredTool:
    """Make a tool of a herd; see ``Herd.as_tool``."""
    compiled: list[Any] = []

    def inside(
        task: str,
        refs: list[ArtifactRef],
        config: RunnableConfig,
        asked: dict[str, Any] | None,
    ) -> tuple[Any, dict[str, Any], RunnableConfig]:
        """Prepare a run as a part of the agent's graph: on its checkpoints, with its interrupts."""
        if not compiled:
            compiled.append(herd.compile(name=name))
        given = Task(text=task, attachments={f"a{n}": ref for n, ref in enumerate(refs, start=1)})
        run, inner = placed(config, given)
        request = Request(run=run, budget=budget, may_ask=is_about(asked, run))
        inner = requested(compiled[0], request, inner)
        return compiled[0], {"task": given.model_dump(mode="json")}, inner

    def bind(files: Sequence[str]) -> list[ArtifactRef]:
        config = guarded(herd.config, folders)
        found = [to_refs(each, None, herd.store, config, f"File {each!r}") for each in files]
        return [each for each in found if isinstance(each, ArtifactRef)]

    async def afunc(task: str, files: list[str] | None = None) -> tuple[str, dict[str, Any]]:
        config = ensure_config()
        try:
            refs = await in_thread(lambda: bind(files or []), label="attach")
            if in_graph(config):
                asked = await aopen_question(config)
                graph, given, inner = inside(task, refs, config, asked)
                return _told(await graph.ainvoke(given, inner))
            attached = [load(ref, herd.store) for ref in refs]
            run = await herd.arun(task, *attached, budget=budget)
            return _told({"run": run.id, "answer": run.answer.dump()})
        except HerdError as error:
            raise ToolException(str(error)) from error

    def func(task: str, files: list[str] | None = None) -> tuple[str, dict[str, Any]]:
        config = ensure_config()
        if not in_graph(config):
            return engine_loop.wait(afunc(task, files))
        try:
            refs, asked = bind(files or []), open_question(config)
            graph, given, inner = inside(task, refs, config, asked)
            return _told(graph.invoke(given, inner))
        except HerdError as error:
            raise ToolException(str(error)) from error

    return StructuredTool.from_function(
        func,
        coroutine=afunc,
        name=name,
        description=description
        or "Give a task over text, pictures, recordings, tables or documents to a set of expert "
        "models, which plan it, work on it and answer. Say everything that is wanted in one task.",
        args_schema=_TASK,
        infer_schema=False,
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


_TASK = create_model(
    "herd_arguments",
    __config__=ConfigDict(extra="forbid"),
    task=(Annotated[str, Field(description="What is wanted, in words.")], ...),
    files=(
        Annotated[
            list[str],
            Field(description="Paths of the files that the task is about, or data: URLs."),
        ],
        Field(default_factory=list),
    ),
)


def _told(result: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    answer = Answer.model_validate(result["answer"])
    if answer.status in {"failed", "abstained"}:
        raise ToolException(str(answer) or f"The task was not done: {answer.status}.")
    return str(answer), {"run": result["run"], "answer": answer.dump()}


__all__ = ("HerdLike", "arguments_of", "expert_tool", "herd_tool")
