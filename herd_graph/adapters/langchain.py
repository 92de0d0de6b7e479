"""LangChain: any Runnable, tool, chat model or LCEL chain as an expert.

Ports come from what the runnable says of itself: a tool's arguments, a prompt's variables, a chain's
schemas. Runs are traced where the herd's own are, because the call's configuration carries the
callbacks of the graph around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import ensure_config, merge_configs
from langchain_core.tools import BaseTool, ToolException
from pydantic import ValidationError

from herd_graph.adapters.chat_content import block, text_in
from herd_graph.adapters.langchain_ports import (
    chain_inputs,
    chain_outputs,
    conversation,
    is_message,
    is_object,
    model_in,
    quietly,
    said_fields,
    schema_fields,
    tool_outputs,
    whereabouts,
)
from herd_graph.adapters.langchain_results import Taken, results
from herd_graph.adapters.said import Said, expert_name, read_options
from herd_graph.adapters.schemas import Field, arguments
from herd_graph.adapters.sources import Source
from herd_graph.cards import ExpertCard
from herd_graph.contexts import ExpertContext
from herd_graph.docstrings import describe
from herd_graph.errors import DeclarationError, ExpertFailed, PortViolation
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.slots import Slot
from herd_graph.threads import in_thread
from herd_graph.types import JSON, Kind

Write = Callable[[Inputs], Any]


async def source_of(given: Any, **options: Any) -> Source:
    """Return the expert that a runnable is.

    Args:
        given: A Runnable, a tool, a chat model.
        options: ``name``, ``description`` and the other facts of a card; ``takes`` and ``gives``;
            ``system``, a system message for chat models.

    Raises:
        DeclarationError: Its ports cannot be told, or an option is unknown.
    """
    if not isinstance(given, Runnable):
        raise DeclarationError(f"{given!r:.120} is no Runnable. Expected one of LangChain's.")
    runnable = cast("Runnable[Any, Any]", given)
    title = str(getattr(runnable, "name", None) or runnable.get_name())
    said, own = read_options(title, options, {"system"})
    if isinstance(runnable, BaseTool):
        expert = _tool(runnable, said)
    else:
        is_bare = not isinstance(options.get("takes"), Mapping | list | tuple)
        expert = _chain(runnable, said, str(own.get("system") or ""), is_bare=is_bare)
    return Source(name=title, experts=(expert,))


class RunnableExpert(Expert):
    """A LangChain runnable with ports; made by ``source_of``."""

    def __init__(
        self,
        card: ExpertCard,
        runnable: Runnable[Any, Any],
        *,
        write: Write,
        read: Callable[[Any], Taken],
        streams: bool = False,
    ) -> None:
        super().__init__(card)
        self.runnable = runnable
        self._write, self._read, self._streams = write, read, streams

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Invoke the runnable; stream what it says, where it says words.

        Raises:
            ExpertFailed: A tool said what is wrong, or a model's output could not be parsed.
            PortViolation: A tool's arguments do not validate.
        """
        given = await in_thread(lambda: self._write(inputs), label=f"encode:{self.card.id}")
        counter = UsageMetadataCallbackHandler()
        config = self._config(context, counter)
        try:
            result = await self._call(given, config, context)
        except ToolException as error:
            raise _told(self.card.id, str(error)) from error
        except OutputParserException as error:
            raise ExpertFailed(
                f"Expert {self.card.id!r} wrote what its parser cannot read: "
                f"{str(error).splitlines()[0]}. Expected the form that it was asked for."
            ) from error
        except ValidationError as error:
            if isinstance(self.runnable, BaseTool):
                raise PortViolation(_invalid(self.card, error)) from error
            raise
        finally:
            self._count(counter, context)
        if isinstance(result, ToolMessage) and result.status == "error":
            raise _told(self.card.id, result.text)
        taken = await in_thread(lambda: self._read(result), label=f"decode:{self.card.id}")
        for each in taken.lost:
            context.progress(message=f"{each} is no payload, and was left out")
        return taken.outputs

    def _config(self, context: ExpertContext, counter: Any) -> RunnableConfig:
        """Return the configuration of the run around the call, so that traces nest."""
        mine: RunnableConfig = {
            "run_name": self.card.name,
            "callbacks": [counter],
            "metadata": {"herd_run": context.run, "herd_step": context.step},
        }
        return merge_configs(ensure_config(), mine)

    async def _call(self, given: Any, config: RunnableConfig, context: ExpertContext) -> Any:
        runnable = self.runnable
        if isinstance(runnable, BaseTool) and getattr(runnable, "coroutine", True) is None:
            return await in_thread(lambda: runnable.invoke(given, config), label=self.card.id)
        if not self._streams:
            return await runnable.ainvoke(given, config)
        whole: Any = None
        async for piece in runnable.astream(given, config):
            said = piece if isinstance(piece, str) else text_in(getattr(piece, "content", ""))
            if said:
                context.token(said)
            whole = piece if whole is None else whole + piece
        return "" if whole is None else whole

    def _count(self, counter: UsageMetadataCallbackHandler, context: ExpertContext) -> None:
        totals: dict[str, JSON] = {}
        for used in counter.usage_metadata.values():
            for name in ("input_tokens", "output_tokens"):
                totals[name] = int(cast("int", totals.get(name, 0))) + int(used[name])
        if totals:  # LangChain knows no prices: the card's stands
            context.spend(self.card.cost_usd, **totals)


# Tools ------------------------------------------------------------------------------------------


def _tool(tool: BaseTool, said: Said) -> RunnableExpert:
    """Make an expert of a tool: its arguments are the inputs, its annotation is the output."""
    both = tool.response_format == "content_and_artifact"
    fields = said_fields(said) or schema_fields(tool.tool_call_schema, said.reference)
    outputs = said.gives or tool_outputs(tool, both=both)
    # A tool may turn its own errors into text for a model: here they are errors.
    plain = tool.model_copy(update={"handle_tool_error": False, "handle_validation_error": False})
    as_call = both or bool(getattr(tool, "_injected_args_keys", ()))

    def write(inputs: Inputs) -> Any:
        given = arguments(fields, inputs)
        if not as_call:
            return given
        return {"type": "tool_call", "name": tool.name, "args": given, "id": "herd"}

    card = said.card(
        name=expert_name(tool.name, "tool"),
        description=tool.description,
        inputs=tuple(each.port for each in fields),
        outputs=tuple(each.port for each in outputs),
        tags=tuple(tool.tags or ()),
        deterministic=False,
    )
    return RunnableExpert(card, plain, write=write, read=partial(results, outputs))


# Chains and models ------------------------------------------------------------------------------


def _chain(
    runnable: Runnable[Any, Any], said: Said, system: str, *, is_bare: bool
) -> RunnableExpert:
    """Make an expert of a chain or a chat model."""
    schema = quietly(runnable.get_input_jsonschema)
    speaks = is_object(schema) is False and "HumanMessage" in schema.get("$defs", {})
    model = model_in(runnable)
    if system and not speaks:
        raise DeclarationError(
            f"system= was passed with {said.reference!r}, which takes no messages. Expected a chat "
            "model. Put the system message into the chain's prompt."
        )
    fields = said_fields(said)
    if speaks:
        fields = fields or conversation(model)
        write = partial(_messages, fields, system)
    else:
        is_bare = is_bare and fields is not None and len(fields) == 1
        single = schema.get("type") not in {"object", None} or (not schema.get("type") and is_bare)
        fields = fields or chain_inputs(schema, said.reference)
        write = partial(_value, fields, single=single and not is_object(schema))
    facts: dict[str, Any] = {
        "name": _name(runnable, model),
        "description": _described(runnable, model),
    }
    if said.gives and model is not None and runnable is model and _is_structured(said.gives):
        runnable = _structured(model, said.gives[0])
    outputs = said.gives or chain_outputs(runnable)
    output = quietly(runnable.get_output_jsonschema)
    streams = output.get("type") == "string" or is_message(output)
    if model is not None:
        facts |= {"locality": whereabouts(model), "deterministic": False}
    card = said.card(
        **facts,
        inputs=tuple(each.port for each in fields),
        outputs=tuple(each.port for each in outputs),
        streams=streams,
    )
    return RunnableExpert(
        card, runnable, write=write, read=partial(results, outputs), streams=streams
    )


def _messages(fields: tuple[Field, ...], system: str, inputs: Inputs) -> list[BaseMessage]:
    given = [inputs[each.port.name] for each in fields if each.port.name in inputs]
    items = [item for each in given for item in (each if isinstance(each, list) else (each,))]
    blocks = [block(each, "standard") for each in items]
    words = all(each["type"] == "text" for each in blocks)
    content: Any = "\n\n".join(str(each["text"]) for each in blocks) if words else blocks
    asked: list[BaseMessage] = [HumanMessage(content)]
    return [SystemMessage(system), *asked] if system else asked


def _value(fields: tuple[Field, ...], inputs: Inputs, *, single: bool) -> Any:
    given = arguments(fields, inputs)
    return given.get(fields[0].key) if single else given


def _structured(model: BaseChatModel, slot: Slot) -> Runnable[Any, Any]:
    is_class = isinstance(slot.python, type)
    wanted = slot.python if is_class else dict(slot.port.json_schema or {})
    if not is_class:
        wanted.setdefault("title", slot.port.name)
        wanted.setdefault("description", slot.port.description or "The result.")
    try:
        return cast("Runnable[Any, Any]", model.with_structured_output(wanted))
    except NotImplementedError as error:
        raise DeclarationError(
            f"{type(model).__name__} cannot be held to a schema: {error or 'not implemented'}. "
            "Expected a model with structured output. Parse its text in a chain, and add that."
        ) from error


def _is_structured(gives: tuple[Slot, ...]) -> bool:
    port = gives[0].port
    return len(gives) == 1 and port.kind is Kind.DATA and not port.many and bool(port.json_schema)


def _described(runnable: Runnable[Any, Any], model: Any) -> str:
    if runnable is model:
        named = getattr(model, "model_name", None) or getattr(model, "model", None)
        called = named if isinstance(named, str) else type(model).__name__
        return (
            f"Answer any request in words with the language model {called}: chat, write, explain."
        )
    function = getattr(runnable, "func", None) or getattr(runnable, "afunc", None)
    return "" if function is None else describe(function)[0]


def _name(runnable: Runnable[Any, Any], model: Any) -> str:
    named = getattr(model, "model_name", None) if runnable is model else None
    title = named if isinstance(named, str) and named else runnable.get_name()
    return expert_name(title, "chain")


def _told(expert: str, message: str) -> ExpertFailed:
    error = ExpertFailed(f"Expert {expert!r} refused: {message or 'it did not say why'}")
    error.retryable = False  # a tool says this of its arguments
    error.about_input = True
    return error


def _invalid(card: ExpertCard, error: ValidationError) -> str:
    told = "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'input'}: {each['msg']}"
        for each in error.errors()[:3]
    )
    return f"Expert {card.id!r} was called with what it does not take: {told}. Expected {card.signature}."


__all__ = ("RunnableExpert", "source_of")
