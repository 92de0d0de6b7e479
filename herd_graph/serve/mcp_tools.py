"""What the MCP door offers: the herd's own tools, one for each expert, and artifacts as resources.

A call of an expert is a run of one step, so that it is recorded, bounded and explained like any
other. An expert with side effects is only called when the person at the client said yes, by MCP's
elicitation; a model that calls tools cannot say it for them. Imports fastmcp.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

import mcp_types as wire
from fastmcp.exceptions import ToolError
from fastmcp.server.context import Context
from fastmcp.server.dependencies import get_context
from fastmcp.server.providers.base import Provider
from fastmcp.tools.base import InputRequiredToolResult, Tool, ToolResult
from pydantic import PrivateAttr

from herd_graph.artifacts import load
from herd_graph.budgets import Budget
from herd_graph.cards import ExpertCard
from herd_graph.chat_content import ARTIFACT_URL
from herd_graph.errors import HerdError, PortViolation, suggest
from herd_graph.plans import FromInput, Plan, Step
from herd_graph.recording.events import Event
from herd_graph.runs import Run
from herd_graph.serve.calls import Calls, Under, Wanted, ended
from herd_graph.serve.mcp_values import attached, bound, result_of, schema_of
from herd_graph.threads import in_thread
from herd_graph.types import StepId

OWN = ("run", "plan", "why")
"""The herd's own tools; an expert of that name is called ``expert_NAME``."""
_NO_ELICITATION = (
    "Run {run!r} needs a person's yes before it goes on: {questions} This client cannot ask "
    "anybody (it has no elicitation). Expected a person to decide: herd resume {run} --yes (or --no)."
)


class HerdTool(Tool):
    """A tool of the herd; what it does is its subclasses' business."""

    _calls: Calls = PrivateAttr()
    _strict: ClassVar[bool] = True
    """Whether arguments are held to the schema here; an expert's ports see to theirs."""

    def on(self, calls: Calls) -> HerdTool:
        """Say whose tool it is."""
        self._calls = calls
        return self

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        """Serve a call; what goes wrong is told to the model."""
        context = get_context()
        try:
            return await self.serve(arguments, context)
        except HerdError as error:
            raise ToolError(str(error)) from error

    async def serve(self, arguments: dict[str, Any], context: Context) -> ToolResult:
        """Do what the tool is for."""
        raise NotImplementedError

    def checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments, none unknown or missing. Raises ``PortViolation``."""
        known: dict[str, Any] = self.parameters.get("properties", {})
        for name in arguments:
            if name not in known:
                raise PortViolation(
                    f"Tool {self.name!r} has no argument {name!r}. "
                    f"{suggest(name, known, what='Arguments')}"
                )
        missing = [n for n in self.parameters.get("required", ()) if arguments.get(n) is None]
        if missing:
            raise PortViolation(
                f"Tool {self.name!r} was called without {', '.join(map(repr, missing))}. Expected "
                f"{', '.join(map(repr, known))}. Call it again with them."
            )
        for name, value in arguments.items():
            kind = known[name].get("type")
            wanted = {"string": str, "array": list}.get(kind)
            if self._strict and wanted is not None and not isinstance(value, wanted | None):
                raise PortViolation(
                    f"Argument {name!r} of tool {self.name!r} is {value!r:.80}. Expected {kind}."
                )
        return {name: value for name, value in arguments.items() if value is not None}

    async def answered(self, context: Context, begin: Any, *, outputs: bool) -> ToolResult:
        """Run something to its end, ask the person what has to be asked, and return the result.

        Args:
            context: The request's.
            begin: Starts the run, where this is not the answer to an earlier question.
            outputs: Whether the result names the outputs of an expert.
        """
        calls = self._calls
        resumed = _resumed(context)
        if resumed is not None:
            run = await calls.resume(*resumed)
        else:
            run = await _followed(await begin(), context)
        while run.status == "waiting":
            questions = await calls.questions(run.id)
            if not _can_ask(context):
                told = " ".join(questions.values())
                raise ToolError(_NO_ELICITATION.format(run=run.id, questions=told))
            if context._is_modern_protocol():
                return InputRequiredToolResult(_required(run.id, questions))
            answers = {step: await _asked(context, each) for step, each in questions.items()}
            run = await calls.resume(run.id, answers)
        return await in_thread(lambda: result_of(run, calls, outputs=outputs), label="mcp")


class RunTool(HerdTool):
    """Gives a task to the whole herd."""

    async def serve(self, arguments: dict[str, Any], context: Context) -> ToolResult:
        """Plan and run a task."""
        given = self.checked(arguments)
        calls = self._calls
        files = await in_thread(lambda: attached(given.get("files"), calls), label="mcp:files")
        limits = Budget.parse(str(given["budget"])) if "budget" in given else None

        async def begin() -> Under:
            thread = str(given.get("thread") or "")
            wanted = Wanted(what=str(given["task"]), files=files, thread=thread, budget=limits)
            return await calls.start(wanted)

        return await self.answered(context, begin, outputs=False)


class PlanTool(HerdTool):
    """Shows a plan, and runs nothing."""

    async def serve(self, arguments: dict[str, Any], context: Context) -> ToolResult:
        """Plan a task."""
        del context
        given = self.checked(arguments)
        calls = self._calls
        files = await in_thread(lambda: attached(given.get("files"), calls), label="mcp:files")
        route = await calls.herd.aplan(str(given["task"]), *(load(f, calls.store) for f in files))
        plan = route.plan
        told = "\n".join([str(plan), *(f"not planned: {each}" for each in plan.unmet)])
        shown: dict[str, Any] = {
            "plan": plan.public(),
            "unmet": list(plan.unmet),
            "reason": plan.reason,
            "confidence": route.trace.confidence,
        }
        return ToolResult(content=told or plan.reason, structured_content=shown)


class WhyTool(HerdTool):
    """Explains a run."""

    async def serve(self, arguments: dict[str, Any], context: Context) -> ToolResult:
        """Explain a run, or one step of it."""
        del context
        given = self.checked(arguments)
        run = await self._calls.find(str(given["run"]))
        step = given.get("step")
        why = await in_thread(lambda: run.why(None if step is None else str(step)), label="why")
        return ToolResult(content=str(why), structured_content=why.model_dump(mode="json"))


class ExpertTool(HerdTool):
    """Calls one expert."""

    _card: ExpertCard = PrivateAttr()
    _strict: ClassVar[bool] = False

    def of(self, card: ExpertCard) -> ExpertTool:
        """Say which expert it is."""
        self._card = card
        return self

    async def serve(self, arguments: dict[str, Any], context: Context) -> ToolResult:
        """Call the expert, as a run of one step."""
        given, calls, card = self.checked(arguments), self._calls, self._card

        def bind() -> dict[str, Any]:
            return {name: bound(card, name, value, calls) for name, value in given.items()}

        async def begin() -> Under:
            inputs = await in_thread(bind, label="mcp:bind")
            return await calls.start(Wanted(what=plan_of(card, inputs), inputs=inputs))

        return await self.answered(context, begin, outputs=True)


def plan_of(card: ExpertCard, inputs: Mapping[str, Any]) -> Plan:
    """Return the plan of one step that calls an expert."""
    step = Step(
        id=StepId("s1"),
        expert=card.id,
        inputs={name: FromInput(input=name) for name in inputs},
    )
    ports = {port.name: port for port in card.inputs if port.name in inputs}
    return Plan(steps=(step,), inputs=ports, author=card.name)


# While it goes on -------------------------------------------------------------------------------


async def _followed(under: Under, context: Context) -> Run:
    """Wait for a run, telling the client what happens; a client that cancels ends it."""
    total, finished, told = 0, 0, 0
    try:
        async for event in under.events():
            if event.kind == "planned":
                total = int(cast("int", event.data.get("steps", 0)))
            if event.kind == "finished" and "[" not in event.step:
                finished, told = finished + 1, 0
            words = _told(event)
            if words:  # each has to be more than the one before
                await context.report_progress(finished + told / (told + 1), total or None, words)
                told += 1
    except BaseException:
        await ended(under)
        raise
    return await under.finish()


def _told(event: Event) -> str:
    data = event.data
    match event.kind:
        case "planned":
            return f"{data.get('steps', 0)} steps are planned"
        case "started":
            return f"{event.step}: {data.get('expert', '')}"
        case "progress":
            return f"{event.step}: {data.get('message') or data.get('fraction') or ''}"
        case "finished":
            return f"{event.step}: {data.get('status', '')}"
        case "asked":
            return f"{event.step}: {data.get('question', '')}"
        case _:
            return ""


# Asking a person --------------------------------------------------------------------------------


def _can_ask(context: Context) -> bool:
    wanted = wire.ClientCapabilities(elicitation=wire.ElicitationCapability())
    return context.session.check_client_capability(wanted)


async def _asked(context: Context, question: str) -> bool:
    """Ask the person at a client of the protocol before 2026-07-28, which may be asked at once."""
    said = await context.elicit(question, bool, response_title="Allow it?")
    return said.action == "accept" and bool(said.data)


def _required(run: str, questions: Mapping[str, str]) -> wire.InputRequiredResult:
    """Return what a client of the newer protocol is asked: it calls again, with the answers."""
    form: Any = {
        "type": "object",
        "properties": {"value": {"type": "boolean", "title": "Allow it?"}},
        "required": ["value"],
    }
    requests: Any = {
        step: wire.ElicitRequest(
            params=wire.ElicitRequestFormParams(message=question, requested_schema=form)
        )
        for step, question in questions.items()
    }
    state = json.dumps({"run": run, "steps": list(questions)})
    return wire.InputRequiredResult(input_requests=requests, request_state=state)


def _resumed(context: Context) -> tuple[str, dict[str, bool]] | None:
    """Return the run that this call goes on with, and what the person said; None for a new call.

    The state comes back sealed by the framework: a model cannot make it up, nor answer for others.
    """
    state = context.request_state
    if not state:
        return None
    told: dict[str, Any] = json.loads(state)
    replies = context.input_responses or {}
    answers: dict[str, bool] = {}
    for step in told["steps"]:
        reply: Any = replies.get(step)
        said = isinstance(reply, wire.ElicitResult) and reply.action == "accept"
        answers[step] = bool(said and (reply.content or {}).get("value"))
    return str(told["run"]), answers


# The list ---------------------------------------------------------------------------------------


class Experts(Provider):
    """The herd's own tools and its experts, as they are at the moment of asking."""

    def __init__(self, calls: Calls, *, experts: bool = True) -> None:
        super().__init__()
        self._calls = calls
        self._experts = experts

    async def _list_tools(self) -> Sequence[Tool]:
        tools = own_tools(self._calls)
        if self._experts:
            tools += [expert_tool(card, self._calls) for card in self._cards()]
        return tools

    async def _get_tool(self, name: str, version: Any = None) -> Tool | None:
        del version
        own = next((each for each in own_tools(self._calls) if each.name == name), None)
        if own is not None or not self._experts:
            return own
        card = next((each for each in self._cards() if tool_name(each) == name), None)
        return None if card is None else expert_tool(card, self._calls)

    def _cards(self) -> list[ExpertCard]:
        return self._calls.herd.snapshot().latest


def tool_name(card: ExpertCard) -> str:
    """Return what an expert's tool is called."""
    return f"expert_{card.name}" if card.name in OWN else card.name


def expert_tool(card: ExpertCard, calls: Calls) -> HerdTool:
    """Return the tool of an expert: its arguments are the ports."""
    gives = ", ".join(port.type_name for port in card.outputs)
    caution = f" ({card.caution})" if card.caution else ""
    made = ExpertTool(
        name=tool_name(card),
        description=f"{card.description.strip()} Gives {gives}.{caution}",
        parameters=schema_of(card, calls),
        annotations=wire.ToolAnnotations(
            read_only_hint=not card.approve,
            destructive_hint=card.approve,
            open_world_hint=card.locality == "remote",
        ),
        tags=set(card.tags),
    )
    return made.of(card).on(calls)


def own_tools(calls: Calls) -> list[Tool]:
    """Return the tools of the herd as a whole."""
    task: dict[str, Any] = {"type": "string", "description": "What is wanted, in words."}
    files: dict[str, Any] = {
        "type": "array",
        "items": {"anyOf": [{"type": "string"}, {"type": "object"}]},
        "description": f"What the task is about: data: URLs, or {ARTIFACT_URL}ID of an earlier "
        f"result{', or paths of files inside the allowed folders' if calls.reads_paths else ''}.",
    }
    text: dict[str, Any] = {"type": "string"}
    return [
        RunTool(
            name="run",
            description="Give a task over text, pictures, recordings, tables or documents to a set "
            "of expert models, which plan it, work on it and answer. Say everything that is wanted "
            "in one task.",
            parameters=_object(
                {
                    "task": task,
                    "files": files,
                    "thread": text
                    | {"description": "A conversation: later tasks may refer to earlier ones."},
                    "budget": text | {"description": "Hard limits: usd=0.1,seconds=30,calls=20."},
                },
                "task",
            ),
            annotations=wire.ToolAnnotations(read_only_hint=False, destructive_hint=False),
        ).on(calls),
        PlanTool(
            name="plan",
            description="Show which experts would do what for a task, and run nothing.",
            parameters=_object({"task": task, "files": files}, "task"),
            annotations=wire.ToolAnnotations(read_only_hint=True),
        ).on(calls),
        WhyTool(
            name="why",
            description="Explain a run: which experts were considered, what was chosen and why, "
            "and how each step went.",
            parameters=_object(
                {
                    "run": text | {"description": "A run's id."},
                    "step": text | {"description": "One step of it, such as s1."},
                },
                "run",
            ),
            annotations=wire.ToolAnnotations(read_only_hint=True),
        ).on(calls),
    ]


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


__all__ = ("Experts", "HerdTool", "expert_tool", "own_tools", "plan_of", "tool_name")
