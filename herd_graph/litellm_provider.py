"""Herds as a LiteLLM provider: ``herd/NAME`` wherever LiteLLM takes a model string.

    import litellm
    from herd_graph import Herd, litellm_provider

    litellm_provider.register(Herd.default(), name="mine")
    litellm.completion(model="herd/mine", messages=[{"role": "user", "content": "2 + 2?"}])

Pictures, recordings and files go in as OpenAI's content parts. What is known of the run stands in
the message's ``provider_specific_fields["herd"]``. In the configuration of LiteLLM's proxy the
handler is ``herd_graph.litellm_provider.handler``; then ``herd/default`` is the herd of the
first-party experts and plugins. Importing this module imports nothing heavy.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from herd_graph.errors import (
    ArtifactError,
    ConfigError,
    HerdError,
    PlanError,
    suggest,
)

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

    from herd_graph.herd import Herd

PROVIDER, DEFAULT = "herd", "default"
_OPTIONS = frozenset({"thread", "budget"})
"""What a call may say besides messages; sampling parameters are the experts' own."""

_herds: dict[str, Herd] = {}
_making = threading.Lock()


def register(herd: Herd | None = None, *, name: str = DEFAULT) -> None:
    """Make a herd a model of LiteLLM: ``herd/NAME``.

    Args:
        herd: The herd; without one only the provider is put in, and ``herd/default`` is the herd of
            the first-party experts and plugins, made when it is first asked.
        name: What comes after ``herd/``.

    Raises:
        ConfigError: The name cannot be a part of a model string.
    """
    if not name or "/" in name:
        raise ConfigError(f"{name!r} cannot be a herd's name here. Expected one without '/'.")
    litellm = _litellm()
    if herd is not None:
        _herds[name] = herd
    known: list[Any] = litellm.custom_provider_map
    if not any(each["provider"] == PROVIDER for each in known):
        known.append({"provider": PROVIDER, "custom_handler": _handler()})
        litellm.utils.custom_llm_setup()


def unregister(name: str = DEFAULT) -> None:
    """Forget a herd. It stays open: whoever made it closes it."""
    _herds.pop(name, None)


def __getattr__(name: str) -> Any:
    """Give ``handler``, which LiteLLM's proxy asks for by name."""
    if name == "handler":
        return _handler()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _litellm() -> Any:
    # Without this LiteLLM asks the network for prices when it is imported.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    return import_module("litellm")


def _model(name: str, options: Mapping[str, Any]) -> Any:
    """Return the chat model of a herd. Raises ``ConfigError``."""
    from herd_graph.budgets import Budget

    with _making:
        if name == DEFAULT and name not in _herds:
            from herd_graph.herd import Herd

            _herds[name] = Herd.default()
    if name not in _herds:
        raise ConfigError(
            f"There is no herd {name!r}. {suggest(name, [*_herds, DEFAULT])} Register it: "
            f"litellm_provider.register(herd, name={name!r})."
        )
    given = {key: options[key] for key in _OPTIONS & options.keys() if options[key]}
    if isinstance(given.get("budget"), str):
        given["budget"] = Budget.parse(given["budget"])
    return _herds[name].as_chat_model(**given)


@functools.cache
def _handler() -> Any:
    """Return the one handler; its base class is LiteLLM's."""
    litellm = _litellm()
    failure: Any = import_module("litellm.llms.custom_llm").CustomLLMError
    base: Any = litellm.CustomLLM

    def refused(error: HerdError) -> Exception:
        asked = isinstance(error, ArtifactError | PlanError | ConfigError)
        return failure(status_code=400 if asked else 500, message=str(error))

    class HerdLLM(base):
        """Serves ``herd/…`` models."""

        def completion(self, model: str, messages: list[Any], **given: Any) -> Any:
            try:
                made = _model(model, given["optional_params"]).invoke(_spoken(messages))
            except HerdError as error:
                raise refused(error) from error
            return _response(litellm, given["model_response"], model, made)

        async def acompletion(self, model: str, messages: list[Any], **given: Any) -> Any:
            try:
                asked = _model(model, given["optional_params"])
                made = await asked.ainvoke(_spoken(messages))
            except HerdError as error:
                raise refused(error) from error
            return _response(litellm, given["model_response"], model, made)

        def streaming(self, model: str, messages: list[Any], **given: Any) -> Iterator[Any]:
            try:
                for chunk in _model(model, given["optional_params"]).stream(_spoken(messages)):
                    yield _chunk(chunk)
            except HerdError as error:
                raise refused(error) from error

        async def astreaming(
            self, model: str, messages: list[Any], **given: Any
        ) -> AsyncIterator[Any]:
            try:
                asked = _model(model, given["optional_params"])
                async for chunk in asked.astream(_spoken(messages)):
                    yield _chunk(chunk)
            except HerdError as error:
                raise refused(error) from error

    return HerdLLM()


def _spoken(messages: list[Any]) -> list[Any]:
    """Return messages without what only LiteLLM understands (its empty tool calls and the like)."""
    return [
        {key: value for key, value in cast("dict[str, Any]", each).items() if value is not None}
        if isinstance(each, dict)
        else each
        for each in messages
    ]


def _response(litellm: Any, response: Any, model: str, message: AIMessage) -> Any:
    """Return a message as LiteLLM's response, with its files and its cost."""
    told: dict[str, Any] = message.response_metadata["herd"]
    spoken: dict[str, Any] = {
        "role": "assistant",
        "content": message.text,
        "provider_specific_fields": {"herd": told},
    }
    pictures, sounds = _media(message)
    if pictures:
        spoken["images"] = pictures
    if sounds:
        spoken["audio"] = sounds[0]
    usage = message.usage_metadata or {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    response.choices = [
        litellm.Choices(index=0, finish_reason="stop", message=litellm.Message(**spoken))
    ]
    response.model = f"{PROVIDER}/{model}"
    response.usage = litellm.Usage(
        prompt_tokens=usage["input_tokens"],
        completion_tokens=usage["output_tokens"],
        total_tokens=usage["total_tokens"],
    )
    response._hidden_params = {**(response._hidden_params or {}), "response_cost": told["usd"]}
    return response


def _media(message: AIMessage) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return pictures and recordings in OpenAI's forms."""
    pictures: list[dict[str, Any]] = []
    sounds: list[dict[str, Any]] = []
    for block in cast("list[dict[str, Any]]", message.content_blocks):
        if block["type"] == "image":
            url = f"data:{block['mime_type']};base64,{block['base64']}"
            shown: dict[str, Any] = {"url": url}
            pictures.append({"type": "image_url", "index": len(pictures), "image_url": shown})
        elif block["type"] == "audio":
            key = str(block.get("extras", {}).get("artifact", "audio"))
            said: dict[str, Any] = {"id": key, "data": block["base64"], "expires_at": 0}
            sounds.append({**said, "transcript": ""})
    return pictures, sounds


def _chunk(chunk: Any) -> dict[str, Any]:
    """Return a piece of a stream as LiteLLM's generic one."""
    told: Any = chunk.response_metadata.get("herd")
    progress = chunk.additional_kwargs.get("reasoning_content")
    known = {"herd": told} if told else {"herd_progress": progress} if progress else None
    usage = chunk.usage_metadata
    return {
        "text": chunk.text,
        "tool_use": None,
        "is_finished": told is not None,
        "finish_reason": "stop" if told is not None else "",
        "usage": None
        if usage is None
        else {
            "prompt_tokens": usage["input_tokens"],
            "completion_tokens": usage["output_tokens"],
            "total_tokens": usage["total_tokens"],
        },
        "index": 0,
        "provider_specific_fields": known,
    }


__all__ = ("register", "unregister")
