"""What a LangChain runnable says of itself, as ports."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from typing import Any, cast

from langchain_core.language_models import BaseLanguageModel
from langchain_core.runnables import Runnable, RunnableParallel, RunnableSequence
from langchain_core.tools import BaseTool

from herd_graph.adapters.egress import is_local
from herd_graph.adapters.said import Said, from_port, slots
from herd_graph.adapters.schemas import Field, fields_of, result_field
from herd_graph.artifacts import Artifact
from herd_graph.cards import Port
from herd_graph.errors import DeclarationError
from herd_graph.slots import Slot
from herd_graph.types import Kind, Locality

_MEDIA = {Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT}
_HEARD = (
    (Kind.IMAGE, "image_inputs"),
    (Kind.AUDIO, "audio_inputs"),
    (Kind.VIDEO, "video_inputs"),
    (Kind.DOCUMENT, "pdf_inputs"),
)
"""What a model takes, by the key of its profile that says so."""


def said_fields(said: Said) -> tuple[Field, ...] | None:
    """Return what the user says that it takes; media are written as ``data:`` URLs."""
    if said.takes is None:
        return None
    return tuple(
        Field(
            key=each.port.name,
            port=each.port,
            form="data_url" if _MEDIA & set(each.port.kinds) else "json",
        )
        for each in said.takes
    )


def schema_fields(schema: Any, reference: str) -> tuple[Field, ...]:
    try:
        return fields_of(_untitled(schema_of(schema)))
    except Exception as error:
        raise DeclarationError(
            f"The arguments of {reference!r} cannot be ports: {str(error).splitlines()[0]}. Expected "
            "types with a JSON schema. Say them: takes={'name': str}."
        ) from error


def schema_of(given: Any) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return cast("Mapping[str, Any]", given)
    return cast("Mapping[str, Any]", given.model_json_schema())


def _untitled(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the titles that pydantic makes of names: ``Hour`` tells less than ``integer``."""
    made = {key: value for key, value in schema.items() if key != "title"}
    named = cast("Mapping[str, Any]", made.get("properties") or {})
    if named:
        made["properties"] = {
            name: _untitled(cast("Mapping[str, Any]", each))
            if isinstance(each, Mapping) and "properties" not in each
            else each
            for name, each in named.items()
        }
    return made


def quietly(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return a schema, or an empty one where the types behind it have none."""
    try:
        return ask()
    except Exception:
        return {}


def is_object(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "object" and "properties" in schema


def is_message(schema: Mapping[str, Any]) -> bool:
    return not is_object(schema) and "AIMessage" in schema.get("$defs", {})


# Tools ------------------------------------------------------------------------------------------


def tool_outputs(tool: BaseTool, *, both: bool) -> tuple[Slot, ...]:
    """Return the outputs that the tool's function is annotated with; text where nobody says."""
    function = getattr(tool, "coroutine", None) or getattr(tool, "func", None)
    try:
        given: Any = typing.get_type_hints(function).get("return") if function else None
    except Exception:  # annotations that exist for type checkers alone
        given = None
    parts: tuple[Any, ...] = (given,)
    if both:
        pair = typing.get_args(given) if typing.get_origin(given) is tuple else ()
        parts = pair if len(pair) == 2 else (None, None)
    made = _annotated("result", parts[0])
    if not both:
        return (made,)
    beside = _annotated("artifact", parts[1])
    optional = beside.port.model_copy(update={"required": False})
    return (made, Slot(port=optional, python=beside.python, nullable=beside.nullable))


def _annotated(name: str, given: Any) -> Slot:
    open_list = typing.get_origin(given) is list and not _is_payload(given)
    either = str in typing.get_args(given)  # words, or something else: nobody knows which
    if given not in (None, Any, object, list, dict) and not open_list and not either:
        try:
            found = slots(given, name, "the tool's result")
        except DeclarationError:
            found = None
        if found:
            return Slot(
                port=found[0].port.model_copy(update={"name": name}),
                python=found[0].python,
                nullable=found[0].nullable,
            )
    if name == "artifact":
        return from_port(Port(name=name, kind=Kind.DATA, also=(Kind.ANY,)))
    return from_port(Port(name=name, kind=Kind.TEXT, also=(Kind.DATA,)))


def _is_payload(given: Any) -> bool:
    """Say whether a list is one of our payloads, or of plain values; blocks are neither."""
    inner = (*typing.get_args(given), None)[0]
    bare = typing.get_origin(inner) or inner
    return bare in {str, int, float, bool} or (
        isinstance(bare, type) and issubclass(bare, Artifact)
    )


# Chains and models ------------------------------------------------------------------------------


def conversation(model: Any) -> tuple[Field, ...]:
    """Return what a chat model takes: a message, and what it is about."""
    profile: Mapping[str, Any] = getattr(model, "profile", None) or {}
    heard = tuple(kind for kind, key in _HEARD if profile.get(key))
    return (
        Field(
            key="message", port=Port(name="message", kind=Kind.TEXT, description="what is wanted")
        ),
        Field(
            key="context",
            port=Port(
                name="context",
                kind=Kind.TEXT,
                also=(Kind.TABLE, *heard),
                many=True,
                required=False,
                description="what the message is about",
            ),
        ),
    )


def chain_inputs(schema: Mapping[str, Any], reference: str) -> tuple[Field, ...]:
    if is_object(schema):
        return tuple(_plain_messages(each) for each in schema_fields(schema, reference))
    kind = schema.get("type")
    if isinstance(kind, str) and kind != "object":
        name = "text" if kind == "string" else "value"
        return (result_field(_untitled(schema), name=name),)
    raise DeclarationError(
        f"{reference!r} does not say what it takes. Expected annotations, or ports that you say. Add "
        "takes={'text': Text}, or takes=Text for one that takes a bare value."
    )


def _plain_messages(field: Field) -> Field:
    """Return a placeholder for messages as a list of texts, or of messages as JSON."""
    if "HumanMessage" not in str(field.port.json_schema):
        return field
    port = field.port.model_copy(
        update={"kind": Kind.TEXT, "also": (Kind.DATA,), "many": True, "json_schema": None}
    )
    return Field(key=field.key, port=port)


def chain_outputs(runnable: Runnable[Any, Any]) -> tuple[Slot, ...]:
    last = runnable.last if isinstance(runnable, RunnableSequence) else runnable
    if isinstance(last, RunnableParallel):
        named = last.steps__
        return tuple(_output(name, step) for name, step in named.items())
    return (_output("result", runnable),)


def _output(name: str, runnable: Runnable[Any, Any]) -> Slot:
    schema = quietly(runnable.get_output_jsonschema)
    if is_message(schema):
        return from_port(Port(name=name, kind=Kind.TEXT))
    is_root = "root" in (schema.get("properties") or ())  # LangChain does not know the real one
    if schema.get("type") and "$defs" not in schema and not is_root:
        return from_port(result_field(_untitled(schema), name=name).port)
    return from_port(Port(name=name, kind=Kind.TEXT, also=(Kind.DATA,)))


def model_in(runnable: Any) -> Any:
    """Return the language model in a runnable, through bindings, retries and sequences."""
    if isinstance(runnable, BaseLanguageModel):
        return cast("Any", runnable)
    if isinstance(runnable, RunnableSequence):
        found = (model_in(each) for each in runnable.steps)
        return next((each for each in found if each is not None), None)
    inner = getattr(runnable, "bound", None) or getattr(runnable, "runnable", None)
    return model_in(inner) if isinstance(inner, Runnable) else None


def whereabouts(model: Any) -> Locality:
    """Say whether data leaves this machine; of a model that nobody knows, that it does."""
    for name in ("base_url", "openai_api_base", "endpoint_url", "api_base"):
        url = getattr(model, name, None)
        if isinstance(url, str) and url:
            return "local" if is_local(url) else "remote"
    here = ("langchain_core.", "langchain_huggingface.", "langchain_community.llms.llamacpp")
    return "local" if type(model).__module__.startswith(here) else "remote"


__all__ = (
    "chain_inputs",
    "chain_outputs",
    "conversation",
    "is_message",
    "is_object",
    "model_in",
    "quietly",
    "said_fields",
    "schema_fields",
    "schema_of",
    "tool_outputs",
    "whereabouts",
)
