"""From whatever an expert raised to the one error that the engine is told.

The same form crosses process boundaries and goes into recordings: names and text, never a pickle.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any, Final

from herd_graph import errors
from herd_graph.errors import (
    ArtifactError,
    CallError,
    ConfigError,
    ExpertFailed,
    ExpertUnavailable,
    HerdError,
    InputUnusable,
    ModelError,
    PortViolation,
)
from herd_graph.types import JSONObject

MESSAGE_CHARS = 2000
_HERE = str(Path(__file__).parent)
_FRAMES = 4
_INPUT_ERRORS: Final = (ValueError, TypeError, LookupError, ArithmeticError)
"""What a sound expert raises for an unsound input: such a call says nothing of its health."""
_KNOWN: Final = {
    each: getattr(errors, each)
    for each in ("ExpertFailed", "ExpertTimeout", "ExpertUnavailable", "PortViolation")
} | {
    "CallRefused": errors.CallRefused,
    "InputUnusable": InputUnusable,
    "ReplayMiss": errors.ReplayMiss,
}


def explain(expert: str, error: BaseException, *, loading: bool = False) -> CallError:
    """Return the error that the engine is told.

    Args:
        expert: ``name@version``.
        error: Whatever came out of the expert's code.
        loading: It was raised by ``load``, not by a call.
    """
    if isinstance(error, CallError) and not isinstance(error, PortViolation):
        return error
    text = message_of(error)
    if isinstance(error, PortViolation):
        return error if expert in text else PortViolation(f"Expert {expert!r}: {text}")
    if isinstance(error, HerdError):
        kind = ExpertFailed
        if loading or isinstance(error, ModelError | ConfigError):
            kind = ExpertUnavailable
        elif isinstance(error, ArtifactError):
            kind = InputUnusable
        explained = kind(f"Expert {expert!r}: {text}")
        explained.retryable = error.retryable
        explained.about_input = isinstance(error, ArtifactError)
    elif loading:
        explained = ExpertUnavailable(
            f"Expert {expert!r} could not be loaded: {_named(error)}. Expected its load() to "
            "succeed. Check what it needs (files, packages, memory), or use another expert."
        )
    else:
        explained = ExpertFailed(
            f"Expert {expert!r} raised {_named(error)}. Expected a result. Check the input that it "
            "was given, or the expert's code."
        )
        explained.retryable = not isinstance(error, ImportError | SyntaxError)
        explained.about_input = isinstance(error, _INPUT_ERRORS)
    explained.__cause__ = error if isinstance(error, Exception) else None
    where = _tail(error)
    if where:
        explained.add_note(where)
    return explained


def message_of(error: BaseException) -> str:
    """Return an error's text, shortened, whatever its ``__str__`` does."""
    try:
        text = str(error).strip()
    except Exception:
        text = "(its message cannot be shown)"
    return text if len(text) <= MESSAGE_CHARS else f"{text[: MESSAGE_CHARS - 1]}…"


def _named(error: BaseException) -> str:
    text = message_of(error).rstrip(".")
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def _tail(error: BaseException) -> str:
    """Return the last frames in the expert's own code, as a traceback shows them."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(_HERE) and not frame.filename.startswith("<frozen")
    ]
    lines = traceback.format_list(frames[-_FRAMES:])
    return "In the expert:\n" + "".join(lines).rstrip() if lines else ""


def to_json(error: CallError) -> JSONObject:
    """Return an error as JSON."""
    kind = next(
        (each.__name__ for each in type(error).__mro__ if each.__name__ in _KNOWN), "ExpertFailed"
    )
    return {
        "type": kind,
        "message": str(error),
        "retryable": error.retryable,
        "about_input": error.about_input,
        "usd": error.usd,
        "retry_after_s": error.retry_after_s,
        "notes": list(getattr(error, "__notes__", [])),
    }


def from_json(data: JSONObject) -> CallError:
    """Return the error that ``to_json`` described; an unknown type is an ``ExpertFailed``."""
    kind: Any = _KNOWN.get(str(data.get("type")), ExpertFailed)
    error: CallError = kind(str(data.get("message", "")))
    error.retryable = bool(data.get("retryable"))
    error.about_input = bool(data.get("about_input"))
    usd = data.get("usd")
    error.usd = float(usd) if isinstance(usd, int | float) else 0.0
    pause = data.get("retry_after_s")
    error.retry_after_s = float(pause) if isinstance(pause, int | float) else None
    notes = data.get("notes")
    for note in notes if isinstance(notes, list) else []:
        error.add_note(str(note))
    return error
