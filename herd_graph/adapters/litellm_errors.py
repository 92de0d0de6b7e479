"""From what a provider refuses to the error that the engine understands.

LiteLLM gives every provider's errors the same classes, but not always the right one: the status of
the answer decides, and for a few cases the words in it.
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any, cast

from herd_graph.errors import CallError, ExpertFailed, ExpertTimeout, ExpertUnavailable

_MOST_CHARS = 400
_TOO_LONG = re.compile(
    r"context[_ ](?:length|window|size)|maximum context|too many tokens|prompt is too long"
    r"|exceed_context_size|input is too long",
    re.IGNORECASE,
)
_OUT_OF_MONEY = re.compile(
    r"insufficient[_ ](?:quota|credits?|funds|balance)|exceeded your current quota|billing"
    r"|payment required",
    re.IGNORECASE,
)
_NO_KEY = re.compile(
    r"missing credentials|api[_ ]key.{0,40}(?:must be set|not set|is required)", re.IGNORECASE
)
_NOT_ALLOWED = re.compile(
    r"content[_ ]polic|content[_ ]filter|safety system|responsible ai", re.IGNORECASE
)
_OVERLOADED = frozenset({408, 409, 425, 500, 502, 503, 504, 529})


def explained(error: Exception, expert: str, secrets: Iterable[str] = ()) -> CallError:
    """Return the error that the engine is told.

    Args:
        error: What LiteLLM raised.
        expert: ``name@version``.
        secrets: What must not appear in the message: keys.
    """
    status = getattr(error, "status_code", None)
    kind = type(error).__name__
    said = _said(error, secrets)
    code = f"{getattr(error, 'code', None) or ''} {said}"
    start = f"Expert {expert!r}: the provider "
    if kind == "ContextWindowExceededError" or (status in {400, 413} and _TOO_LONG.search(code)):
        return _made(
            ExpertFailed,
            f"{start}says that this is too long for the model: {said} Expected a shorter input. "
            "Use an expert with a longer context, or send it in parts.",
            about_input=True,
        )
    if _OUT_OF_MONEY.search(code) or status == 402:
        return _made(
            ExpertUnavailable,
            f"{start}says that the account may spend no more: {said} Expected credit. See the "
            "provider's billing page, or use another expert.",
        )
    if kind == "RateLimitError" or status == 429:
        pause = retry_after(error)
        wait = f"in {pause:.0f} s" if pause is not None else "in a moment"
        limited = _made(
            ExpertFailed, f"{start}is asked too often: {said} Try again {wait}.", retryable=True
        )
        limited.retry_after_s = pause
        return limited
    if status in {401, 403} or _NO_KEY.search(said):
        return _made(
            ExpertUnavailable,
            f"{start}does not accept the key: {said} Expected one that is valid for this model. "
            "Pass api_key='env:NAME', or set the provider's own variable.",
        )
    if kind == "Timeout" or status == 408:
        return _made(ExpertTimeout, f"{start}did not answer in time: {said}", retryable=True)
    if kind == "ContentPolicyViolationError" or _NOT_ALLOWED.search(code):
        return _made(
            ExpertFailed,
            f"{start}does not allow this input: {said} Word it differently, or use another expert.",
            about_input=True,
        )
    if status in _OVERLOADED or kind == "APIConnectionError":
        gone = _made(
            ExpertFailed,
            f"{start}cannot be reached, or failed: {said} Try again, and see that it runs.",
            retryable=True,
        )
        gone.retry_after_s = retry_after(error)
        return gone
    if status == 404:
        return _made(
            ExpertUnavailable,
            f"{start}does not have this model: {said} Expected a name that it lists. Correct the "
            "model's name, or api_base.",
        )
    if "LLM Provider NOT provided" in said:
        return _made(
            ExpertUnavailable,
            f"Expert {expert!r}: its model names no provider that LiteLLM knows. Expected "
            "litellm:PROVIDER/MODEL, such as litellm:openai/gpt-5-mini. Correct the reference.",
        )
    return _made(
        ExpertFailed, f"{start}refused the request: {said} Check the options.", about_input=True
    )


def retry_after(error: Exception) -> float | None:
    """Return the seconds after which the provider wants to be asked again; None if it says none."""
    headers = _headers(error)
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    said = headers.get("retry-after")
    seconds = _number(said)
    if seconds is None and said:
        try:
            seconds = email.utils.parsedate_to_datetime(said).timestamp() - time.time()
        except ValueError:
            return None
    return None if seconds is None else max(0.0, seconds)


def _headers(error: Exception) -> dict[str, str]:
    found: dict[str, str] = {}
    response = getattr(error, "response", None)
    for given in (
        getattr(response, "headers", None),
        getattr(error, "litellm_response_headers", None),
        getattr(error, "headers", None),
    ):
        if isinstance(given, Mapping):
            named = cast("Mapping[str, Any]", given)
            found.update({name.lower(): str(value) for name, value in named.items()})
    return found


def _said(error: Exception, secrets: Iterable[str]) -> str:
    """Return the provider's words: without LiteLLM's prefixes, keys and line breaks."""
    text = " ".join(str(getattr(error, "message", None) or error).split())
    text = re.sub(r"^(?:litellm\.)?(?:\w+(?:Error|Exception)|Timeout|\w+): ", "", text)
    while True:
        shorter = re.sub(r"^(?:litellm\.)?\w*(?:Error|Exception|Timeout)\s*[:-] ", "", text)
        if shorter == text:
            break
        text = shorter
    for secret in secrets:
        if len(secret) > 3:
            text = text.replace(secret, "…")
    text = text.partition(" Received Model Group=")[0].partition(" LiteLLM Retried")[0]
    text = text if len(text) <= _MOST_CHARS else f"{text[: _MOST_CHARS - 1]}…"
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _made(
    kind: type[CallError], message: str, *, retryable: bool = False, about_input: bool = False
) -> CallError:
    error = kind(message)
    error.retryable, error.about_input = retryable, about_input
    return error


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None


__all__ = ("explained", "retry_after")
