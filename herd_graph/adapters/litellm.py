"""LiteLLM: any model string as an expert, of any provider or of a server on this machine.

    herd.add("litellm:openai/gpt-5-mini", name="gpt")
    herd.add("litellm:openai/qwen", api_base="http://127.0.0.1:8080/v1", description="…")

Ports come from what LiteLLM's price map says that the model hears, or from the user. LiteLLM's own
retries are off: the step runner retries, and moves on to another expert.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from herd_graph.adapters.egress import EgressRefused, is_local
from herd_graph.adapters.litellm_calls import ModelExpert, Request
from herd_graph.adapters.litellm_media import MODES, MediaExpert, price
from herd_graph.adapters.litellm_prices import ModelFacts, facts_of
from herd_graph.adapters.litellm_tools import MOST_ROUNDS
from herd_graph.adapters.said import Said, expert_name, from_port, read_options
from herd_graph.adapters.sources import Source
from herd_graph.cards import Port
from herd_graph.errors import DeclarationError
from herd_graph.experts import Expert
from herd_graph.slots import Slot
from herd_graph.types import Kind

PARAMETERS = frozenset(
    {
        "api_version",
        "extra_body",
        "extra_headers",
        "frequency_penalty",
        "max_completion_tokens",
        "max_tokens",
        "modalities",
        "presence_penalty",
        "reasoning_effort",
        "seed",
        "stop",
        "temperature",
        "top_p",
        "verbosity",
    }
)
"""What is passed to LiteLLM as it is; ``params={…}`` passes anything else."""
_MEDIA = frozenset({"voice", "size", "quality", "language", "response_format"})
"""What only models that make or hear media take."""
_SENT = ("api_version", "extra_body", "extra_headers")
_CHAT = frozenset({"chat", "completion", "responses"})
OPTIONS = (
    PARAMETERS
    | _MEDIA
    | {
        "api_base",
        "api_key",
        "hears",
        "max_rounds",
        "mode",
        "params",
        "prompt",
        "stream",
        "system",
        "tools",
    }
)
_EXAMPLES = (
    "answer this question",
    "explain what a checkpoint is",
    "write a short greeting for a birthday card",
)
"""What a model without a description of its own is right for."""
_GIVES = {Kind.TEXT, Kind.DATA, Kind.TABLE, Kind.IMAGE, Kind.AUDIO}


async def source_of(given: str, **options: Any) -> Source:
    """Return the expert that a model string names.

    Args:
        given: ``provider/model``, as LiteLLM has it.
        options: ``name``, ``description`` and the other facts of a card; ``takes`` and ``gives``.
            ``system``: a system message. ``prompt``: what is asked, with ``{port}`` in the place of
            a text. ``api_base``, ``api_key`` (``env:NAME`` reads it from the environment at each
            call). ``hears``: the kinds besides text that it takes, where LiteLLM does not know.
            ``tools``: experts that it may call, at most ``max_rounds`` times in a row. ``stream``:
            ``False`` asks for the answer in one piece. ``mode``: what the model is for, where
            LiteLLM does not know (``image_generation``, ``image_edit``, ``audio_speech``,
            ``audio_transcription``); ``voice``, ``size`` … go with these. ``temperature``, ``max_tokens`` … and
            ``params`` go to LiteLLM.

    Raises:
        DeclarationError: An option that nobody knows, or ports that a model cannot have.
    """
    reference = f"litellm:{given}"
    model = given.strip()
    if not model or model.startswith("/") or any(each.isspace() for each in model):
        raise DeclarationError(
            f"{reference!r} names no model. Expected litellm:PROVIDER/MODEL, such as "
            "litellm:openai/gpt-5-mini."
        )
    said, own = read_options(reference, options, OPTIONS)
    facts = facts_of(model)
    mode = str(own.get("mode") or facts.mode)
    if mode in MODES:
        return Source(name=reference, experts=(_media(model, said, own, facts, mode),))
    if mode not in _CHAT:
        raise DeclarationError(
            f"{reference!r} is a model for {mode.replace('_', ' ')}. Expected one for "
            f"{', '.join(each.replace('_', ' ') for each in ('chat', *MODES))}. Put an @expert around "
            "litellm's function for it."
        )
    for name in sorted(_MEDIA & set(own)):
        raise DeclarationError(
            f"{name}= was passed with {reference!r}, a chat model, which has no use for it. Expected "
            "it with a model that makes media. Leave it out, or say what the model is for: mode=…."
        )
    tools = await _tools(own.get("tools") or (), reference)
    return Source(name=reference, experts=(_expert(model, said, own, facts, tools),))


def _media(
    model: str, said: Said, own: Mapping[str, Any], facts: ModelFacts, name: str
) -> MediaExpert:
    """Return the expert of a model that makes or hears media."""
    mode = MODES[name]
    foreign = sorted(set(own) - _MEDIA - {"api_base", "api_key", "params", "mode", *_SENT})
    if foreign or said.takes is not None or said.gives is not None:
        what = foreign[0] if foreign else "takes" if said.takes is not None else "gives"
        raise DeclarationError(
            f"{what}= was passed with {said.reference!r}, a model for {name.replace('_', ' ')}, which "
            f"has no use for it. Expected any of {', '.join(sorted(_MEDIA | {'params'}))}. Leave it out."
        )
    api_base = str(own.get("api_base") or "")
    here = _is_here(api_base, model, said.reference)
    params = {each: own[each] for each in (*_MEDIA, *_SENT) if own.get(each) is not None}
    request = Request(
        model=model,
        api_base=api_base,
        api_key=str(own.get("api_key") or ""),
        params={**params, **dict(own.get("params") or {})},
        is_local=here,
    )
    named = model.rpartition("/")[2]
    card = said.card(
        name=expert_name(named, "model"),
        description=mode.description.format(name=named),
        tags=mode.tags,
        examples=() if "description" in said.facts else mode.examples,
        inputs=mode.takes,
        outputs=(mode.gives,),
        cost_usd=0.0 if here else price(facts),
        locality="local" if here else "remote",
        licence="not stated" if here else "the provider's terms",
        notes=f"LiteLLM model {model}{f' at {api_base}' if api_base else ''}.",
        deterministic=False,
    )
    return MediaExpert(card, request, facts, mode)


def _expert(
    model: str,
    said: Said,
    own: Mapping[str, Any],
    facts: ModelFacts,
    tools: tuple[Expert, ...],
) -> ModelExpert:
    api_base = str(own.get("api_base") or "")
    here = _is_here(api_base, model, said.reference)
    takes = said.takes or _conversation(_heard(own, facts, said.reference))
    gives = said.gives or (from_port(Port(name="result", kind=Kind.TEXT)),)
    _check(gives, said.reference)
    prompt = str(own.get("prompt") or "")
    _check_prompt(prompt, takes, said.reference)
    params = {name: own[name] for name in PARAMETERS if own.get(name) is not None}
    params |= dict(own.get("params") or {})
    most = params.get("max_tokens") or params.get("max_completion_tokens")
    request = Request(
        model=model,
        api_base=api_base,
        api_key=str(own.get("api_key") or ""),
        system=str(own.get("system") or ""),
        prompt=prompt,
        stream=bool(own.get("stream", True)),
        params=params,
        is_local=here,
        max_rounds=int(own.get("max_rounds") or MOST_ROUNDS),
    )
    named = model.rpartition("/")[2]
    where = f" at {api_base}" if api_base else ""
    card = said.card(
        name=expert_name(named, "model"),
        description=f"Answer any request in words with the language model {named}: chat, question "
        "answering, writing and explaining.",
        tags=() if "description" in said.facts else ("chat", "language model"),
        examples=() if "description" in said.facts else _EXAMPLES,
        inputs=tuple(each.port for each in takes),
        outputs=tuple(each.port for each in gives),
        cost_usd=0.0 if here else facts.usual_cost(most),
        locality="local" if here else "remote",
        licence="not stated" if here else "the provider's terms",
        notes=f"LiteLLM model {model}{where}.",
        deterministic=False,
        streams=request.stream and gives[0].port.kind is Kind.TEXT,
        approve=any(each.card.approve for each in tools),
    )
    return ModelExpert(card, request, facts, takes=takes, gives=gives, tools=tools)


def _conversation(hears: tuple[Kind, ...]) -> tuple[Slot, ...]:
    """Return what a chat model takes: a message, and what that is about."""
    about = Port(
        name="context",
        kind=Kind.TEXT,
        also=(Kind.TABLE, *hears),
        many=True,
        required=False,
        description="what the message is about",
    )
    message = Port(name="message", kind=Kind.TEXT, description="what is wanted, in words")
    return (from_port(message), from_port(about))


def _heard(own: Mapping[str, Any], facts: ModelFacts, reference: str) -> tuple[Kind, ...]:
    given = own.get("hears")
    if given is None:
        return facts.hears
    names = (given,) if isinstance(given, str) else tuple(given)
    media = {each.value: each for each in (Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT)}
    unknown = [each for each in names if str(each) not in media]
    if unknown:
        raise DeclarationError(
            f"hears= of {reference!r} has {unknown[0]!r}. Expected some of {', '.join(media)}."
        )
    return tuple(media[str(each)] for each in names)


def _check(gives: Sequence[Slot], reference: str) -> None:
    for slot in gives:
        if not set(slot.port.kinds) <= _GIVES:
            raise DeclarationError(
                f"gives= of {reference!r} has {slot.port.type_name}, which no chat model gives. "
                "Expected text, a picture, sound, a table, or what has a JSON schema."
            )


def _check_prompt(prompt: str, takes: Sequence[Slot], reference: str) -> None:
    named = {slot.port.name for slot in takes}
    unknown = [each for each in re.findall(r"\{(\w+)\}", prompt) if each not in named]
    if unknown:
        raise DeclarationError(
            f"prompt= of {reference!r} names {unknown[0]!r}, which is no input. Expected one of "
            f"{', '.join(map(repr, sorted(named)))}. Say the inputs: takes={{{unknown[0]!r}: Text}}."
        )


def _is_here(api_base: str, model: str, reference: str) -> bool:
    if not api_base:
        local = ("ollama/", "ollama_chat/", "lm_studio/", "llamafile/")
        elsewhere = any(os.environ.get(each) for each in ("OLLAMA_API_BASE", "LM_STUDIO_API_BASE"))
        return model.startswith(local) and not elsewhere
    try:
        return is_local(api_base)
    except EgressRefused as error:
        raise DeclarationError(f"api_base= of {reference!r}: {error}") from None


async def _tools(given: Any, reference: str) -> tuple[Expert, ...]:
    """Return the experts that a model may call; references are adapted like any other."""
    from herd_graph.adapters import adapt

    found: list[Expert] = []
    for each in cast("Sequence[Any]", given) if isinstance(given, list | tuple) else (given,):
        if isinstance(each, Expert):
            found.append(each)
            continue
        source = await adapt(each)
        if source.follow is not None or source.close is not None:
            raise DeclarationError(
                f"tools= of {reference!r} has {each!r}, which is a connection. Expected experts. Add "
                "it to the herd, and pass the experts that are meant."
            )
        found.extend(source.experts)
    names = [each.name for each in found]
    if len(set(names)) < len(names):
        raise DeclarationError(
            f"tools= of {reference!r} has two of one name: {', '.join(sorted(names))}. Expected a name "
            "of its own for each."
        )
    return tuple(found)


__all__ = ("source_of",)
