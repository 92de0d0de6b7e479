"""What a herd's graph takes and gives: a task with files, or the parameters of one workflow.

A graph for one workflow is the same static graph with another door: its input has a key for each
parameter, its output one for each result, so that it reads like any other LangGraph graph, and a
form in a graph viewer asks for the right things.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NotRequired, Required, cast

from pydantic import ValidationError
from typing_extensions import TypedDict

from herd_graph.artifacts import Artifact
from herd_graph.chat_content import answer_message, read_messages, referred
from herd_graph.coordination import Answer
from herd_graph.engine import Engine
from herd_graph.errors import DeclarationError, PlanMalformed, PortViolation
from herd_graph.expansion import PlannedExpert
from herd_graph.intake import keep
from herd_graph.state import HerdOutput, HerdState, state_schema
from herd_graph.store import ArtifactStore
from herd_graph.tasks import Task
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef
from herd_graph.values import annotation, guarded, to_plain, to_refs

Node = Callable[[Engine, Any, Mapping[str, Any]], Awaitable[dict[str, Any]]]


def taken_in(engine: Engine, state: Mapping[str, Any]) -> Task:
    """Return the task in a graph's input, with its files attached.

    Raises:
        PlanMalformed: There is no task.
        ArtifactError: A file that is missing, damaged, too large or not allowed.
    """
    given: Any = state.get("task")
    if not given:
        raise PlanMalformed(
            "The graph was invoked without a task. Expected {'task': 'what is wanted', 'files': "
            "[…]}, {'messages': […]}, or what herd.task(…) returns."
        )
    task = Task(text=given) if isinstance(given, str) else _task(given)
    files = cast("list[Any]", state.get("files") or [])
    if not files:
        return task
    config = guarded(engine.config)
    attached = dict(task.attachments)
    for value in files:
        name = next(f"a{n}" for n in range(1, len(attached) + 2) if f"a{n}" not in attached)
        attached[name] = to_refs(value, None, engine.store, config, f"File {value!r:.80}")
    return task.model_copy(update={"attachments": attached})


def _task(given: Any) -> Task:
    try:
        return Task.model_validate(given)
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(str(each) for each in wrong["loc"]) or "it"
        raise PlanMalformed(
            f"The graph was invoked with the task {given!r:.80}: {where}: {wrong['msg']}. Expected a "
            "text, or what herd.task(…) returns. Pass {'task': 'what is wanted'}."
        ) from None


def holds_artifacts(given: Any) -> bool:
    """Say whether a graph's input holds artifacts, which no checkpointer can keep."""
    if isinstance(given, Mapping):
        return any(holds_artifacts(each) for each in cast("Mapping[str, Any]", given).values())
    if isinstance(given, list | tuple):
        return any(isinstance(each, Artifact) for each in cast("Sequence[Any]", given))
    return isinstance(given, Artifact)


def at_the_door(given: Any, store: ArtifactStore) -> Any:
    """Return a graph's input with references in place of artifacts. Raises ``ArtifactError``."""
    if isinstance(given, Artifact):
        given.check()
        return given.put(store).model_dump(mode="json")
    if isinstance(given, Mapping):
        named = cast("Mapping[str, Any]", given)
        return {name: at_the_door(each, store) for name, each in named.items()}
    if isinstance(given, list | tuple):
        return [at_the_door(each, store) for each in cast("Sequence[Any]", given)]
    return given


def names_messages(given: Any) -> bool:
    """Say whether a graph's input has chat messages, whatever they are there for."""
    return isinstance(given, Mapping) and "messages" in given


def holds_messages(given: Any) -> bool:
    """Say whether a graph's input is a conversation, and not a task."""
    if not names_messages(given):
        return False
    named = cast("Mapping[str, Any]", given)
    return bool(named["messages"]) and not named.get("task")


def said_otherwise(given: Any) -> Any:
    """Return an input without the messages of the graph around: a task says what is wanted."""
    if not names_messages(given):
        return given
    named = cast("Mapping[str, Any]", given)
    return {name: each for name, each in named.items() if name != "messages"}


def listened(given: Mapping[str, Any], engine: Engine, *, nested: bool) -> dict[str, Any]:
    """Return a conversation as a task: the last message of a person, and what was before.

    The state keeps the messages with references in place of files, because a checkpointer would
    copy the bytes at every step. Inside another graph it keeps none of them: that graph has them,
    and what comes back is added to its own.

    Raises:
        PlanMalformed: There is no request in the messages.
        ArtifactError: A file in them cannot be used.
    """
    found = read_messages(given["messages"], engine.store, engine.config)
    task = Task(text=found.text, attachments=found.named, history=found.history, reply="message")
    kept = [] if nested else referred(given["messages"], engine.store, engine.config)
    return {**given, "task": task.model_dump(mode="json", exclude_defaults=True), "messages": kept}


def replied(engine: Engine, task: Task, run: str, answer: Answer) -> dict[str, Any]:
    """Return the answer as a message, where messages asked for it."""
    if task.reply != "message":
        return {}
    return {"messages": [answer_message(answer, engine.store, run=run, media="reference")]}


class Serving:
    """The input and output of a graph that serves one workflow.

    Args:
        workflow: The workflow.

    Raises:
        DeclarationError: A parameter or result has a name that the graph's own state needs.
    """

    def __init__(self, workflow: PlannedExpert) -> None:
        self.workflow = workflow
        card = workflow.card
        own = HerdState.__annotations__.keys() | {"files"}
        taken = [port.name for port in (*card.inputs, *card.outputs) if port.name in own]
        if taken:
            raise DeclarationError(
                f"Workflow {card.id!r} has {', '.join(map(repr, taken))} as a parameter or result, "
                "which the state of its graph needs for itself. Expected another name. Rename it, "
                f"or pass it by herd.task({card.name}, …) to herd.compile()."
            )
        inputs = {port.name: annotation(port) for port in card.inputs}
        outputs = {port.name: annotation(port) for port in card.outputs}
        needs = {
            port.name: Required[inputs[port.name]]
            if port.required
            else NotRequired[inputs[port.name]]
            for port in card.inputs
        }
        self.takes = cast("Any", TypedDict(f"{card.name}_input", needs, total=False))  # type: ignore[operator]
        fields = {**outputs, **HerdOutput.__annotations__}
        self.gives = cast("Any", TypedDict(f"{card.name}_output", fields, total=False))  # type: ignore[operator]
        shared = inputs.keys() & outputs.keys()
        self.state = state_schema({k: v for k, v in inputs.items() if k not in shared}, outputs)

    def ingest(self, node: Node) -> Node:
        """Return a node that begins a run with the workflow's parameters."""

        async def begin(engine: Engine, flight: Any, state: Mapping[str, Any]) -> dict[str, Any]:
            task = await in_thread(lambda: self._task(engine, state), label="bind")
            update = await node(engine, flight, {"task": task.model_dump(mode="json")})
            return {**update, **{port.name: None for port in self.workflow.card.outputs}}

        return begin

    def fuse(self, node: Node) -> Node:
        """Return a node that ends a run and gives the workflow's results."""

        async def end(engine: Engine, flight: Any, state: Mapping[str, Any]) -> dict[str, Any]:
            update = await node(engine, flight, state)
            results = await in_thread(lambda: self._results(engine, update), label="plain")
            return {**update, **results}

        return end

    def _task(self, engine: Engine, state: Mapping[str, Any]) -> Task:
        card, store, config = self.workflow.card, engine.store, guarded(engine.config)
        refs: dict[str, ArtifactRef | list[ArtifactRef]] = {}
        for port in card.inputs:
            value: Any = state.get(port.name)
            where = f"Parameter {port.name!r} of workflow {card.name!r}"
            if value is not None:
                refs[port.name] = to_refs(value, port, store, config, where)
            elif port.default is not None:
                refs[port.name] = keep(port.default, port, store, engine.config)
            elif port.required:
                raise PortViolation(f"{where} was not given. Expected {card.signature}.")
        return Task(text=card.name, attachments=refs, plan=self.workflow.plan.put(store))

    def _results(self, engine: Engine, update: Mapping[str, Any]) -> dict[str, Any]:
        parts: list[Any] = update["answer"]["parts"]
        results: dict[str, Any] = {}
        for port, part in zip(self.workflow.card.outputs, parts, strict=False):
            refs = [ArtifactRef.model_validate(each) for each in part["artifacts"]]
            if part["status"] == "done" and (port.many or refs):
                results[port.name] = to_plain(refs if port.many else refs[0], engine.store)
        return results


def as_task(task: Task) -> dict[str, Any]:
    """Return the input of a herd's graph for a task."""
    return {"task": task.model_dump(mode="json", exclude_defaults=True)}


__all__ = (
    "Serving",
    "as_task",
    "at_the_door",
    "holds_artifacts",
    "holds_messages",
    "listened",
    "names_messages",
    "replied",
    "said_otherwise",
    "taken_in",
)
